"""Received headers as servers of all kinds write them; what is forged is not believed."""

from __future__ import annotations

import pytest

from kaname.model.errors import UsageError
from kaname.readers.mail.hops import first_untrusted, hops, instant, trusted_prefixes

DATE = "; Mon, 01 Jan 2024 12:00:00 +0900"
# (header, HELO, reverse name, address): by hand after what each server documents
SERVERS = {
    "Postfix": (
        "from helo.example (host.example [192.0.2.1]) by mx.example (Postfix) with ESMTP id 1",
        ("helo.example", "host.example", "192.0.2.1"),
    ),
    "Postfix without reverse name, IPv6": (
        "from helo.example (unknown [IPv6:2001:db8::26]) by mx.example (Postfix) with ESMTPS id 1",
        ("helo.example", None, "2001:db8::26"),
    ),
    "sendmail": (
        "from helo.example (host.example [192.0.2.1] (may be forged)) by mx (8.14/8.14) with SMTP",
        ("helo.example", "host.example", "192.0.2.1"),
    ),
    "Exim": (
        "from host.example ([2001:db8::25]:587 helo=helo.example) by mx with esmtps (TLS1.3) id 1",
        ("helo.example", "host.example", "2001:db8::25"),
    ),
    "Exim without reverse name": (
        "from [192.0.2.9] (helo=pc.example) by mx with smtp (Exim 4.9) id x",
        ("pc.example", None, "192.0.2.9"),
    ),
    "qmail": (
        "from host.example (HELO helo.example) (192.0.2.1) by mx with SMTP",
        ("helo.example", "host.example", "192.0.2.1"),
    ),
    "Exchange": (
        "from HUB.example (2001:db8:6a10::13) by DB7.example (2001:db8::2) with HTTPS",
        ("hub.example", None, "2001:db8:6a10::13"),
    ),
    "Gmail": (
        "from helo.example (host.example. [192.0.2.1]) by mx.example with ESMTPS id x for <a@b>",
        ("helo.example", "host.example", "192.0.2.1"),
    ),
    "a host called by": (
        "from by.example (by.example [192.0.2.1]) by mx.example with SMTP",
        ("by.example", "by.example", "192.0.2.1"),
    ),
    "local delivery": ("by 2002:a05:6a10:1:b0:1 with SMTP id x", (None, None, None)),
    "qmail's own": ("(qmail 23530 invoked from network)", (None, None, None)),
}


@pytest.mark.parametrize("server", SERVERS)
def test_names_and_addresses(server):
    header, expected = SERVERS[server]
    (hop,) = hops([header + DATE])
    assert (hop.helo, hop.rdns, hop.ip) == expected
    assert hop.ts == 1_704_078_000_000_000


def test_folded_headers_are_one():
    (hop,) = hops(["from a.example\r\n\t(b.example [192.0.2.1])\r\n by mx" + DATE])
    assert (hop.helo, hop.ip, hop.by) == ("a.example", "192.0.2.1", "mx")


WAY = [
    "from relay.inside (relay.inside [10.0.0.5]) by store.inside with LMTP" + DATE,
    "from mx.example (mx.example [203.0.113.9]) by relay.inside with ESMTP" + DATE,
    "from spam.example (spam.example [198.51.100.66]) by mx.example with ESMTP" + DATE,
    "from bank.example (bank.example [192.0.2.200]) by spam.example with ESMTP" + DATE,
]


def test_the_first_hop_from_outside_is_the_origin():
    assert first_untrusted(hops(WAY), trusted_prefixes("")) == 1


def test_own_relays_are_passed_over_and_forged_headers_below_are_not_reached():
    assert first_untrusted(hops(WAY), trusted_prefixes("203.0.113.0/24, 2001:db8::/32")) == 2


def test_mail_that_never_left_has_no_origin():
    assert first_untrusted(hops(WAY[:1]), trusted_prefixes("")) is None


def test_a_wrong_prefix_is_told():
    with pytest.raises(UsageError):
        trusted_prefixes("203.0.113.0/33")


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Fri, 21 Nov 1997 09:55:06 -0600", 880_127_706),  # RFC 5322, appendix A.1
        ("21 Nov 97 09:55:06 GMT", 880_106_106),  # appendix A.6.2
        ("Thu Nov 21 09:55:06 1997", 880_106_106),
        ("", None),
        ("Fri, 99 Foo 1997 99:99:99", None),
        ("Fri, 21 Nov 99999999999999 09:55:06", None),
    ],
)
def test_dates(date, seconds):
    assert instant(date) == (None if seconds is None else seconds * 1_000_000)
