"""Sealing: hybrid keys, envelopes, and sealed messages between sensors and nexuses.

It lies below the capabilities because they all may need it: `kaname.cryptography` seals
files, sensors seal deliveries, and the exchange of intelligence seals what peers ask.
Nothing here knows what is sealed.
"""
