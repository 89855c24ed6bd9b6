"""Reports of a telescope by day and by month, as observatories of unused addresses give them.

What the lake and the knowledge store say (`counting`, `told`) becomes chapters, and these one
description that the renderers of `kaname.writers.report` write. The same lake gives the same
bytes.
"""
