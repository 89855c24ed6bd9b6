"""Chapters of what was said: labels, campaigns, attacks, alerts, sensors, and the method."""

from __future__ import annotations

from collections.abc import Iterable

from kaname.model.instant import HOUR
from kaname.model.records import Finding
from kaname.telescope.reports.counting import Count
from kaname.telescope.reports.subject import Subject, moment_of, share_of, size_of
from kaname.telescope.reports.told import CAMPAIGNS, DOS, REFLECTIONS, SOURCES
from kaname.writers.report.document import Block, Column, Grid, Text, Value

__all__ = ["alerts", "campaigns", "dos", "labels", "method", "sensors"]

_LISTED = 40  # findings that a table names
_ALERT_STATES = ("open", "acknowledged", "false_positive", "closed")


def labels(subject: Subject) -> Iterable[Block]:
    """What the sources were."""
    exact = bool(subject.counted.labels)
    told = subject.counted.labels or subject.said.labels
    refs = subject.refs("labels") or subject.refs(SOURCES)
    rows = sorted(told.items(), key=lambda pair: (-pair[1][0], pair[0]))
    packets = sum(counts[0] for counts in told.values())
    columns = (
        Column(subject.say("telescope.report.label")),
        Column(subject.say("telescope.report.packets"), "count"),
        Column(subject.say("telescope.report.share"), "share"),
        Column(
            subject.say("telescope.report.hosts" if exact else "telescope.report.host_days"),
            "count",
        ),
    )
    made = tuple(
        (_label(subject, name), counts[0], share_of(counts[0], packets), counts[1])
        for name, counts in rows
    )
    empty = subject.say("telescope.report.no_labels")
    yield Grid(subject.say("telescope.report.labels"), columns, made, refs, empty)
    if not exact:
        yield Text(subject.say("telescope.report.labels_days"), quiet=True)


def _label(subject: Subject, name: str) -> str:
    try:
        return subject.say(f"telescope.label.{name}")
    except KeyError:
        return name


def campaigns(subject: Subject) -> Iterable[Block]:
    """Campaigns, with where each is in its life."""
    found = subject.said.campaigns
    most = sorted(found, key=lambda one: (-one.sources, one.first_seen, one.id))[:_LISTED]
    columns = (
        Column(subject.say("telescope.report.first")),
        Column(subject.say("telescope.report.last")),
        Column(subject.say("telescope.report.state")),
        Column(subject.say("telescope.report.services"), "code"),
        Column(subject.say("telescope.report.sources"), "count"),
        Column(subject.say("telescope.report.packets"), "count"),
        Column(subject.say("telescope.report.doubling"), "ratio"),
        Column(subject.say("telescope.report.detectors")),
    )
    rows = tuple(
        (
            moment_of(one.first_seen),
            moment_of(one.last_seen),
            subject.say(_STATES[one.state]),
            " ".join(one.services),
            one.sources or None,
            one.packets or None,
            one.doubling or None,
            ", ".join(name.removeprefix("telescope.") for name in one.detectors),
        )
        for one in sorted(most, key=lambda one: (one.first_seen, one.id))
    )
    empty = subject.say("telescope.report.none_found")
    refs = subject.refs(CAMPAIGNS)
    yield Grid(subject.say("telescope.report.campaigns"), columns, rows, refs, empty)
    yield from _shortened(subject, len(rows), len(found))


def dos(subject: Subject) -> Iterable[Block]:
    """Victims of attacks, reflection attacks and floods."""
    yield from _listed(subject, DOS, "telescope.report.victims")
    yield from _listed(subject, REFLECTIONS, "telescope.report.reflections")


def _listed(subject: Subject, name: str, title: str) -> Iterable[Block]:
    """Findings, those with most packets first where not all fit."""
    found = subject.said.findings.get(name, [])
    most = sorted(found, key=lambda one: (-_packets(one), one.first_seen, one.id))[:_LISTED]
    shown = sorted(most, key=lambda one: (one.first_seen, one.id))
    columns = [
        Column(subject.say("telescope.report.first")),
        Column(subject.say("telescope.report.last")),
        Column(subject.say("telescope.report.what")),
        Column(subject.say("telescope.report.packets"), "count"),
        Column(subject.say("telescope.report.sources"), "count"),
        Column(subject.say("telescope.report.confidence"), "share"),
    ]
    rows = []
    for one in shown:
        row: list[Value] = [moment_of(one.first_seen), moment_of(one.last_seen)]
        sources = one.values.get("n", one.values.get("sources"))
        row += [one.title(subject.language), _packets(one) or None]
        row += [sources if isinstance(sources, int) else None, one.confidence]
        rows.append(tuple(row))
    empty = subject.say("telescope.report.none_found")
    yield Grid(subject.say(title), tuple(columns), tuple(rows), subject.refs(name), empty)
    yield from _shortened(subject, len(shown), len(found))


def _shortened(subject: Subject, shown: int, of: int) -> Iterable[Block]:
    if of > shown:
        yield Text(subject.say("telescope.report.busiest_of", shown=shown, of=of), quiet=True)


def _packets(finding: Finding) -> int:
    value = finding.values.get("packets")
    return int(value) if isinstance(value, int | float) else 0


_STATES = {
    "new": "telescope.report.state.new",
    "growing": "telescope.report.state.growing",
    "steady": "telescope.report.state.steady",
    "ended": "telescope.report.state.ended",
}


def alerts(subject: Subject) -> Iterable[Block]:
    """How many alerts organisations got, by kind and state."""
    told = subject.said.alerts
    kinds = sorted({kind for kind, _ in told})
    columns = (
        Column(subject.say("telescope.report.alert_kind")),
        *(Column(subject.say(_ALERTS[state]), "count") for state in _ALERT_STATES),
        Column(subject.say("telescope.report.sum"), "count"),
    )
    rows: list[tuple[Value, ...]] = []
    for kind in kinds:
        counts = [told.get((kind, state), 0) for state in _ALERT_STATES]
        rows.append((kind.upper(), *counts, sum(counts)))
    empty = subject.say("telescope.report.no_alerts")
    yield Grid(subject.say("telescope.report.alerts"), columns, tuple(rows), (), empty)
    if rows:
        yield Text(subject.say("telescope.report.concerned", n=subject.said.organisations))


_ALERTS = {
    "open": "telescope.report.alert.open",
    "acknowledged": "telescope.report.alert.acknowledged",
    "false_positive": "telescope.report.alert.false_positive",
    "closed": "telescope.report.alert.closed",
}


def sensors(subject: Subject) -> Iterable[Block]:
    """Who saw all this, and when they saw nothing."""
    counted, said = subject.counted, subject.said
    columns = (
        Column(subject.say("telescope.report.sensor"), "code"),
        Column(subject.say("telescope.report.prefixes"), "count"),
        Column(subject.say("telescope.report.addresses"), "count"),
        Column(subject.say("telescope.report.packets"), "count"),
        Column(subject.say("telescope.report.hosts"), "count"),
        Column(subject.say("telescope.report.hours"), "share"),
    )
    hours = (subject.period.end - subject.period.start) // HOUR
    rows: list[tuple[Value, ...]] = []
    for name in sorted(set(counted.sensors) | set(said.monitored)):
        counts, extent = counted.sensors.get(name, Count()), counted.extents.get(name)
        prefixes = said.monitored.get(name, ())
        addresses = sum(size_of(one.prefix) for one in prefixes)
        if not prefixes and extent is not None:
            addresses = 256 * extent.blocks
        seen = extent.hours / hours if extent is not None else 0.0
        known = len(prefixes) or None
        rows.append((name, known, addresses, counts.packets, counts.hosts, seen))
    empty = subject.say("telescope.report.none")
    refs = subject.refs("sensors", "extents")
    yield Grid(subject.say("telescope.report.sensors"), columns, tuple(rows), refs, empty)
    yield Text(subject.say("telescope.report.sensors_text"), quiet=True)
    yield _gaps(subject)


def _gaps(subject: Subject) -> Grid:
    columns = (
        Column(subject.say("telescope.report.sensor"), "code"),
        Column(subject.say("telescope.report.gap"), "code"),
        Column(subject.say("telescope.report.first")),
        Column(subject.say("telescope.report.last")),
        Column(subject.say("telescope.report.minutes"), "count"),
    )
    rows = tuple(
        (one.sensor, one.kind, moment_of(one.since), moment_of(one.until), one.amount)
        for one in subject.said.gaps[:_LISTED]
    )
    empty = subject.say("telescope.report.no_gaps")
    return Grid(subject.say("telescope.report.gaps"), columns, rows, (), empty)


def method(subject: Subject) -> Iterable[Block]:
    """How it was counted, what it cannot tell, and whose data was used."""
    for key in (
        "telescope.report.method.packets",
        "telescope.report.method.hosts",
        "telescope.report.method.survey",
        "telescope.report.method.labels",
        "telescope.report.method.spoofed",
        "telescope.report.method.size",
        "telescope.report.method.hidden",
    ):
        yield Text(subject.say(key))
    if subject.attributions:
        yield Text(subject.say("telescope.report.attributions"))
        for line in subject.attributions:
            yield Text(line, quiet=True)
