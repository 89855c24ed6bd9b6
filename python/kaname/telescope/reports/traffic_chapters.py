"""Chapters of counts: the whole, over time, by port, by country and network, by family."""

from __future__ import annotations

from collections.abc import Iterable

from kaname.model.instant import HOUR
from kaname.telescope.reports.counting import Count, Counted, top
from kaname.telescope.reports.subject import Subject, counts_of, share_of, size_of
from kaname.telescope.reports.told import Said
from kaname.writers.report.document import (
    Block,
    Chart,
    Column,
    Fact,
    Facts,
    Grid,
    Series,
    Text,
)

__all__ = ["monitored_addresses", "origins", "overview", "series", "services", "tools"]

_ROWS = 20  # of a table of the busiest
_BARS = 10


def monitored_addresses(counted: Counted, said: Said) -> tuple[int, bool]:
    """How many addresses are monitored, and whether a registry says so.

    A sensor without registered prefixes counts 256 for each /24 that received anything.
    """
    total, registered = 0, True
    for name in sorted(set(counted.extents) | set(said.monitored)):
        prefixes = said.monitored.get(name, ())
        if prefixes:
            total += sum(size_of(one.prefix) for one in prefixes)
        elif name in counted.extents:
            registered = False
            total += 256 * counted.extents[name].blocks
    return total, registered


def overview(subject: Subject) -> Iterable[Block]:
    """The whole of the period, and of the one before it."""
    now, before = subject.counted.now, subject.counted.before
    addresses, registered = monitored_addresses(subject.counted, subject.said)
    refs = subject.refs("whole")
    known = bool(before.packets)

    def fact(key: str, place: int) -> Fact:
        return Fact(subject.say(key), now[place], "count", before[place] if known else None, refs)

    facts = [fact("telescope.report.packets", 0), fact("telescope.report.hosts", 1)]
    if subject.survey:
        facts += [fact("telescope.report.packets_rest", 2), fact("telescope.report.hosts_rest", 3)]
        facts.append(
            Fact(
                subject.say("telescope.report.survey_share"),
                now.survey_share,
                "share",
                before.survey_share if known else None,
                refs,
            )
        )
    per = now.packets / addresses if addresses else None
    per_before = before.packets / addresses if addresses and known else None
    facts += [
        Fact(subject.say("telescope.report.addresses"), addresses, "count", None,
             subject.refs("extents")),
        Fact(subject.say("telescope.report.per_address"), per, "ratio", per_before,
             subject.refs("whole", "extents")),
    ]  # fmt: skip
    yield Facts(tuple(facts), subject.period.before_name)
    if not now.packets:
        yield Text(subject.say("telescope.report.nothing"))
    if not registered:
        yield Text(subject.say("telescope.report.guessed"), quiet=True)
    yield _types(subject)


def _types(subject: Subject) -> Grid:
    types = subject.counted.types
    rows = sorted(types.items(), key=lambda pair: (-pair[1].packets, pair[0]))
    return counts_of(
        subject,
        "telescope.report.types",
        [Column(subject.say("telescope.report.type"), "code")],
        [((name,), counts) for name, counts in rows],
        subject.refs("types"),
    )


def series(subject: Subject) -> Iterable[Block]:
    """Packets and hosts by hour or by day."""
    period = subject.period
    counts = [subject.counted.over_time.get(at, Count()) for at in period.bins]
    labels = tuple(period.label(at) for at in period.bins)
    refs = subject.refs("over_time")
    for title, place in (("telescope.report.packets", 0), ("telescope.report.hosts", 1)):
        series = [Series(subject.say("telescope.report.all"), tuple(c[place] for c in counts))]
        if subject.survey:
            rest = tuple(float(c[place + 2]) for c in counts)
            series.append(Series(subject.say("telescope.report.without_survey"), rest))
        unit = "telescope.report.by_hour" if period.bin == HOUR else "telescope.report.by_day"
        yield Chart(subject.say(title), "lines", labels, tuple(series), subject.say(unit), refs)
    rows = [((label,), one) for label, one in zip(labels, counts, strict=True)]
    yield counts_of(
        subject,
        "telescope.report.series_table",
        [Column(subject.say("telescope.report.time"), "code")],
        rows,
        refs,
    )


def services(subject: Subject, ptype: str) -> Iterable[Block]:
    """The ports that were asked for over one protocol."""
    services = subject.counted.services
    keys = top(services, ptype, _ROWS)
    proto = "tcp" if ptype == "tcp_syn" else "udp"
    refs = subject.refs("services")
    yield _bars(subject, [(f"{port}/{proto}", services[ptype, port]) for _, port in keys], refs)
    earlier = {
        number: subject.counted.services_before.get(key, Count()) for number, key in enumerate(keys)
    }
    yield counts_of(
        subject,
        "telescope.report.ports",
        [Column(subject.say("telescope.report.port"), "code")],
        [((f"{port}/{proto}",), services[ptype, port]) for _, port in keys],
        subject.refs("services", "services_before"),
        earlier if subject.counted.before.packets else None,
    )
    if subject.survey:
        yield _without(subject, ptype, proto, refs)
    followed = [port for _, port in keys[:_BARS]]
    if followed:
        yield _map(subject, ptype, proto, followed)


def _bars(subject: Subject, rows: list[tuple[str, Count]], refs: tuple[str, ...]) -> Block:
    if not rows:
        return Text(subject.say("telescope.report.none"), quiet=True)
    shown = rows[:_BARS]
    series = [
        Series(subject.say("telescope.report.all"), tuple(float(c.packets) for _, c in shown))
    ]
    if subject.survey:
        rest = tuple(float(c.packets_rest) for _, c in shown)
        series.append(Series(subject.say("telescope.report.without_survey"), rest))
    title = subject.say("telescope.report.busiest")
    labels = tuple(name for name, _ in shown)
    return Chart(
        title, "bars", labels, tuple(series), subject.say("telescope.report.packets"), refs
    )


def _without(subject: Subject, ptype: str, proto: str, refs: tuple[str, ...]) -> Grid:
    """The order of ports that is left when survey scans are left out."""
    services = subject.counted.services
    whole = subject.counted.now.packets_rest
    rows = [
        (
            f"{port}/{proto}",
            services[ptype, port].packets_rest,
            share_of(services[ptype, port].packets_rest, whole),
            services[ptype, port].hosts_rest,
        )
        for _, port in top(services, ptype, _BARS, rest=True)
    ]
    columns = (
        Column(subject.say("telescope.report.port"), "code"),
        Column(subject.say("telescope.report.packets"), "count"),
        Column(subject.say("telescope.report.share"), "share"),
        Column(subject.say("telescope.report.hosts"), "count"),
    )
    empty = subject.say("telescope.report.none")
    return Grid(subject.say("telescope.report.ports_rest"), columns, tuple(rows), refs, empty)


def _map(subject: Subject, ptype: str, proto: str, ports: list[int]) -> Chart:
    period, followed = subject.period, subject.counted.services_over_time
    series = tuple(
        Series(
            f"{port}/{proto}",
            tuple(float(followed.get((ptype, port, at), Count()).packets) for at in period.bins),
        )
        for port in ports
    )
    labels = tuple(period.label(at) for at in period.bins)
    title = subject.say("telescope.report.ports_time")
    unit = subject.say("telescope.report.darker")
    return Chart(title, "map", labels, series, unit, subject.refs("services_over_time"))


def origins(subject: Subject) -> Iterable[Block]:
    """Countries and networks of the sources."""
    counted = subject.counted
    refs = subject.refs("sources")
    if not counted.countries and counted.now.packets:
        yield Text(subject.say("telescope.report.no_places"))
        return
    unknown = subject.say("telescope.report.unknown")
    rows = sorted(counted.countries.items(), key=lambda pair: (-pair[1].packets, pair[0]))
    named = [((code or unknown,), counts) for code, counts in rows[:_ROWS]]
    yield _bars(subject, [(str(name[0]), counts) for name, counts in named], refs)
    yield counts_of(
        subject,
        "telescope.report.countries",
        [Column(subject.say("telescope.report.country"), "code")],
        named,
        refs,
    )
    systems = sorted(counted.systems.items(), key=lambda pair: (-pair[1].packets, pair[0]))
    yield counts_of(
        subject,
        "telescope.report.systems",
        [
            Column("AS", "code"),
            Column(subject.say("telescope.report.organisation")),
        ],
        [
            ((f"AS{number}" if number else unknown, subject.names(number) or "–"), counts)
            for number, counts in systems[:_ROWS]
        ],
        refs,
    )


def tools(subject: Subject) -> Iterable[Block]:
    """What packets show of the program that sent them."""
    families = subject.counted.families
    rows = sorted(families.items(), key=lambda pair: (-pair[1].packets, pair[0]))
    yield Text(subject.say("telescope.report.families_text"))
    yield counts_of(
        subject,
        "telescope.report.families",
        [
            Column(subject.say("telescope.report.family"), "code"),
            Column(subject.say("telescope.report.meaning")),
        ],
        [((name, _meaning(subject, name)), counts) for name, counts in rows],
        subject.refs("families"),
    )


def _meaning(subject: Subject, family: str) -> str:
    return subject.say(_FAMILIES[family]) if family in _FAMILIES else ""


_FAMILIES = {
    "mirai": "telescope.report.family.mirai",
    "masscan": "telescope.report.family.masscan",
    "zmap2": "telescope.report.family.zmap2",
    "zmap4": "telescope.report.family.zmap4",
    "probe": "telescope.report.family.probe",
    "stack": "telescope.report.family.stack",
    "windows": "telescope.report.family.windows",
    "dressed": "telescope.report.family.dressed",
    "bare": "telescope.report.family.bare",
    "answer": "telescope.report.family.answer",
    "segment": "telescope.report.family.segment",
    "udp": "telescope.report.family.udp",
    "udp_answer": "telescope.report.family.udp_answer",
    "echo": "telescope.report.family.echo",
    "icmp_error": "telescope.report.family.icmp_error",
    "icmp_answer": "telescope.report.family.icmp_answer",
    "other": "telescope.report.family.other",
}
