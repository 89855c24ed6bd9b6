"""Questions about cryptography in use, one a module."""
