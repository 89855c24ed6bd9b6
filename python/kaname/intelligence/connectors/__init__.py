"""How observations come in: one connector a file, each with a manifest.

A connector turns what a source delivers into observations and says what it could not use.
Third parties add theirs by entry points of the group ``kaname.connectors``.
"""
