"""From a bare clone to a place where kaname runs and its tests pass.

Needs Python 3.11 and its standard library. Everything else is found on the machine or
fetched into ``.tools/``, ``.venv/`` and ``ui/node_modules/``; nothing outside the clone
is changed.
"""
