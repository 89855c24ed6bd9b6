"""What the chapters of a report are made of, and the tables that several of them have."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kaname.model.instant import format_us
from kaname.model.messages import text
from kaname.telescope.reports.counting import Count, Counted
from kaname.telescope.reports.period import Period
from kaname.telescope.reports.told import Said
from kaname.writers.report.document import Column, Grid, Value

__all__ = ["Subject", "counts_of", "moment_of", "share_of", "size_of"]


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a report is made of. ``survey``: also what counts survey scans is shown."""

    period: Period
    language: str
    counted: Counted
    said: Said
    survey: bool
    names: Callable[[int], str]  # the organisation of an AS
    attributions: tuple[str, ...]

    def say(self, key: str, /, **values: object) -> str:
        """A text of the report."""
        return text(key, self.language, **values)

    def refs(self, *names: str) -> tuple[str, ...]:
        """The keys of queries in the appendix."""
        known = self.counted.queries | self.said.queries
        return tuple(known[name].key for name in names if name in known)


def counts_of(
    subject: Subject,
    title: str,
    names: list[Column],
    rows: Sequence[tuple[tuple[Value, ...], Count]],
    refs: tuple[str, ...],
    before: dict[int, Count] | None = None,
) -> Grid:
    """A table of packets and hosts by something, with and without survey scans."""
    whole = subject.counted.now
    columns = [
        *names,
        Column(subject.say("telescope.report.packets"), "count"),
        Column(subject.say("telescope.report.share"), "share"),
        Column(subject.say("telescope.report.hosts"), "count"),
    ]
    if subject.survey:
        columns += [
            Column(subject.say("telescope.report.packets_rest_short"), "count"),
            Column(subject.say("telescope.report.share"), "share"),
            Column(subject.say("telescope.report.hosts_rest_short"), "count"),
        ]
    if before is not None:
        columns.append(Column(subject.say("telescope.report.change"), "change"))
    made = []
    for number, (name, counts) in enumerate(rows):
        row: list[Value] = [*name, counts.packets, share_of(counts.packets, whole.packets)]
        row.append(counts.hosts)
        if subject.survey:
            row += [counts.packets_rest, share_of(counts.packets_rest, whole.packets_rest)]
            row.append(counts.hosts_rest)
        if before is not None:
            earlier = before.get(number, Count()).packets
            row.append(counts.packets / earlier - 1 if earlier else None)
        made.append(tuple(row))
    empty = subject.say("telescope.report.none")
    return Grid(subject.say(title), tuple(columns), tuple(made), refs, empty)


def share_of(part: int, whole: int) -> float | None:
    """``part`` of ``whole``; nothing of nothing."""
    return part / whole if whole else None


def size_of(prefix: str) -> int:
    """How many addresses a prefix has; none for IPv6.

    An IPv6 prefix has more addresses than anybody sends to: packets per address say nothing.
    """
    network = ipaddress.ip_network(prefix, strict=False)
    return network.num_addresses if network.version == 4 else 0


def moment_of(instant: int) -> str:
    """Month, day, hour and minute (UTC)."""
    return format_us(instant)[5:16].replace("T", " ")
