"""Authenticated encryption of packets: Rocca-S and AEGIS, in the native core."""
