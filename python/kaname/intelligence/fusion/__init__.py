"""How single observations grow together: campaigns, entities and cases.

Nothing here decides for good: campaigns are proposals, names are claims of an authority,
and every merge is an assertion that can be explained and undone.
"""
