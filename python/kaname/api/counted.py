"""Counted traffic, remembered until the lake changes.

The newest count of each clearance is kept in the knowledge store as well. So the first
page after a restart needs no query, and a nexus that nobody asks stays small: the query
engine is not even loaded.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import msgspec

from kaname.api.traffic import Traffic, traffic
from kaname.model.errors import StoreError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake

__all__ = ["Counted"]

_REMEMBERED = 32

Key = tuple[int, int, int, Tlp]


class _Kept(msgspec.Struct, frozen=True):
    """What lies in the knowledge store."""

    key: Key
    traffic: Traffic


class Counted:
    """Counts once per state of the lake, period and clearance. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Key, Traffic] = OrderedDict()

    def of(self, lake: Lake, knowledge: Knowledge, clearance: Tlp, of: tuple[int, int]) -> Traffic:
        """The traffic of the period ``of`` = (since, until), and of the one before.

        Raises:
            LimitError: there is too much to count.
        """
        key = (lake.generation, *of, clearance)
        with self._lock:
            found = self._known.get(key)
        if found is None:
            found = _kept(knowledge, key) or _fresh(lake, knowledge, key)
            with self._lock:
                self._known[key] = found
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return found


def _kept(knowledge: Knowledge, key: Key) -> Traffic | None:
    """What a former process counted, if it is of this state of the lake."""
    try:
        kept = msgspec.convert(knowledge.get_state(_name(key)), _Kept)
    except msgspec.ValidationError:  # nothing, or of another version
        return None
    return kept.traffic if kept.key == key else None


def _fresh(lake: Lake, knowledge: Knowledge, key: Key) -> Traffic:
    _, since, until, clearance = key
    counted = traffic(lake, clearance, since, until)
    with contextlib.suppress(StoreError):  # a store in trouble does not hide the answer
        knowledge.set_state(_name(key), msgspec.to_builtins(_Kept(key, counted)))
    return counted


def _name(key: Key) -> str:
    return f"api.traffic.{key[3].value}"
