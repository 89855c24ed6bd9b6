"""Questions about hardware, one a module."""
