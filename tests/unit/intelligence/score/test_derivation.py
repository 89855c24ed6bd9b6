"""Scores by hand calculation, who becomes an indicator, and until when.

By hand: sat(n) = log2(1 + n) / log2(9); reliability A 1.6, B 1.3, C 1.0; bias -2 for
addresses. sat(1) = 0.31546, sat(2) = 0.5, sat(8) = 1.
"""

import math

import pytest

from kaname.intelligence.score import Context, derive, derived, shipped
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Pap, Role, State

from .cases import HOST, NAME, NOON, basis, download, finding, item, listing, match, tie, verdict


def made(*items, artifact=HOST, **more):
    ordered = sorted(items, key=lambda one: (-one.at, one.id, one.role))
    return derived(artifact, ordered, basis(**more), shipped(), NOON)


def values(indicator):
    return {term.name.removeprefix("intelligence.term."): term.value for term in indicator.terms}


def test_a_payload_seen_once_by_a_honeypot():
    """1.3 x 1.0 x sat(1) = 0.410104, and 2.0 for the payload: sigmoid(0.41) = 0.601."""
    indicator = made(download(1))
    assert values(indicator) == {"cluster": 0.410104, "behaviour.payload": 2.0, "unlisted": 0.0}
    assert indicator.score(NOON) == 60
    assert (indicator.label, indicator.artifact.role) == ("payload", Role.ATTACKER)


def test_independent_sources_add_up():
    """Scans: 1.3 x 0.35 x sat(2) = 0.2275; the listing: 1.0 x 0.8 x sat(0.8) = 0.214011."""
    indicator = made(download(1), item(2), item(3), listing(4, weight=0.8))
    clusters = [t.value for t in indicator.terms if t.name == "intelligence.term.cluster"]
    assert clusters == [0.2275, 0.214011, 0.410104]
    assert indicator.score(NOON) == 70  # sigmoid(-2 + 2.851615)


def test_grades_weigh_a_source():
    indicator = made(download(1), grades={"honeypot": "A"})
    assert values(indicator)["cluster"] == round(1.6 * math.log(2) / math.log(9), 6)


@pytest.mark.parametrize("grade", ["F", "?"])
def test_a_source_that_nobody_can_judge_says_nothing(grade):
    assert made(download(1), grades={"honeypot": grade}) is None


def test_a_copying_feed_counts_once_and_a_tenth():
    """Best 1.0 x 0.8 x sat(1) = 0.252371; with one copy 10 % more."""
    feeds = [download(1), listing(2, "feed-A"), listing(3, "feed-C")]
    apart = made(*feeds)
    copied = made(*feeds, clusters=(("feed-A", "feed-C"),))
    assert [t.value for t in apart.terms[:2]] == [0.252372, 0.252372]
    assert copied.terms[0].value == pytest.approx(0.252372 * 1.1, abs=2e-6)
    assert copied.terms[0].values["sources"] == "feed-A, feed-C"
    assert copied.terms[0].count == 2


@pytest.mark.parametrize(
    "items",
    [
        [item(n) for n in range(200)],
        [listing(n, weight=1.0) for n in range(9)],
        [item(1), item(2), listing(3, weight=0.4)],
        [item(n, "resolution", "answer", source="dns") for n in range(9)],
        [item(n, "process-network", "dst", source="edr") for n in range(9)],
    ],
    ids=["scans", "one feed", "scans and a poor listing", "names", "contacts"],
)
def test_sightings_and_single_sources_are_not_enough(items):
    assert made(*items) is None


def test_a_report_alone_is_not_enough_but_with_another_source_it_is():
    reports = [item(n, "report", "subject", source="report", behaviours=("c2",)) for n in range(8)]
    assert made(*reports, grades={"report": "A"}) is None
    assert made(*reports, download(9), grades={"report": "A"}) is not None
    assert made(*reports, verdict(9, "malicious"), grades={"report": "A"}) is not None


@pytest.mark.parametrize(
    ("kind", "role"),
    [("process-network", "host"), ("finding", "victim"), ("finding", "reflector"),
     ("finding", "target"), ("report", "reference"), ("download", "victim")],
)  # fmt: skip
def test_who_is_hit_is_no_attacker(kind, role):
    hit = [item(n, kind, role, behaviours=("payload", "severity:critical")) for n in range(9)]
    assert made(*hit) is None


def test_a_source_that_may_be_forged_is_no_attacker():
    assert made(finding(1, severity="critical", marks=("spoofable",))) is None
    assert made(download(1, behaviours=("spoofable",))) is None


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "127.0.0.1", "100.64.0.9", "224.0.0.251", "255.255.255.255", "0.0.0.7",
     "fe80::1", "fd00::7", "::1", "ff02::1"],
)  # fmt: skip
def test_an_address_that_every_network_has_is_none(address):
    private = Artifact(ArtifactKind.IP, address)
    assert made(*(download(n) for n in range(9)), artifact=private) is None


def test_a_finding_counts_by_severity_and_confidence():
    """Medium is 3.2, times 0.9: sigmoid(-2 + 2.88) = 0.7069."""
    indicator = made(finding(1))
    assert indicator.terms[0].value == 2.88
    assert (indicator.label, indicator.score(NOON)) == ("mirai", 71)
    assert (indicator.techniques, indicator.findings) == (("T1595",), ("finding-0001",))
    assert indicator.state is State.ASSESSED


def test_further_findings_of_a_label_and_further_labels_add_little():
    """2.88 x 1.1; and 4.0 x 0.5 = 2.0 of another label x 0.3."""
    other = finding(3, severity="high", label="traffic.label.scan", weight=0.5)
    indicator = made(finding(1), finding(2), other)
    assert [t.value for t in indicator.terms[:2]] == [3.168, 0.6]


@pytest.mark.parametrize(("label", "days"), [("mirai", 1), ("campaign", 1), ("zmap", 7)])
def test_half_lives_of_labels_hold(label, days):
    from kaname.model.score import decayed

    term = made(finding(1, label=f"telescope.label.{label}")).terms[0]
    assert decayed(term, NOON + days * DAY) / term.value == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize(
    ("label", "days"), [("mirai", 1), ("new_family", 1), ("masscan", 7), ("host_scan", 7)]
)
def test_one_sure_finding_ends_within_a_tenth_of_its_half_life(label, days):
    """The end is last + half-life: bots with changing addresses a day, hosted tools a week."""
    low = {"severity": "low"} if days == 7 else {}
    sure = made(finding(1, label=f"telescope.label.{label}", weight=0.999, **low))
    assert (sure.valid_until - NOON) / DAY == pytest.approx(days, rel=0.1)


def test_a_note_of_a_known_scanner_lasts_90_days():
    survey = finding(1, severity="info", label="telescope.label.survey", role="benign", weight=0.99)
    assert (made(survey).valid_until - NOON) / DAY == pytest.approx(90, rel=0.01)


def test_a_known_scanner_becomes_a_note():
    survey = finding(1, severity="info", label="telescope.label.survey", role="benign", weight=1.0)
    note = made(survey)
    assert (note.label, note.artifact.role) == ("benign-scanner", Role.BENIGN)
    assert made(survey, finding(2)) == note  # -2 + 2.88 - 4: the note wins


def test_the_last_word_of_an_analyst_counts():
    hostile = [verdict(1, "malicious", days=2)]
    assert made(*hostile).score(NOON) == 88  # sigmoid(-2 + 4)
    assert made(*hostile, verdict(2, "benign", days=1)) is None
    assert made(*hostile, verdict(2, "unsure", days=1)) is None
    assert made(*hostile, verdict(2, "malicious", analyst="taro")).terms[0].count == 2


def test_lists_speak_against_and_silence_is_told():
    """0.410104 + 2.0 - 1.5 - 2: below."""
    assert made(download(1), matches=(match(),)) is None
    told = made(*(download(n) for n in range(8)), item(9), matches=(match(weight=0.5),))
    assert values(told)["suppressed"] == -0.5
    assert "unlisted" not in values(told)
    assert made(download(1)).terms[-1].values == {"lists": 24, "version": "v1"}


def test_of_a_category_of_lists_the_heaviest_entry_counts():
    lists = (match(weight=0.3, list="a"), match(weight=0.4, list="b"), match("shared", 0.1))
    strong = made(*(download(n) for n in range(8)), matches=lists)
    assert sorted(t.value for t in strong.terms if t.value < 0) == [-0.4, -0.1]


def test_what_everybody_meets_is_held_back():
    """Full from 512 resolutions on: -2.5 beside a proposed campaign's 2.7 leaves -1.8."""
    names = [item(n, "resolution", "answer", source="dns") for n in range(600)]
    assert made(*names[:9], ties=(tie(strength=0.5),)) is not None
    assert made(*names, ties=(tie(strength=0.5),)) is None


def test_a_tie_makes_an_indicator_of_what_was_only_seen():
    indicator = made(
        item(1, "resolution", "query", source="dns"), artifact=NAME, ties=(tie(strength=0.5),)
    )
    assert indicator.score(NOON) == 67  # sigmoid(-2 + 5.4 x 0.5)
    assert (indicator.label, indicator.terms[0].values["name"]) == (
        "campaign-member",
        "SAKURA",
    )


def test_an_end_is_a_view_of_the_terms():
    """One decay of 30 days: valid until the sum is logit(0.495)."""
    indicator = made(download(1))
    end = indicator.valid_until
    theta = 2 + math.log(0.495 / 0.505)
    assert (end - NOON) / DAY == pytest.approx(30 * (1 - theta / 2.410104) ** 0.5, abs=1e-6)
    assert indicator.score(end) < 50 <= indicator.score(end - 1_000)
    assert end % 1_000 == 0


def test_what_has_decayed_is_still_given_as_ended():
    old = derive(HOST, [download(1, days=300)], Context(), NOON)
    assert old.valid_until < NOON
    assert old.score(NOON) == 12  # sigmoid(-2)


def test_seen_again_it_stands_longer():
    once, twice = made(download(1, days=9)), made(download(1, days=9), download(2))
    assert twice.valid_until > once.valid_until


def test_what_is_dated_in_the_future_is_no_evidence():
    assert derive(HOST, [download(1, days=-400)], Context(), NOON) is None


def test_an_observation_counts_once():
    one, again = download(1), download(1)
    single = derive(HOST, [one], Context(), NOON)
    assert derive(HOST, [one, again], Context(), NOON) == single


def test_markings_join_over_what_was_used():
    indicator = made(
        download(1, pap=Pap.AMBER),
        download(2, tlp=Tlp.AMBER, groups=("finance",)),
        item(3, "resolution", "answer", source="dns", tlp=Tlp.RED),
    )
    assert (indicator.tlp, indicator.groups, indicator.pap) == (
        Tlp.AMBER, ("finance",), Pap.AMBER,
    )  # fmt: skip


def test_an_audience_gets_what_follows_from_what_it_may_see():
    items = [download(1), download(2, tlp=Tlp.AMBER), download(3, groups=("finance",))]
    counts = [
        derive(HOST, items, Context(), NOON, clearance, frozenset(groups)).terms[0].count
        for clearance, groups in
        [(Tlp.GREEN, ()), (Tlp.AMBER, ()), (Tlp.GREEN, ("finance",)), (Tlp.RED, ("finance",))]
    ]  # fmt: skip
    assert counts == [1, 2, 2, 3]
    assert derive(HOST, items, Context(), NOON, Tlp.CLEAR) is None
