"""Flow scenes whose truth is known: ordinary traffic, and what is injected into it.

For evaluations, demonstrations and tests. Everything is a function of a seed.
"""
