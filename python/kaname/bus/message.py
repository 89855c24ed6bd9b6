"""Messages, the topics they are published under, and the patterns that select topics."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from kaname.model.errors import UsageError

__all__ = ["GAP", "MAX_BODY", "Message", "check_name", "check_pattern", "check_topic", "pattern"]

GAP = "gap"
"""Topic of the message that tells a subscriber what it missed."""

MAX_BODY = 512 * 1024
"""Bytes of a body at most: below NATS' own limit of 1 MiB, on every back end."""

_WORD = r"[A-Za-z0-9_-]+"
_TOPIC = re.compile(rf"{_WORD}(\.{_WORD})*")
_PATTERN = re.compile(rf"(({_WORD}|\*)(\.({_WORD}|\*))*(\.>)?|>)")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Message(msgspec.Struct, frozen=True):
    """A message as a subscriber gets it.

    ``cursor`` grows from message to message of a bus; ``published`` is an instant
    (microseconds, UTC). With the topic `GAP` it is no message but a note: the body says
    how many were ``skipped`` (``exact``, or at most that many) up to and with ``cursor``.
    """

    topic: str
    cursor: int
    body: dict[str, Any]
    published: int


def check_topic(topic: str) -> None:
    """Refuse what is no topic: words of letters, digits, ``_`` and ``-``, with dots between."""
    if not _TOPIC.fullmatch(topic) or topic == GAP:
        raise UsageError("bus.error.topic", found=topic)


def check_pattern(text: str) -> None:
    """Refuse what is no pattern: a topic where ``*`` is any word and a last ``>`` any rest."""
    if not _PATTERN.fullmatch(text):
        raise UsageError("bus.error.pattern", found=text)


def check_name(name: str) -> None:
    """Refuse what cannot name a durable subscriber on every back end."""
    if not _NAME.fullmatch(name):
        raise UsageError("bus.error.name", found=name)


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression whose ``fullmatch`` holds for the topics that ``text`` selects."""
    words = {"*": _WORD, ">": rf"{_WORD}(?:\.{_WORD})*"}
    return re.compile(r"\.".join(words.get(word, re.escape(word)) for word in text.split(".")))
