from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.intelligence.enrichers.domains import DomainEnricher
from kaname.intelligence.enrichers.enrichment import Enrichment
from kaname.intelligence.enrichers.offline import offline
from kaname.intelligence.enrichers.origins import delegated, prefixes, read
from kaname.intelligence.enrichers.ranges import Range, Ranges, number
from kaname.intelligence.fusion.links import Node
from kaname.intelligence.records import Mention, Observation
from kaname.knowledge import Knowledge
from kaname.knowledge.entities import Entities, Entity
from kaname.lake import Lake
from kaname.lake.network_build import gather, write
from kaname.model.errors import UsageError
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind
from kaname.readers.ingest import ingest

MRT = Path("tests/golden/mrt/table/in/table.mrt")
IP, DOMAIN = ArtifactKind.IP, ArtifactKind.DOMAIN


class Counting:
    """An enricher that counts how often it is asked."""

    source = "enricher.test"
    predicate = "test"
    kinds = frozenset({IP})
    ttl = DAY

    def __init__(self, budget: int | None = None) -> None:
        self.budget = budget
        self.asked: list[str] = []

    def enrich(self, _kind: ArtifactKind, value: str, /) -> Any:
        self.asked.append(value)
        return {"seen": value}


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as store:
        yield store


def scan(*values: str, tlp: Tlp = Tlp.GREEN) -> Observation:
    return Observation(
        id="o" + "".join(values) + tlp.value,
        source="darknet",
        kind="scan",
        at=5,
        received=5,
        tlp=tlp,
        mentions=tuple(Mention(IP, value, "src") for value in values),
        behaviours=("scan",),
    )


networks = st.builds(
    lambda value, length: ipaddress.ip_network((value, length), strict=False),
    st.integers(0, 2**32 - 1).map(lambda n: n & 0x0F0F0F0F),
    st.integers(0, 32),
)


@given(st.lists(networks, max_size=25), st.integers(0, 2**32 - 1).map(lambda n: n & 0x0F0F0F0F))
def test_the_most_specific_network_counts(found: list[ipaddress.IPv4Network], address: int) -> None:
    spelt = str(ipaddress.IPv4Address(address))
    ranges = Ranges(Range(number(str(n[0])), number(str(n[-1])), str(n)) for n in found)
    holding = [n for n in found if ipaddress.IPv4Address(address) in n]
    best = max(holding, key=lambda n: n.prefixlen, default=None)
    assert ranges.find(spelt) == (None if best is None else str(best))


def test_a_table_of_prefixes_gives_origins() -> None:
    lines = [
        "# made",
        "192.0.2.0/24,64500,Example Net,jp",
        "192.0.2.128/25,AS64501",
        "x,1",
        "2001:db8::/32,64502",
    ]
    ranges = Ranges(prefixes(lines))
    near = ranges.find("192.0.2.1")
    assert near is not None
    assert (near.asn, near.name, near.country) == ("AS64500", "Example Net", "JP")
    assert ranges.find("192.0.2.200").asn == "AS64501"  # type: ignore[union-attr]
    assert ranges.find("2001:db8::1").asn == "AS64502"  # type: ignore[union-attr]
    assert ranges.find("198.51.100.1") is None
    assert ranges.find("nonsense") is None


def test_the_statistics_of_registries_give_countries() -> None:
    # The form of https://www.apnic.net/about-apnic/corporate-documents/documents/
    # resource-guidelines/rir-statistics-exchange-format/ with addresses for documentation.
    lines = [
        "2|apnic|20250601|4|19830613|20250530|+1000",
        "apnic|*|ipv4|*|2|summary",
        "apnic|JP|ipv4|192.0.2.0|192|20110414|allocated",
        "apnic|AU|ipv6|2001:db8::|32|20110414|assigned",
        "apnic||ipv4|198.51.100.0|256||available",
        "apnic|JP|asn|64500|1|20110414|allocated",
    ]
    ranges = Ranges(delegated(lines))
    assert ranges.find("192.0.2.191").country == "JP"  # type: ignore[union-attr]
    assert ranges.find("192.0.2.192") is None  # a block need not be a prefix
    assert ranges.find("2001:db8:ffff::1").country == "AU"  # type: ignore[union-attr]
    assert ranges.find("198.51.100.1") is None


def test_tables_in_the_data_folder_are_used_and_broken_ones_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "networks"
    folder.mkdir()
    (folder / "origins.csv").write_text("192.0.2.0/24,64500\n")
    (folder / "broken.csv").write_text("nothing\n")
    assert [one.source for one in offline(tmp_path)] == ["enricher.suffixes", "enricher.origins"]
    with pytest.raises(UsageError):
        read(folder / "broken.csv")


def test_without_tables_of_ones_own_the_compiled_ones_are_asked(tmp_path: Path) -> None:
    rows = "192.0.2.0,192.0.2.255,64500,Example\n"
    (tmp_path / "origins.csv").write_text(rows, encoding="utf-8")
    write(tmp_path / "networks" / "networks.bin", gather([tmp_path / "origins.csv"]).encode())
    (_, networks) = offline(tmp_path)
    found = networks.enrich(IP, "192.0.2.7")
    assert found == {"prefix": "192.0.2.0/24", "asn": "AS64500", "name": "Example"}
    assert networks.enrich(IP, "198.51.100.1") is None
    assert networks.enrich(IP, "no address") is None
    (tmp_path / "networks" / "networks.bin").write_bytes(b"damaged")
    assert [one.source for one in offline(tmp_path)] == ["enricher.suffixes"]


def test_the_routes_of_the_lake_are_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kaname.lake.networks.BUILT_IN", tmp_path / "none")
    with Lake.open(tmp_path / "data") as lake:
        assert [one.source for one in offline(tmp_path, lake)] == ["enricher.suffixes"]
        ingest(lake, MRT, sensor="rv", tlp=Tlp.CLEAR)
        (_, routes) = offline(tmp_path, lake)
        (prefix,) = lake.query("SELECT ip(prefix_hi, prefix_lo) FROM routes").rows()
    # One route of AS64501, as the golden rows of the file say.
    assert routes.enrich(IP, prefix[0])["asn"] == "AS64501"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (DOMAIN, "a.b.example.co.jp", "example.co.jp"),
        (DOMAIN, "example.com", None),  # it is registered itself
        (ArtifactKind.URL, "http://x.example.com/y", "example.com"),
        (ArtifactKind.URL, "http://192.0.2.1/y", None),
        (ArtifactKind.MAIL, "a@mail.example.org", "example.org"),
    ],
)
def test_registered_domains(kind: ArtifactKind, value: str, expected: str | None) -> None:
    assert DomainEnricher().enrich(kind, value) == expected


def test_an_artifact_is_asked_for_once_while_the_answer_stands(knowledge: Knowledge) -> None:
    enricher, now = Counting(), 10 * DAY
    work = Enrichment(knowledge, [enricher], clock=lambda: now)
    assert work.see([scan("192.0.2.1"), scan("192.0.2.1", "192.0.2.2")]) == 2
    assert work.see([scan("192.0.2.1")]) == 0
    again = Enrichment(knowledge, [enricher], clock=lambda: now)  # after a restart
    assert again.see([scan("192.0.2.1")]) == 0
    assert enricher.asked == ["192.0.2.1", "192.0.2.2"]
    now += DAY
    assert again.see([scan("192.0.2.1")]) == 1


def test_a_source_is_not_asked_beyond_its_budget_of_a_day(knowledge: Knowledge) -> None:
    enricher, now = Counting(budget=2), 10 * DAY
    work = Enrichment(knowledge, [enricher], clock=lambda: now)
    work.see([scan("192.0.2.1", "192.0.2.2", "192.0.2.3")])
    assert len(enricher.asked) == 2
    now += DAY
    work.see([scan("192.0.2.3")])
    assert enricher.asked[-1] == "192.0.2.3"


def test_what_is_said_of_a_secret_artifact_is_as_secret(knowledge: Knowledge) -> None:
    work = Enrichment(knowledge, [Counting()])
    work.see([scan("192.0.2.1", tlp=Tlp.AMBER)])
    node = Node(IP, "192.0.2.1")
    assert work.about(node, clearance=Tlp.GREEN) == []
    work.see([scan("192.0.2.1", tlp=Tlp.GREEN)])
    assert len(work.about(node, clearance=Tlp.GREEN)) == 1


def test_behaviour_is_told_as_a_technique_of_the_loaded_catalogue(knowledge: Knowledge) -> None:
    work = Enrichment(knowledge, [])
    assert work.see([scan("192.0.2.1")]) == 0  # no catalogue yet
    known = Entity(
        id="T1595", type="technique", name="Active Scanning", authority="mitre", changed=1
    )
    knowledge.part(Entities).put([known])
    assert work.see([scan("192.0.2.1")]) == 1
    (said,) = work.about(Node(IP, "192.0.2.1"))
    assert (said.predicate, said.value) == ("technique", "T1595")
    assert work.see([scan("192.0.2.1", "192.0.2.1")]) == 0
