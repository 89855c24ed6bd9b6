"""kaname (要): an open cybersecurity nexus."""
