"""Surges: ports that more sources ask for than their past explains.

A port's past says how many distinct sources to expect in ten minutes, by the time of day,
and how much that scatters. What touches all ports alike (surveys, gaps of the sensor) is
taken out first; what is left is held against the expectation over windows from ten minutes
to two days at once, so that a burst, a step and a slow growth are found each at its scale.
"""
