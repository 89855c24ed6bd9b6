"""Floods against hosts and networks: by which means, since when, and how sure."""
