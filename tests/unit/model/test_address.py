"""Addresses: the standard library's ipaddress is the oracle."""

from __future__ import annotations

import ipaddress
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.model.address import Address, from_text, prefix, to_text
from kaname.model.errors import UsageError

v4 = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address)
v6 = st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")


@given(v4 | v6.filter(lambda a: a not in MAPPED))
def test_an_address_comes_back_as_it_was_written(address):
    assert to_text(*from_text(str(address))) == str(address)


def test_words_are_signed_and_ipv4_is_mapped():
    # 2001:db8::1 -> 0x20010db800000000, 1; fe80:: has the sign bit set (RFC 4291)
    assert from_text("2001:db8::1") == Address(0x20010DB800000000, 1)
    assert from_text("fe80::") == Address(0xFE80000000000000 - 2**64, 0)
    assert from_text("192.0.2.1") == Address(0, 0xFFFFC0000201)


@given(st.data(), st.one_of(v4, v6), st.integers(0, 128))
def test_a_prefix_holds_what_ipaddress_says_it_holds(data, base, length):
    length = min(length, base.max_prefixlen)
    network = ipaddress.ip_network((int(base), length), strict=False)
    inside = int(network.network_address) + data.draw(st.integers(0, network.num_addresses - 1))
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    other = kind(data.draw(st.integers(0, 2**network.max_prefixlen - 1)))
    ours = prefix(str(network))
    assert ours.contains(from_text(str(kind(inside))))
    assert ours.contains(from_text(str(other))) == (other in network)


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
        ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
        ("2001:db8::/32", "2001:db8:ffff::", "2001:db9::"),
        ("8000::/1", "ffff::", "7fff::"),
        ("2001:db8::8000:0:0:0/65", "2001:db8::8000:0:0:1", "2001:db8::7fff:0:0:1"),
    ],
)
def test_the_sql_of_a_prefix_compares_signed_words(network, inside, outside):
    condition = prefix(network).sql("src")
    with sqlite3.connect(":memory:") as base:
        for text, expected in ((inside, 1), (outside, 0)):
            hi, lo = from_text(text)
            query = f"SELECT {condition} FROM (SELECT ? AS src_hi, ? AS src_lo)"  # noqa: S608
            assert base.execute(query, (hi, lo)).fetchone() == (expected,)


@pytest.mark.parametrize("wrong", ["", "1.2.3", "1.2.3.4.5", "::g", "1.2.3.4/8/9"])
def test_what_is_no_address_is_refused(wrong):
    with pytest.raises(UsageError):
        from_text(wrong)
    with pytest.raises(UsageError):
        prefix(wrong)


def test_host_bits_in_a_prefix_are_refused():
    with pytest.raises(UsageError):
        prefix("192.0.2.1/24")
