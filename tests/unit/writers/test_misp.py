from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pymisp import MISPEvent
from tests.unit.writers.blocked import DAY_0, domain, ip, standing

from kaname.model.records import ArtifactKind, Role

Put = Callable[..., bytes]


def event(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data)["Event"]
    return found


def test_an_attribute_says_what_kaname_says(put: Put) -> None:
    (attribute,) = event(put("misp", ip()))["Attribute"]
    comment = attribute.pop("comment")
    assert comment.startswith("scan: 198.51.100.7\nScore 75 of 100")
    uuid = attribute.pop("uuid")
    assert attribute == {
        "type": "ip-src",
        "category": "Network activity",
        "value": "198.51.100.7",
        "to_ids": True,
        "timestamp": "1728000000",
        "first_seen": "2024-10-03T22:00:00.000000+00:00",
        "deleted": False,
        "distribution": "5",
        "Tag": [
            {"name": "tlp:green", "colour": "#339900"},
            {"name": 'kaname:label="scan"'},
            {"name": 'kaname:score="75"'},
            {"name": 'kaname:technique="T1595.001"'},
        ],
    }
    assert event(put("misp", ip()))["Attribute"][0]["uuid"] == uuid


def test_pymisp_reads_all_kinds_with_types_that_misp_has(put: Put) -> None:
    values = {
        ArtifactKind.PREFIX: "203.0.113.0/24",
        ArtifactKind.URL: "http://evil.example/",
        ArtifactKind.HASH: "ab" * 32,
        ArtifactKind.MAIL: "a@evil.example",
        ArtifactKind.ASN: "AS64496",
        ArtifactKind.VULNERABILITY: "CVE-2024-1234",
        ArtifactKind.WALLET: "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        ArtifactKind.REGISTRY: r"HKEY_LOCAL_MACHINE\a",
        ArtifactKind.MUTEX: "m",
        ArtifactKind.FILE: "evil.exe",
        ArtifactKind.AGENT: "curl/7",
        ArtifactKind.FINGERPRINT: "ja3:e7d705a3286e19ea42f587b344ee6865",
        ArtifactKind.CERTIFICATE: "cd" * 32,
        ArtifactKind.PORT: "tcp/23",
    }
    data = put("misp", domain(), *(standing(kind, value) for kind, value in values.items()))
    loaded = MISPEvent()
    loaded.load(data)  # PyMISP refuses a type or category that MISP has not
    assert [attribute.type for attribute in loaded.attributes] == [
        "domain", "ip-src", "url", "sha256", "email-src", "AS", "vulnerability", "btc", "regkey",
        "mutex", "filename", "user-agent", "ja3-fingerprint-md5", "x509-fingerprint-sha256", "port",
    ]  # fmt: skip
    flagged = {a.type for a in loaded.attributes if not a.to_ids}
    assert flagged == {"AS", "vulnerability", "port"}
    assert loaded.info == "kaname: indicators"


@pytest.mark.parametrize(
    ("given", "flag", "deleted"),
    [
        (ip(role=Role.BENIGN), False, False),
        (ip(revoked=True), True, True),
        (ip(valid_until=DAY_0), True, True),
    ],
)
def test_what_must_not_be_acted_on_says_so(
    put: Put, given: object, flag: bool, deleted: bool
) -> None:
    (attribute,) = event(put("misp", given))["Attribute"]
    assert (attribute["to_ids"], attribute["deleted"]) == (flag, deleted)


def test_a_label_ends_no_machine_tag(put: Put) -> None:
    (attribute,) = event(put("misp", ip(label='a" tlp:clear\n')))["Attribute"]
    assert attribute["Tag"][1]["name"] == 'kaname:label="a tlp:clear"'


def test_where_victims_connect_to_is_a_destination(put: Put) -> None:
    (attribute,) = event(put("misp", ip(techniques=("T1071.001",))))["Attribute"]
    assert attribute["type"] == "ip-dst"


def test_no_indicator_is_an_event_too(put: Put) -> None:
    assert event(put("misp"))["Attribute"] == []
