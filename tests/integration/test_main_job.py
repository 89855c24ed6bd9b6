"""The main job as a person does it: packets in, explained and re-proved findings out.

Runs the installed program in processes of its own on the labelled capture of
``shared/data/telescope``; the labels decide what is right.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared/data/telescope"
CAPTURE = DATA / "ibr_shared.pcap.gz"
PACKETS = 176_060  # stated in the README beside the capture
SPOOFABLE = {"backscatter_tcp", "backscatter_icmp", "backscatter_udp", "tcp_reflection"}


class Program:
    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *arguments, code=0, lang="en"):
        result = subprocess.run(
            [sys.executable, "-m", "kaname", *arguments, "--data", str(self.folder)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"KANAME_LANG": lang},
        )
        assert result.returncode == code, result.stderr
        return result.stdout

    def json(self, *arguments, code=0):
        return json.loads(self(*arguments, "--json", code=code))


@pytest.fixture(scope="module")
def truth():
    with gzip.open(DATA / "ibr_shared.source_truth.csv.gz", "rt", encoding="utf-8") as rows:
        labels = {}
        for row in csv.DictReader(rows):
            labels.setdefault(row["src"], set()).add(row["label"])
    return labels


@pytest.fixture(scope="module")
def kaname(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("main-job"))
    # Packets that were malformed on the wire are no damage to the capture: exit code 0.
    report = program.json("ingest", str(CAPTURE), "--sensor", "dark", "--tlp", "green")
    assert report["sources"][0]["records"] == PACKETS
    program("analyze")
    return program


@pytest.fixture(scope="module")
def findings(kaname):
    found, cursor = [], []
    while True:
        page = kaname.json("findings", "--limit", "1000", *cursor)
        found += page["findings"]
        if page["next"] is None:
            return found
        cursor = ["--cursor", page["next"]]


def test_findings_say_why_in_both_languages(findings):
    assert findings
    for finding in findings:
        assert finding["reasons_en"]
        assert len(finding["reasons_ja"]) == len(finding["reasons_en"])
        assert finding["title_en"] != finding["title_ja"]
        assert finding["evidence"]["rows"] > 0


def test_every_kind_of_finding_proves_itself_again(kaname, findings):
    one_of_each = {finding["label"]: finding["id"] for finding in findings}
    for ident in one_of_each.values():
        proof = kaname.json("explain", ident, "--rerun")["rerun"]
        assert proof["status"] == "holds"
        assert proof["digest_now"] == proof["digest_then"]


def test_the_evidence_is_sql_that_anybody_can_run(kaname, findings):
    evidence = max(findings, key=lambda f: f["confidence"])["evidence"]
    answer = kaname.json("lake", "query", evidence["query"], "--limit", "1000000")
    assert len(answer["rows"]) == evidence["rows"]
    assert answer["columns"] == evidence["columns"]


def test_rows_lead_back_to_the_capture(findings):
    sources = [source for finding in findings for source in finding["evidence"]["sources"]]
    assert sources
    names = {Path(source["path"]).name for source in sources}
    # the rows of a derived table lead to its window, and that to the capture
    assert {name for name in names if not name.startswith("derived:telescope.")} == {CAPTURE.name}


def test_who_may_be_forged_is_never_called_an_attacker(kaname, findings, truth):
    forged = {source for source, labels in truth.items() if labels <= SPOOFABLE}
    indicators = kaname.json("indicators", "--limit", "1000", "--all")["indicators"]
    named = {i["artifact"]["value"] for i in indicators if i["artifact"]["role"] == "attacker"}
    assert named
    assert not named & forged
    spoofable = {f["id"] for f in findings if f["spoofable"]}
    assert spoofable
    assert not {finding for i in indicators for finding in i["findings"]} & spoofable


def test_the_malware_that_is_named_is_there(findings, truth):
    """Mirai's fingerprint has a chance of 2^-32 a packet: a false name would be a defect."""
    named = {
        artifact["value"]
        for finding in findings
        if "mirai" in (finding["label"], finding["values"].get("tool"))
        for artifact in finding["artifacts"]
        if artifact["role"] == "attacker" and artifact["kind"] == "ip"
    }
    marked = {source for source, labels in truth.items() if labels & {"mirai", "campaign"}}
    assert len(named) > 100
    assert named <= marked


def test_doing_it_again_changes_nothing(kaname, findings):
    again = kaname.json("ingest", str(CAPTURE), "--sensor", "dark", "--tlp", "green")
    assert again["sources"][0]["state"] == "already"
    runs = kaname.json("analyze")["runs"]
    assert sum(run["added"] + run["changed"] + run["withdrawn"] for run in runs) == 0
    assert kaname.json("findings")["total"] == len(findings)


def test_a_bundle_names_only_what_the_audience_may_see(kaname):
    assert json.loads(kaname("indicators", "--format", "stix"))["type"] == "bundle"
    clear = json.loads(kaname("indicators", "--format", "stix", "--tlp", "clear"))
    assert not [o for o in clear.get("objects", []) if o["type"] == "indicator"]


def test_the_text_for_people_speaks_japanese(kaname, findings):
    shown = kaname("explain", findings[0]["id"], lang="ja")
    assert "判断の理由" in shown
    assert "送信元" in shown or "宛先" in shown
