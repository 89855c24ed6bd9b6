"""The network telescope: what reaches addresses that nobody uses, and what it means.

Unused addresses (a darknet) receive scans of infected hosts and of tools, the answers of
victims to packets that attackers forged, surveys of the whole Internet, and packets of
hosts that are set up wrongly. The analyses here tell them apart from flowtuples; the
simulator makes labelled traffic to hold them against.
"""
