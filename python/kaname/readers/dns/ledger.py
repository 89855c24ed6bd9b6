"""The account of the native core, entered into reports bit by bit.

The core counts from its beginning; a report may begin later (a live batch), and readers
may have told it of damage of their own (a compressed stream that is cut).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.readers.frame import Problem, ReadReport

if TYPE_CHECKING:
    from kaname._native import Account

__all__ = ["Ledger"]


class Ledger:
    """What was entered so far. ``bad``: outcomes of records that were lost to damage."""

    def __init__(self, bad: frozenset[str]) -> None:
        self._bad = bad
        self._counters: dict[str, int] = {}
        self._notes: dict[str, int] = {}
        self._problems = 0

    def enter(self, account: Account, report: ReadReport) -> None:
        """Add what is new in ``account`` to ``report``."""
        for name, count in account["counters"].items():
            fresh = count - self._counters.get(name, 0)
            if fresh:
                report.count(name, fresh)
                report.bad_records += fresh if name in self._bad else 0
        for name, count in account["notes"].items():
            fresh = count - self._notes.get(name, 0)
            if fresh:
                report.notes[name] = report.notes.get(name, 0) + fresh
        for offset, reason, data in account["problems"][self._problems :]:
            report.problems.append(Problem(offset, reason, data.hex()))
        if account["damaged"]:
            report.damaged = True
        report.first_us, report.last_us = account["first_us"], account["last_us"]
        self._counters, self._notes = account["counters"], account["notes"]
        self._problems = len(account["problems"])
