"""Sealing: hybrid keys, envelopes, and sealed messages between sensors and nexuses.

It lies below the capabilities because they all may need it: `kaname.cryptography` seals
files, sensors seal deliveries, and the exchange of intelligence seals what peers ask.
Nothing here knows what is sealed.
"""

__all__ = ["MEDIA_TYPE", "RECEIPT"]

MEDIA_TYPE = "application/vnd.kaname.sealed"
"""What a sealed message is called on its way."""

RECEIPT = "Kaname-Receipt"
"""The header of an answer that has the signature over request and answer."""
