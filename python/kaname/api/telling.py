"""What an account may be told of a message on the bus.

A message with a marking is told whole to whoever may see it. Of lists of findings and
indicators only those ids are told that the account could read; of the rest only what
says nothing about observations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kaname.bus.message import GAP
from kaname.model.errors import KanameError
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.api.services import Services
    from kaname.bus import Message
    from kaname.knowledge import Account

__all__ = ["teller"]

_LISTS = ("added", "changed", "withdrawn")
_NEUTRAL = frozenset({"generation", "analysis", "skipped", "gap", "state", "run"})
_MOST = 200


def teller(
    services: Services, account: Account, wanted: Callable[[str], bool]
) -> Callable[[Message], dict[str, Any] | None]:
    """The function that says what ``account`` is told of a message, None for nothing."""
    clearance = account.clearance
    lookups: dict[str, Callable[[str], object]] = {
        "findings.changed": lambda key: services.knowledge.finding(key, clearance=clearance),
        "indicators.changed": lambda key: services.knowledge.indicator(key, clearance=clearance),
    }

    def tell(message: Message) -> dict[str, Any] | None:
        if not (wanted(message.topic) or message.topic == GAP):
            return None
        if clearance is Tlp.RED:
            return message.body
        if "tlp" in message.body:
            return message.body if Tlp(message.body["tlp"]).visible_to(clearance) else None
        if message.topic in lookups:
            return _visible_lists(message.body, lookups[message.topic])
        return {key: value for key, value in message.body.items() if key in _NEUTRAL}

    return tell


def _visible_lists(body: dict[str, Any], look_up: Callable[[str], object]) -> dict[str, Any] | None:
    """The body with only ids that can be read; None when none is left."""
    shown: dict[str, Any] = {
        name: [key for key in body.get(name, [])[:_MOST] if _readable(key, look_up)]
        for name in _LISTS
    }
    if not any(shown.values()):
        return None
    return shown | {"analysis": body["analysis"]} if "analysis" in body else shown


def _readable(key: str, look_up: Callable[[str], object]) -> bool:
    try:
        look_up(key)
    except KanameError:
        return False
    return True
