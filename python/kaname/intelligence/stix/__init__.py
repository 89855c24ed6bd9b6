"""STIX: objects of others are taken in as they are, understood, and matched.

What came is kept byte for byte (`kaname.knowledge.stix_objects`), so that every id,
unknown property, order and spelling of time leaves as it came; everything else here is a
view of those bytes.
"""
