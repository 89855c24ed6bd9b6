"""Watches: what somebody wants to be told of, the moment it is seen.

They are matched by the same engine as the lists, before a write is answered.
"""

from kaname.intelligence.watches.definition import define
from kaname.intelligence.watches.own import own_listing
from kaname.intelligence.watches.watcher import Watcher

__all__ = ["Watcher", "define", "own_listing"]
