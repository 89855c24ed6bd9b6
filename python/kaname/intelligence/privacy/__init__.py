"""Sharing without showing: look-ups, filters, intersections, noisy counts, tokens.

A plain digest of an address hides nothing: there are 2^32 of them. What is offered here
says of itself how much it hides.
"""
