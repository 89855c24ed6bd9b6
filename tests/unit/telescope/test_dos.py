"""Victims of floods: rates by published tables, attacks by hand, and the labelled capture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from tests.unit.telescope.made import START, low, picture, row

from kaname.lake import Lake
from kaname.lake.tables.rsdos import TABLE
from kaname.model.marking import Tlp
from kaname.model.records import Role, Severity
from kaname.readers.ingest import ingest
from kaname.telescope.dos.evaluation import evaluate
from kaname.telescope.dos.judgement import Judged, judge
from kaname.telescope.dos.listing import Range, of_captures, of_lake
from kaname.telescope.dos.rates import estimate, lower_count, upper_count
from kaname.telescope.dos.statements import Statements, spelt

SECOND = 1_000_000
FIRST = START // SECOND
VICTIM = "192.0.2.80"


def _at(second: int) -> dict[str, int]:
    return {"ts": START + second // 60 * 60 * SECOND, "first_s": second % 60}


def _answer(
    dst: str, second: int = 0, *, src: str | int = VICTIM, **columns: Any
) -> dict[str, Any]:
    return row(src, dst, **{"ptype": "tcp_synack", "port": 443, **_at(second), **columns})


def _reports(*rows: dict[str, Any]) -> ir.Table:
    plain = {"sensor": "darknet", "kind": "pcap", "tlp": "amber", "batch": 1, "src_hi": 0}
    whole = pa.Table.from_pylist([{**plain, **each} for each in rows], TABLE.arrow_schema())
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'").fetchall()
    engine.register("whole", whole)
    engine.execute("CREATE TABLE rsdos AS SELECT * FROM whole").fetchall()
    return ibis.duckdb.from_connection(engine).table("rsdos")


def _report(minute: int, **columns: Any) -> dict[str, Any]:
    fields = {
        "ts": START + minute * 60 * SECOND, "row_in_src": 24, "src_lo": low(VICTIM), "proto": 6,
        "packets": 40, "octets": 1760, "max_ppm": 35, "duration_us": 90 * SECOND,
        "first": START, "last": START + 90 * SECOND, "uniq_dst": 30, "uniq_attack_port": 39,
        "uniq_target_port": 1, "mismatches": 0, "attack_port": 4000, "target_port": 443,
    }  # fmt: skip
    return {**fields, **columns}


def _judge(
    rows: list[dict[str, Any]],
    *reports: dict[str, Any],
    addresses: int = 4096,
    least: int = 1,
    rate: int = 0,
) -> Judged:
    return judge(picture(rows, addresses=addresses), _reports(*reports), least=least, rate=rate)


# Exact one-sided 90 % limits of a Poisson mean: half of the quantiles of chi-square.
@pytest.mark.parametrize(
    ("seen", "low_limit", "high_limit"),
    [
        (0, 0.0, 2.30259),
        (1, 0.10536, 3.88972),
        (2, 0.53181, 5.32232),
        (5, 2.43259, 9.27467),
        (10, 6.22130, 15.40664),
    ],
)
def test_bounds_are_those_of_the_tables(seen: int, low_limit: float, high_limit: float) -> None:
    assert lower_count(seen) == pytest.approx(low_limit, rel=1e-4)
    assert upper_count(seen) == pytest.approx(high_limit, rel=1e-4)


def test_bounds_of_large_counts() -> None:
    assert lower_count(50) == pytest.approx(82.3581 / 2, rel=1e-3)  # chi-square, 100 degrees
    assert lower_count(10**9) == pytest.approx(10**9, rel=1e-3)


def test_a_rate_is_scaled_to_the_internet() -> None:
    """600 packets in 300 s at 2^16 addresses: 2 a second of 2^16 such telescopes."""
    rate = estimate(600, 300, 1 << 16)
    assert rate.pps == pytest.approx(2 * (1 << 16))
    assert rate.low < rate.pps < rate.high
    assert estimate(6, 1, 1 << 16).pps == pytest.approx(0.1 * (1 << 16))  # a minute at least


def test_answers_of_all_protocols_are_one_attack() -> None:
    (attack,) = _judge(
        [
            _answer("198.18.0.1", 0),
            _answer("198.18.1.9", 70, ptype="tcp_rst", port=80, packets=3),
            _answer("198.18.2.3", 100, ptype="udp_answer", port=53, proto=17),
            _answer("198.18.3.3", 130, ptype="icmp_echo_reply", port=0, proto=1),
        ]
    ).attacks
    assert attack.event is not None
    assert attack.event.protocols == {6: 4, 17: 1, 1: 1}
    assert (attack.first - FIRST, attack.last - FIRST, attack.packets) == (0, 130, 6)
    assert attack.label == "dos_extended"


def test_errors_speak_for_the_victim_that_they_quote() -> None:
    quoted = {"vic_hi": 0, "vic_lo": low(VICTIM), "vic_proto": 17, "vic_port": 27015}
    error = {"ptype": "icmp_unreachable", "port": 769, "proto": 1, **quoted}
    found = _judge(
        [
            _answer("198.18.0.1", src="203.0.113.1", **error),
            _answer("198.18.0.2", src="203.0.113.2", **error),
            # quotes a packet that was not sent from here
            _answer("198.18.0.3", src="203.0.113.3", **(error | {"fp_any": 8192})),
            # quotes nothing
            _answer("198.18.0.4", src="203.0.113.4", ptype="icmp_unreachable", port=769, proto=1),
        ]
    )
    (attack,) = found.attacks
    assert attack.victim == (0, low(VICTIM))
    assert attack.packets == 2
    (draft,) = Statements(picture([], addresses=4096), found).all(5, 10)
    assert draft.values["services"] == "27015/udp"


def test_silence_ends_an_attack_the_sooner_the_larger_the_telescope() -> None:
    rows = [_answer(f"198.18.0.{n}", second) for n, second in enumerate((0, 30, 1200, 1230), 1)]
    # T(N) = 6.908 * 2^32 / (100 N): 989 s for 300,000 addresses, 6 h at most
    assert len(_judge(rows, addresses=300_000).attacks) == 2
    assert len(_judge(rows, addresses=4096).attacks) == 1


def test_thresholds() -> None:
    rows = [_answer(f"198.18.0.{n}", n) for n in range(1, 11)]
    # 10 packets within a minute at 4,096 addresses; the lower limit of 10 is 6.2213
    bound = 6.2213 / 60 * 2**32 / 4096
    assert len(_judge(rows, rate=int(bound) - 1).attacks) == 1
    assert _judge(rows, rate=int(bound) + 2).attacks == []
    assert _judge(rows, least=11).attacks == []
    assert [event.packets for event in _judge(rows, least=11).faint] == [10]


def test_one_address_gets_no_more_than_one_forged_packet_leads_to() -> None:
    assert len(_judge([_answer("198.18.0.1", packets=6)]).attacks) == 1
    found = _judge([_answer("198.18.0.1", packets=7)])
    assert (found.attacks, len(found.faint)) == ([], 1)
    # and what it repeats makes no rate
    (attack,) = _judge([_answer("198.18.0.1", packets=6)]).attacks
    assert attack.event is not None
    assert attack.event.rate.pps == pytest.approx(2**32 / 4096 / 60)


def test_a_reflection_has_no_victims_among_its_servers() -> None:
    reflection = [
        _answer(f"198.18.3.{(n + hop * 7) % 30 + 1}", n % 200, src=(90 << 24) + n)
        for n in range(300)
        for hop in range(2)
    ]  # fmt: skip
    victim = [_answer(f"198.18.{n % 16}.{n * 7 % 250 + 1}", n) for n in range(60)]
    found = _judge(reflection + victim)
    assert [attack.victim for attack in found.attacks] == [(0, low(VICTIM))]
    assert found.faint == []


def test_reports_of_corsaro_join_the_attack_that_they_are_of() -> None:
    rows = [_answer(f"198.18.0.{n}", n) for n in range(1, 41)]
    first = _report(1)
    second = _report(2, packets=80, max_ppm=44, last=START + 150 * SECOND)
    other = _report(1, src_lo=low("192.0.2.99"), row_in_src=99)
    found = _judge(rows, first, second, other)
    known = {attack.victim[1]: attack for attack in found.attacks}
    (vector,) = known[low(VICTIM)].vectors
    assert (vector.intervals, vector.packets, vector.max_ppm) == (2, 80, 44)
    assert vector.reported == FIRST + 120
    assert known[low(VICTIM)].label == "dos_corsaro"
    assert known[low("192.0.2.99")].event is None


def test_what_is_said_of_attacks() -> None:
    rows = [_answer(f"198.18.0.{n}", n) for n in range(1, 41)]
    rows += [_answer(f"198.18.1.{n}", n, src="192.0.2.7", port=22) for n in range(1, 4)]
    rows += [_answer("198.18.1.1", n, src="192.0.2.8", packets=9) for n in range(1, 4)]
    shown = picture(rows, addresses=4096)
    found = judge(shown, _reports(_report(1)), least=1, rate=50)
    strong, rest, faint = Statements(shown, found).all(1, 10)
    assert (strong.label, rest.label, faint.label) == (
        "dos_corsaro", "dos_extended", "dos_faint",
    )  # fmt: skip
    assert strong.values["victim"] == VICTIM
    assert strong.values["destinations"] == 40
    # 40 packets in 39 s (a minute) of 4,096 addresses: 699,051 a second
    assert strong.values["rate"] == pytest.approx(699_050.7, rel=1e-6)
    assert strong.severity is Severity.HIGH
    assert [a.role for a in strong.artifacts] == [Role.VICTIM, Role.TARGET]
    assert all(draft.spoofable for draft in (strong, rest, faint))
    assert (rest.values["n"], rest.values["packets"]) == (1, 3)
    assert [a.value for a in faint.artifacts] == ["192.0.2.8"]


def test_services_are_spelt() -> None:
    assert [spelt(6, 80), spelt(17, 53), spelt(1, 771), spelt(47, None)] == [
        "80/tcp", "53/udp", "icmp", "47",
    ]  # fmt: skip


@pytest.mark.timeout(300)
def test_the_labelled_capture(data: Path) -> None:
    said = evaluate([data / "ibr_shared.source_truth.csv.gz"], {})
    assert said.measures["recall_50_pps"] >= 0.9
    assert said.measures["precision"] >= 0.98
    assert (said.measures["corsaro_reported"], said.measures["corsaro_precision"]) == (10, 1.0)
    (events,) = (table for table in said.tables if table.title == "by event")
    assert {name: recall for name, _, recall, _ in events.rows}["dos"] == 1.0


def test_lists_of_a_lake_and_of_captures_agree(data: Path, tmp_path: Path) -> None:
    capture = data / "ibr_shared.pcap.gz"
    direct = of_captures([capture])
    assert len(direct) == 10
    with Lake.open(tmp_path) as lake:
        ingest(lake, capture, sensor="darknet", tlp=Tlp.AMBER)
        stored = of_lake(lake, Range(), "corsaro")
        assert [(one.victim, one.start, one.packets) for one in stored] == [
            (one.victim, one.start, one.packets) for one in direct
        ]
        both = of_lake(lake, Range(sensor="darknet"), "both")
        assert sum(one.kind == "corsaro" for one in both) == 10
        assert {one.victim for one in direct} < {one.victim for one in both}
        assert of_lake(lake, Range(sensor="other"), "both") == []
        assert of_lake(lake, Range(clearance=Tlp.CLEAR), "corsaro") == []
        assert of_lake(lake, Range(since=0, until=1), "both") == []


def test_an_empty_lake_has_no_attacks(tmp_path: Path) -> None:
    with Lake.open(tmp_path) as lake:
        assert of_lake(lake, Range(), "both") == []
