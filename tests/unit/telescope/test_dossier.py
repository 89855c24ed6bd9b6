"""The list of sources and the dossier of one, over a lake of labelled radiation."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.analysis.deriving import derive
from kaname.lake import Lake
from kaname.lake.networks import Networks
from kaname.model.address import from_text
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest
from kaname.telescope.catalogue import SourceQuery, listed
from kaname.telescope.dossier import Asked, dossier
from kaname.telescope.rejudging import reasons

BOT = "148.182.101.181"  # 303 packets with the destination swapped in the sequence number
NAT = "114.76.86.80"  # 49 datagrams to 1900/udp, 39 SYNs of a Linux host
DAY = 1_767_225_600_000_000


@pytest.fixture(scope="module")
def lake(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    made = Lake.open(tmp_path_factory.mktemp("sources"))
    for sensor, tlp in (("darknet", Tlp.AMBER),):
        ingest(made, data / "ibr_shared.pcap.gz", sensor=sensor, tlp=tlp, options={})
    (report,) = derive(made, outputs=("source_days",))
    assert not report.failed
    return made


def test_the_list_has_the_sources_that_the_truth_has(
    lake: Lake, radiation_truth: dict[str, set[str]]
) -> None:
    for label in ("bot_unnamed", "masscan", "survey", "tcp_reflection"):
        page = listed(lake, SourceQuery(label=label, limit=1000), Tlp.RED)
        expected = {source for source, names in radiation_truth.items() if label in names}
        assert {row.source for row in page.items} == expected
        assert page.total == len(expected)


def test_pages_follow_each_other_without_gap_or_repetition(lake: Lake) -> None:
    whole = listed(lake, SourceQuery(label="survey", limit=1000), Tlp.RED)
    parts = []
    offset: int | None = 0
    while offset is not None:
        page = listed(lake, SourceQuery(label="survey", limit=5, offset=offset), Tlp.RED)
        parts += [row.source for row in page.items]
        offset = page.next
    assert parts == [row.source for row in whole.items]
    assert [row.packets for row in whole.items] == sorted(
        (row.packets for row in whole.items), reverse=True
    )


def test_filters_and_clearance(lake: Lake) -> None:
    near = listed(lake, SourceQuery(network="167.94.138.0/24"), Tlp.RED)
    assert near.total == 11  # hosts of the data set's largest survey that sent anything
    assert listed(lake, SourceQuery(network=BOT), Tlp.RED).total == 1
    assert listed(lake, SourceQuery(sensor="other"), Tlp.RED).total == 0
    assert listed(lake, SourceQuery(since=DAY + 86_400_000_000), Tlp.RED).total == 0
    assert listed(lake, SourceQuery(), Tlp.GREEN).total == 0  # rows are marked amber
    unsure = listed(lake, SourceQuery(unsure=True, limit=5), Tlp.RED)
    assert all(any(one.label == "unsure" for one in row.labels) for row in unsure.items)
    with pytest.raises(UsageError):
        listed(lake, SourceQuery(network="192.0.2.0/99"), Tlp.RED)
    with pytest.raises(UsageError):
        listed(lake, SourceQuery(order="'; DROP"), Tlp.RED)


def test_a_quote_in_a_filter_is_only_a_quote(lake: Lake) -> None:
    assert listed(lake, SourceQuery(label="x' OR true --", sensor="'"), Tlp.RED).total == 0


def test_a_dossier_tells_what_a_bot_did(lake: Lake, tmp_path: Path) -> None:
    found = dossier(lake, Networks.open(tmp_path), Asked(address=BOT), Tlp.RED)
    assert found is not None
    assert (found.packets, len(found.doings), found.services[0].service) == (303, 1, "34567/tcp")
    assert found.doings[0].label == "bot_unnamed"
    assert found.doings[0].share == 1.0
    assert found.relations[0].name == "seq_is_dst_swapped"
    assert found.relations[0].packets == 303
    assert sum(sum(series) for series in found.course.series.values()) == 303
    assert sum(span.packets for span in found.sessions) == 303
    assert len(found.course.series["tcp_syn"]) <= 240
    # no address of the telescope is told
    assert "198.18." not in str(found)


def test_an_address_with_two_hosts_shows_both_with_their_shares(lake: Lake, tmp_path: Path) -> None:
    found = dossier(lake, Networks.open(tmp_path), Asked(address=NAT), Tlp.RED)
    assert found is not None
    shares = {doing.label: (doing.packets, doing.share) for doing in found.doings}
    assert shares == {"udp_scan": (49, round(49 / 88, 4)), "host_scan": (39, round(39 / 88, 4))}


def test_reasons_are_those_of_the_labels(lake: Lake) -> None:
    told = reasons(lake, Tlp.RED, from_text(BOT), DAY, {})
    (lines,) = told.values()
    assert set(told) == {("bot_unnamed", "bare")}
    key, values = lines[0]
    assert key == "telescope.reason.invariant"
    assert (values["k"], values["n"], values["relation"]) == (303, 303, "seq_is_dst_swapped")
    assert reasons(lake, Tlp.GREEN, from_text(BOT), DAY, {}) == {}


def test_unknown_sources_and_what_one_may_not_see(lake: Lake, tmp_path: Path) -> None:
    networks = Networks.open(tmp_path)
    assert dossier(lake, networks, Asked(address="192.0.2.99"), Tlp.RED) is None
    assert dossier(lake, networks, Asked(address="2001:db8::1"), Tlp.RED) is None
    assert dossier(lake, networks, Asked(address=BOT), Tlp.GREEN) is None
    empty = Asked(address=BOT, since=0, until=1_000_000)
    assert dossier(lake, networks, empty, Tlp.RED) is None
    with pytest.raises(UsageError):
        dossier(lake, networks, Asked(address="nonsense"), Tlp.RED)
