"""Mailboxes in headers, after RFC 5322, appendix A, and as spam writes them."""

from __future__ import annotations

import pytest

from kaname.readers.mail.addresses import domain_of, mailboxes

# RFC 5322, appendix A.1.2 and A.1.3, and forms that are seen
HEADERS = {
    '"Joe Q. Public" <john.q.public@example.com>': [("Joe Q. Public", "john.q.public@example.com")],
    "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>": [
        ("Mary Smith", "mary@x.test"),
        ("", "jdoe@example.org"),
        ("Who?", "one@y.test"),
    ],
    '<boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>': [
        ("", "boss@nil.test"),
        ('Giant; "Big" Box', "sysservices@example.net"),
    ],
    "A Group:Ed Jones <joe@where.test>,John <jdoe@one.test>;": [
        ("Ed Jones", "joe@where.test"),
        ("John", "jdoe@one.test"),
    ],
    "Undisclosed recipients:;": [],
    "alice@bank.example <bob@evil.example>": [("alice@bank.example", "bob@evil.example")],
    "=?utf-8?B?6KGM5ZOh?= <A@Example.COM>": [("行員", "a@example.com")],
    "<>": [("", "")],
    "": [],
    ",,,": [],
}


@pytest.mark.parametrize("header", HEADERS)
def test_mailboxes(header):
    assert mailboxes(header) == HEADERS[header]


def test_domains():
    assert domain_of("a@Example.COM.") == "example.com"
    assert domain_of("a@[192.0.2.1]") == "192.0.2.1"
    assert domain_of("nobody") == ""


def test_a_header_of_a_mebibyte_of_separators_is_no_burden():
    assert len(mailboxes("a@b.example," * 87_000)) == 1000
    assert mailboxes("<" * 200_000) == []
