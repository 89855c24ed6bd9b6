"""The pages that people read, taken apart: code blocks, commands, links, headings."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "ja")
FRONT = {
    "en": ["README.md", "CONTRIBUTING.md"],
    "ja": ["README.ja.md", "CONTRIBUTING.ja.md"],
}
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL
)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text."""

    kind: str
    text: str


def pages(language: str) -> list[Path]:
    """Every page that people of ``language`` read, front pages first."""
    front = [ROOT / name for name in FRONT[language]]
    return front + sorted((ROOT / "docs" / language).rglob("*.md"))


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of ``page``."""
    return [Block(m["kind"], m["text"]) for m in _BLOCK.finditer(page.read_text("utf-8"))]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _BLOCK.sub("", page.read_text("utf-8"))


def links(page: Path) -> list[str]:
    """Targets of links and pictures inside the repository."""
    found = [m["target"] for m in _LINK.finditer(prose(page))]
    return [target for target in found if not target.startswith(("http://", "https://", "#"))]


def headings(page: Path) -> list[int]:
    """Levels of the headings, in order."""
    return [len(m[1]) for m in re.finditer(r"^(#+) ", prose(page), re.MULTILINE)]


def commands(page: Path) -> list[list[str]]:
    """Every call of kaname in a shell block, as words."""
    found = []
    for block in blocks(page):
        if block.kind == "sh":
            for line in block.text.splitlines():
                part = line.split("&& ")[-1].strip()
                if re.match(r"(\.venv/bin/)?kaname ", part):
                    found.append(shlex.split(part, comments=True))
    return found


def inline(page: Path) -> list[list[str]]:
    """Every call of kaname that a sentence mentions in code."""
    found = re.findall(r"(?<!`)`(kaname [^`]+)`(?!`)", prose(page))
    return [shlex.split(text.replace("…", "")) for text in found]
