"""The matcher against the plainest search that one can write."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from kaname._native import Matcher, MatcherBuilder

# Few bits, so that prefixes nest, touch and repeat.
_NETWORKS = st.builds(
    lambda bits, length: ipaddress.ip_network((bits << 24, length), strict=False),
    st.integers(0, 255),
    st.integers(0, 10) | st.just(32),
)
_LABELS = st.sampled_from(["a", "b", "ab", "example"])
_NAMES = st.lists(_LABELS, min_size=1, max_size=4).map(".".join)
_TEXTS = st.text(alphabet="abcABC. ", max_size=12)


def compiled(sort: str, rules: list[str]) -> Matcher:
    builder = MatcherBuilder()
    for entry in rules:
        builder.rule(0xFFFF_FFFF)
        builder.add(sort, [entry])  # type: ignore[arg-type]
    return builder.build()[0]


def rules_of(matcher: Matcher, value: str) -> list[int]:
    (number,), sets = matcher.find_many([value])
    found = sets[number]
    assert found == sorted({rule for rule, _ in matcher.find(value)})
    return found


@given(st.lists(_NETWORKS, max_size=12), st.integers(0, 255), st.integers(0, 1))
def test_every_network_that_holds_an_address(
    networks: list[ipaddress.IPv4Network], high: int, low: int
) -> None:
    address = ipaddress.IPv4Address((high << 24) + low)
    matcher = compiled("network", [str(network) for network in networks])
    expected = [place for place, network in enumerate(networks) if address in network]
    assert rules_of(matcher, str(address)) == expected


@given(st.lists(_NAMES, max_size=8), st.lists(st.booleans(), min_size=8, max_size=8), _NAMES)
def test_every_domain_around_a_name(names: list[str], below: list[bool], name: str) -> None:
    entries = ["." * dotted + one for one, dotted in zip(names, below, strict=False)]
    expected = [
        place
        for place, entry in enumerate(entries)
        if name == entry or name.endswith("." + entry.lstrip("."))
    ]
    assert rules_of(compiled("domain", entries), name) == expected


@given(st.lists(_TEXTS.filter(bool), max_size=8), _TEXTS)
def test_every_phrase_in_a_text(phrases: list[str], text: str) -> None:
    expected = [place for place, one in enumerate(phrases) if one.lower() in text.lower()]
    assert rules_of(compiled("phrase", phrases), text) == expected


@given(st.lists(_TEXTS.filter(bool), max_size=8), _TEXTS)
def test_every_equal_text(texts: list[str], text: str) -> None:
    expected = [place for place, one in enumerate(texts) if one.lower() == text.lower()]
    assert rules_of(compiled("exact", texts), text) == expected
