"""Traffic that is not as it was: three detectors that vote, and what they blame.

In the manner of hashdoop and MAWILab: many small flows that change together (ASTUTE, also
within random parts of the traffic), hosts that move far more than on other days, and
mixtures of services that change from one minute to the next.
"""
