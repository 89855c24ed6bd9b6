//! Packet captures: containers, link layers, addresses, flowtuples.
