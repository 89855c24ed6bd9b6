"""Watches and suppressions, and what they met."""

from __future__ import annotations

import enum
import hashlib
from typing import Literal

import msgspec

from kaname.model.marking import Tlp

__all__ = ["Delivery", "Purpose", "Watch", "WatchHit", "WatchKind", "hit_id", "watch_id"]

DAY = 86_400_000_000


class WatchKind(enum.StrEnum):
    """What a watch looks at.

    A domain stands for what is below it. A keyword is part of a value, a tag or a text. A
    score is a number of points that an indicator reaches. A technique is one of ATT&CK. A
    relation is an artifact ("kind:value") that appears together with another.
    """

    IP = "ip"
    PREFIX = "prefix"
    DOMAIN = "domain"
    HASH = "hash"
    MAIL = "mail"
    URL = "url"
    KEYWORD = "keyword"
    REGEX = "regex"
    SCORE = "score"
    TECHNIQUE = "technique"
    RELATION = "relation"


class Purpose(enum.StrEnum):
    """Why somebody named the value."""

    WATCH = "watch"  # tell me
    OWN = "own"  # ours: tell me, open a case, and mark it TLP:AMBER+STRICT
    SUPPRESS = "suppress"  # harmless: let it speak against an indicator


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Where notices go besides the bus and the console; set on the command line only.

    ``webhook`` is an http or https URL that gets JSON by POST; ``mail`` are addresses that
    get a mail from ``sender`` through ``smtp`` ("host:port").
    """

    webhook: str = ""
    mail: tuple[str, ...] = ()
    smtp: str = ""
    sender: str = ""


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """A value that somebody watches or suppresses."""

    id: str
    owner: str
    kind: WatchKind
    value: str
    purpose: Purpose = Purpose.WATCH
    note: str = ""
    created: int
    tlp: Tlp = Tlp.GREEN
    state: Literal["active", "removed"] = "active"
    delivery: Delivery = Delivery()


class WatchHit(msgspec.Struct, frozen=True, kw_only=True):
    """A watch that met an artifact; once a day for each.

    ``subject`` is the artifact ("kind:value"), ``observation`` what brought it, ``entry``
    what of the watch it met, ``at`` when it was observed, ``noticed`` when it was met.
    """

    id: str
    watch: str
    at: int
    noticed: int
    subject: str
    entry: str
    observation: str
    tlp: Tlp
    purpose: Purpose = Purpose.WATCH
    groups: tuple[str, ...] = ()
    seen: bool = False


def watch_id(owner: str, purpose: Purpose, kind: WatchKind, value: str) -> str:
    """The same watch of the same owner has the same id."""
    parts = f"{owner}\n{purpose}\n{kind}\n{value}"
    return f"watch-{hashlib.sha256(parts.encode()).hexdigest()[:16]}"


def hit_id(watch: str, subject: str, at: int) -> str:
    """The same watch, artifact and day (UTC) have the same id."""
    parts = f"{watch}\n{subject}\n{at // DAY}"
    return f"hit-{hashlib.sha256(parts.encode()).hexdigest()[:24]}"
