"""Intelligence: what was observed anywhere meets here and becomes indicators.

Observations of all sources are fused: each mentions artifacts, artifacts are linked, and
what is known of an artifact gives it a score that is derived from evidence and can be
recomputed by whoever receives it. Indicators leave only to those who may see what they
are derived from. In the manner of CURE (fusion) and CYNEX (sharing).
"""
