"""What registered hosts did, against captures whose truth others wrote down, and by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.telescope.made import DAY, MINUTE, START, expression, low, row, table

from kaname.analysis.frame import Context, Draft, Window, settle
from kaname.knowledge.organisation_records import AlertKind, Organisation
from kaname.model.errors import SettingError
from kaname.telescope.analyses.organisations import OrganisationHosts
from kaname.telescope.organisations.definition import define
from kaname.telescope.organisations.registry import Registry
from kaname.telescope.organisations.snapshot import _encoder

ALPHA = define({"id": "alpha", "live": "192.0.2.0/24", "dark": "198.18.0.0/24"})
BETA = define({"id": "beta", "live": "198.51.100.0/24"})


def said(
    rows: pa.Table | list[dict[str, Any]],
    organisations: list[Organisation],
    folder: Path,
    **params: Any,
) -> list[Draft]:
    """The drafts about ``rows`` with these organisations registered."""
    path = folder / "organisations.json"
    path.write_bytes(_encoder.encode(organisations))
    each = OrganisationHosts()
    given = settle(each.name, each.parameters, {"organisations": str(path), **params})
    window = Window(START, START + DAY)
    found = each.run(Context({"flowtuples": expression(rows)}, window, "all", given))
    return sorted(found, key=lambda draft: (draft.subject, draft.label))


def kinds(*args: Any, **params: Any) -> dict[str, set[str]]:
    """Host to kinds."""
    found: dict[str, set[str]] = {}
    for draft in said(*args, **params):
        found.setdefault(str(draft.subject[1]), set()).add(draft.label)
    return found


def test_the_organisations_of_the_labelled_capture(radiation: pa.Table, tmp_path: Path) -> None:
    """Their addresses are TEST-NETs: who is registered is no bogon."""
    alpha = define({"id": "alpha", "live": "192.0.2.0/24"})
    assert kinds(radiation, [alpha, BETA], tmp_path) == {
        "192.0.2.17": {"external"},
        "192.0.2.40": {"misconfig"},
        "198.51.100.80": {"victim"},
    }
    infected, *_ = said(radiation, [alpha, BETA], tmp_path)
    assert infected.values["label"] == "mirai"
    assert infected.values["packets"] == 248  # of 492 of the organisation, in its truth
    keys = {key.rpartition(".")[2] for key, _ in infected.reasons}
    assert {"live", "other_dark", "label"} <= keys


def test_own_unused_addresses_are_told_from_others(tmp_path: Path) -> None:
    inside = [row("192.0.2.7", f"198.18.0.{n}", fp_all=1) for n in (1, 2, 3)]
    outside = [row("192.0.2.7", f"198.18.1.{n}", fp_all=1, packets=2) for n in (1, 2)]
    found = said([*inside, *outside], [ALPHA], tmp_path)
    assert [(draft.label, draft.values["packets"]) for draft in found] == [
        ("external", 4),
        ("internal", 3),
    ]


def test_what_goes_to_addresses_in_use_is_ordinary_traffic(tmp_path: Path) -> None:
    rows = [row("192.0.2.7", f"198.51.100.{n}") for n in range(1, 9)]
    assert said(rows, [ALPHA, BETA], tmp_path) == []
    assert kinds(rows, [ALPHA], tmp_path) == {"192.0.2.7": {"external"}}


def test_an_answer_to_somebody_who_asked_is_no_attack(tmp_path: Path) -> None:
    asked = [row("198.18.0.9", "192.0.2.7", port=443)]
    answered = [row("192.0.2.7", "198.18.0.9", port=443, ptype="tcp_synack")]
    assert said([*asked, *answered], [ALPHA], tmp_path) == []


def test_the_victim_that_an_error_names_is_told_and_the_router_is_not(tmp_path: Path) -> None:
    error = {"ptype": "icmp_unreachable", "proto": 1, "port": 771}
    rows = [
        row("203.0.113.1", f"198.18.2.{n}", vic_hi=0, vic_lo=low("198.51.100.80"), **error)
        for n in range(1, 5)
    ]
    routed = [row("192.0.2.1", "198.18.2.9", vic_hi=0, vic_lo=low("203.0.113.9"), **error)]
    assert kinds([*rows, *routed], [ALPHA, BETA], tmp_path) == {"198.51.100.80": {"victim"}}


def test_one_of_many_that_answer_one_address_is_a_reflector(tmp_path: Path) -> None:
    many = [row(f"203.0.113.{n}", "198.18.3.9", port=443, ptype="tcp_synack") for n in range(60)]
    own = [row("192.0.2.9", "198.18.3.9", port=443, ptype="tcp_synack", packets=3)]
    assert kinds([*many, *own], [ALPHA], tmp_path, addresses=4096) == {"192.0.2.9": {"reflector"}}
    # alone, with answers that go everywhere, it is a victim
    spread = [row("192.0.2.9", f"198.18.4.{n}", port=443, ptype="tcp_synack") for n in range(9)]
    assert kinds(spread, [ALPHA], tmp_path, addresses=4096) == {"192.0.2.9": {"victim"}}


def test_one_service_of_one_address_for_long_is_a_wrong_setting(tmp_path: Path) -> None:
    rows = [
        row("192.0.2.40", "198.18.5.5", port=514, proto=17, ptype="udp", ts=START + n * MINUTE * 7)
        for n in range(4)
    ]
    assert kinds(rows, [ALPHA], tmp_path, addresses=4096) == {"192.0.2.40": {"misconfig"}}
    # two packets of one minute may be the begin of anything
    assert kinds(rows[:1], [ALPHA], tmp_path, addresses=4096) == {"192.0.2.40": {"external"}}


def test_a_forged_source_of_a_flood_is_not_called_infected(tmp_path: Path) -> None:
    flood = [row(f"{n}.7.7.7", "198.18.6.6", port=80) for n in range(1, 200)]
    others = [row(f"9.{n}.8.8", f"198.18.7.{n}", port=80) for n in range(1, 40)]
    own = [row("192.0.2.77", "198.18.6.6", port=80)]
    found = kinds([*flood, *others, *own], [ALPHA], tmp_path, addresses=4096)
    assert found == {"192.0.2.77": {"spoofed"}}


def test_ttls_of_many_hosts_are_not_those_of_one(tmp_path: Path) -> None:
    rows = [
        row("192.0.2.5", f"198.18.8.{n}", ttl_mode=20 + 11 * n, ts=START + n * MINUTE)
        for n in range(10)
    ]
    assert kinds(rows, [ALPHA], tmp_path) == {"192.0.2.5": {"spoofed"}}
    # nmap makes its TTLs up, and is known by its probes
    probes = [each | {"fp_all": 32, "fp_any": 32} for each in rows]
    assert kinds(probes, [ALPHA], tmp_path) == {"192.0.2.5": {"external"}}


def test_further_destinations_of_a_block_are_counted(tmp_path: Path) -> None:
    rows = [row("192.0.2.5", "198.18.9.1", dst_more=[2, 3, 255 - 256], uniq_dst=4)]
    (draft,) = said(rows, [ALPHA], tmp_path)
    assert draft.values["destinations"] == 4


def test_ipv6_hosts_are_found(tmp_path: Path) -> None:
    host, target = 0x20010DB800000000, 0x20010DB9 << 32
    rows = [row("192.0.2.1", "192.0.2.1", src_hi=host, src_lo=5, dst_hi=target, dst_lo=n)
            for n in (1, 2)]  # fmt: skip
    rows.append(rows[0] | {"src_hi": host + (1 << 48)})  # a neighbour with the same low word
    six = define({"id": "six", "live": "2001:db8::/48"})
    assert kinds(rows, [six], tmp_path) == {"2001:db8::5": {"external"}}


def test_periods_of_validity_are_kept(tmp_path: Path) -> None:
    at = START + 12 * 60 * MINUTE
    rows = [row("192.0.2.7", "198.18.1.1", ts=START), row("192.0.2.7", "198.18.1.2", ts=at)]
    before = define({"id": "before", "live": "192.0.2.0/24", "valid_until": at})
    after = define({"id": "after", "live": "192.0.2.0/24", "valid_from": at})
    found = said(rows, [before, after], tmp_path)
    assert [(draft.subject[0], draft.values["packets"]) for draft in found] == [
        ("after", 1),
        ("before", 1),
    ]


def test_suppressions_silence_what_they_name(tmp_path: Path) -> None:
    rows = [row("192.0.2.7", "198.18.1.1", port=53), row("192.0.2.8", "198.18.1.1", port=80)]

    def with_rule(**rule: Any) -> dict[str, set[str]]:
        one = define({"id": "alpha", "live": "192.0.2.0/24", "suppressions": [rule]})
        return kinds(rows, [one], tmp_path)

    assert set(with_rule(port=53)) == {"192.0.2.8"}
    assert set(with_rule(prefix="192.0.2.8/32")) == {"192.0.2.7"}
    assert with_rule(kind="external") == {}
    assert set(with_rule(kind="external", until=START)) == {"192.0.2.7", "192.0.2.8"}


def test_without_a_registry_nothing_is_said(radiation: pa.Table) -> None:
    each = OrganisationHosts()
    given = settle(each.name, each.parameters, {})
    context = Context({"flowtuples": expression(radiation)}, Window(START, START + DAY), "", given)
    assert list(each.run(context)) == []


def test_a_broken_snapshot_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "organisations.json"
    path.write_text("{")
    each = OrganisationHosts()
    given = settle(each.name, each.parameters, {"organisations": str(path)})
    rows = expression(table([row("192.0.2.7", "198.18.1.1")]))
    with pytest.raises(SettingError, match=r"organisations\.json"):
        list(each.run(Context({"flowtuples": rows}, Window(START, START + DAY), "", given)))


def test_every_kind_is_said_in_both_languages() -> None:
    from kaname.model.messages import text

    values = dict.fromkeys(
        ("organisation", "host", "packets", "destinations", "services", "label"), "x"
    )
    for kind in AlertKind:
        for language in ("en", "ja"):
            for part in ("title", "text"):
                assert "x" in text(
                    f"telescope.organisation.{kind.value}.{part}", language, **values
                )


def test_most_specific_prefix_wins() -> None:
    import numpy as np

    inner = define({"id": "inner", "live": "192.0.2.64/26"})
    outer = define({"id": "outer", "live": "192.0.2.0/24", "dark": "192.0.2.128/25"})
    period = Registry([inner, outer]).at(START)
    lows = np.array([low(f"192.0.2.{n}") for n in (1, 64, 127, 128, 255)])
    found = period.find(np.zeros(5, np.int64), lows)
    assert found.place.tolist() == [1, 0, 0, 1, 1]
    assert found.dark.tolist() == [False, False, False, True, True]
