"""What others read of a finding names no address of the telescope."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.writers.samples import finding, indicator

from kaname.model.address import IPv4_LOW, from_text
from kaname.model.pseudonym import Pseudonyms
from kaname.model.records import Artifact, ArtifactKind, Evidence, Role
from kaname.writers.shield import Shield

# The pairs of the reference implementation, with its key: see test_pseudonym.
KEY = bytes(
    (21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
     216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2)
)  # fmt: skip
DARK, HIDDEN = "192.41.57.43", "252.222.221.184"
SOURCE = "203.0.113.9"
HEAD = "SELECT 1 FROM flowtuples WHERE"
BLOCKS = "SELECT ts AS minute, ip(dst_hi, dst_lo & -256) AS block, uniq_dst FROM flowtuples"
SHIELD = Shield(Pseudonyms(KEY))


def low(text: str) -> int:
    return from_text(text).lo


def evidence(query: str, *sample: dict[str, Any]) -> Evidence:
    return Evidence(query, ("flowtuples",), 3, "ab" * 32, ("block",), sample)


def of_telescope(query: str = "SELECT 1", **changes: Any) -> Any:
    sample = changes.pop("sample", ())
    return finding(analysis="telescope.sources", evidence=evidence(query, *sample), **changes)


def whole(one: Any) -> str:
    return msgspec.json.encode(one).decode()


def test_a_target_is_hidden_wherever_it_stands() -> None:
    told = SHIELD.finding(
        of_telescope(
            f"{HEAD} ptype = 'tcp_syn' AND dst_hi = 0 "
            f"AND dst_lo = {low(DARK)} AND src_hi = 0 AND src_lo = {low(SOURCE)}",
            values={"target": f"{DARK} +5", "source": SOURCE},
            reasons=(("sample.reason", {"text": f"towards {DARK}."}),),
            artifacts=(
                Artifact(ArtifactKind.IP, DARK, Role.TARGET),
                Artifact(ArtifactKind.IP, SOURCE, Role.ATTACKER),
            ),
        )
    )
    text = whole(told)
    assert DARK not in text
    assert str(low(DARK)) not in text
    assert told.artifacts[0].value == HIDDEN
    assert told.values == {"target": f"{HIDDEN} +5", "source": SOURCE}
    assert told.reasons[0][1]["text"] == f"towards {HIDDEN}."
    assert f"dst_lo = {low(HIDDEN)}" in told.evidence.query
    assert f"src_lo = {low(SOURCE)}" in told.evidence.query


def test_victims_that_the_query_names_as_destinations_are_hidden() -> None:
    told = SHIELD.finding(
        of_telescope(
            f"SELECT 1 WHERE dst_hi = 0 AND dst_lo IN ({low(DARK)}, {low('192.41.57.99')})",
            artifacts=(
                Artifact(ArtifactKind.IP, DARK, Role.VICTIM),
                Artifact(ArtifactKind.IP, "198.51.100.7", Role.VICTIM),
            ),
        )
    )
    assert [one.value for one in told.artifacts] == [HIDDEN, "198.51.100.7"]
    assert "192.41.57.99" not in whole(told)
    assert str(low("192.41.57.99")) not in whole(told)


def test_blocks_of_evidence_are_hidden_and_stay_blocks() -> None:
    row = {"minute": "2026-01-01 00:00:00+00:00", "source": SOURCE, "block": "192.41.57.0"}
    told = SHIELD.finding(of_telescope(sample=(row,)))
    assert told.evidence.sample == (row | {"block": "252.222.221.0"},)


def test_no_digest_is_left_that_could_be_tried_out() -> None:
    told = SHIELD.finding(of_telescope())
    assert "ab" * 32 not in whole(told)
    assert re.fullmatch(r"hmac-sha256:[0-9a-f]{64}", told.evidence.digest)


@pytest.mark.parametrize(
    "condition",
    [
        f"dst_lo = {low(DARK)}",
        f"dst_lo BETWEEN {low(DARK)} AND {low(DARK) + 9}",
        f"in_net(dst_hi, dst_lo, '{DARK}/32')",
        f"ip(dst_hi, dst_lo) = '{DARK}'",
        f"{low(DARK)} = dst_lo",
    ],
)
def test_a_query_in_no_known_form_is_left_out(condition: str) -> None:
    told = SHIELD.finding(of_telescope(f"{HEAD} {condition}"))
    assert DARK not in whole(told)
    assert str(low(DARK)) not in whole(told)


def test_a_query_without_destinations_stays_as_it_is() -> None:
    query = f"{BLOCKS} WHERE src_hi = 0 AND src_lo = {low(SOURCE)} AND uniq_dst = 1"
    assert SHIELD.finding(of_telescope(query)).evidence.query == query


def test_what_is_registered_as_dark_is_hidden_in_every_finding() -> None:
    shield = Shield(Pseudonyms(KEY), ["192.41.57.0/24", "2001:db8::/64"])
    told = shield.finding(
        finding(
            analysis="flow.scans",
            values={"scanned": f"{DARK}, 2001:db8::1 and 192.0.2.1"},
            evidence=evidence(f"{HEAD} dst_hi = 0 AND dst_lo = {low(DARK)}"),
        )
    )
    assert (
        told.values["scanned"] == f"{HIDDEN}, 4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e and 192.0.2.1"
    )
    assert str(low(DARK)) not in told.evidence.query


def test_a_finding_of_ordinary_traffic_is_passed_on_as_it_is() -> None:
    plain = finding(analysis="flow.scans")
    assert SHIELD.finding(plain) == plain


def test_an_indicator_of_a_dark_address_does_not_leave() -> None:
    shield = Shield(Pseudonyms(KEY), ["192.41.57.0/24"])
    assert not shield.passes(indicator(value=DARK))
    assert not shield.passes(indicator(ArtifactKind.PREFIX, "192.41.0.0/16"))
    assert shield.passes(indicator(value="198.51.100.7"))
    assert shield.passes(indicator(ArtifactKind.DOMAIN, "example.net"))


@given(st.text(alphabet="0123456789.:/abcf ,;()x'", max_size=60))
def test_any_text_is_taken_and_only_dark_addresses_change(text: str) -> None:
    assert SHIELD.text(text) == text


@given(st.integers(0, 2**32 - 1))
def test_every_destination_of_a_query_is_replaced(value: int) -> None:
    word = IPv4_LOW | value
    told = SHIELD.finding(of_telescope(f"SELECT 1 WHERE dst_hi = 0 AND dst_lo = {word}"))
    expected = Pseudonyms(KEY).number(value, 32)
    assert told.evidence.query == f"SELECT 1 WHERE dst_hi = 0 AND dst_lo = {IPv4_LOW | expected}"
