"""Which cryptography is in use: files, endpoints, code and configuration."""
