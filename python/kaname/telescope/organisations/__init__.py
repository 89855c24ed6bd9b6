"""Alerts to organisations in the manner of DAEDALUS: mutual observation of unused addresses.

An organisation registers which addresses it uses and which it does not. When one of those
in use turns up at a telescope, anybody's, it is told: its host scans, is attacked, serves
as a reflector, or is set up wrongly. The registry and the alerts are kept by
`kaname.knowledge.organisations`; what is said of a host comes from rows alone.

Reference: D. Inoue et al., DAEDALUS: Novel Application of Large-Scale Darknet Monitoring
for Practical Protection of Live Networks, RAID 2009.
"""
