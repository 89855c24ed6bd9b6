"""Suricata rules, one for each way in which an indicator shows itself on the wire."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar
from urllib.parse import urlsplit

from kaname.model.instant import SECOND
from kaname.model.records import ArtifactKind, Indicator
from kaname.writers.blocking import blockable, host_of, network, revision
from kaname.writers.frame import EvidenceOf, FindingOf, Sink, WriterDoc, unexplained

__all__ = ["HASH_LISTS", "SuricataWriter", "hash_lists"]

# Above the ranges that others were given (sidallocation.org ends well below 2^31).
_FIRST_SID = 1 << 31
HASH_LISTS = {32: "md5", 40: "sha1", 64: "sha256"}  # keyword file<name>, by hex digits
_PLAIN = re.compile(rb"[A-Za-z0-9_./~=&?%+,-]")
_HEX = re.compile(r"[0-9a-f]+")
_WORD = re.compile(r"[^A-Za-z0-9_.:+-]+")
_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")
_JA3 = {"ja3": "ja3.hash", "ja3s": "ja3s.hash"}


class SuricataWriter:
    """Rules for Suricata 6 and later."""

    name: ClassVar[str] = "suricata"
    media_type: ClassVar[str] = "text/plain; charset=utf-8"
    suffix: ClassVar[str] = ".rules"
    doc: ClassVar[WriterDoc] = WriterDoc(
        en="Suricata rules: addresses and prefixes, DNS queries, TLS server names, HTTP hosts"
        " and URLs, user agents, JA3 and hashes of files, with score, evidence and technique in"
        " the metadata.",
        ja="Suricata のルール。アドレスとプレフィックス、DNS の問い合わせ、TLS のサーバー名、"
        "HTTP のホストと URL、ユーザーエージェント、JA3、ファイルのハッシュ値を対象とし、"
        "スコア、証拠、技術をメタデータに入れます。",
        references=("https://docs.suricata.io/en/latest/rules/index.html",),
        limitations_en=(
            (
                "Suricata reads hashes of files from lists beside the rules: kaname-md5.list,"
                " kaname-sha1.list and kaname-sha256.list, which `kaname share push` writes."
            ),
            (
                "The sid is derived from the indicator (2,147,483,648 and above); where two would"
                " be the same, the later one in the file gets the next free one."
            ),
            "The path of an HTTPS URL is seen only where TLS is decrypted.",
        ),
        limitations_ja=(
            (
                "ファイルのハッシュ値は、ルールと並べて置く kaname-md5.list、kaname-sha1.list、"
                "kaname-sha256.list から読まれます(`kaname share push` が書き出します)。"
            ),
            (
                "sid はインジケーターから導きます(2,147,483,648 以上)。重なる場合、後のものに"
                "次の空き番号を付けます。"
            ),
            "HTTPS の URL のパスは、TLS を復号している所でしか見えません。",
        ),
    )

    def write(
        self,
        indicators: Iterable[Indicator],
        findings: FindingOf,  # noqa: ARG002 - the evidence is named by its ids
        out: Sink,
        *,
        language: str,  # noqa: ARG002 - rules are in English
        at: int,
        evidence: EvidenceOf = unexplained,  # noqa: ARG002
    ) -> int:
        """See `kaname.writers.frame.Writer`."""
        sids: set[int] = set()
        lists: dict[str, Indicator] = {}
        count = 0
        for indicator in blockable(indicators, at):
            rules = list(_rules(indicator))
            for number, (head, options) in enumerate(rules):
                sid = _sid(indicator.id, number, sids)
                out.write(_rule(head, options, indicator, sid, at).encode())
            listed = _hash_list(indicator)
            if listed is not None:
                lists.setdefault(listed, indicator)
            count += bool(rules) or listed is not None
        for name in sorted(lists):
            sid = _sid(f"list:{name}", 0, sids)
            out.write(_list_rule(name, sid, at).encode())
        return count


def hash_lists(indicators: Iterable[Indicator], at: int) -> dict[str, bytes]:
    """The files that the rules refer to: name -> a hash a line."""
    found: dict[str, list[str]] = {f"kaname-{name}.list": [] for name in HASH_LISTS.values()}
    for indicator in blockable(indicators, at):
        if name := _hash_list(indicator):
            found[f"kaname-{name}.list"].append(indicator.artifact.value)
    return {
        name: "".join(f"{one}\n" for one in dict.fromkeys(v)).encode() for name, v in found.items()
    }


def _hash_list(indicator: Indicator) -> str | None:
    value = indicator.artifact.value
    fits = indicator.artifact.kind is ArtifactKind.HASH and _HEX.fullmatch(value)
    return HASH_LISTS.get(len(value)) if fits else None


def _rules(indicator: Indicator) -> Iterator[tuple[str, str]]:
    """(protocol and direction, what to look for) of each rule."""
    if found := network(indicator):
        place = str(found) if found.prefixlen < found.max_prefixlen else str(found[0])
        yield (
            f"ip $HOME_NET any <> {place} any",
            "threshold:type limit,track by_src,seconds 300,count 1;",
        )
    elif name := host_of(indicator):
        yield from _domain_rules(name)
    elif indicator.artifact.kind is ArtifactKind.URL:
        yield from _url_rules(indicator.artifact.value)
    elif indicator.artifact.kind is ArtifactKind.AGENT:
        yield _CLIENT.format("http"), f"http.user_agent;{_whole(indicator.artifact.value)}"
    elif indicator.artifact.kind is ArtifactKind.FINGERPRINT:
        yield from _ja3_rules(indicator.artifact.value)


_CLIENT = "{} $HOME_NET any -> any any"


def _domain_rules(name: str) -> Iterator[tuple[str, str]]:
    """The name and all below it; `dotprefix` keeps ``notevil.example`` out of it."""
    ending = f'dotprefix;content:"{_content(f".{name}")}";endswith;'
    yield _CLIENT.format("dns"), f"dns.query;{ending}nocase;"
    yield _CLIENT.format("tls"), f"tls.sni;{ending}nocase;"
    yield _CLIENT.format("http"), f"http.host;{ending}"  # the buffer is in lower case


def _url_rules(url: str) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return
    if parts.scheme not in ("http", "https") or not host:
        return
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    yield _CLIENT.format("http"), f"http.host;{_whole(host)}http.uri.raw;{_whole(path)}"


def _ja3_rules(value: str) -> Iterator[tuple[str, str]]:
    kind, _, digest = value.partition(":")
    buffer = _JA3.get(kind)
    if buffer is not None and len(digest) == 32 and _HEX.fullmatch(digest):
        yield _CLIENT.format("tls"), f'{buffer};content:"{digest}";'


def _whole(text: str) -> str:
    return f'content:"{_content(text)}";bsize:{len(text.encode())};'


def _content(text: str) -> str:
    """``text`` as the value of ``content``: whatever could end or change it as hex bytes."""
    found = ""
    for run in re.finditer(rb"[A-Za-z0-9_./~=&?%+,-]+|[^A-Za-z0-9_./~=&?%+,-]+", text.encode()):
        plain = _PLAIN.match(run[0])
        found += run[0].decode() if plain else f"|{run[0].hex(' ').upper()}|"
    return found


def _sid(key: str, number: int, taken: set[int]) -> int:
    digest = hashlib.sha256(f"{key}#{number}".encode()).digest()
    sid = _FIRST_SID + (int.from_bytes(digest[:4], "big") >> 1)
    while sid in taken:
        sid = _FIRST_SID + (sid + 1) % _FIRST_SID
    taken.add(sid)
    return sid


def _rule(head: str, options: str, indicator: Indicator, sid: int, at: int) -> str:
    message = _message(f"kaname {indicator.label}: {indicator.artifact.value}")
    rev = revision(indicator, at)
    return (
        f'alert {head} (msg:"{message}";{options}{_references(indicator)}'
        f"metadata:{_metadata(indicator, rev)};classtype:misc-attack;sid:{sid};rev:{rev};)\n"
    )


def _list_rule(name: str, sid: int, at: int) -> str:
    return (
        f'alert http any any -> any any (msg:"kaname file by {name}";'
        f"file{name}:kaname-{name}.list;classtype:misc-attack;sid:{sid};rev:{at // SECOND};)\n"
    )


def _message(text: str) -> str:
    """``text`` without what ends or escapes a string of a rule."""
    plain = text.replace('"', "'").replace(";", ",").replace("\\", "/")
    return "".join(c if c.isprintable() else "?" for c in plain)[:200]


def _references(indicator: Indicator) -> str:
    known = (one for one in indicator.techniques if _TECHNIQUE.fullmatch(one))
    return "".join(
        f"reference:url,attack.mitre.org/techniques/{one.replace('.', '/')}/;" for one in known
    )


def _metadata(indicator: Indicator, rev: int) -> str:
    """Key and value pairs; the score is that at the instant of the revision."""
    pairs = [
        ("kaname_score", str(indicator.score(rev * SECOND))),
        ("kaname_indicator", indicator.id),
        ("kaname_label", indicator.label),
        ("tlp", indicator.tlp.value),
        *(("mitre_technique_id", one) for one in indicator.techniques),
        *(("kaname_evidence", one) for term in indicator.terms[:3] for one in term.evidence[:1]),
    ]
    pairs = list(dict.fromkeys(pairs))  # terms may rest on the same observation
    return ",".join(f"{key} {_WORD.sub('_', value)}" for key, value in pairs)
