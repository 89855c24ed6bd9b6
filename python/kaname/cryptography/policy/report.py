"""The report on an inventory: verdicts, the time line, what to change first, and the sources."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

from kaname.cryptography.policy.judge import ORDER
from kaname.cryptography.policy.timeline import timeline
from kaname.cryptography.policy.told import reasons_told, word_told
from kaname.cryptography.policy.trend import compare, trend
from kaname.model.messages import text
from kaname.writers.report.document import (
    Block,
    Chapter,
    Chart,
    Column,
    Document,
    Fact,
    Facts,
    Grid,
    Query,
    Series,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kaname.cryptography.inventory.item import Item
    from kaname.cryptography.policy.judge import Judged
    from kaname.cryptography.policy.migration import Assumptions, Step
    from kaname.cryptography.policy.tables import Policy

__all__ = ["Told", "report"]

_ROWS = 200
_ASSETS = 40
_FIRST_YEAR = 2026
_DARKNESS = {
    "allowed": 0.0, "allowed-until": 0.0, "unknown": 1.0, "finish-migration": 3.0,
    "monitored": 6.0, "not-listed": 12.0, "not-usable": 24.0,
}  # fmt: skip
_QUERY = "Q1"


class Told:
    """Texts in the language of the report."""

    def __init__(self, language: Literal["en", "ja"]) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """The message ``key``."""
        return text(key, self.language, **values)


def report(
    sets: Sequence[tuple[str, Sequence[Item], Judged]],
    policy: Policy,
    steps: Sequence[Step],
    assumed: Assumptions,
    language: Literal["en", "ja"],
    subject: str,
    *,
    tlp: str = "amber",
    command: str = "",
) -> Document:
    """The report on the last of ``sets``; the ones before are the trend.

    ``command`` gives the same verdicts again, where that is not to judge a file.
    """
    say = Told(language)
    _, items, judged = sets[-1]
    chapters: list[tuple[str, str, tuple[Block, ...]]] = [
        ("overview", say("cryptography.report.overview"), tuple(_overview(say, sets))),
        ("timeline", say("cryptography.report.timeline"),
         tuple(_timeline(say, items, judged, policy))),
        ("plan", say("cryptography.report.plan"), tuple(_steps(say, steps, assumed))),
        ("items", say("cryptography.report.items"), (_items(say, items, judged),)),
        ("sources", say("cryptography.report.sources"), tuple(_sources(say, judged, policy))),
    ]  # fmt: skip
    return Document(
        title=say("cryptography.report.title", subject=subject),
        subtitle=say("cryptography.report.subtitle", year=judged.year),
        language=language,
        tlp=tlp,
        facts=(
            (say("cryptography.report.subject"), subject),
            (say("cryptography.report.year"), str(judged.year)),
            (say("cryptography.report.use"), _use(say, judged)),
            (say("cryptography.report.made_by"), f"kaname {version('kaname')}"),
        ),
        chapters=tuple(Chapter(*chapter) for chapter in chapters),
        queries=(Query(_QUERY, say("cryptography.report.query"), command or _command(sets)),),
        words={
            "contents": say("cryptography.report.contents"),
            "queries": say("cryptography.report.queries"),
            "queries_text": say("cryptography.report.queries_text"),
            "fact": say("cryptography.report.fact"),
            "value": say("cryptography.report.value"),
            "change": say("cryptography.report.change"),
            "cut": say("cryptography.report.cut"),
            "before": "{name}: {value}",
        },
    )


def _use(say: Told, judged: Judged) -> str:
    if judged.use == "new":
        return say("cryptography.report.use_new")
    return say("cryptography.report.use_processing")


def _command(sets: Sequence[tuple[str, Sequence[Item], Judged]]) -> str:
    name, _, judged = sets[-1]
    return f"kaname crypto judge {name} --year {judged.year} --use {judged.use} --json"


def _overview(say: Told, sets: Sequence[tuple[str, Sequence[Item], Judged]]) -> Iterator[Block]:
    _, items, judged = sets[-1]
    yield Facts(
        (
            Fact(say("cryptography.report.item_count"), len(items), queries=(_QUERY,)),
            Fact(say("cryptography.report.vulnerable"),
                 sum(v.quantum.vulnerable for v in judged.verdicts), queries=(_QUERY,)),
            Fact(say("cryptography.report.outlives"),
                 sum(v.quantum.outlives for v in judged.verdicts), queries=(_QUERY,)),
            Fact(say("cryptography.report.unverified"),
                 sum(not v.verified for v in judged.verdicts), queries=(_QUERY,)),
        )
    )  # fmt: skip
    labels = tuple(
        say(f"cryptography.word.{word}") for word in reversed(ORDER) if judged.counts[word]
    )
    counts = tuple(float(judged.counts[word]) for word in reversed(ORDER) if judged.counts[word])
    if counts:
        title = say("cryptography.report.verdicts")
        yield Chart(title, "bars", labels, (Series(title, counts),), queries=(_QUERY,))
    if len(sets) > 1:
        yield from _trend(say, sets)


def _trend(say: Told, sets: Sequence[tuple[str, Sequence[Item], Judged]]) -> Iterator[Block]:
    points = trend([(name, judged) for name, _, judged in sets])
    yield Grid(
        say("cryptography.report.trend"),
        (
            Column(say("cryptography.report.inventory"), "code"),
            Column(say("cryptography.report.item_count"), "count"),
            *(Column(say(f"cryptography.word.{word}"), "count") for word in ORDER),
            Column(say("cryptography.report.vulnerable"), "count"),
        ),
        tuple(
            (point.name, point.items, *(point.counts[word] for word in ORDER), point.vulnerable)
            for point in points
        ),
    )
    found = compare(sets[-2][1:], sets[-1][1:])
    yield Text(
        say(
            "cryptography.report.difference",
            added=len(found.added), removed=len(found.removed), changed=len(found.changed),
        )
    )  # fmt: skip


def _timeline(say: Told, items: Sequence[Item], judged: Judged, policy: Policy) -> Iterator[Block]:
    years = range(max(_FIRST_YEAR, policy.years[0]), policy.years[1] + 1)
    courses = timeline(items, policy, judged.use, years)[:_ASSETS]
    yield Text(say("cryptography.report.timeline_text", year=policy.target_year))
    if not courses:
        return
    rows = tuple(
        Series(one.asset[:34], tuple(_DARKNESS[word] for word in one.words)) for one in courses
    )
    title = say("cryptography.report.timeline")
    yield Chart(title, "map", tuple(map(str, years)), rows, queries=(_QUERY,))
    columns = (
        Column(say("cryptography.report.asset"), "code"),
        Column(say("cryptography.report.item_count"), "count"),
        Column(say("cryptography.report.now")),
        Column(say("cryptography.report.changes")),
        Column(say("cryptography.report.target")),
    )
    table = tuple(
        (one.asset, one.items, say(f"cryptography.word.{one.words[0]}"), _changes(say, one.words,
         years[0]), "–" if one.target is None else str(one.target))
        for one in courses
    )  # fmt: skip
    yield Grid(title, columns, table, (_QUERY,))


def _changes(say: Told, words: Sequence[str], first: int) -> str:
    """Where a course changes: "2031 not usable"."""
    changed = [
        f"{first + at} {say(f'cryptography.word.{word}')}"
        for at, word in enumerate(words)
        if at and word != words[at - 1]
    ]
    return ", ".join(changed) or "–"


def _steps(say: Told, steps: Sequence[Step], assumed: Assumptions) -> Iterator[Block]:
    yield Text(
        say(
            "cryptography.report.plan_text",
            year=assumed.quantum_year, secret=assumed.confidentiality, takes=assumed.migration,
        )
    )  # fmt: skip
    columns = (
        Column(say("cryptography.report.priority"), "count"),
        Column(say("cryptography.report.asset"), "code"),
        Column(say("cryptography.report.places"), "code"),
        Column(say("cryptography.report.to")),
        Column(say("cryptography.report.by"), "code"),
        Column(say("cryptography.report.exposure")),
        Column(say("cryptography.report.effort")),
        Column(say("cryptography.report.harvest")),
    )
    rows = tuple(
        (
            step.priority, " ".join(filter(None, (step.algorithm, step.parameter))),
            _places(step.places), say(f"cryptography.target.{step.target}"), str(step.by),
            say(f"cryptography.exposure.{step.exposure}"),
            say(f"cryptography.effort.{step.effort}"),
            say("cryptography.report.yes") if step.harvest_now else "–",
        )
        for step in steps[:_ROWS]
    )  # fmt: skip
    empty = say("cryptography.report.no_steps")
    yield Grid(say("cryptography.report.plan"), columns, rows, (_QUERY,), empty)
    yield from _config(say, steps)


def _config(say: Told, steps: Sequence[Step]) -> Iterator[Block]:
    lines = {
        (step.target, program, line)
        for step in steps
        for program, all_lines in step.config.items()
        for line in all_lines
    }
    if lines:
        rows = tuple(
            (say(f"cryptography.target.{target}"), program, line)
            for target, program, line in sorted(lines)
        )
        columns = (
            Column(say("cryptography.report.to")),
            Column(say("cryptography.report.program"), "code"),
            Column(say("cryptography.report.line"), "code"),
        )
        yield Grid(say("cryptography.report.config"), columns, rows)


def _places(places: Sequence[str]) -> str:
    shown = ", ".join(places[:3])
    return shown if len(places) <= 3 else f"{shown} +{len(places) - 3}"


def _items(say: Told, items: Sequence[Item], judged: Judged) -> Grid:
    pairs = sorted(
        zip(items, judged.verdicts, strict=True),
        key=lambda pair: (-ORDER.index(pair[1].word), pair[0].place),
    )
    columns = (
        Column(say("cryptography.report.verdict")),
        Column(say("cryptography.report.asset"), "code"),
        Column(say("cryptography.report.place"), "code"),
        Column(say("cryptography.report.why")),
    )
    rows = tuple(
        (
            word_told(verdict, say.language),
            " ".join(filter(None, (item.algorithm, item.parameter))),
            item.place,
            " ".join(reasons_told(verdict, say.language)),
        )
        for item, verdict in pairs[:_ROWS]
    )
    title = say("cryptography.report.items")
    return Grid(title, columns, rows, (_QUERY,), say("cryptography.report.no_items"))


def _sources(say: Told, judged: Judged, policy: Policy) -> Iterator[Block]:
    yield Text(say("cryptography.report.sources_text"))
    columns = (
        Column(say("cryptography.report.document"), "code"),
        Column(say("cryptography.report.date"), "code"),
        Column(say("cryptography.report.cells"), "count"),
        Column(say("cryptography.report.verified"), "count"),
        Column(say("cryptography.report.digest"), "code"),
    )
    rows = tuple(
        (
            one.document,
            one.date if one.dated else say("cryptography.report.undated", date=one.date),
            one.cells, one.verified, one.digest[:16],
        )
        for one in judged.lists
    )  # fmt: skip
    yield Grid(say("cryptography.report.sources"), columns, rows)
    origins = tuple(
        (table.document, key, told)
        for table in (policy.lists, policy.strengths, policy.tls, policy.quantum)
        for key, told in table.sources.items()
    )
    yield Grid(
        say("cryptography.report.origins"),
        (
            Column(say("cryptography.report.document"), "code"),
            Column(say("cryptography.report.origin"), "code"),
            Column(say("cryptography.report.origin_told")),
        ),
        origins,
    )
