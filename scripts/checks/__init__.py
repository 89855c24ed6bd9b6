"""Checks that no ready-made tool does. Each module prints what is wrong, a line each."""
