from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.unit.writers.blocked import domain, ip, standing, url

from kaname.model.instant import DAY
from kaname.model.records import ArtifactKind, Role

Put = Callable[..., bytes]


def test_a_list_has_its_kind_only_each_entry_once(put: Put) -> None:
    everything = [
        ip(),
        ip("198.51.100.7"),
        ip("2001:db8::1"),
        standing(ArtifactKind.PREFIX, "203.0.113.0/24"),
        domain("EVIL.example."),
        domain("日本語.example"),
        url("https://evil.example:8443/a?b=c"),
        standing(ArtifactKind.HASH, "d41d8cd98f00b204e9800998ecf8427e"),
    ]
    assert put("edl-ip", *everything) == b"198.51.100.7\n2001:db8::1\n203.0.113.0/24\n"
    # RFC 3492: "日本語" is xn--wgv71a119e.
    assert put("edl-domain", *everything) == b"evil.example\nxn--wgv71a119e.example\n"
    assert put("edl-url", *everything) == b"evil.example:8443/a?b=c\n"
    assert put("edl-hash", *everything) == b"d41d8cd98f00b204e9800998ecf8427e\n"


@pytest.mark.parametrize(
    "left_out",
    [
        ip(role=Role.BENIGN),
        ip(role=Role.VICTIM),
        ip(revoked=True),
        ip(valid_until=20_000 * DAY),
        ip(valid_from=20_001 * DAY),
        ip("127.0.0.1"),
        ip("0.0.0.0"),  # noqa: S104 - an address, not a place to listen
        ip("::1"),
        ip("224.0.0.1"),
        ip("198.51.100.7\n0.0.0.0/0"),
        standing(ArtifactKind.PREFIX, "0.0.0.0/0"),
        standing(ArtifactKind.PREFIX, "::/0"),
        standing(ArtifactKind.PREFIX, "128.0.0.0/2"),
    ],
)
def test_nothing_harmless_over_or_far_too_wide_is_blocked(put: Put, left_out: object) -> None:
    assert put("edl-ip", left_out) == b""


def test_no_value_brings_a_second_line(put: Put) -> None:
    assert put("edl-url", url("http://x.example/a\nevil.example"), url("http://y/ z")) == b""
    assert put("edl-domain", domain("a.example\n*"), domain("com"), domain("a..b")) == b""
    assert put("edl-hash", standing(ArtifactKind.HASH, "ab\n*")) == b""
