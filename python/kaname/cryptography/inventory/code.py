"""Uses of cryptography in source code."""

LANGUAGES: dict[str, str] = {}


def code_items(data, location):
    return iter(())
