"""Reports of a telescope by day and by month, as observatories of unused addresses give them.

One description of a report (`document`) is made of what the lake and the knowledge store
say (`collecting`, `chapters`) and written by several renderers: a page of HTML, a PDF, and
JSON. The same lake gives the same bytes.
"""
