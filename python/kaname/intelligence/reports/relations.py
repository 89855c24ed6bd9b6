"""Relations that sentences state: two things and a verb between or behind them.

In English the verb stands between subject and object, in Japanese behind both. A relation
is a claim with the place of its sentence as evidence, never more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kaname.intelligence.reports.document import Sentence
from kaname.knowledge.report_records import EntityClaim, Found, RelationClaim

__all__ = ["relations"]

_MOST = 40  # of one sentence: lists of hundreds say nothing about each pair
_CUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "communicates-with",
        re.compile(
            r"communicat\w+ with|connect(?:s|ed|ing)? to|beacon\w* to|contact(?:s|ed)"
            r"|phones? home to"
            r"|通信し|通信を行|接続し|接続す|接続を|と通信|に接続",
            re.IGNORECASE,
        ),
    ),
    (
        "downloads-from",
        re.compile(r"download(?:s|ed|ing)?|fetch(?:es|ed)|ダウンロード|取得し", re.IGNORECASE),
    ),
    (
        "exploits",
        re.compile(
            r"exploit(?:s|ed|ing)?|leverag(?:es|ed|ing) the vulnerability|悪用", re.IGNORECASE
        ),
    ),
    (
        "drops",
        re.compile(
            r"drop(?:s|ped|ping)?|install(?:s|ed|ing)?|deploy(?:s|ed|ing)?|投下|設置|展開"
            r"|インストール|感染させ",
            re.IGNORECASE,
        ),
    ),
    (
        "delivers",
        re.compile(
            r"deliver(?:s|ed|ing)?|distribut(?:es|ed|ing)|spread(?:s|ing)?|配布|配信|拡散|ばらまか",
            re.IGNORECASE,
        ),
    ),
    (
        "attributed-to",
        re.compile(
            r"attribut(?:e|ed|es) to|linked to|operated by|関連(?:する|がある)|帰属|関与",
            re.IGNORECASE,
        ),
    ),
    (
        "uses",
        re.compile(
            r"us(?:es|ed|ing)|leverag(?:es|ed|ing)|employ(?:s|ed|ing)?|utiliz(?:es|ed|ing)"
            r"|使用|利用|用い|使っ",
            re.IGNORECASE,
        ),
    ),
)
_FROM = {  # of which type the subject has to be
    "uses": ("actor", "malware", "campaign"),
    "attributed-to": ("malware", "tool", "campaign"),
}
_OBJECTS = {  # and the object
    "uses": ("malware", "tool", "domain", "url", "ip", "mail", "technique"),
    "attributed-to": ("actor",),
    "exploits": ("vulnerability",),
    "communicates-with": ("ip", "domain", "url"),
    "downloads-from": ("ip", "domain", "url", "malware", "tool"),
    "drops": ("malware", "tool", "file", "hash"),
    "delivers": ("malware", "tool"),
}


class _Thing(NamedTuple):
    type: str
    name: str
    start: int
    end: int


def relations(
    sentences: Sequence[Sentence],
    language: str,
    entities: Iterable[EntityClaim],
    artifacts: Iterable[Found],
) -> list[RelationClaim]:
    """What the sentences state, each relation once a sentence."""
    subjects = [_Thing(one.type, one.name, one.start, one.end) for one in entities]
    objects = subjects + [
        _Thing(one.kind.value, one.value, one.start, one.end)
        for one in artifacts
        if one.role == "indicator"
    ]
    objects.sort(key=lambda one: one.start)
    found: list[RelationClaim] = []
    at = 0
    for sentence in sentences:
        while at < len(objects) and objects[at].start < sentence.start:
            at += 1
        inside = []
        while at < len(objects) and objects[at].start < sentence.end:
            inside.append(objects[at])
            at += 1
        found += _of_sentence(sentence, inside, language)
    return found


def _of_sentence(sentence: Sentence, things: list[_Thing], language: str) -> list[RelationClaim]:
    subjects = [one for one in things if one.type in ("actor", "malware", "tool", "campaign")]
    if len(things) < 2 or not subjects:
        return []
    made: dict[tuple[str, str, str], RelationClaim] = {}
    for how, cue in _cues(sentence):
        for a, b in _pairs(subjects, things, sentence, cue, language):
            if a.type not in _FROM.get(how, ("actor", "malware", "tool", "campaign")):
                continue
            if b.type in _OBJECTS[how] and a.name != b.name and len(made) < _MOST:
                key = (f"{a.type}:{a.name}", how, f"{b.type}:{b.name}")
                made.setdefault(key, _claim(key, cue.group(), sentence))
    return list(made.values())


def _claim(key: tuple[str, str, str], cue: str, sentence: Sentence) -> RelationClaim:
    a, how, b = key
    return RelationClaim(a=a, how=how, b=b, cue=cue, start=sentence.start, end=sentence.end)


def _cues(sentence: Sentence) -> Iterator[tuple[str, re.Match[str]]]:
    for how, rule in _CUES:
        for match in rule.finditer(sentence.text):
            yield how, match


def _pairs(
    subjects: list[_Thing],
    things: list[_Thing],
    sentence: Sentence,
    cue: re.Match[str],
    language: str,
) -> Iterator[tuple[_Thing, _Thing]]:
    """The nearest subject with each object, in the order that the language has."""
    place = sentence.start + cue.start()
    before = [one for one in subjects if one.end <= place]
    if not before:
        return
    if language == "ja":
        subject = before[0]
        yield from ((subject, b) for b in things if subject.end <= b.start and b.end <= place)
    else:
        yield from ((before[-1], b) for b in things if b.start >= place)
