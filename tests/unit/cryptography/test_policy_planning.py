"""The choice of functions: refusals, sizes by the standards, and that it can be replayed."""

from __future__ import annotations

from importlib import resources

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.planning import costs as costs_module
from kaname.cryptography.planning import replay as replaying
from kaname.cryptography.planning import rules as rules_module
from kaname.cryptography.planning.answer import Request, digest_of
from kaname.cryptography.planning.choice import choose
from kaname.cryptography.planning.costs import Costs
from kaname.cryptography.planning.wire import trips
from kaname.cryptography.policy.tables import load
from kaname.model.errors import InputError, IntegrityError, UsageError
from kaname.model.messages import text

RULES = rules_module.load()
POLICY = load()
# One microsecond for everything, so that expectations are sums that a hand can do.
OPERATIONS = [
    *(f"{kem} {what}" for kem in ("ML-KEM-768", "ML-KEM-1024")
      for what in ("generate", "encapsulate", "decapsulate")),
    *(f"{kem} {what}" for kem in ("X25519", "P-384") for what in ("generate", "exchange")),
    *(f"{name} {what}" for name in RULES.signatures for what in ("sign", "verify")),
    *(f"{name} packet" for name in RULES.aeads),
]  # fmt: skip
COSTS = Costs(
    device="server", machine="m", library="l", measured="2026-11-26T00:00:00Z",
    microseconds=dict.fromkeys(OPERATIONS, 1.0), digest="d",
)  # fmt: skip


def ask(service: str = "embb", costs: Costs | None = COSTS, **more):
    return choose(RULES, POLICY, Request(service=service, year=2026, **more), costs)


SIZES = {
    # FIPS 203 table 3 (encapsulation key, ciphertext), FIPS 204 table 2 (key, signature)
    "ML-KEM-512": (800, 768), "ML-KEM-768": (1184, 1088), "ML-KEM-1024": (1568, 1568),
    "ML-DSA-44": (1312, 2420), "ML-DSA-65": (1952, 3309), "ML-DSA-87": (2592, 4627),
    # draft-ietf-tls-ecdhe-mlkem section 4: client, server share
    "X25519MLKEM768": (1216, 1120), "SecP384r1MLKEM1024": (1665, 1665),
    "X25519": (32, 32), "Ed25519": (32, 64),
}  # fmt: skip


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_those_of_the_standards(name: str):
    if name in RULES.kems:
        one = RULES.kems[name]
        assert (one.sends, one.answers) == SIZES[name]
    else:
        key = RULES.signatures[name]
        assert (key.key, key.signature) == SIZES[name]


@pytest.mark.parametrize("service", ["", "EMBB", "5g", "default"])
def test_a_service_without_rules_is_refused(service: str):
    with pytest.raises(UsageError, match="embb"):
        ask(service)


def test_a_profile_that_is_not_there_and_limits_of_nothing_are_refused():
    with pytest.raises(UsageError, match="cryptrec"):
        ask(profile="nist")
    for wrong in ({"mtu": 60}, {"mtu": 0}, {"latency_ms": 0.0}, {"bandwidth_kbps": -1.0}):
        with pytest.raises(UsageError):
            ask(**wrong)


def test_the_wire_of_a_suite_by_hand():
    """1216 + (1120 + 1952 + 2 * 3309) = 10906 bytes; 1340 a packet: 1 + 8 packets."""
    found = next(
        one for one in ask().ranked if (one.kem, one.signature) == ("X25519MLKEM768", "ML-DSA-65")
    )
    assert found.octets == 10906
    assert found.packets == 9
    # sign, verify twice; 3 of ML-KEM; generate and exchange on both sides: 10 operations
    assert found.microseconds == 10.0
    assert found.milliseconds == pytest.approx((10906 + 9 * 60) * 8 / 100_000 + 0.01, abs=1e-4)


def test_what_quantum_computers_would_read_or_forge_is_ruled_out():
    why = {one.name: one.because.key for one in ask().refused}
    assert why["X25519"] == "harvest"
    assert why["Ed25519"] == "forged"
    assert why["ML-KEM-512"] == "not-in-profile"
    short = ask(lifetime=1, confidentiality=1)
    assert any(one.kem == "X25519" for one in short.ranked)


def test_strength_must_hold_until_the_horizon():
    """128 bits end in 2050 for new use: a service until 2060 needs more."""
    far = ask(lifetime=34, confidentiality=0)
    assert far.ranked
    assert all(RULES.signatures[one.signature].strength > 128 for one in far.ranked)


def test_cnsa_and_bsi():
    (kems, signatures, aeads) = (
        {getattr(one, name) for one in ask(profile="cnsa2").ranked}
        for name in ("kem", "signature", "aead")
    )
    assert kems == {"ML-KEM-1024", "SecP384r1MLKEM1024"}
    assert (signatures, aeads) == ({"ML-DSA-87"}, {"AES-256-GCM"})
    assert all(len(RULES.kems[one.kem].parts) == 2 for one in ask(profile="bsi").ranked)


def test_a_small_latency_budget_rules_out_with_figures():
    answer = ask("urllc", latency_ms=0.5)
    assert not answer.ranked
    assert {"none-fits"} <= {one.key for one in answer.because}
    slow = [one for one in answer.refused if one.because.key == "too-slow"]
    assert all(one.because.values["took"] > 0.5 for one in slow)


def test_missing_and_foreign_costs_are_told():
    assert "no-costs" in {one.key for one in ask(costs=None).because}
    assert "other-device" in {one.key for one in ask(device="constrained").because}
    assert all(one.microseconds is None for one in ask(costs=None).ranked)


def test_authentication_by_kem_by_hand():
    """1216 + (1120 + 1184 + 2420) + 1088 = 7028 bytes: 1 + 4 + 1 packets of 1340."""
    told = ask(kemtls=True)
    found = next(
        one for one in told.by_kem if (one.kem, one.issuer) == ("X25519MLKEM768", "ML-DSA-44")
    )
    assert (found.octets, found.packets, found.holder) == (7028, 6, "ML-KEM-768")
    assert found.saved == 1312 + 2420 - 1184 - 1088  # no key to sign with and no signature
    # 3 of ML-KEM, 4 of X25519, one verify, encapsulate and decapsulate to the key
    assert found.microseconds == 10.0
    assert ask().by_kem == ()
    assert "by-kem" in {one.key for one in told.because}
    assert told.ranked == ask().ranked  # told beside the suites, never among them
    assert {one.holder for one in ask(profile="cnsa2", kemtls=True).by_kem} == {"ML-KEM-1024"}


@pytest.mark.parametrize(
    ("packets", "found"), [(0, 1), (10, 1), (11, 2), (30, 2), (31, 3), (70, 3), (71, 4)]
)
def test_round_trips_by_windows_of_10_20_40(packets: int, found: int):
    """RFC 6928, doubled at each acknowledged window."""
    assert trips(packets) == found


def test_round_trips_and_slower_devices_take_longer():
    plain = ask().ranked[0]
    far = ask(rtt_ms=50.0).ranked[0]
    assert far.milliseconds == pytest.approx(plain.milliseconds + 50 * far.trips, abs=1e-3)
    slow = ask(slowdown=1000.0).ranked[0]
    assert slow.microseconds == pytest.approx(1000 * (plain.microseconds or 0))
    assert "slower" in {one.key for one in ask(slowdown=2.0).because}
    small = ask("mmtc", mtu=127).ranked[0]
    assert small.trips > 1
    assert "trips" in {one.key for one in small.because}


def test_the_class_of_device_changes_the_order_not_what_is_admitted():
    server, small = ask("management"), ask("management", device="constrained")
    assert {one.name for one in server.ranked} == {one.name for one in small.ranked}
    assert server.ranked[0].octets > small.ranked[0].octets


def test_scores_are_the_sums_of_their_parts_and_the_first_is_explained():
    answer = ask()
    for one in answer.ranked:
        assert sum(one.parts.values()) == pytest.approx(one.score, abs=1e-5)
    why = [one for one in answer.because if one.key.startswith("first-")]
    assert len(why) == 2
    assert why[0].values["first"] == answer.ranked[0].name
    assert why[0].values["next"] == answer.ranked[1].name


@pytest.mark.parametrize(
    "wrong",
    [
        {"latency_ms": float("nan")}, {"bandwidth_kbps": float("inf")}, {"slowdown": 0.0},
        {"slowdown": float("nan")}, {"rtt_ms": -1.0}, {"rtt_ms": float("nan")},
    ],
)  # fmt: skip
def test_limits_that_are_no_numbers_are_refused(wrong):
    with pytest.raises(UsageError):
        ask(**wrong)


def saved(answer, place):
    place.write_bytes(msgspec.json.encode(answer))
    return replaying.load(place)


def test_a_saved_answer_is_made_again_from_itself(tmp_path):
    answer = ask("mmtc", kemtls=True, rtt_ms=30.0, profile="bsi")
    found = replaying.replay(saved(answer, tmp_path / "a.json"), RULES, POLICY)
    assert found.same
    assert found.changed == ()
    assert found.answer == answer


def test_what_differs_is_named(tmp_path):
    before = saved(ask(), tmp_path / "a.json")
    other = msgspec.structs.replace(COSTS, digest="e")
    found = replaying.replay(before, RULES, POLICY, other)
    assert not found.same
    assert found.changed == ("costs",)
    newer = msgspec.structs.replace(RULES, version="2027-01-01")
    assert replaying.replay(before, newer, POLICY).changed == ("rules",)
    # the same sources, another outcome: the program itself changed
    forged = msgspec.structs.replace(before, ranked=before.ranked[1:])
    forged = msgspec.structs.replace(forged, digest=digest_of(forged))
    found = replaying.replay(forged, RULES, POLICY)
    assert found.changed == ("program",)
    assert found.best_before != found.best_now


def test_changed_and_foreign_files_are_no_saved_answers(tmp_path):
    place = tmp_path / "a.json"
    told = msgspec.json.encode(ask())
    place.write_bytes(told.replace(b"8488", b"8487", 1))
    with pytest.raises(IntegrityError, match=r"a\.json"):
        replaying.load(place)
    for data in (b"", b"{}", b"[]", b"\xff", told[:-1], told + b"x"):
        place.write_bytes(data)
        with pytest.raises(InputError, match=r"a\.json"):
            replaying.load(place)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bandwidth_kbps = 60\n", "bandwidth_kbps = 0\n"), ("mtu = 1280", "mtu = 60"),
        ("sends = 32\n", "sends = 0\n"), ("bytes = 4.0", "bytes = -1.0"),
        ("latency_ms = 5\n", "latency_ms = nan\n"),
    ],
)  # fmt: skip
def test_rules_with_impossible_numbers_are_refused(tmp_path, old: str, new: str):
    own = resources.files("kaname.cryptography.planning") / "data" / "rules.toml"
    whole = own.read_text("utf-8")
    assert old in whole
    (tmp_path / "r.toml").write_text(whole.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=r"r\.toml"):
        rules_module.load(tmp_path / "r.toml")


def test_costs_of_nothing_are_refused(tmp_path):
    for cost in (0, -1.5):
        wrong = msgspec.structs.replace(COSTS, microseconds={"X25519 generate": cost})
        (tmp_path / "c.json").write_bytes(msgspec.json.encode(wrong))
        with pytest.raises(InputError, match=r"c\.json"):
            costs_module.load(tmp_path / "c.json")


@given(
    st.sampled_from(sorted(RULES.services)), st.sampled_from(sorted(RULES.profiles)),
    st.integers(2022, 2070), st.integers(0, 60), st.integers(0, 60),
    st.one_of(st.none(), st.integers(100, 9000)),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_same_question_has_the_same_answer_with_reasons_in_both_languages(
    service, profile, year, lifetime, confidentiality, mtu
):
    request = Request(service=service, profile=profile, year=year, lifetime=lifetime,
                      confidentiality=confidentiality, mtu=mtu)  # fmt: skip
    first = choose(RULES, POLICY, request, COSTS)
    again = choose(rules_module.load(), load(), msgspec.structs.replace(request), COSTS)
    assert first == again
    assert len(first.digest) == 64
    scores = [one.score for one in first.ranked]
    assert scores == sorted(scores)
    reasons = [r for one in first.ranked for r in one.because] + list(first.because)
    reasons += [one.because for one in first.refused]
    for reason in {(r.key, str(r.values)): r for r in reasons}.values():
        for language in ("en", "ja"):
            assert text(f"cryptography.because.{reason.key}", language, **reason.values)


def test_another_cost_is_another_digest():
    other = msgspec.structs.replace(COSTS, digest="e")
    assert ask().digest != ask(costs=other).digest


def test_broken_rules_and_costs_are_refused(tmp_path):
    place = tmp_path / "x.toml"
    for data in (b"", b"format = 2", b"\xff", b"format = ["):
        place.write_bytes(data)
        with pytest.raises(InputError, match=r"x\.toml"):
            rules_module.load(place)
        with pytest.raises(InputError, match=r"x\.toml"):
            costs_module.load(place)


def test_a_profile_that_admits_what_has_no_sizes_is_refused(tmp_path):
    own = resources.files("kaname.cryptography.planning") / "data" / "rules.toml"
    wrong = own.read_text("utf-8").replace('aeads = ["AES-256-GCM"]', 'aeads = ["Rocca-S"]')
    (tmp_path / "r.toml").write_text(wrong, "utf-8")
    with pytest.raises(InputError, match="Rocca-S"):
        rules_module.load(tmp_path / "r.toml")
