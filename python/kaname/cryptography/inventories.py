"""Inventories as the lake has them: the list, one with its items, its plan, changes, trends.

Verdicts are made when they are asked for, once for all items that a policy cannot tell apart
(column ``alike``); the lake sorts and pages by them. What an account may not see is as if it
were not there.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kaname.analysis.selection import quoted
from kaname.cryptography.assets import COLUMNS, item_of
from kaname.cryptography.changes import Differences, Told, differences
from kaname.cryptography.concerns import Asked, hybrid_places
from kaname.cryptography.policy.judge import ORDER, Judge, Judged, Purpose, Verdict, judge
from kaname.cryptography.policy.tables import Policy, load
from kaname.cryptography.policy.timeline import timeline
from kaname.cryptography.routes.shapes import (
    Changes,
    FindingOut,
    InventoryDetail,
    InventoryOut,
    InventoryPage,
    ItemOut,
    PlaceOut,
    Point,
    Series,
    TrendOut,
)
from kaname.cryptography.wording import item_out
from kaname.lake.records import Limits
from kaname.model.errors import NotFoundError
from kaname.model.page import Page

if TYPE_CHECKING:
    from kaname.cryptography.inventory.item import Item
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = [
    "Chosen", "Question", "changed", "inventories", "inventory", "items_in", "one",
    "trends",
]  # fmt: skip

_FIRST_YEAR = 2026
_SECRET_YEARS = 10
_MOST_PLACES = 200
_MOST_COURSES = 200
_MOST_CHANGES = 200
_MOST_FINDINGS = 100
_LIMITS = Limits(rows=2_000_000, seconds=60.0, memory_mb=2048)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{8,63}")
_ANALYSES = ("cryptography.policy", "cryptography.change")
_ALL = """SELECT epoch_us(ts) AS ts, sensor, tlp, batch, inventory, name, format, tool, items,
    places, unread,
    lag(inventory) OVER series AS before, lead(inventory) OVER series IS NULL AS latest
    FROM (FROM crypto_inventories
          QUALIFY row_number() OVER (PARTITION BY inventory ORDER BY ts DESC, batch DESC) = 1)
    WINDOW series AS (PARTITION BY sensor, name ORDER BY ts, inventory)"""

Row = dict[str, Any]


class Question(NamedTuple):
    """For which year and use; until which year data must stay secret."""

    policy: Policy
    year: int
    use: Purpose
    confidential_until: int

    @classmethod
    def of(
        cls,
        year: int | None,
        use: Purpose,
        confidential_until: int | None,
        tables: str | None = None,
    ) -> Question:
        """What was asked for, and what is meant where it was not said.

        ``tables`` is a file of newer policy tables.

        Raises:
            UsageError: the strength table says nothing of the year.
            InputError: the file holds no policy tables.
        """
        asked = dt.datetime.now(dt.UTC).year if year is None else year
        secret = asked + _SECRET_YEARS if confidential_until is None else confidential_until
        policy = load(Path(tables).expanduser() if tables else None)
        Judge(policy, asked, use)  # says which years there are
        return cls(policy, asked, use, secret)

    @property
    def asked(self) -> Asked:
        """As the analyses ask."""
        secret = max(0, self.confidential_until - self.year)
        return Asked.of(self.policy, self.year, self.use, confidentiality=secret)


class Chosen(NamedTuple):
    """Which items of an inventory."""

    text: str | None = None
    verdict: str | None = None
    kind: str | None = None
    standing: str | None = None
    place: str | None = None
    quantum: bool = False
    item: str | None = None


class _Alike(NamedTuple):
    """Items that the policy cannot tell apart: one of them, how many there are, the verdict."""

    item: Item
    number: int
    verdict: Verdict


def inventories(
    lake: Lake, asked: Question, page: Page, clearance: Tlp, *, sensor: str | None = None,
    text: str | None = None,
) -> InventoryPage:  # fmt: skip
    """Inventories with their verdicts counted, the latest first."""
    where = ["true"] if sensor is None else [f"sensor = {quoted(sensor)}"]
    if text:
        said = quoted(text.lower())
        where.append(f"(contains(lower(name), {said}) OR contains(lower(sensor), {said}))")
    rows = _rows(
        lake,
        f"SELECT *, count(*) OVER () AS total FROM ({_ALL}) WHERE {' AND '.join(where)} "  # noqa: S608
        f"ORDER BY ts DESC, inventory LIMIT {page.limit} OFFSET {page.offset}",
        clearance,
    )
    total = rows[0]["total"] if rows else 0
    items = _counted(lake, rows, asked, clearance)
    return InventoryPage(items, total, page.following(total), asked.year, asked.use)


def one(lake: Lake, digest: str, asked: Question, clearance: Tlp) -> InventoryOut:
    """An inventory by its digest, or by the first eight digits of it or more.

    Raises:
        NotFoundError: there is none, or more than one begins so.
    """
    return _counted(lake, [_found(lake, digest, clearance)], asked, clearance)[0]


def inventory(
    lake: Lake, knowledge: Knowledge, digest: str, asked: Question, page: Page, chosen: Chosen,
    clearance: Tlp,
) -> InventoryDetail:  # fmt: skip
    """One inventory with a page of its items, the worst first, then by place.

    Raises:
        NotFoundError: there is none.
    """
    row = _found(lake, digest, clearance)
    alike = _alike(lake, [row["inventory"]], asked, clearance)[row["inventory"]]
    items, total = _items(lake, row, alike, asked, page, chosen, clearance)
    years = (max(_FIRST_YEAR, asked.policy.years[0]), asked.policy.years[1])
    stands = {each.item.id: each.number for each in alike.values()}
    courses = timeline(
        [each.item for each in alike.values()], asked.policy, asked.use,
        range(years[0], years[1] + 1), stands,
    )  # fmt: skip
    return InventoryDetail(
        inventory=_counted(lake, [row], asked, clearance)[0],
        year=asked.year,
        use=asked.use,
        confidential_until=asked.confidential_until,
        lists=asked.policy.versions,
        items=items,
        total=total,
        next=page.following(total),
        facets=_facets(alike.values()),
        places=_places(lake, row, alike, clearance),
        years=years,
        timeline=courses[:_MOST_COURSES],
        findings=_findings(knowledge, row["inventory"], clearance),
    )


def items_in(
    lake: Lake, digest: str, asked: Question, clearance: Tlp
) -> tuple[Row, list[Item], Judged]:
    """A whole inventory (its row, its items in the order of the document), judged.

    Raises:
        NotFoundError: there is none.
    """
    row = _found(lake, digest, clearance)
    found = _rows(
        lake,
        f"SELECT {COLUMNS} FROM crypto_assets WHERE {_of(row)} ORDER BY row_in_src",  # noqa: S608
        clearance,
    )
    items = [item_of(each) for each in found]
    return row, items, judge(items, asked.policy, asked.year, asked.use)


def changed(
    lake: Lake, digest: str, before: str | None, asked: Question, clearance: Tlp
) -> Changes:
    """What changed since the inventory ``before``, or the one before of the same name.

    Raises:
        NotFoundError: one of the two is not there.
    """
    row, items, judged = items_in(lake, digest, asked, clearance)
    other = before or row["before"]
    old: Sequence[Told] = ()
    if other is not None:
        earlier, former, told = items_in(lake, other, asked, clearance)
        old, other = _told(former, told), earlier["inventory"]
    found = differences(old, _told(items, judged))
    return Changes(
        before=other, after=row["inventory"], year=asked.year, use=asked.use,
        totals={name: len(getattr(found, name)) for name in Differences.__struct_fields__},
        added=found.added[:_MOST_CHANGES], removed=found.removed[:_MOST_CHANGES],
        worse=found.worse[:_MOST_CHANGES], better=found.better[:_MOST_CHANGES],
    )  # fmt: skip


def trends(
    lake: Lake, asked: Question, limit: int, clearance: Tlp, *, sensor: str | None = None,
    name: str | None = None,
) -> TrendOut:  # fmt: skip
    """The verdicts over the inventories of each sensor and name."""
    where = ["true"]
    where += [] if sensor is None else [f"sensor = {quoted(sensor)}"]
    where += [] if name is None else [f"name = {quoted(name)}"]
    rows = _rows(
        lake,
        f"SELECT * FROM ({_ALL}) WHERE {' AND '.join(where)} "  # noqa: S608
        "QUALIFY row_number() OVER (PARTITION BY sensor, name ORDER BY ts DESC, inventory DESC) "
        f"<= {limit} ORDER BY ts, inventory",
        clearance,
    )
    series: dict[tuple[str, str], list[Point]] = {}
    for each in _counted(lake, rows, asked, clearance):
        point = Point(each.id, each.ts, each.items, each.counts, each.vulnerable, each.unread)
        series.setdefault((each.sensor, each.name), []).append(point)
    newest = sorted(series.items(), key=lambda pair: (-pair[1][-1].ts, pair[0]))
    return TrendOut(asked.year, asked.use, [Series(*key, points) for key, points in newest])


def _rows(lake: Lake, sql: str, clearance: Tlp) -> list[Row]:
    found: list[Row] = lake.query(sql, limits=_LIMITS, clearance=clearance).table.to_pylist()
    return found


def _of(row: Row) -> str:
    return f"inventory = {quoted(row['inventory'])} AND batch = {row['batch']}"


def _found(lake: Lake, digest: str, clearance: Tlp) -> Row:
    if _DIGEST.fullmatch(digest.lower()):
        own = f"inventory = {quoted(digest.lower())}"
    elif _SHORT.fullmatch(digest.lower()):
        own = f"starts_with(inventory, {quoted(digest.lower())})"
    else:
        raise NotFoundError("cryptography.error.no_inventory", inventory=digest)
    rows = _rows(lake, f"SELECT * FROM ({_ALL}) WHERE {own} LIMIT 2", clearance)  # noqa: S608
    if not rows:
        raise NotFoundError("cryptography.error.no_inventory", inventory=digest)
    if len(rows) > 1:
        raise NotFoundError("cryptography.error.many_inventories", inventory=digest)
    return rows[0]


def _alike(
    lake: Lake, digests: Iterable[str], asked: Question, clearance: Tlp
) -> dict[str, dict[str, _Alike]]:
    """By inventory and ``alike``: what the policy cannot tell apart, judged."""
    wanted = ", ".join(map(quoted, digests)) or "''"
    rows = _rows(
        lake,
        f"""SELECT inventory, alike, count(*) AS n, any_value(item) AS item,
            any_value(asset) AS asset, '' AS location, NULL AS line, NULL AS byte_offset,
            any_value(algorithm) AS algorithm, any_value(parameter) AS parameter,
            any_value(use) AS use, any_value(strength) AS strength,
            any_value(quantum_vulnerable) AS quantum_vulnerable, NULL AS not_before,
            NULL AS not_after, '' AS evidence, any_value(details) AS details
            FROM crypto_assets WHERE inventory IN ({wanted})
            GROUP BY inventory, alike ORDER BY inventory, alike""",  # noqa: S608
        clearance,
    )
    judging = Judge(asked.policy, asked.year, asked.use)
    found: dict[str, dict[str, _Alike]] = {digest: {} for digest in digests}
    verdicts: dict[str, Verdict] = {}
    for row in rows:
        item = item_of(row)
        if row["alike"] not in verdicts:
            verdicts[row["alike"]] = judging.verdict(item)
        told = _Alike(item, row["n"], verdicts[row["alike"]])
        found[row["inventory"]][row["alike"]] = told
    return found


def _counted(
    lake: Lake, rows: Sequence[Row], asked: Question, clearance: Tlp
) -> list[InventoryOut]:
    digests = [row["inventory"] for row in rows]
    alike = _alike(lake, digests, asked, clearance) if digests else {}
    dated = _dated(lake, digests, asked, clearance) if digests else {}
    return [_out(lake, row, alike[row["inventory"]].values(), dated) for row in rows]


def _dated(
    lake: Lake, digests: Sequence[str], asked: Question, clearance: Tlp
) -> dict[str, tuple[int, int]]:
    """By inventory: certificates that outlive the quantum target, and that had expired."""
    end = f"TIMESTAMPTZ '{asked.policy.target_year + 1}-01-01 00:00:00+00:00'"
    rows = _rows(
        lake,
        f"""SELECT inventory, count(*) FILTER (quantum_vulnerable AND not_after >= {end}) AS long,
            count(*) FILTER (not_after < ts) AS expired FROM crypto_assets
            WHERE inventory IN ({", ".join(map(quoted, digests))}) AND asset = 'certificate'
            GROUP BY inventory""",  # noqa: S608
        clearance,
    )
    return {row["inventory"]: (row["long"], row["expired"]) for row in rows}


def _out(
    lake: Lake, row: Row, alike: Iterable[_Alike], dated: dict[str, tuple[int, int]]
) -> InventoryOut:
    counts: dict[str, int] = dict.fromkeys(ORDER, 0)
    vulnerable = unverified = 0
    for each in alike:
        counts[each.verdict.word] += each.number
        vulnerable += each.number * each.verdict.quantum.vulnerable
        unverified += each.number * (not each.verdict.verified)
    outlives, expired = dated.get(row["inventory"], (0, 0))
    return InventoryOut(
        id=row["inventory"], name=row["name"], sensor=row["sensor"], tlp=row["tlp"],
        path=lake.source(row["batch"]).path, tool=row["tool"], format=row["format"], ts=row["ts"],
        latest=row["latest"], before=row["before"], items=row["items"], places=row["places"],
        unread=row["unread"], counts=counts, vulnerable=vulnerable, outlives=outlives,
        expired=expired, unverified=unverified,
    )  # fmt: skip


def _items(
    lake: Lake, row: Row, alike: dict[str, _Alike], asked: Question, page: Page, chosen: Chosen,
    clearance: Tlp,
) -> tuple[list[ItemOut], int]:  # fmt: skip
    fit = {key: each for key, each in alike.items() if _fits(each, chosen)}
    if not fit:
        return [], 0
    ranks = ", ".join(
        f"({quoted(key)}, {ORDER.index(each.verdict.word)})" for key, each in fit.items()
    )
    rows = _rows(
        lake,
        f"""WITH rank(alike, worse) AS (VALUES {ranks})
            SELECT {COLUMNS}, count(*) OVER () AS total FROM crypto_assets JOIN rank USING (alike)
            WHERE {_of(row)} AND {_condition(chosen)}
            ORDER BY worse DESC, location, row_in_src
            LIMIT {page.limit} OFFSET {page.offset}""",  # noqa: S608
        clearance,
    )
    late = asked.asked.late
    safe = _hybrid(lake, row, clearance) if late else frozenset()
    judging = Judge(asked.policy, asked.year, asked.use)
    items = []
    for each in rows:
        item = item_of(each)
        verdict = judging.verdict(item)
        risk = late and verdict.quantum.harvest and item.location not in safe
        items.append(item_out(item, each, verdict, asked.policy, asked.year, asked.use, risk=risk))
    return items, rows[0]["total"] if rows else 0


def _hybrid(lake: Lake, row: Row, clearance: Tlp) -> frozenset[str]:
    """Locations that offer a group which holds against quantum computers."""
    rows = _rows(
        lake,
        f"SELECT {COLUMNS} FROM crypto_assets WHERE {_of(row)} AND asset = 'group' "  # noqa: S608
        "AND use = 'kem' AND NOT quantum_vulnerable",
        clearance,
    )
    return hybrid_places([item_of(each) for each in rows])


def _fits(each: _Alike, chosen: Chosen) -> bool:
    verdict = each.verdict
    standing = "verified" if verdict.verified else "unverified"
    return (
        chosen.verdict in {None, verdict.word}
        and chosen.kind in {None, each.item.kind}
        and chosen.standing in {None, standing}
        and (not chosen.quantum or verdict.quantum.vulnerable)
    )


def _condition(chosen: Chosen) -> str:
    parts = ["true"]
    if chosen.place is not None:
        parts.append(f"location = {quoted(chosen.place)}")
    if chosen.item is not None:
        parts.append(f"item = {quoted(chosen.item)}")
    if chosen.text:
        text = quoted(chosen.text.lower())
        columns = ("location", "algorithm", "parameter", "subject", "suite")
        parts.append(
            "(" + " OR ".join(f"contains(lower({name}), {text})" for name in columns) + ")"
        )
    return " AND ".join(parts)


def _facets(alike: Iterable[_Alike]) -> dict[str, dict[str, int]]:
    facets: dict[str, dict[str, int]] = {"verdict": {}, "kind": {}, "standing": {}}
    for each in alike:
        standing = "verified" if each.verdict.verified else "unverified"
        for facet, value in (
            ("verdict", each.verdict.word), ("kind", each.item.kind), ("standing", standing),
        ):  # fmt: skip
            facets[facet][value] = facets[facet].get(value, 0) + each.number
    return {
        facet: dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
        for facet, counts in facets.items()
    }


def _places(lake: Lake, row: Row, alike: dict[str, _Alike], clearance: Tlp) -> list[PlaceOut]:
    rows = _rows(
        lake,
        "SELECT location, alike, count(*) AS n FROM crypto_assets "  # noqa: S608
        f"WHERE {_of(row)} GROUP BY location, alike",
        clearance,
    )
    counts: dict[str, dict[str, int]] = {}
    for each in rows:
        own = counts.setdefault(each["location"], {})
        word = alike[each["alike"]].verdict.word
        own[word] = own.get(word, 0) + each["n"]

    def worst(own: dict[str, int]) -> int:
        return max(map(ORDER.index, own))

    ranked = sorted(counts.items(), key=lambda pair: (-worst(pair[1]), pair[0]))
    return [
        PlaceOut(location, sum(own.values()), ORDER[worst(own)], own)
        for location, own in ranked[:_MOST_PLACES]
    ]


def _told(items: Sequence[Item], judged: Judged) -> list[Told]:
    pairs = zip(items, judged.verdicts, strict=True)
    return [Told(item, verdict.word) for item, verdict in pairs]


def _findings(knowledge: Knowledge, digest: str, clearance: Tlp) -> list[FindingOut]:
    """The latest findings about the inventory, the most severe first."""
    from kaname.knowledge import FindingQuery

    found = [
        one
        for analysis in _ANALYSES
        for one in knowledge.findings(
            FindingQuery(analysis=analysis, limit=1000, clearance=clearance)
        ).items
        if one.values.get("inventory") == digest
    ]
    found.sort(key=lambda one: (-one.severity.rank, -one.last_seen, one.id))
    return [
        FindingOut(
            one.id, one.analysis, one.label, one.severity.value, one.confidence, one.last_seen,
            {language: one.title(language) for language in ("en", "ja")},
            str(one.values["place"]) if one.values.get("places") == 1 else None,
        )
        for one in found[:_MOST_FINDINGS]
    ]  # fmt: skip
