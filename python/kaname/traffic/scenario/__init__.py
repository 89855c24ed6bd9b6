"""A day of an organisation, written as the files that its sensors would have left.

Eleven kinds of data tell of the same day: mail, proxy, endpoints, DNS, flows, routing,
exposure, feeds, traces, a client honeypot and an intrusion detection system. What went
wrong in it stands in a truth file. It serves the demo and tests of whole ways, and shares
no code with readers or analyses: formats are written here by hand, from their
specifications. All addresses and names are reserved ones (RFC 5737, RFC 1918, RFC 2606).
"""

from kaname.traffic.scenario.run import ScenarioReport, write

__all__ = ["ScenarioReport", "write"]
