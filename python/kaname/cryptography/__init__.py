"""Cryptography: fast packets, functions that outlast quantum computers, and what is in use where.

In the manner of CRYPTREC: an inventory of the cryptography that is in use, a verdict on each
item by list, strength and year, and a plan for what has to change.
"""
