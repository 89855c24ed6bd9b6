from __future__ import annotations

from collections.abc import Callable

from tests.unit.writers.blocked import domain, ip, standing, url

from kaname.model.records import ArtifactKind, Role

Put = Callable[..., bytes]
HEAD = "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url"


def rows(data: bytes) -> list[list[str]]:
    lines = data.decode().split("\n")
    assert lines[0] == HEAD
    assert lines[-1] == ""
    return [line.split("\t") for line in lines[1:-1]]


def test_each_kind_has_the_type_that_zeek_compares(put: Put) -> None:
    data = put(
        "zeek",
        ip(),
        standing(ArtifactKind.PREFIX, "2001:db8::/32"),
        domain(),
        url("http://evil.example/a"),
        standing(ArtifactKind.MAIL, "a@evil.example"),
        standing(ArtifactKind.HASH, "ab" * 16),
        standing(ArtifactKind.FILE, "evil.exe"),
        standing(ArtifactKind.AGENT, "curl/7"),
    )
    assert [row[:2] for row in rows(data)] == [
        ["198.51.100.7", "Intel::ADDR"],
        ["2001:db8::/32", "Intel::SUBNET"],
        ["c2.evil.example", "Intel::DOMAIN"],
        ["evil.example/a", "Intel::URL"],
        ["a@evil.example", "Intel::EMAIL"],
        ["abababababababababababababababab", "Intel::FILE_HASH"],
        ["evil.exe", "Intel::FILE_NAME"],
        ["curl/7", "Intel::SOFTWARE"],
    ]
    assert rows(data)[0][2:] == [
        "kaname",
        (
            "scan: 198.51.100.7 | Score 75 of 100; valid until 2024-10-11T00:00:00.000000Z."
            " | TLP:GREEN indicator-ip"
        ),
        "-",
    ]


def test_a_value_stays_in_its_cell(put: Put) -> None:
    data = put(
        "zeek",
        standing(ArtifactKind.AGENT, "a\tIntel::ADDR\n0.0.0.0\\x41", label="x\ty\nz"),
        standing(ArtifactKind.FILE, "#close"),
    )
    first, second = rows(data)
    assert first[0] == r"a\x09Intel::ADDR\x0a0.0.0.0\x5cx41"
    assert r"x\x09y\x0az" in first[3]
    assert second[0] == r"\x23close"


def test_what_is_harmless_or_has_no_type_is_left_out(put: Put) -> None:
    data = put("zeek", ip(role=Role.BENIGN), standing(ArtifactKind.MUTEX, "m"), ip("127.0.0.1"))
    assert rows(data) == []
