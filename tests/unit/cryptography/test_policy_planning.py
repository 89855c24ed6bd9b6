"""The choice of functions: refusals, sizes by the standards, and that it can be replayed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.cryptography.planning import costs as costs_module
from kaname.cryptography.planning import rules as rules_module
from kaname.cryptography.planning.choice import Request, choose
from kaname.cryptography.planning.costs import Costs
from kaname.cryptography.policy.tables import load
from kaname.model.errors import InputError, UsageError
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
    from importlib import resources

    own = resources.files("kaname.cryptography.planning") / "data" / "rules.toml"
    wrong = own.read_text("utf-8").replace('aeads = ["AES-256-GCM"]', 'aeads = ["Rocca-S"]')
    (tmp_path / "r.toml").write_text(wrong, "utf-8")
    with pytest.raises(InputError, match="Rocca-S"):
        rules_module.load(tmp_path / "r.toml")
