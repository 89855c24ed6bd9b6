"""Registered domains against the Public Suffix List's vectors and real names."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from kaname._native import NativeError, registered_domains
from kaname.readers.domains import canonical, registered, registered_all

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # publicsuffix.org, tests/test_psl.txt
        ("WwW.example.COM", "example.com"),
        ("a.b.example.uk.com", "example.uk.com"),
        ("www.city.kobe.jp", "city.kobe.jp"),
        ("com", None),
        ("co.jp", None),
        ("食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        # addresses, single labels
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("localhost", None),
        ("", None),
    ],
)
def test_one_name(name: str, expected: str | None) -> None:
    assert registered(name) == expected


def test_spelling() -> None:
    assert canonical("WWW.Example.COM.") == "www.example.com"
    assert canonical("例え.テスト") == "xn--r8jz45g.xn--zckzah"  # IANA's test domain
    assert canonical("a\\.b.example") == "a\\046b.example"


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_all_kinds_of_strings(kind: pa.DataType) -> None:
    names = pa.array(["www.example.co.jp.", None, "com"], pa.string()).cast(kind)
    assert registered_all(names).to_pylist() == ["example.co.jp", None, None]
    assert registered_all(names.slice(1)).to_pylist() == [None, None]


def test_labels() -> None:
    names = pa.array(["a.example.com", "b.example.com", None]).dictionary_encode()
    assert registered_all(names).to_pylist() == ["example.com", "example.com", None]


def test_numbers_are_no_names() -> None:
    with pytest.raises(NativeError):
        registered_domains(pa.array([1, 2]))


def test_thirty_thousand_registered_domains_of_the_world() -> None:
    # The list is of registered domains (Cloudflare's top), so each is its own; those that
    # the private section of the Public Suffix List calls suffixes have none.
    with gzip.open(DATA / "dga" / "benign_top.txt.gz", "rt") as lines:
        names = [line.strip() for line in lines if line.strip()]
    found = registered_all(pa.array(names)).to_pylist()
    same = sum(a == b for a, b in zip(names, found, strict=True))
    assert same > 0.99 * len(names)
    assert all(b is None or a.endswith(b) for a, b in zip(names, found, strict=True))
