"""Pseudonyms against the pairs of the reference implementation of Crypto-PAn."""

from __future__ import annotations

import ipaddress
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.model.errors import UsageError
from kaname.model.pseudonym import KEY_BYTES, Pseudonyms, key_of, rotate

# sample.cpp of the reference implementation (Georgia Tech) and its sample_trace files.
KEY = bytes(
    (21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
     216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2)
)  # fmt: skip
PAIRS = {
    "128.11.68.132": "135.242.180.132",
    "129.118.74.4": "134.136.186.123",
    "130.132.252.244": "133.68.164.234",
    "141.223.7.43": "141.167.8.160",
    "141.233.145.108": "141.129.237.235",
    "152.163.225.39": "151.140.114.167",
    "156.29.3.236": "147.225.12.42",
    "165.247.96.84": "162.9.99.234",
    "166.107.77.190": "160.132.178.185",
    "192.102.249.13": "252.138.62.131",
    "192.215.32.125": "252.43.47.189",
    "192.233.80.103": "252.25.108.8",
    "192.41.57.43": "252.222.221.184",
    "193.150.244.223": "253.169.52.216",
    "195.205.63.100": "255.186.223.5",
    "198.200.171.101": "249.199.68.213",
    "198.26.132.101": "249.36.123.202",
    "198.36.213.5": "249.7.21.132",
    "198.51.77.238": "249.18.186.254",
    "199.217.79.101": "248.38.184.213",
    "202.49.198.20": "245.206.7.234",
    "203.12.160.252": "244.248.163.4",
    "204.184.162.189": "243.192.77.90",
    "216.32.132.250": "235.192.139.38",
    "216.35.217.178": "235.195.157.81",
    "24.0.250.221": "100.15.198.226",
    "24.13.62.231": "100.2.192.247",
    "24.14.213.138": "100.1.42.141",
    "24.5.0.80": "100.9.15.210",
    "24.7.198.88": "100.10.6.25",
    "24.94.26.44": "100.88.228.35",
    "38.15.67.68": "64.3.66.187",
    "4.3.88.225": "124.60.155.63",
    "63.14.55.111": "95.9.215.7",
    "63.195.241.44": "95.179.238.44",
    "63.97.7.140": "95.97.9.123",
    "64.14.118.196": "0.255.183.58",
    "64.34.154.117": "0.221.154.117",
    "64.39.15.238": "0.219.7.41",
}
# The same key in the IPv6 tests that several implementations share (yacryptopan).
PAIRS_V6 = {
    "::1": "78ff:f001:9fc0:20df:8380:b1f1:704:ed",
    "::2": "78ff:f001:9fc0:20df:8380:b1f1:704:ef",
    "::ffff": "78ff:f001:9fc0:20df:8380:b1f1:704:f838",
    "2001:db8::1": "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e",
    "2001:db8::2": "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c",
}


@pytest.mark.parametrize(("plain", "hidden"), [*PAIRS.items(), *PAIRS_V6.items()])
def test_pseudonyms_are_those_of_the_reference_implementation(plain: str, hidden: str) -> None:
    assert Pseudonyms(KEY).address(plain) == hidden


def shared(a: int, b: int, bits: int) -> int:
    return bits - (a ^ b).bit_length()


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_two_pseudonyms_share_as_many_bits_as_the_two_addresses(a: int, b: int) -> None:
    made = Pseudonyms(KEY)
    one, other = made.number(a, 32), made.number(b, 32)
    assert shared(one, other, 32) == shared(a, b, 32)


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_so_do_those_of_ipv6(a: int, b: int) -> None:
    made = Pseudonyms(KEY)
    assert shared(made.number(a, 128), made.number(b, 128), 128) == shared(a, b, 128)


def test_a_prefix_holds_the_pseudonyms_of_its_addresses() -> None:
    made = Pseudonyms(KEY)
    network = ipaddress.ip_network(made.prefix("198.18.4.0/22"))
    assert network.prefixlen == 22
    for host in ("198.18.4.0", "198.18.5.77", "198.18.7.255"):
        assert ipaddress.ip_address(made.address(host)) in network
    assert ipaddress.ip_address(made.address("198.18.8.0")) not in network


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = key_of(tmp_path)
    path = tmp_path / "keys" / "pseudonyms.key"
    assert len(first) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(tmp_path) == first
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_new_key_gives_other_pseudonyms(tmp_path: Path) -> None:
    before = Pseudonyms(key_of(tmp_path))
    after = Pseudonyms(rotate(tmp_path))
    assert key_of(tmp_path) != KEY
    assert before.id != after.id
    assert before.address("198.18.1.1") != after.address("198.18.1.1")


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    key_of(tmp_path)
    (tmp_path / "keys" / "pseudonyms.key").write_bytes(b"short")
    with pytest.raises(UsageError, match="32"):
        key_of(tmp_path)
