"""The generated week of observations, counted as its own truth counts it."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.store import FusionStore
from kaname.model.instant import parse_us
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

DATA = Path("../shared/data/fusion/scenario")
KINDS = {
    "ipv4-addr": ArtifactKind.IP,
    "domain-name": ArtifactKind.DOMAIN,
    "url": ArtifactKind.URL,
    "email-addr": ArtifactKind.MAIL,
}


def kind_of(word: str) -> ArtifactKind:
    return ArtifactKind.HASH if word.startswith("file:") else KINDS[word]


def observation(row: dict[str, object]) -> Observation:
    at = parse_us(row["ts"])
    mentions = (Mention(kind_of(a["type"]), a["value"], a["role"]) for a in row["artifacts"])
    return Observation(
        id=row["id"], source=row["source"], kind=row["kind"], at=at, received=at,
        org=row["org"], tlp=Tlp(row["tlp"]), mentions=tuple(mentions),
    )  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with lzma.open(DATA / "observations.jsonl.xz") as file:
        rows = [observation(json.loads(line)) for line in file]
    with FusionStore.open(tmp_path_factory.mktemp("fusion")) as store:
        for start in range(0, len(rows), 1000):
            store.add(rows[start : start + 1000])
        yield store


def test_every_artifact_of_the_truth_has_its_evidence(store):
    truth = json.loads((DATA / "truth.json").read_text())["artifact_evidence"]
    assert len(truth) > 40
    for name, expected in truth.items():
        word, _, value = name.rpartition("|")
        facts = store.known(kind_of(word), value)
        assert facts is not None, name
        assert facts.observations == expected["n_obs"], name
        assert [s.source for s in sorted(facts.sources, key=lambda s: s.source)] == sorted(
            expected["sources"]
        )
        assert facts.first_seen == parse_us(expected["first_seen"])
        assert facts.last_seen == parse_us(expected["last_seen"])
        items = store.items(kind_of(word), value)
        assert {item.id for item in items} == set(expected["obs_ids"])


def test_a_shared_address_is_a_hub_that_is_named_and_not_passed_through(store):
    shared = json.loads((DATA / "truth.json").read_text())["shared_infrastructure"]
    hub = max(shared, key=lambda value: getattr(store.known(ArtifactKind.IP, value), "degree", 0))
    degree = store.known(ArtifactKind.IP, hub).degree
    beside = store.neighbours(ArtifactKind.IP, hub, limit=1)[0]
    found = store.pivot([beside[:2]], hops=2, gate=degree - 1)
    assert (ArtifactKind.IP, hub, degree) in found.gated  # and how much that withholds
    through = store.pivot([beside[:2]], hops=2, gate=degree)
    assert len(through.nodes) > len(found.nodes)


def test_what_may_not_be_seen_is_not_counted(store):
    host = next(
        mention
        for _, one in store.observations(*store.neighbours(ArtifactKind.IP, "10.18.72.110")[0][:2])
        for mention in one.mentions
        if mention.role == "host"
    )
    assert store.known(host.kind, host.value, clearance=Tlp.AMBER) is not None
    assert store.known(host.kind, host.value, clearance=Tlp.GREEN) is None
    assert store.brief(host.kind, host.value, clearance=Tlp.GREEN) is None
    assert store.items(host.kind, host.value, clearance=Tlp.GREEN) == []
    assert store.pivot([(host.kind, host.value)], hops=3, clearance=Tlp.GREEN).nodes == []


def test_a_cap_is_kept_and_said(store):
    seed = (ArtifactKind.IP, "198.18.166.205")
    whole = store.pivot([seed], hops=3)
    part = store.pivot([seed], hops=3, cap=5)
    assert not whole.truncated
    assert part.truncated
    assert [node[:2] for node in part.nodes] == [node[:2] for node in whole.nodes[:5]]
