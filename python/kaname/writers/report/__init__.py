"""Reports for people, whatever they are about: one description, several renderers.

A `document` says what there is to say: chapters of facts, tables, charts, graphs and words.
`page` writes it as HTML that needs nothing else, `paper` as PDF, and as JSON it is what it
is. The same document gives the same bytes.
"""
