from __future__ import annotations

import json
import lzma
import random
from pathlib import Path

import msgspec
import pytest

from kaname.intelligence.connectors.ndjson import read
from kaname.intelligence.fusion.campaigns import Proposal, propose
from kaname.intelligence.fusion.evaluation import best, evaluate
from kaname.intelligence.fusion.links import Node, gather
from kaname.intelligence.fusion.partition import Partition
from kaname.intelligence.fusion.peers import exact
from kaname.intelligence.fusion.scenario import copycat, scenario
from kaname.intelligence.fusion.suppression import blocked, internal
from kaname.intelligence.records import Mention, Observation
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

SCENARIO = Path("../shared/data/fusion/scenario")
IP, DOMAIN, HASH, URL = ArtifactKind.IP, ArtifactKind.DOMAIN, ArtifactKind.HASH, ArtifactKind.URL


def seen(number: int, kind: str, *mentions: tuple[ArtifactKind, str, str]) -> Observation:
    return Observation(
        id=f"o{number}",
        source="sensor",
        kind=kind,
        at=number % 90 * DAY,
        received=number % 90 * DAY,
        tlp=Tlp.GREEN,
        mentions=tuple(Mention(*one) for one in mentions),
    )


def download(number: int, address: str, url: str, digest: str) -> Observation:
    return seen(
        number, "download", (IP, address, "src"), (URL, url, "payload"), (HASH, digest, "payload")
    )


def resolution(number: int, domain: str, address: str) -> Observation:
    return seen(number, "resolution", (DOMAIN, domain, "query"), (IP, address, "answer"))


def noise(count: int, start: int = 1000) -> list[Observation]:
    return [
        seen(start + n, "scan", (IP, f"198.51.{n // 256}.{n % 256}", "src")) for n in range(count)
    ]


TWO = [
    download(1, "192.0.2.1", "http://a.example/x", "aa" * 16),
    download(2, "192.0.2.2", "http://a.example/x", "bb" * 16),
    download(3, "192.0.2.11", "http://b.example/x", "cc" * 16),
    download(4, "192.0.2.12", "http://b.example/x", "dd" * 16),
]


def values(proposals: list[Proposal]) -> list[set[str]]:
    return [{node.value for node in one.nodes} for one in proposals]


@pytest.mark.parametrize("seed", range(10))
def test_campaigns_are_found_whole_and_pure_in_weeks_of_other_seeds(seed: int) -> None:
    week = scenario(seed, campaigns=2 + seed % 5, background=1000 + 500 * (seed % 4))
    proposed = [one.nodes for one in propose(gather(week.observations))]
    for campaign in week.campaigns:
        found = best(campaign, proposed)
        assert found.recall >= 0.98
        assert found.purity >= 0.98
    assert not set().union(*proposed) & week.never


def test_the_labelled_scenario_is_found_whole_and_pure() -> None:
    delivery = read(SCENARIO / "observations.jsonl.xz")
    truth = json.loads((SCENARIO / "truth.json").read_text())
    proposed = values(propose(gather(delivery.observations)))
    for campaign in truth["campaigns"]:
        parts = ("domains", "ips", "hashes", "emails", "urls")
        members = {value for part in parts for value in campaign[part]}
        found = max(proposed, key=lambda one: len(one & members))
        assert len(found & members) >= 0.98 * len(members)
        assert len(found & members) >= 0.98 * len(found)
    assert not set().union(*proposed) & set(truth["must_not_become_indicator"])


def test_exact_matching_makes_one_heap_of_it() -> None:
    week = scenario(3)
    largest = exact(gather(week.observations))[0]
    assert all(campaign <= largest for campaign in week.campaigns)


def test_the_order_of_observations_does_not_matter() -> None:
    week = scenario(5, background=2000)
    shuffled = list(week.observations)
    random.Random(1).shuffle(shuffled)
    assert propose(gather(shuffled)) == propose(gather(week.observations))


def test_a_feed_that_copies_another_changes_nothing() -> None:
    week = scenario(6, background=2000)
    copies = copycat(week.observations, "feed-A", "feed-C", seed=1).observations
    assert copies
    before = propose(gather(week.observations))
    after = propose(gather([*week.observations, *copies]))
    assert values(after) == values(before)


def test_what_was_delivered_binds_and_who_delivered_joins() -> None:
    found = values(propose(gather(TWO + noise(100))))
    assert sorted(found, key=sorted) == [
        {"192.0.2.1", "192.0.2.2", "http://a.example/x", "aa" * 16, "bb" * 16},
        {"192.0.2.11", "192.0.2.12", "http://b.example/x", "cc" * 16, "dd" * 16},
    ]


def test_a_machine_that_two_campaigns_use_is_of_neither() -> None:
    both = [
        download(5, "192.0.2.99", "http://a.example/x", "aa" * 16),
        download(6, "192.0.2.99", "http://b.example/x", "cc" * 16),
    ]
    found = values(propose(gather(TWO + both + noise(100))))
    assert len(found) == 2
    assert all("192.0.2.99" not in one for one in found)


def test_a_victim_joins_no_campaigns() -> None:
    victims = [
        seen(7, "process-network", (IP, "192.0.2.50", "host"), (HASH, "aa" * 16, "process")),
        seen(8, "process-network", (IP, "192.0.2.50", "host"), (HASH, "cc" * 16, "process")),
    ]
    assert len(propose(gather(TWO + victims + noise(100)))) == 2


def test_an_address_of_everybody_is_no_link() -> None:
    network = [resolution(10 + n, f"shop{n}.example", "203.0.113.5") for n in range(30)]
    ours = [
        resolution(60, "a.example", "203.0.113.5"),
        resolution(61, "b.example", "203.0.113.5"),
    ]
    found = values(propose(gather(TWO + ours + network + noise(100))))
    assert len(found) == 2
    assert all("203.0.113.5" not in one for one in found)


def test_a_name_that_once_pointed_at_an_attacker_is_innocent() -> None:
    once = [resolution(70, "shop.example", "192.0.2.1")]
    assert all("shop.example" not in one for one in values(propose(gather(TWO + once + noise(99)))))
    often = [*once, resolution(71, "shop.example", "192.0.2.2")]
    assert any("shop.example" in one for one in values(propose(gather(TWO + often + noise(99)))))


def test_a_suppressed_artifact_links_nothing() -> None:
    shared = [download(9, "192.0.2.3", "http://a.example/x", "cc" * 16)]
    graph = gather(TWO + shared + noise(100))
    assert len(propose(graph)) == 1
    assert len(propose(graph, blocked={Node(HASH, "cc" * 16)})) == 2


def test_what_was_separated_stays_apart_whatever_else_links_it() -> None:
    shared = [
        download(9, "192.0.2.3", "http://a.example/x", "cc" * 16),
        download(10, "192.0.2.4", "http://b.example/x", "aa" * 16),
    ]
    graph = gather(TWO + shared + noise(100))
    assert len(propose(graph)) == 1
    a, b = Node(URL, "http://a.example/x"), Node(URL, "http://b.example/x")
    found = propose(graph, apart=[(a, b)])
    assert len(found) == 2
    assert all(not {a, b} <= one.nodes for one in found)


def test_merges_are_a_tree_over_the_members() -> None:
    for one in propose(gather(scenario(2, background=1000).observations)):
        assert len(one.merges) == len(one.members) - 1
        partition = Partition()
        partition.join_all(merge.link for merge in one.merges)
        assert [set(part) for part in partition.parts().values()] == [one.nodes]


def test_the_same_report_twice_is_no_second_sighting() -> None:
    once = resolution(70, "shop.example", "192.0.2.1")
    again = msgspec.structs.replace(once, id="copy")
    found = values(propose(gather([*TWO, once, again, *noise(99)])))
    assert all("shop.example" not in one for one in found)


@pytest.mark.parametrize(
    ("value", "own"),
    [
        ("10.1.2.3", True),
        ("100.64.0.1", True),
        ("127.0.0.1", True),
        ("fe80::1", True),
        ("fd00::1", True),
        ("198.18.0.1", False),
        ("203.0.113.1", False),
        ("8.8.8.8", False),
    ],
)
def test_addresses_of_own_networks(value: str, own: bool) -> None:
    assert internal(Node(IP, value)) is own
    assert blocked([Node(IP, value)]) == ({Node(IP, value)} if own else set())


def test_the_evaluation_says_how_the_peers_do() -> None:
    result = evaluate([], {"seeds": 1})
    assert result.measures["must_not_linked"] == 0
    ours, match, _ = result.tables[0].rows
    assert ours[2] > 0.98 > match[2]


def test_the_evaluation_reads_labelled_files(tmp_path: Path) -> None:
    plain = tmp_path / "observations.jsonl"
    plain.write_bytes(lzma.decompress((SCENARIO / "observations.jsonl.xz").read_bytes()))
    result = evaluate([plain, SCENARIO / "truth.json"], {})
    assert result.measures["worst_recall"] >= 0.98
    assert result.measures["worst_purity"] >= 0.98
