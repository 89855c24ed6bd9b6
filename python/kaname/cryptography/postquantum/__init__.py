"""Post-quantum functions: hybrid key establishment, signatures, envelopes, and a laboratory."""
