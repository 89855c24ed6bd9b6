"""URLs in texts, and hosts and domains of URLs."""

from __future__ import annotations

import pytest

from kaname.readers.urls import domains, host_of, in_text


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("see http://a.example/x.", ["http://a.example/x"]),
        ("(http://a.example/x_(y))", ["http://a.example/x_(y)"]),
        ("<https://a.example/?q=1&r=2>", ["https://a.example/?q=1&r=2"]),
        ("http://a.example/。次の文", ["http://a.example/"]),
        ("www.a.example/x, www.b.example", ["http://www.a.example/x", "http://www.b.example"]),
        ("hxxp://a.example hxxps://b[.]example", []),
        ("HTTP://A.example", ["HTTP://A.example"]),
        ("ftp://a.example/f xhttp://b.example", ["ftp://a.example/f"]),
        ("http://日本.example/パス、", ["http://日本.example/パス"]),
    ],
)
def test_urls_of_a_text(text, urls):
    assert in_text(text) == urls


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://user:pw@Evil.example:8080/x?y#z", "evil.example"),
        ("http://bank.example@evil.example/", "evil.example"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
        ("http://a.example\\@b.example/", "a.example"),  # as browsers read it (WHATWG URL)
        ("nothing", ""),
    ],
)
def test_hosts(url, host):
    assert host_of(url) == host


def test_registered_domains_are_distinct_and_addresses_have_none():
    urls = ["http://a.foo.co.jp/", "http://b.foo.co.jp/", "http://192.0.2.1/", "http://x.example"]
    assert domains(urls) == ["foo.co.jp", "x.example"]


def test_a_mebibyte_without_a_url_is_no_burden():
    assert in_text("http://" * 150_000) is not None
    assert in_text("." * (1 << 20)) == []
