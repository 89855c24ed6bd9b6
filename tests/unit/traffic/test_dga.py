"""Clients that ask for generated names, in recordings with labels and in made days."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from kaname.analysis.evidence import rerun
from kaname.model.records import Finding, Role
from kaname.readers.domains import registered
from kaname.traffic.analyses.dga import Dga
from kaname.traffic.dga.evaluation import evaluate
from kaname.traffic.dga.noise import misspelt
from kaname.traffic.dga.shapes import SHAPES, families
from kaname.traffic.names.listing import listing
from kaname.traffic.names.seeded import seeded
from kaname.traffic.names.suffixes import Suffixes
from kaname.traffic.names.trial import findings, recorded, trial

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake"
START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
LETTERS = next(f for f in families(1, 501) if f.shape == "letters").names(30, 1)


def _row(client: str, name: str, rcode: int = 3, **more: Any) -> dict[str, Any]:
    row = {"ts": START, "src": client, "dst": "10.0.0.53", "qname": name, "qtype": 1,
           "regdom": registered(name), "rcode": rcode, "state": "both"}  # fmt: skip
    return row | more


def _accused(rows: Iterable[dict[str, Any]], **params: Any) -> list[Finding]:
    with trial({"dns": rows}) as lake:
        return findings(lake, Dga(), params)


def _clients(found: Iterable[Finding]) -> set[str]:
    return {a.value for f in found for a in f.artifacts if a.role is Role.VICTIM}


@pytest.fixture(scope="module")
def data() -> Path:
    if not DATA.is_dir():
        pytest.skip("needs ../shared/data/lake")
    return DATA


@pytest.mark.parametrize("recording", ["dns.pcap.gz", "unbound.log.gz"])
def test_the_infected_clients_of_a_recording_are_found_and_no_other(
    data: Path, recording: str
) -> None:
    truth = json.loads((data / "dns" / "labels.json").read_text())
    infected = {address for address, label in truth.items() if label.startswith("dga:")}
    with recorded([data / "dns" / recording]) as lake:
        found = findings(lake, Dga(), {})
        assert _clients(found) == infected
        assert all(rerun(lake, finding).status == "holds" for finding in found)


def test_families_that_were_never_learnt_are_found(data: Path) -> None:
    lists = [data / "dga" / "dga_shared_families.csv.gz", data / "dga" / "benign_top.txt.gz"]
    found = evaluate(lists, {"healthy": 300, "each": 1})
    assert found.measures["families"] == 23
    assert float(found.measures["recall"]) >= 0.95
    assert float(found.measures["recall_word_lists"]) >= 0.8
    assert float(found.measures["false_clients_per_1000_days"]) == 0


def test_what_lists_suffixes_and_servers_explain_is_no_failure() -> None:
    ordinary = [
        *(f"{n}.2.0.192.zen.spamhaus.org" for n in range(30)),
        *(f"{n:016x}.00.s.sophosxl.net" for n in range(30)),
        *(f"{name.split('.')[0]}.local" for name in LETTERS),
        *(name.split(".")[0] for name in LETTERS),  # a browser's probes
        *(f"{name.split('.')[0]}.corp.example.co.jp" for name in LETTERS),
    ]
    mail_server = [_row("10.0.0.25", name, qtype=15) for name in LETTERS]
    forwarded = [_row("10.0.0.53", name) for name in LETTERS]  # asks for those that ask it
    people = [_row("10.0.0.1", name) for name in ordinary]
    assert _accused([*people, *mail_server, *forwarded]) == []


def test_a_domain_that_has_names_is_no_candidate() -> None:
    failing = [_row("10.0.0.1", f"gone.{name}") for name in LETTERS]
    existing = [_row("10.0.0.2", f"www.{name}", rcode=0) for name in LETTERS]
    assert _clients(_accused(failing)) == {"10.0.0.1"}
    assert _accused([*failing, *existing]) == []


def test_names_below_a_dynamic_provider_count_one_by_one() -> None:
    rows = [_row("10.0.0.1", f"{name.split('.')[0]}.mooo.com") for name in LETTERS]
    (found,) = _accused(rows)
    assert found.values["n"] == len(LETTERS)


def test_a_site_names_what_it_knows() -> None:
    rows = [_row("10.0.0.1", name) for name in LETTERS]
    suffixes = " ".join(sorted({name.split(".", 1)[1] for name in LETTERS}))
    assert _accused(rows, ignore=suffixes) == []


def test_the_finding_says_why() -> None:
    typos = [misspelt(name, seeded("typo")) for name in listing("benign_names")[:3]]
    (found,) = _accused([_row("10.0.0.1", name) for name in [*LETTERS, *typos]])
    assert found.techniques == ("T1568.002",)
    keys = [key for key, _ in found.reasons]
    assert {"traffic.reason.dga_looks", "traffic.reason.dga_names"} <= set(keys)
    for language in ("en", "ja"):
        assert "10.0.0.1" in found.title(language)
        assert len(found.because(language)) == len(keys)
    held = {a.value for a in found.artifacts if a.role is Role.ATTACKER}
    assert held <= set(LETTERS)  # a typo among them is not held against its owner


def test_every_shape_gives_distinct_families() -> None:
    made = list(families(2, 9))
    assert {family.shape for family in made} == set(SHAPES)
    assert len({tuple(family.names(20, 1)) for family in made}) == len(made)
    assert made[0].names(20, 1) == made[0].names(20, 1)


def test_a_suffix_covers_what_is_below_it_and_nothing_beside() -> None:
    suffixes = Suffixes(["example.org", "lan"])
    assert suffixes.cover("a.b.example.org")
    assert suffixes.cover("lan")
    assert not suffixes.cover("badexample.org")
