"""Reports and sentences with techniques, from the forms in which they are published.

- annotated reports: JSON lines of ``{"file", "text", "spans": [[start, end, technique]]}``
  (TRAM 2);
- sentences: JSON lines of ``{"text", "labels": [technique]}``;
- ATT&CK itself: a STIX bundle, of which descriptions of techniques and of who uses them
  are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kaname.intelligence.attack.pieces import LEAST, pieces
from kaname.model.errors import InputError
from kaname.readers.unpacking import unpacked

__all__ = ["Corpus", "Report", "folded", "read"]

_CITATION = re.compile(r"\(Citation:[^)]*\)|<[^>]+>")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_LONGEST = 600  # of the description of a technique


class Report(msgspec.Struct, frozen=True):
    """A report's sentences, and the techniques that each shows."""

    name: str
    sentences: tuple[tuple[str, frozenset[str]], ...]


class Corpus(msgspec.Struct):
    """Annotated reports, and sentences that belong to none."""

    reports: list[Report] = msgspec.field(default_factory=list)
    sentences: list[tuple[str, frozenset[str]]] = msgspec.field(default_factory=list)


def folded(technique: str, labels: frozenset[str]) -> str | None:
    """The class that ``technique`` counts for: itself, its parent, or none."""
    if technique in labels:
        return technique
    parent = technique.partition(".")[0]
    return parent if parent in labels else None


def read(paths: Iterable[Path], labels: Sequence[str]) -> Corpus:
    """Everything in these files, in classes of ``labels``.

    Raises:
        InputError: a file is in none of the forms.
    """
    known = frozenset(labels)
    corpus = Corpus()
    for path in sorted(paths):
        with path.open("rb") as raw:
            data = b"".join(unpacked(raw))
        try:
            _take(corpus, data, known)
        except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                "intelligence.error.technique_corpus", path=path.name, reason=str(error)
            ) from error
    return corpus


def _take(corpus: Corpus, data: bytes, known: frozenset[str]) -> None:
    if b'"bundle"' in data[:200]:
        corpus.sentences += _attack(msgspec.json.decode(data)["objects"], known)
        return
    for line in data.splitlines():
        record = msgspec.json.decode(line)
        if "spans" in record:
            corpus.reports.append(_report(record, known))
        else:
            corpus.sentences.append((_plain(record["text"]), _classes(record["labels"], known)))


def _classes(techniques: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    return frozenset(one for name in techniques if (one := folded(name, known)) is not None)


def _report(record: dict[str, Any], known: frozenset[str]) -> Report:
    text, spans = record["text"], record["spans"]
    found = []
    for start, end in pieces(text):
        shown = _classes((t for a, b, t in spans if a < end and b > start), known)
        sentence = text[start:end].strip()
        if shown or len(sentence) >= LEAST:
            found.append((sentence, shown))
    return Report(record["file"], tuple(found))


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", _CITATION.sub("", text)).strip()


def _attack(
    objects: Sequence[dict[str, Any]], known: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    numbers = {}
    for one in objects:
        if one["type"] == "attack-pattern" and not one.get("revoked"):
            numbers[one["id"]] = next(
                (
                    reference["external_id"]
                    for reference in one.get("external_references", ())
                    if reference.get("source_name") == "mitre-attack"
                ),
                "",
            )
            yield (
                _plain(one.get("description", ""))[:_LONGEST],
                _classes([numbers[one["id"]]], known),
            )
    for one in objects:
        if one["type"] == "relationship" and one.get("relationship_type") == "uses":
            technique = numbers.get(one["target_ref"])
            if technique and one.get("description"):
                yield _plain(one["description"]), _classes([technique], known)
