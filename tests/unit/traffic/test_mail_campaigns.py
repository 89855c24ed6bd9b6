"""Mail campaigns: keys, grouping, and names that outlive the day."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from kaname.model.records import ArtifactKind, Role
from kaname.traffic.analyses.mail_campaigns import MailCampaigns
from kaname.traffic.campaigns.clusters import clusters
from kaname.traffic.campaigns.evaluation import evaluate, v_measure
from kaname.traffic.campaigns.features import Message, message, name_mask, subject_shape
from kaname.traffic.campaigns.simulator import mail
from kaname.traffic.names.suffixes import Suffixes
from kaname.traffic.names.trial import findings, recorded, trial

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake"
START, DAY = 1_767_225_600_000_000, 86_400_000_000
EMPTY: dict[str, Any] = {
    "at": START, "src_hi": 0, "src_lo": 1, "from_addr": "a@b.example", "from_dom": "b.example",
    "helo": None, "rdns": None, "subject": "", "urls": None, "url_regdoms": None, "attach": None,
    "attach_sha256": None, "body_simhash": 0, "auth": None, "trap": None,
}  # fmt: skip
SHARED = Suffixes(["google.com"])


def _messages(*rows: dict[str, Any]) -> list[Message]:
    return [message(EMPTY | row, SHARED) for row in rows]


@pytest.mark.parametrize(
    ("subject", "shape"),
    [
        ("Re: FW: Invoice #88231-A", "invoice 0 a"),
        ("Your parcel 3f9ac01d is here!", "your parcel 0 is here"),
        ("返信： 【重要】口座 12345 のお知らせ", "重要 口座 0 のお知らせ"),
    ],
)
def test_codes_and_marks_of_replies_leave_the_shape(subject: str, shape: str) -> None:
    assert subject_shape(subject) == shape


def test_numbers_leave_the_name_of_a_file() -> None:
    assert name_mask("Scan_20260101-77.PDF") == "scan_0-0.pdf"


def test_a_link_binds_and_a_link_to_everybody_does_not() -> None:
    found = _messages(
        {"url_regdoms": ["bad.top", "google.com"]},
        {"url_regdoms": ["google.com"]},
        {"url_regdoms": ["bad.top"]},
    )
    assert clusters(found) == [[0, 2], [1]]


def test_weak_keys_bind_in_pairs_only() -> None:
    subject = {"subject": "Payment overdue 1001 notice"}
    relay = {"helo": "dsl-10-2.isp.example"}
    found = _messages(
        subject | relay,
        {"subject": "Payment overdue 7 notice", "helo": "dsl-99-1.isp.example"},
        subject,
        relay,
    )
    assert clusters(found) == [[0, 1], [2], [3]]


@pytest.mark.parametrize(("bits", "together"), [(3, True), (4, False)])
@pytest.mark.parametrize("seed", range(5))
def test_bodies_bind_up_to_three_bits(bits: int, together: bool, seed: int) -> None:
    chance = random.Random(seed)
    body = chance.getrandbits(63) | 1
    other = body
    for bit in chance.sample(range(1, 63), bits):
        other ^= 1 << bit
    found = _messages({"body_simhash": body}, {"body_simhash": other})
    assert (len(clusters(found)) == 1) is together


def test_the_groups_do_not_depend_on_the_order() -> None:
    rows = [EMPTY | {"at": r["ts"]} | {k: v for k, v in r.items() if k in EMPTY}
            for r in mail(2, 8, 20, 5)]  # fmt: skip
    straight = [message(row, SHARED) for row in rows]
    order = list(range(len(straight)))
    random.Random(1).shuffle(order)
    turned = clusters([straight[place] for place in order])
    assert {frozenset(order[p] for p in group) for group in turned} == {
        frozenset(group) for group in clusters(straight)
    }


def test_v_measure_of_known_groupings() -> None:
    """Values of the documentation of scikit-learn's ``v_measure_score`` and its parts."""
    assert v_measure("aabb", [1, 1, 0, 0])[2] == pytest.approx(1.0)
    homogeneity, completeness, v = v_measure("aabb", [0, 0, 1, 2])
    assert (homogeneity, v) == (pytest.approx(1.0), pytest.approx(0.8))
    assert completeness == pytest.approx(2 / 3)
    assert v_measure("aabb", [0, 1, 0, 1])[2] == pytest.approx(0.0)


def test_simulated_campaigns_are_told_apart() -> None:
    found = evaluate([], {"campaigns": 4, "people": 150})
    assert float(found.measures["v_measure"]) >= 0.95
    assert float(found.measures["homogeneity"]) >= 0.99


def test_a_campaign_keeps_its_name_and_a_newsletter_is_none() -> None:
    rows = list(mail(1, 10, 30, 3))
    tomorrow = [row | {"ts": row["ts"] + DAY, "src": "203.0.113.9"} for row in rows]
    with trial({"mail": [*rows, *tomorrow]}) as lake:
        found = findings(lake, MailCampaigns(), {})
    days = [{f.values["campaign"] for f in found if f.window_start == START + d * DAY}
            for d in (0, 1)]  # fmt: skip
    assert len(days[0]) == 5
    assert days[0] == days[1]
    bulk = [f for f in found if f.label == "bulk_mail"]
    assert {f.values["domains"] for f in bulk} == {1}
    assert not any(a.role is Role.ATTACKER for f in bulk for a in f.artifacts)


def test_the_finding_names_links_files_and_why() -> None:
    rows = [
        {"ts": START + n, "src": f"203.0.113.{n}", "from_addr": f"x{n}@s{n}.example",
         "from_dom": f"s{n}.example", "subject": f"Invoice {n} is overdue now",
         "urls": [f"https://a{n}.bad.top/x"], "url_regdoms": ["bad.top"],
         "attach": '[{"name": "invoice.js", "sha256": "ab"}]', "attach_sha256": ["ab" * 32],
         "auth": "spf=fail smtp.mailfrom=s.example"}
        for n in range(1, 7)
    ]  # fmt: skip
    with trial({"mail": rows}) as lake:
        (found,) = findings(lake, MailCampaigns(), {})
        assert findings(lake, MailCampaigns(), {"messages": 7}) == []
    assert (found.label, found.severity, found.evidence.rows) == ("mail_campaign", "high", 6)
    named = {(a.kind, a.value) for a in found.artifacts if a.role is Role.ATTACKER}
    assert (ArtifactKind.DOMAIN, "bad.top") in named
    assert (ArtifactKind.URL, "https://a1.bad.top/x") in named
    assert (ArtifactKind.HASH, "ab" * 32) in named
    assert set(found.techniques) == {"T1566.001", "T1566.002"}
    keys = {key.rpartition("campaign_")[2] for key, _ in found.reasons}
    assert keys >= {"domain", "attachment", "subject", "auth"}
    assert "bad.top" in " ".join(found.because("ja"))


def test_damaged_descriptions_of_attachments_bind_nobody() -> None:
    found = _messages({"attach": "{"}, {"attach": "[1]"}, {"attach": '{"name": "x"}'})
    assert clusters(found) == [[0], [1], [2]]


def test_real_messages_go_through() -> None:
    if not DATA.is_dir():
        pytest.skip("needs ../shared/data/lake")
    with recorded(sorted((DATA / "mail").glob("*.eml"))) as lake:
        found = findings(lake, MailCampaigns(), {"messages": 2})
    assert found == []  # five messages that have nothing to do with each other
