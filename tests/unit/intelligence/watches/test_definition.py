from __future__ import annotations

import pytest

from kaname.intelligence.watches import define
from kaname.knowledge.watch_records import Delivery, Purpose, WatchKind
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("ip", "192[.]0.2.1", "192.0.2.1"),
        ("prefix", "192.0.2.0/24", "192.0.2.0/24"),
        ("domain", "Example.COM.", "example.com"),
        ("hash", "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
        ("mail", "info@EXAMPLE.com", "info@example.com"),
        ("keyword", " Emotet ", "Emotet"),
        ("keyword", "標的", "標的"),
        ("regex", r"^x\d+$", r"^x\d+$"),
        ("score", "80", "80"),
        ("technique", "t1059.001", "T1059.001"),
        ("relation", "domain:Example.com", "domain:example.com"),
    ],
)
def test_values_get_one_spelling(kind: str, text: str, value: str) -> None:
    assert define(WatchKind(kind), text, owner="a").value == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ip", "010.0.0.1"),
        ("domain", "localhost"),
        ("hash", "abc"),
        ("keyword", "ab"),
        ("regex", "("),
        ("regex", ".*"),
        ("regex", "(a{1000}){1000}"),
        ("regex", "(?<=a)b"),
        ("score", "0"),
        ("score", "101"),
        ("technique", "1059"),
        ("relation", "example.com"),
        ("keyword", "x" * 3000),
    ],
)
def test_what_would_meet_nothing_or_everything_is_refused(kind: str, text: str) -> None:
    with pytest.raises(UsageError):
        define(WatchKind(kind), text, owner="a")


def test_what_is_ours_is_closed() -> None:
    own = define(WatchKind.DOMAIN, "example.com", owner="a", purpose=Purpose.OWN, tlp=Tlp.CLEAR)
    assert own.tlp is Tlp.AMBER_STRICT


def test_a_score_cannot_be_suppressed() -> None:
    with pytest.raises(UsageError):
        define(WatchKind.SCORE, "80", owner="a", purpose=Purpose.SUPPRESS)


@pytest.mark.parametrize(
    "delivery",
    [
        Delivery(webhook="file:///etc/passwd"),
        Delivery(webhook="https://"),
        Delivery(mail=("a@example.com",)),
        Delivery(mail=("a@example.com\nBcc: b@example.com",), smtp="h:25", sender="k@example.com"),
        Delivery(mail=("a@example.com",), smtp="host", sender="k@example.com"),
    ],
)
def test_notices_go_only_where_they_can(delivery: Delivery) -> None:
    with pytest.raises(UsageError):
        define(WatchKind.IP, "192.0.2.1", owner="a", delivery=delivery)
