"""From a mail to a machine that calls home: the links of an intrusion, client by client."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kaname.analysis.frame import Context, Window
from kaname.analysis.selection import among, quoted
from kaname.model.address import to_text
from kaname.model.instant import DAY, HOUR
from kaname.traffic import selections
from kaname.traffic.beacons import series
from kaname.traffic.beacons.known import periodic
from kaname.traffic.beacons.series import Judged
from kaname.traffic.dga.failures import Failure, clients
from kaname.traffic.names.brands import read_brands
from kaname.traffic.names.evidence import condition, listed, listings, messages, programs, questions
from kaname.traffic.names.listing import listing
from kaname.traffic.names.lookalike import Lookalikes
from kaname.traffic.names.reduction import gathered, micros
from kaname.traffic.names.suffixes import Suffixes
from kaname.traffic.stories.hosts import Programs
from kaname.traffic.stories.links import Link
from kaname.traffic.stories.lures import Lure, Visit, lures, mailed_urls, visits

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["LOOKBACK", "Intrusion", "intrusions"]

LOOKBACK = DAY  # lists are published before the day on which they matter

_QUIET_PORTS = (53, 67, 68, 123, 137, 138, 1900, 5353)  # what repeats on every machine
_REGULAR = 3.0  # log-likelihood ratio of a regular run
_FEW = 3  # clients of a peer, beyond which its rhythm is that of a service
_BURST, _BURST_SPAN = 10, HOUR

_USER_EXECUTION, _LINK, _INTERPRETER = "T1204.001", "T1566.002", "T1059"
_COMMAND, _GENERATED = "T1071.001", "T1568.002"


@dataclass(frozen=True, slots=True)
class Intrusion:
    """A client that followed a lure, and everything that came after, in order of time."""

    visit: Visit
    lure: Lure
    links: tuple[Link, ...]
    controllers: tuple[str, ...]


def intrusions(context: Context) -> Iterator[Intrusion]:
    """Clients with at least one link beyond the mail and the visit."""
    seen = _Seen(context)
    for visit in seen.visits:
        links = [seen.mailed(visit), seen.visited(visit), *seen.told(visit)]
        beacon = seen.beacon(visit)
        later = [link for link in (seen.program(visit), beacon, seen.burst(visit)) if link]
        links = sorted([*links, *later], key=lambda link: (link.at, link.name))
        if len(links) > 2:
            there = (str(beacon.values["peer"]),) if beacon else ()
            yield Intrusion(visit, seen.lures[visit.domain], tuple(links), there)


class _Seen:
    """What the tables show of the window, each looked at once."""

    def __init__(self, context: Context) -> None:
        self._context, tables = context, context.tables
        ordinary = Suffixes.ordinary(
            context.text("ignore"), listing("shared_hosts"), listing("carriers")
        )
        self.lures = lures(tables["mail"], context.window, ordinary)
        urls = mailed_urls(tables["mail"], context.window, self.lures) if self.lures else set()
        self.visits = (
            visits(tables["user_events"], tables["dns"], context.window, self.lures, urls)
            if self.lures
            else []
        )
        suspects = sorted({visit.client for visit in self.visits})
        self._programs = Programs(tables["endpoint"], context.window) if suspects else None
        self._regular = _regular(context, suspects)
        self._failures = _failures(context, set(suspects))
        self._feeds = _feeds(tables["feeds"], {v.domain for v in self.visits})
        self._looked = Lookalikes(read_brands(""))

    def mailed(self, visit: Visit) -> Link:
        """The message."""
        lure = self.lures[visit.domain]
        where = f"list_contains(url_regdoms, {quoted(visit.domain)})"
        return Link(
            "mail",
            lure.first,
            lure.first,
            1,
            {"n": lure.messages, "sender": lure.sender, "domain": visit.domain},
            messages(condition(self._context.window, "", where)),
            _LINK,
        )

    def visited(self, visit: Visit) -> Link:
        """The visit."""
        where = condition(
            self._context.window,
            "",
            among("src", [visit.client]),
            f"regdom = {quoted(visit.domain)}",
        )
        shown = visit.url or visit.domain
        name = "visit_exact" if visit.exact else "visit"
        chosen = selections.acts(where) if visit.table == "user_events" else questions(where)
        values = {"n": visit.times, "url": shown, "user": visit.user or "–"}
        return Link(name, visit.first, visit.last, 2, values, chosen, _USER_EXECUTION)

    def told(self, visit: Visit) -> Iterator[Link]:
        """What is known of the domain: lists that have it, a brand that it imitates."""
        if visit.domain in self._feeds:
            feed, label, at = self._feeds[visit.domain]
            where = f"regdom = {quoted(visit.domain)}"
            span = condition(self._reach, "", where)
            yield Link("feed", at, at, 1, {"feed": feed, "label": label}, listings(span))
        imitation = self._looked.imitated(visit.domain)
        if imitation is not None and imitation.kind != "suffix":
            where = condition(
                self._context.window,
                "",
                f"list_contains(url_regdoms, {quoted(visit.domain)})",
            )
            values = {"brand": imitation.brand.name, "domain": visit.domain}
            at = self.lures[visit.domain].first
            yield Link("lookalike", at, at, 0, values, messages(where))

    @property
    def _reach(self) -> Window:
        """The window with the days that only look back."""
        window = self._context.window
        return Window(window.start - LOOKBACK, window.end)

    def program(self, visit: Visit) -> Link | None:
        """A program that the visit may have brought."""
        found = self._programs.after(visit) if self._programs else None
        if found is None:
            return None
        where = condition(
            self._context.window,
            "",
            f"host = {quoted(found.host)}",
            f"image = {quoted(found.image)}",
        )
        values = {"image": found.image, "parent": found.parent or "–", "host": found.host}
        return Link("program", found.at, found.at, 3, values, programs(where), _INTERPRETER)

    def beacon(self, visit: Visit) -> Link | None:
        """The most regular contact that began after the visit."""
        later = [r for r in self._regular[visit.client] if r.first >= visit.first]
        best = max(later, key=lambda r: (r.evidence, r.name, r.dst_lo), default=None)
        if best is None:
            return None
        peer = best.name or to_text(best.dst_hi, best.dst_lo)
        own = among("src", [visit.client])
        if best.name:
            named = condition(self._context.window, "", own, f"domain = {quoted(best.name)}")
            chosen = selections.acts(named)
        else:
            there = among("dst", [(best.dst_hi, best.dst_lo)])
            named = condition(self._context.window, "", own, there, f"dport = {best.port}")
            chosen = selections.contacts(named)
        values = {"peer": peer, "port": best.port, "period": round(best.period), "n": best.contacts}
        return Link("beacon", best.first, best.last, 5, values, chosen, _COMMAND)

    def burst(self, visit: Visit) -> Link | None:
        """Many names that do not exist, within an hour, after the visit."""
        later = sorted(
            (f for f in self._failures.get(visit.client, ()) if f.first >= visit.first),
            key=lambda f: (f.first, f.domain),
        )
        inside = _densest(later)
        if len(inside) < _BURST:
            return None
        where = condition(
            self._context.window,
            "",
            among("src", [visit.client]),
            "rcode = 3",
            listed("regdom", (f.domain for f in inside)),
        )
        values = {"n": len(inside), "names": ", ".join(f.domain for f in inside[:3])}
        first, last = inside[0].first, inside[-1].first
        return Link("burst", first, last, 4, values, questions(where), _GENERATED)


def _densest(ordered: list[Failure]) -> list[Failure]:
    """The most failures that lie within an hour."""
    best: list[Failure] = []
    start = 0
    for end, failure in enumerate(ordered):
        while failure.first - ordered[start].first > _BURST_SPAN:
            start += 1
        if end + 1 - start > len(best):
            best = ordered[start : end + 1]
    return best


def _failures(
    context: Context, suspects: set[tuple[int, int]]
) -> dict[tuple[int, int], tuple[Failure, ...]]:
    if not suspects:
        return {}
    ignored = Suffixes.ordinary("")
    found = clients(context.tables["dns"], context.window, ignored)
    return {(c.hi, c.lo): c.failures for c in found if (c.hi, c.lo) in suspects}


def _regular(
    context: Context, suspects: Iterable[tuple[int, int]]
) -> Mapping[tuple[int, int], list[Judged]]:
    """Regular contacts of the suspects, with peers that few clients have."""
    found: dict[tuple[int, int], list[Judged]] = defaultdict(list)
    lows = sorted({lo for _, lo in suspects})
    if not lows:
        return found
    sources = (
        series.flows(context.tables["flows"], context.window, _QUIET_PORTS),
        series.requests(context.tables["user_events"], context.window),
    )
    for contacts in sources:
        own = contacts.filter(contacts.src_lo.isin(lows))
        regular = [j for j in series.judged(own, context.window, _REGULAR) if not periodic(j.name)]
        used = _askers(contacts, regular)
        for one in regular:
            if used.get(one.peer, 1) <= _FEW:
                found[one.client].append(one)
    return found


def _askers(contacts: ir.Table, regular: list[Judged]) -> dict[tuple[int, int, int, str], int]:
    """How many clients each peer of ``regular`` has."""
    if not regular:
        return {}
    near = contacts.filter(
        contacts.dst_lo.isin(sorted({j.dst_lo for j in regular})),
        contacts.name.isin(sorted({j.name for j in regular})),
    )
    pairs = near.select("src_hi", "src_lo", "dst_hi", "dst_lo", "port", "name").distinct()
    counted = pairs.group_by("dst_hi", "dst_lo", "port", "name").aggregate(n=pairs.count())
    keys = ("dst_hi", "dst_lo", "port", "name")
    return {tuple(row[k] for k in keys): row["n"] for row in gathered(counted, *keys)}


def _feeds(feeds: ir.Table, domains: Iterable[str]) -> dict[str, tuple[str, str, int]]:
    """Feed, label and time of the first entry of each of ``domains``."""
    wanted = sorted(domains)
    if not wanted:
        return {}
    some = feeds.filter(feeds.regdom.isin(wanted))
    counted = some.group_by(
        "regdom", feed=some.feed.cast("string"), label=some.label.cast("string")
    ).aggregate(at=micros(some.ts).min())
    found: dict[str, tuple[str, str, int]] = {}
    for row in gathered(counted, "at", "feed", "label", "regdom"):
        found.setdefault(row["regdom"], (row["feed"], row["label"], row["at"]))
    return found
