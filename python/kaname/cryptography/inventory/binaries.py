"""Binaries"""


def binary_items(data, location):
    return iter(())
