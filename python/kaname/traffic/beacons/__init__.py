"""Contacts that come back like clockwork: series, how regular they are, and for whom."""
