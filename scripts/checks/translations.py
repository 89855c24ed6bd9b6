"""Every text exists in both languages, with the same blanks, and is used.

Catalogues are the ``messages/{en,ja}.json`` of the packages of kaname and of these
scripts. Keys in the source are found in its syntax tree: a literal names one key, an
f-string those that fit its fixed parts. The console checks its own texts.
"""

from __future__ import annotations

import ast
import json
import re
import string
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.words import ROOT, say

PACKAGES = ROOT / "python" / "kaname"
SCRIPTS = ROOT / "scripts"
_KEY = re.compile(r"[a-z_]+(\.[a-z0-9_-]+){2,}")
_WORDS = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_FIXED = re.compile(r"[a-z_.-]*[a-z]\.[a-z_.-]*|\.[a-z_]+")

Catalogue = dict[str, str]


def _load(folder: Path, language: str) -> Catalogue:
    path = folder / f"{language}.json"
    found: Catalogue = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def _blanks(template: str) -> set[str]:
    """Names of the values that ``template`` takes."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _vocabularies(folder: Path) -> set[str]:
    """Patterns of the keys that blanks like ``{role:hardware.role}`` fill themselves with."""
    parts = (
        part for text in _load(folder, "en").values() for part in string.Formatter().parse(text)
    )
    return {re.escape(spec) + r"\..+" for _, _, spec, _ in parts if spec and _WORDS.fullmatch(spec)}


def pairs(folder: Path) -> Iterator[str]:
    """What differs between the two catalogues of ``folder``."""
    en, ja = _load(folder, "en"), _load(folder, "ja")
    place = folder.parent.relative_to(ROOT)
    for key in sorted(en.keys() ^ ja.keys()):
        yield say("check.translation", place=place, key=key, language="ja" if key in en else "en")
    for key in sorted(en.keys() & ja.keys()):
        if _blanks(en[key]) != _blanks(ja[key]):
            yield say("check.blanks", place=place, key=key)
        if not en[key].strip() or not ja[key].strip():
            yield say("check.blank_text", place=place, key=key)
    if folder.parent != SCRIPTS:
        wrong = (key for key in en if not key.startswith(f"{folder.parent.name}."))
        yield from (say("check.owner", place=place, key=key) for key in sorted(wrong))


def _pattern(parts: Iterable[ast.expr]) -> str:
    """A regular expression for the strings that an f-string can give."""
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts
    )


def _texts(source: Path) -> Iterator[tuple[bool, str]]:
    """(whether it is a pattern, text) for every string in ``source`` that may name keys."""
    tree = ast.parse(source.read_text("utf-8"), str(source))
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            fixed = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
            if any(_FIXED.fullmatch(piece) for piece in fixed):
                yield True, _pattern(node.values)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in inside
        ):
            yield False, node.value


def _joined(source: Path) -> Iterator[str]:
    """Patterns of keys made with ``".".join([...])`` whose first part is fixed."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value="."), attr="join"),
                args=[ast.List(elts=[ast.Constant(value=str(first)), *_])],
            ):
                yield re.escape(first) + r"\..+"


def usage(sources: Iterable[Path], keys: set[str], said: set[str]) -> Iterator[str]:
    """Keys that the source names and no catalogue has, and keys that nothing names.

    ``said`` are patterns of keys that other messages say.
    """
    kinds = {".".join(key.split(".")[:2]) for key in keys}
    named: set[str] = set()
    patterns = set(said)
    for source in sources:
        patterns.update(_joined(source))
        for is_pattern, text in _texts(source):
            (patterns if is_pattern else named).add(text)
            known_kind = ".".join(text.split(".")[:2]) in kinds
            known = text in keys or f"{text}.title" in keys  # messages of findings have two parts
            if not is_pattern and known_kind and _KEY.fullmatch(text) and not known:
                yield say("check.no_key", place=source.relative_to(ROOT), key=text)
    whole = [re.compile(pattern) for pattern in sorted(patterns)]
    for key in sorted(keys - named):
        if not any(pattern.fullmatch(key) for pattern in whole):
            yield say("check.unused", key=key)


def problems() -> list[str]:
    """A line for everything that is wrong."""
    found: list[str] = []
    own = [SCRIPTS / "messages"]
    packaged = sorted(PACKAGES.glob("*/messages"))
    for folder in packaged + own:
        found += pairs(folder)
    for folders, sources in ((packaged, PACKAGES), (own, SCRIPTS)):
        keys = {key for folder in folders for key in _load(folder, "en")}
        said = {pattern for folder in folders for pattern in _vocabularies(folder)}
        found += usage(sorted(sources.rglob("*.py")), keys, said)
    return found


if __name__ == "__main__":
    wrong = problems()
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    sys.exit(1 if wrong else 0)
