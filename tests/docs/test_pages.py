"""The manual says the same in both languages, and its links lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs.manual import LANGUAGES, ROOT, blocks, headings, links, pages

ALL = [page for language in LANGUAGES for page in pages(language)]
PAIRS = list(zip(pages("en"), pages("ja"), strict=True))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_page_exists_in_both_languages() -> None:
    en, ja = ({p.relative_to(ROOT / "docs" / x) for p in (ROOT / "docs" / x).rglob("*.md")}
              for x in LANGUAGES)  # fmt: skip
    assert en == ja


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: _name(pair[0]))
def test_both_languages_have_the_same_sections(pair: tuple[Path, Path]) -> None:
    assert headings(pair[0]) == headings(pair[1])


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: _name(pair[0]))
def test_both_languages_show_the_same_code(pair: tuple[Path, Path]) -> None:
    def shown(page: Path) -> list[str]:
        # Comments and the placeholder of the clone's address are words, not code.
        lines = (line for block in blocks(page) for line in block.text.splitlines())
        code = (line.split(" # ")[0].split("  #")[0].rstrip() for line in lines)
        return [line for line in code if not line.startswith("git clone")]

    assert shown(pair[0]) == shown(pair[1])


@pytest.mark.parametrize("page", ALL, ids=_name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    for target in links(page):
        assert (page.parent / target.partition("#")[0]).exists(), target


def test_every_decision_has_the_parts_that_records_have() -> None:
    for record in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        text = record.read_text("utf-8")
        number = int(record.name[:4])
        assert text.startswith(f"# {number}. "), record.name
        for part in ("Status", "Context", "Decision", "Consequences"):
            assert part in text, f"{record.name}: {part}"
