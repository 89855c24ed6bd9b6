//! Authenticated encryption of packets: Rocca-S and AEGIS-256, one or many at once.
