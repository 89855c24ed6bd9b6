"""How well artifacts are found: on pages with a truth, on lines, and on made-up text.

``kaname intelligence evaluate intelligence.extraction [PATH...]``: a path is a file of lines
(JSON: ``text``, ``iocs`` with ``type`` and ``value``; each line is right or wrong as a
whole), or a text with its ``.truth.json`` beside it (a list of ``type`` and ``value``: what
has to be found there), or a folder of such texts. Without paths, sentences in both
languages are made from random values in all ways of defanging.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kaname._native import extract_artifacts
from kaname.analysis.evaluation import Evaluation, Scores
from kaname.model.artifact import canonical
from kaname.model.errors import UsageError
from kaname.model.records import ArtifactKind

__all__ = ["evaluate"]

_KINDS = {
    "ip": "ip", "ipv4": "ip", "ipv6": "ip", "cidr": "prefix", "domain": "domain",
    "hostname": "domain", "url": "url", "email": "mail", "md5": "hash", "sha1": "hash",
    "sha256": "hash", "sha512": "hash", "cve": "vulnerability", "attack": "technique",
    "asn": "asn", "mac": "mac", "btc": "wallet", "regkey": "registry", "mutex": "mutex",
}  # fmt: skip
_FINGERPRINTS = ("imphash", "ssdeep", "ja3", "ja3s", "jarm", "tlsh")
_DOTS = (".", "[.]", "(.)", "{.}", "[dot]", "(dot)", "[.", "．")
_FRAMES = (
    "The sample connects to {} every hour.",
    "C2: {}, seen twice",
    "通信先は{}です。",
    "「{}」への接続を確認した。",
    "| {} | 2024-01-02 |",
)


class _Ioc(msgspec.Struct, frozen=True):
    type: str
    value: str


class _Line(msgspec.Struct, frozen=True):
    text: str
    iocs: list[_Ioc]


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Recall on pages, share of lines that are wholly right, and the speed."""
    lines, pages = _given(paths) if paths else (_made(int(params.get("lines", 2000))), [])
    right = [_found(line.text) == _true(line.iocs) for line in lines]
    wrong = [(line.text[:90],) for line, well in zip(lines, right, strict=True) if not well]
    rows = [_page(path) for path in pages]
    asked, met = sum(row[1] for row in rows), sum(row[2] for row in rows)
    measures: dict[str, float | int | str] = {}
    if lines:
        measures |= {"lines": len(lines), "lines_right": round(sum(right) / len(lines), 4)}
    if rows:
        measures |= {"values": asked, "recall": round(met / max(1, asked), 4)}
    texts = [line.text for line in lines] + [path.read_text("utf-8") for path in pages]
    measures["mb_per_s"] = round(_speed("\n".join(texts)), 1)
    tables = []
    if rows:
        tables.append(Scores("pages", ("page", "values", "found", "indicators"), tuple(rows)))
    if wrong:
        tables.append(Scores("lines that are wrong", ("text",), tuple(wrong[:50])))
    return Evaluation(analysis="intelligence.extraction", measures=measures, tables=tuple(tables))


def _given(paths: Iterable[Path]) -> tuple[list[_Line], list[Path]]:
    lines: list[_Line] = []
    pages: list[Path] = []
    for path in paths:
        if path.is_dir():
            pages += sorted(p for p in path.glob("*.txt") if _truth_of(p).exists())
        elif _truth_of(path).exists():
            pages.append(path)
        else:
            try:
                lines += msgspec.json.Decoder(_Line).decode_lines(path.read_bytes())
            except (msgspec.MsgspecError, OSError) as error:
                raise UsageError(
                    "intelligence.error.evaluation", path=str(path), reason=str(error)
                ) from error
    return lines, pages


def _truth_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.truth.json")


def _true(iocs: Iterable[_Ioc]) -> set[tuple[str, str]]:
    found = set()
    for one in iocs:
        if one.type in _FINGERPRINTS:
            found.add(("fingerprint", f"{one.type}:{one.value}"))
            continue
        kind = _KINDS.get(one.type, one.type)
        artifact = ArtifactKind(kind) if kind in set(ArtifactKind) else None
        found.add((kind, (artifact and canonical(artifact, one.value)) or one.value))
    return found


def _found(text: str) -> set[tuple[str, str]]:
    """All but links to others and anybody's machines."""
    rows = extract_artifacts(text)
    numbers = ("technique", "mac")
    return {(row[0], row[1]) for row in rows if row[4] == "indicator" or row[0] in numbers}


def _page(path: Path) -> tuple[str, int, int, int]:
    """(name, values of the truth, those found, indicators in all)."""
    truth = _true(msgspec.json.decode(_truth_of(path).read_bytes(), type=list[_Ioc]))
    found = extract_artifacts(path.read_text("utf-8"))
    values = {row[1].lower() for row in found}
    met = sum(value.lower() in values for _, value in truth)
    return path.stem, len(truth), met, len({row[1] for row in found if row[4] == "indicator"})


def _speed(text: str) -> float:
    """Megabytes a second, the best of three runs over 4 MB at least."""
    if not text:
        return 0.0
    whole = text * (1 + 4_000_000 // len(text))
    size, best = len(whole.encode()), float("inf")
    for _ in range(3):
        started = time.perf_counter()
        extract_artifacts(whole)
        best = min(best, time.perf_counter() - started)
    return size / best / 1e6


def _made(count: int) -> list[_Line]:
    draw = random.Random(5)  # noqa: S311 (test data)
    return [next(_sentences(draw)) for _ in range(count)]


def _sentences(draw: random.Random) -> Iterator[_Line]:
    host = f"{_word(draw)}.{_word(draw)}.example"
    address = f"198.51.{draw.randrange(256)}.{draw.randrange(1, 255)}"
    dot = draw.choice(_DOTS)
    value, iocs = draw.choice(
        (
            (host, [_Ioc("domain", host)]),
            (address, [_Ioc("ip", address)]),
            (f"a@{host}", [_Ioc("email", f"a@{host}")]),
            (
                f"hxxp://{host}/x",
                [_Ioc("url", f"http://{host}/x"), _Ioc("domain", host)],
            ),
        )
    )
    yield _Line(draw.choice(_FRAMES).format(value.replace(".", dot)), iocs)


def _word(draw: random.Random) -> str:
    return "".join(draw.choice("abcdefghjkmnopqrstuvwxyz") for _ in range(draw.randrange(3, 12)))
