"""Traffic: what DNS, flows, mail, routing and hosts say when they are asked together.

In the manner of MATATABI: analyses over twelve kinds of measurement data in one lake, one
question a module in `kaname.traffic.analyses`, each a pure function of the rows of a
window that runs on one machine or on a cluster without a change.
"""
