"""Laboratory: what is studied and measured, and must not protect anything.

Nothing here is standardised as it stands, runs in constant time or is used by another part of
kaname. Every command that shows it says so.
"""
