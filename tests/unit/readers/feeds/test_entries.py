"""What a value is written like, and how it is spelled in the lake."""

from __future__ import annotations

import pytest

from kaname.readers.feeds.entries import columns, of_value, type_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("192.0.2.1", "ip"),
        ("2001:db8::1", "ip"),
        ("192.0.2.0/24", "net"),
        ("evil.example", "domain"),
        ("a_b.evil.co.jp.", "domain"),
        ("例え.jp", "domain"),
        ("xn--r8jz45g.xn--zckzah", "domain"),
        ("http://evil.example/x", "url"),
        ("d41d8cd98f00b204e9800998ecf8427e", "md5"),
        ("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", "sha256"),
        ("a@evil.example", "email"),
        ("1.2.3.4.5", None),
        ("300.1.1.1", None),
        ("word", None),
        ("two words.example", None),
        ("hxxp://evil.example", None),
        ("", None),
        ("http://", None),
        ("x." * 200 + "example", None),
    ],
)
def test_kinds(text, kind):
    assert type_of(text) == kind


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Evil.EXAMPLE.", "evil.example"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("192.0.2.9/24", "192.0.2.0/24"),
        ("A@Evil.example", "a@evil.example"),
        ("http://Evil.example/Path", "http://Evil.example/Path"),
    ],
)
def test_spelling(text, value):
    assert of_value(text).value == value


def test_a_port_is_taken_off():
    entry = of_value("192.0.2.1:443")
    assert (entry.value, entry.vtype, entry.ext) == ("192.0.2.1", "ip", {"port": 443})
    assert of_value("[2001:db8::1]:80").value == "2001:db8::1"
    assert of_value("nothing:80") is None


def test_columns_of_a_url_with_an_address():
    row = columns(of_value("http://192.0.2.7:8080/x"), "f", 5)
    assert (row["src"], row["regdom"], row["ts"]) == ("192.0.2.7", None, 5)
    row = columns(of_value("http://a.foo.co.jp/"), "f", 5)
    assert (row["regdom"], row["url"]) == ("foo.co.jp", "http://a.foo.co.jp/")
