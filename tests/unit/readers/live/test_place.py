"""How places are written."""

from __future__ import annotations

import pytest

from kaname.model.address import from_text
from kaname.model.errors import UsageError
from kaname.model.marking import Tlp
from kaname.readers.live import place


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("syslog", "udp://127.0.0.1:5514"),
        ("syslog=:514", "udp://127.0.0.1:514"),
        ("syslog=tcp://192.0.2.1:601", "tcp://192.0.2.1:601"),
        ("syslog=[::1]:601", "udp://[::1]:601"),
        ("syslog=tcp://[2001:db8::1]:601", "tcp://[2001:db8::1]:601"),
        ("syslog=/run/log.sock", "unix:/run/log.sock"),
        ("syslog=unix:run.sock", "unix:run.sock"),
    ],
)
def test_places(text, shown):
    assert str(place(text)) == shown


def test_what_belongs_to_a_place():
    found = place("syslog=:1?sensor=core&tlp=red&allow=192.0.2.0/24&allow=2001:db8::/32")
    assert (found.sensor, found.tlp) == ("core", Tlp.RED)
    assert found.allows(*from_text("192.0.2.200"))
    assert found.allows(*from_text("2001:db8::1"))
    assert not found.allows(*from_text("192.0.3.1"))
    assert place("syslog=:1").allows(*from_text("203.0.113.1"))


@pytest.mark.parametrize(
    "text",
    ["nothing=:1", "syslog=nowhere", "syslog=:99999", "syslog=:1?color=red", "syslog=http://:1",
     "syslog=:1?sensor=a%20b", "syslog=:1?tlp=pink", "syslog=:1?allow=192.0.2.1/24"],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(text):
    with pytest.raises(UsageError):
        place(text)
