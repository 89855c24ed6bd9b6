"""A saved answer, made again: the same, or what differs and what that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kaname.cryptography.planning.answer import Answer, digest_of
from kaname.cryptography.planning.choice import choose
from kaname.model.errors import InputError, IntegrityError

if TYPE_CHECKING:
    from pathlib import Path

    from kaname.cryptography.planning.costs import Costs
    from kaname.cryptography.planning.rules import Rules
    from kaname.cryptography.policy.tables import Policy

__all__ = ["Replayed", "load", "replay"]

_MOST = 64 << 20  # bytes


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """``changed``: which of rules, policy, costs and program is not what it was.

    ``best_before`` and ``best_now``: the first suite, empty where none fitted.
    """

    same: bool
    changed: tuple[str, ...]
    digest_before: str
    digest_now: str
    best_before: str
    best_now: str
    answer: Answer


def load(path: Path) -> Answer:
    """The answer that ``kaname crypto plan --json`` wrote.

    Raises:
        InputError: the file is no such answer.
        IntegrityError: it was changed since.
    """
    with path.open("rb") as stream:
        data = stream.read(_MOST + 1)
    try:
        if len(data) > _MOST:
            raise msgspec.ValidationError(f"> {_MOST} bytes")
        answer = msgspec.json.decode(data, type=Answer)
    except msgspec.MsgspecError as error:
        raise InputError(
            "cryptography.error.plan_answer", file=str(path), reason=str(error)
        ) from error
    if digest_of(answer) != answer.digest:
        raise IntegrityError("cryptography.error.plan_changed", file=str(path))
    return answer


def replay(saved: Answer, rules: Rules, policy: Policy, costs: Costs | None = None) -> Replayed:
    """Answer the request of ``saved`` again, with its own costs unless others are given."""
    now = choose(rules, policy, saved.request, costs or saved.measured)
    changed = [
        name
        for name, differs in (
            ("rules", now.rules != saved.rules),
            ("policy", now.policy != saved.policy),
            ("costs", now.costs != saved.costs or now.measured != saved.measured),
        )
        if differs
    ]
    same = now.digest == saved.digest
    if not same and not changed:
        changed = ["program"]
    return Replayed(
        same=same, changed=tuple(changed), digest_before=saved.digest, digest_now=now.digest,
        best_before=_best(saved), best_now=_best(now), answer=now,
    )  # fmt: skip


def _best(answer: Answer) -> str:
    return answer.ranked[0].name if answer.ranked else ""
