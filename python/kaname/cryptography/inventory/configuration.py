"""Configuration"""


def configuration_items(data, location):
    return iter(())
