from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from tests.unit.writers.blocked import DAY_0, domain, ip, standing, url

from kaname.model.instant import DAY, SECOND
from kaname.model.records import ArtifactKind, Role
from kaname.writers.suricata import hash_lists

Put = Callable[..., bytes]
HEAD = re.compile(
    r"alert (ip|dns|tls|http) (\$HOME_NET|any) any (->|<>) ([0-9a-f.:/]+|any) any \((.*)\)"
)
# As Suricata splits options: a semicolon ends one unless quoted or escaped.
OPTION = re.compile(r'\s*([a-z0-9_.]+)(?::((?:"(?:[^"\\;]|\\.)*"|[^";\\]|\\.)*))?;')


class Rule(NamedTuple):
    protocol: str
    target: str
    options: list[tuple[str, str]]

    def value(self, name: str) -> str:
        (found,) = [value for key, value in self.options if key == name]
        return found


def parse(line: str) -> Rule:
    """A rule of Suricata, strictly; whatever is left over fails."""
    head = HEAD.fullmatch(line)
    assert head, line
    body, position, options = head[5], 0, []
    while position < len(body):
        option = OPTION.match(body, position)
        assert option, body[position:]
        options.append((option[1], option[2] or ""))
        position = option.end()
    return Rule(head[1], head[4], options)


def rules(data: bytes) -> list[Rule]:
    found = [parse(line) for line in data.decode().splitlines()]
    sids = [rule.value("sid") for rule in found]
    assert len(set(sids)) == len(sids)
    assert all(1 << 31 <= int(sid) < 1 << 32 for sid in sids)
    return found


def test_an_address_is_a_rule_with_its_reasons(put: Put) -> None:
    (rule,) = rules(put("suricata", ip()))
    assert (rule.protocol, rule.target) == ("ip", "198.51.100.7")
    assert rule.value("msg") == '"kaname scan: 198.51.100.7"'
    assert rule.value("reference") == "url,attack.mitre.org/techniques/T1595/001/"
    assert rule.value("metadata").split(",") == [
        "kaname_score 75",
        "kaname_indicator indicator-ip",
        "kaname_label scan",
        "tlp green",
        "mitre_technique_id T1595.001",
        "kaname_evidence obs-1",
    ]
    assert rule.value("rev") == str(DAY_0 // SECOND)


def test_a_domain_is_looked_for_in_three_places_with_all_below_it(put: Put) -> None:
    found = rules(put("suricata", domain("Evil.example")))
    assert [rule.options[1:5] for rule in found] == [
        [("dns.query", ""), ("dotprefix", ""), ("content", '".evil.example"'), ("endswith", "")],
        [("tls.sni", ""), ("dotprefix", ""), ("content", '".evil.example"'), ("endswith", "")],
        [("http.host", ""), ("dotprefix", ""), ("content", '".evil.example"'), ("endswith", "")],
    ]
    # The HTTP buffer is in lower case already, and Suricata warns of a needless word.
    assert [("nocase", "") in rule.options for rule in found] == [True, True, False]


def test_a_url_is_host_and_raw_path(put: Put) -> None:
    (rule,) = rules(put("suricata", url("http://Evil.example:8080/a b?q=1#top")))
    assert rule.options[1:7] == [
        ("http.host", ""),
        ("content", '"evil.example"'),
        ("bsize", "12"),
        ("http.uri.raw", ""),
        ("content", '"/a|20|b?q=1"'),
        ("bsize", "8"),
    ]
    assert rules(put("suricata", url("ftp://x.example/"), url("http://[::1"))) == []


def test_hashes_are_lists_beside_the_rules(put: Put) -> None:
    md5, sha256 = "ab" * 16, "cd" * 32
    given = [standing(ArtifactKind.HASH, value) for value in (sha256, md5, md5, "ef" * 64)]
    found = rules(put("suricata", *given))
    assert [rule.options[1] for rule in found] == [
        ("filemd5", "kaname-md5.list"),
        ("filesha256", "kaname-sha256.list"),
    ]
    assert hash_lists(given, DAY_0) == {
        "kaname-md5.list": f"{md5}\n".encode(),
        "kaname-sha1.list": b"",
        "kaname-sha256.list": f"{sha256}\n".encode(),
    }


def test_other_kinds(put: Put) -> None:
    ja3 = "e7d705a3286e19ea42f587b344ee6865"
    found = rules(
        put(
            "suricata",
            standing(ArtifactKind.PREFIX, "2001:db8::/32"),
            standing(ArtifactKind.AGENT, 'bad"; drop'),
            standing(ArtifactKind.FINGERPRINT, f"ja3:{ja3}"),
            standing(ArtifactKind.FINGERPRINT, "ja3:no"),
            standing(ArtifactKind.MUTEX, "m"),
            ip(role=Role.BENIGN),
            ip(revoked=True),
        )
    )
    assert [rule.target for rule in found] == ["2001:db8::/32", "any", "any"]
    assert found[1].options[1:4] == [
        ("http.user_agent", ""),
        ("content", '"bad|22 3B 20|drop"'),
        ("bsize", "10"),
    ]
    assert found[2].options[1:3] == [("ja3.hash", ""), ("content", f'"{ja3}"')]


@pytest.mark.parametrize(
    "text", ['"; sid:1;', "a\nalert ip any any -> any any (sid:2;)", "\\", "x;y,z w", "日本語\0"]
)
def test_nothing_in_a_value_ends_a_rule_or_a_string(put: Put, text: str) -> None:
    given = standing(
        ArtifactKind.AGENT, text, label=text, techniques=(text, "T1071"), id=f"indicator-{text}"
    )
    (rule,) = rules(put("suricata", given))
    assert [name for name, _ in rule.options] == [
        "msg", "http.user_agent", "content", "bsize", "reference", "metadata", "classtype", "sid",
        "rev",
    ]  # fmt: skip
    pairs = [pair.split(" ") for pair in rule.value("metadata").split(",")]
    assert all(len(pair) == 2 for pair in pairs)


def test_the_number_stays_and_the_revision_rises(put: Put) -> None:
    (first,) = rules(put("suricata", ip()))
    (second,) = rules(put("suricata", ip(updated=DAY_0 + DAY // 2, label="other")))
    assert first.value("sid") == second.value("sid")
    assert int(second.value("rev")) > int(first.value("rev"))
    assert rules(put("suricata", ip(), ip())) != []  # one number each, though the same id
