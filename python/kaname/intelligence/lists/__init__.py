"""Lists of what is known and mostly harmless, and what a match with one weighs.

A match never deletes anything: it is a reason against, with a weight, in every score.
"""

from kaname.intelligence.lists.compiled import Lists, Match
from kaname.intelligence.lists.library import Library, list_paths
from kaname.intelligence.lists.sources import ListProblem

__all__ = ["Library", "ListProblem", "Lists", "Match", "list_paths"]
