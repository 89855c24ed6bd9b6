"""Patterns: valid as stix2-patterns says, matched as the specification says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.intelligence.stix.samples import DATA, NEEDED

from kaname.intelligence.stix.patterns import Observed, PatternError, artifacts, matches, parse

SECOND = 1_000_000


def valid(pattern: str) -> bool:
    try:
        parse(pattern)
    except PatternError:
        return False
    return True


@NEEDED
def test_validity_is_that_of_stix2_patterns() -> None:
    lines = (DATA / "oracles" / "pattern_validity.jsonl").read_text().splitlines()
    recorded = [json.loads(line) for line in lines]
    assert len(recorded) == 320
    wrong = [one["pattern"] for one in recorded if valid(one["pattern"]) != one["valid_21"]]
    assert wrong == []


@pytest.mark.parametrize(
    "pattern",
    [
        "[a:b = 1] START t'2025-01-01T00:00:00Z' STOP t'2025-01-02T00:00:00.5Z'",
        "([a:b IN (1, 2.5, true, h'ff', b'AAA=', t'2025-01-01T00:00:00Z')]) REPEATS 5 TIMES",
        "[a:b[*].c[0].'d-e' NOT LIKE 'x%' OR (a:b > 5 AND NOT EXISTS a:c)] WITHIN 1.5 SECONDS",
        "[a:b = 'it\\'s \\\\'] // comment\n AND [x-y:z MATCHES '^a$'] /* more */",
        "[a:b IN ()]",
        "[a:b='x' AND c:d='y'",
        "[a:b = 'x\\n']",
        "[a:b = tru]",
        "[a:b > true]",
        "[a:b = 1] WITHIN 5 MINUTES",
        "[a:b = 1] REPEATS 1.5 TIMES",
        "[a:b = 1] FOLLOWEDBY",
        "[a-b:c-d = 1]",
        "[AND:b = 1]",
        "[a:b = t'2025-13-01T00:00:00Z']",
        "[a:b = h'f']",
        "[a:b = 01]",
        "[]",
    ],
)
def test_validity_beside_the_tool_itself(pattern: str) -> None:
    from stix2patterns.validator import run_validator

    # It does not look at the value of a literal, only at its form.
    literal = "t'2025-13" in pattern
    assert valid(pattern) == (not run_validator(pattern, stix_version="2.1") and not literal)


def test_artifacts_are_what_is_compared_for_equality() -> None:
    pattern = (
        f"[file:hashes.'SHA-256' = '{'ABCDEF00' * 8}'"
        " OR file:name != 'x.exe'] FOLLOWEDBY [network-traffic:dst_ref.value = 'EVIL.example']"
        " AND [ipv4-addr:value ISSUBSET '198.51.100.0/24' OR ipv4-addr:value IN ('192.0.2.1')]"
        " AND [url:value NOT = 'http://a.example/'] AND [autonomous-system:number = 64500]"
    )
    assert [(one.kind.value, one.value) for one in artifacts(parse(pattern))] == [
        ("hash", "abcdef00" * 8),
        ("domain", "evil.example"),
        ("prefix", "198.51.100.0/24"),
        ("ip", "192.0.2.1"),
        ("asn", "AS64500"),
    ]


def seen(*things: dict[str, Any], at: int = 0, times: int = 1) -> Observed:
    objects = {thing.get("id", str(n)): thing for n, thing in enumerate(things)}
    return Observed(objects, at * SECOND, at * SECOND, times)


ADDRESS = {"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "198.51.100.7"}
NAME = {"type": "domain-name", "value": "www.evil.example"}
FILE = {"type": "file", "name": "Ünï.exe", "size": 25, "hashes": {"MD5": "aa" * 16}}
TRAFFIC = {"type": "network-traffic", "dst_ref": "ipv4-addr--1", "protocols": ["ipv4", "tcp"]}


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("[ipv4-addr:value = '198.51.100.7']", True),
        ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", True),
        ("[ipv4-addr:value ISSUBSET '198.51.100.8/29']", False),
        ("[ipv4-addr:value NOT ISSUBSET '192.0.2.0/24']", True),
        ("[domain-name:value LIKE '%.evil.example']", True),
        ("[domain-name:value LIKE 'evil.example']", False),
        ("[domain-name:value LIKE 'www_evil.example']", True),
        ("[domain-name:value MATCHES '^www\\\\.']", True),
        ("[domain-name:value MATCHES '^evil']", False),
        ("[domain-name:value MATCHES '(a+)+$']", False),
        ("[domain-name:value MATCHES '(?=x)']", False),
        ("[file:size > 20 AND file:size <= 25]", True),
        ("[file:size > 20 AND file:name = 'other']", False),
        ("[file:size IN (1, 25)]", True),
        ("[file:hashes.MD5 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' AND EXISTS file:name]", True),
        ("[NOT EXISTS file:hashes.'SHA-256']", True),
        ("[NOT EXISTS file:hashes.MD5]", False),
        ("[network-traffic:protocols[*] = 'tcp']", True),
        ("[network-traffic:protocols[0] = 'tcp']", False),
        ("[network-traffic:dst_ref.value = '198.51.100.7']", True),
        # One object has to fulfil both sides (9.6): an address is no file.
        ("[ipv4-addr:value = '198.51.100.7' AND file:size = 25]", False),
        ("[ipv4-addr:value = '198.51.100.7'] AND [file:size = 25]", False),
    ],
)
def test_one_observation(pattern: str, holds: bool) -> None:
    assert matches(parse(pattern), [seen(ADDRESS, NAME, FILE, TRAFFIC)]) is holds


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("[file:size = 25] FOLLOWEDBY [ipv4-addr:value = '198.51.100.7']", True),
        ("[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value LIKE '%']", False),
        ("([file:size = 25] FOLLOWEDBY [ipv4-addr:value = '198.51.100.7']) WITHIN 5 SECONDS", True),
        (
            "([file:size = 25] FOLLOWEDBY [ipv4-addr:value = '198.51.100.7']) WITHIN 4 SECONDS",
            False,
        ),
        ("[file:size = 25] REPEATS 2 TIMES", True),
        ("[file:size = 25] REPEATS 3 TIMES", False),
        ("[file:size = 25] START t'1970-01-01T00:00:01Z' STOP t'1970-01-01T00:00:02Z'", True),
        ("[file:size = 25] START t'1970-01-01T00:00:02Z' STOP t'1970-01-01T00:00:05Z'", False),
        ("[file:size = 25] AND [file:size = 25]", True),
        ("[file:size = 25] AND [file:size = 25] AND [file:size = 25]", False),
        ("[file:size = 9] OR [domain-name:value LIKE 'www.%']", True),
    ],
)
def test_several_observations(pattern: str, holds: bool) -> None:
    observed = [seen(NAME, at=0), seen(FILE, at=1), seen(FILE, at=0), seen(ADDRESS, at=6)]
    assert matches(parse(pattern), observed) is holds


def test_combinations_are_bounded() -> None:
    observed = [seen(FILE, at=n) for n in range(200)]
    pattern = " AND ".join(["[file:size = 25]"] * 8) + " AND [file:size = 26]"
    assert not matches(parse(pattern), observed)


@pytest.mark.parametrize("pattern", ["", "(" * 5000, "[" + "(" * 5000, "[a:b=" + "9" * 5000 + "]"])
def test_hostile_patterns_are_refused(pattern: str) -> None:
    assert not valid(pattern)
