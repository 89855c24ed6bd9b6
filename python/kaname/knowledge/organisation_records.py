"""Organisations, what is told to them of their hosts, and the notices of that."""

from __future__ import annotations

import enum
from typing import Any, Literal

import msgspec

from kaname.model.ids import stable_id
from kaname.model.marking import Tlp

__all__ = [
    "Alert",
    "AlertKind",
    "AlertState",
    "Channel",
    "Notice",
    "NoticeReason",
    "Organisation",
    "Suppression",
    "alert_id",
]


class AlertKind(enum.StrEnum):
    """What a live address of an organisation did, as DAEDALUS tells it apart."""

    INTERNAL = "internal"  # it sent to unused addresses of its own organisation
    EXTERNAL = "external"  # it sent to unused addresses of others
    VICTIM = "victim"  # it answered packets that others forged: it is under attack
    REFLECTOR = "reflector"  # it answered a few targets: attackers use it against these
    MISCONFIG = "misconfig"  # it asks for one service, again and again, that is not there
    SPOOFED = "spoofed"  # its address was probably forged


class AlertState(enum.StrEnum):
    """Where an alert is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"  # somebody works on it: no more notices of this episode
    REJECTED = "false_positive"  # it is none: no notices until somebody says otherwise
    CLOSED = "closed"  # silent for a day, or replaced by one of another kind


class Suppression(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an organisation does not want to hear of; every field that is empty lets all pass.

    ``until`` is an instant (microseconds), none: for ever.
    """

    prefix: str = ""
    port: int | None = None
    kind: AlertKind | None = None
    until: int | None = None
    note: str = ""


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told what; see `kaname.telescope.organisations.definition` for what it may say.

    ``live`` are prefixes that it uses, ``dark`` those that it does not. ``secret`` signs
    what its ``webhook`` gets. ``tlp`` is the marking of its notices.
    """

    id: str
    name_en: str
    name_ja: str = ""
    language: Literal["en", "ja"] = "en"
    live: tuple[str, ...] = ()
    dark: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()
    webhook: str = ""
    secret: str = ""
    suppressions: tuple[Suppression, ...] = ()
    valid_from: int | None = None
    valid_until: int | None = None
    tlp: Tlp = Tlp.AMBER

    def name(self, language: str) -> str:
        """Its name in ``language``, as far as it has one."""
        return (self.name_ja or self.name_en) if language == "ja" else self.name_en

    def valid(self, at: int) -> bool:
        """Whether it is to be told of what happens ``at`` an instant."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


Reasons = tuple[tuple[str, dict[str, Any]], ...]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one host of an organisation, of one kind.

    ``opened`` is the first packet of this episode, ``last`` the latest. ``packets`` are
    those of the episode; ``told`` are those that the last notice spoke of, at ``told_at``.
    ``episode`` grows each time that it is opened anew, ``notices`` counts those of the
    episode. ``label``, ``confidence`` and ``reasons`` are as of the last judgement.
    ``query`` gives the rows behind it. ``late``: it was learnt of too late to be told.
    """

    id: str
    organisation: str
    host: str
    kind: AlertKind
    state: AlertState
    sensor: str
    opened: int
    last: int
    noticed: int
    changed: int
    packets: int
    destinations: int
    services: tuple[str, ...]
    label: str
    confidence: float
    reasons: Reasons
    query: str
    samples: tuple[dict[str, Any], ...] = ()
    tlp: Tlp = Tlp.AMBER
    episode: int = 1
    notices: int = 0
    told: int = 0
    told_at: int | None = None
    early: int = 0  # packets that were seen as they arrived, and will be counted as rows
    by: str = ""  # who acknowledged or rejected it
    note: str = ""
    late: bool = False
    replaced_by: str = ""  # the kind that it turned out to be


class Channel(enum.StrEnum):
    """How a notice travels."""

    CONSOLE = "console"
    MAIL = "mail"
    WEBHOOK = "webhook"


class NoticeReason(enum.StrEnum):
    """Why an organisation is written to."""

    FIRST = "first"
    CHANGE = "change"  # the same host, of another kind than was said before
    DIGEST = "digest"
    TEST = "test"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be sent to one address of one channel, whole: it is written once.

    ``key`` is the same whenever it is sent again, so that who gets it twice can tell.
    """

    key: str
    organisation: Organisation
    reason: NoticeReason
    channel: Channel
    target: str
    alerts: tuple[Alert, ...]
    growth: tuple[int, ...]  # packets of each alert since the notice before
    created: int
    tries: int = 0
    state: Literal["waiting", "sent", "failed"] = "waiting"
    error: str = ""
    finished: int | None = None


def alert_id(organisation: str, host: str, kind: AlertKind) -> str:
    """The same organisation, host and kind have the same id."""
    return stable_id("alert", organisation, host, kind)
