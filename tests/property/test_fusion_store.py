"""Whatever is added, taken back, reopened and asked, the store answers as a plain list does.

The model keeps observations in a list and counts by looking at all of them.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.store import FusionStore
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

VALUES = ("192.0.2.1", "192.0.2.2", "2001:db8::1", "a.example", "ab" * 32, "x" * 300, "")
KINDS = (ArtifactKind.IP, ArtifactKind.DOMAIN)
KEYS = [(kind, value) for kind in KINDS for value in VALUES]
DAY = 86_400_000_000

mentions = st.builds(
    Mention, st.sampled_from(KINDS), st.sampled_from(VALUES), st.sampled_from(("src", "dst", ""))
)
observations = st.builds(
    Observation,
    id=st.sampled_from([f"o{n}" for n in range(12)]),
    source=st.sampled_from(("darknet", "feed", "edr")),
    kind=st.sampled_from(("scan", "listing")),
    at=st.integers(0, 5).map(lambda day: day * DAY + day),
    received=st.integers(0, 9),
    mentions=st.lists(mentions, min_size=1, max_size=4).map(tuple),
    tlp=st.sampled_from(list(Tlp)),
    groups=st.sampled_from(((), ("bank",), ("bank", "rail"))),
    weight=st.sampled_from((0.25, 1.0)),
    behaviours=st.sampled_from(((), ("scan",))),
    body=st.sampled_from(({}, {"n": 1})),
)
viewers = st.tuples(
    st.sampled_from(list(Tlp)), st.sampled_from((None, frozenset(), frozenset({"rail"})))
)


class Model:
    """The store as a list."""

    def __init__(self) -> None:
        self.standing: dict[str, Observation] = {}

    def seen(self, clearance: Tlp, groups: frozenset[str] | None) -> list[Observation]:
        return [
            one
            for one in self.standing.values()
            if one.tlp.visible_to(clearance)
            and (groups is None or not one.groups or groups & set(one.groups))
        ]

    def about(self, key, viewer) -> list[Observation]:
        found = self.seen(*viewer)
        return [one for one in found if any((m.kind, m.value) == key for m in one.mentions)]


class FusionStoreMachine(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.folder = TemporaryDirectory()
        self.store = FusionStore.open(Path(self.folder.name))
        self.model = Model()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(batch=st.lists(observations, max_size=6))
    def add(self, batch):
        new, duplicates, conflicts, touched = 0, 0, 0, set()
        for one in batch:
            before = self.model.standing.get(one.id)
            if before is None:
                self.model.standing[one.id] = one
                touched |= {(m.kind, m.value) for m in one.mentions}
                new += 1
            elif said(before) == said(one):
                duplicates += 1
            else:
                conflicts += 1
        added = self.store.add(batch)
        assert (added.new, added.duplicates, added.conflicts) == (new, duplicates, conflicts)
        assert sorted(added.touched) == sorted(touched)
        assert set(added.artifacts_new) <= touched

    @rule(ids=st.lists(st.sampled_from([f"o{n}" for n in range(12)]), max_size=3))
    def retract(self, ids):
        gone = [self.model.standing.pop(one) for one in set(ids) if one in self.model.standing]
        touched = {(m.kind, m.value) for one in gone for m in one.mentions}
        assert set(self.store.retract(ids)) == touched

    @rule()
    def reopen(self):
        self.store.close()
        self.store = FusionStore.open(Path(self.folder.name))

    @rule(sealed=st.booleans())
    def snapshot(self, sealed):
        if sealed:
            self.store.seal()
        self.store.snapshot()

    @rule(viewer=viewers, key=st.sampled_from(KEYS))
    def facts(self, viewer, key):
        about = self.model.about(key, viewer)
        facts = self.store.known(*key, clearance=viewer[0], groups=viewer[1])
        brief = self.store.brief(*key, clearance=viewer[0], groups=viewer[1])
        if not about:
            assert facts is None
            assert brief is None
            return
        assert facts is not None
        assert facts.observations == len(about)
        assert facts.first_seen == min(one.at for one in about)
        assert facts.last_seen == max(one.at for one in about)
        assert {s.source: s.count for s in facts.sources} == Counter(one.source for one in about)
        assert dict(facts.timeline) == Counter(one.at // DAY * DAY for one in about)
        assert facts.tlp_min == min((one.tlp for one in about), key=lambda level: level.rank)
        assert facts.degree == sum(len(one.mentions) - 1 for one in about)
        sources = len({one.source for one in about})
        assert brief == (facts.first_seen, facts.last_seen, facts.observations, sources)

    @rule(viewer=viewers, key=st.sampled_from(KEYS))
    def evidence(self, viewer, key):
        about = self.model.about(key, viewer)
        items = self.store.items(*key, clearance=viewer[0], groups=viewer[1])
        expected = Counter(
            (one.id, role, one.at, one.weight)
            for one in about
            for role in {m.role for m in one.mentions if (m.kind, m.value) == key}
        )
        assert Counter((i.id, i.role, i.at, i.weight) for i in items) == expected
        assert [item.at for item in items] == sorted((i.at for i in items), reverse=True)
        rows, before = [], None
        while page := self.store.observations(
            *key, before=before, limit=2, clearance=viewer[0], groups=viewer[1]
        ):
            rows += [one.id for _, one in page]
            before = page[-1][0]
        assert sorted(rows) == sorted(one.id for one in about)

    @rule(viewer=viewers, key=st.sampled_from(KEYS), hops=st.integers(1, 3))
    def pivot(self, viewer, key, hops):
        seen = self.model.seen(*viewer)
        sets = [{(m.kind, m.value) for m in one.mentions} for one in seen]
        reached = {key} if any(key in one for one in sets) else set()
        distances = dict.fromkeys(reached, 0)
        for step in range(1, hops + 1):
            near = set().union(*(one for one in sets if one & reached)) - reached
            distances |= dict.fromkeys(near, step)
            reached |= near
        found = self.store.pivot([key], hops=hops, clearance=viewer[0], groups=viewer[1])
        assert {(kind, value): at for kind, value, at, _ in found.nodes} == distances
        nodes = [(kind, value) for kind, value, *_ in found.nodes]
        for a, b, count in found.edges:
            assert count == sum({nodes[a], nodes[b]} <= one for one in sets)
        near_seed = {b for a, b, _ in found.edges if a == 0}
        assert len(near_seed) == sum(at == 1 for at in distances.values())

    @rule(viewer=viewers)
    def pairs(self, viewer):
        edges = self.store.edges(clearance=viewer[0], groups=viewer[1])
        total = sum(
            m != other
            for one in self.model.seen(*viewer)
            for at, m in enumerate(k[:2] for k in keys_of(one))
            for other in [k[:2] for k in keys_of(one)][at + 1 :]
        )
        assert int(edges.observations.sum()) == total
        counted = self.store.mentions(clearance=viewer[0], groups=viewer[1])
        expected = Counter(
            (*key, one.kind, one.source) for one in self.model.seen(*viewer) for key in keys_of(one)
        )
        words = counted.words
        rows = zip(
            counted.artifact, counted.role, counted.kind, counted.source, counted.observations,
            strict=True,
        )  # fmt: skip
        assert {
            (*self.store.name(int(a)), words[r], words[k], words[s]): n for a, r, k, s, n in rows
        } == expected

    @invariant()
    def counts(self):
        assert self.store.counts[1] == len(self.model.standing)


def keys_of(one: Observation) -> list[tuple[ArtifactKind, str, str]]:
    return [(m.kind, m.value, m.role) for m in one.mentions]


def said(one: Observation) -> tuple[object, ...]:
    """What an observation says, whenever it came."""
    return (
        one.source, one.kind, one.at, one.mentions, one.tlp, one.groups, one.weight,
        one.behaviours, one.body,
    )  # fmt: skip


FusionStoreMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None
)
TestFusionStore = FusionStoreMachine.TestCase
