"""Hardware: Trojan nets in gate-level netlists, and misbehaviour in power waveforms.

In the manner of Waseda University's and KDDI Research's work on chips and devices: what a
design says of itself where there is a netlist, and what its power says of it where there
is none.
"""
