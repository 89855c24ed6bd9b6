"""Small measurements on this machine, for whoever wants to know what it can carry."""
