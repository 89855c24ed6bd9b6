"""``python -m scripts.docs [--write | --check]``: generated pages, then the site."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.words import ROOT, say

DOCS = ROOT / "docs"
LANGUAGES = ("en", "ja")


def generated() -> dict[Path, str]:
    """All generated pages with their text."""
    pages: dict[Path, str] = {}
    for language in LANGUAGES:
        done = subprocess.run(
            [sys.executable, "-m", "scripts.docs.pages"],
            cwd=ROOT,
            env={**os.environ, "KANAME_LANG": language, "COLUMNS": "100"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        made = json.loads(done.stdout)
        pages |= {DOCS / language / "reference" / f"{n}.md": text for n, text in made.items()}
    return pages


def write(pages: dict[Path, str]) -> None:
    """Put the pages where the manual has them."""
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def stale(pages: dict[Path, str]) -> list[str]:
    """What differs between the committed pages and the program, as a diff."""
    found: list[str] = []
    for path, text in pages.items():
        name = str(path.relative_to(ROOT))
        there = path.read_text("utf-8") if path.is_file() else ""
        diff = difflib.unified_diff(
            there.splitlines(), text.splitlines(), name, say("docs.now"), lineterm="", n=0
        )
        found += list(diff)[:20]
    return found


def build() -> int:
    """Build the site; a broken link or a missing page fails it."""
    argv = ["mkdocs", "build", "--strict", "--site-dir", str(ROOT / "site")]
    done = subprocess.run(
        argv,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stdout.write(done.stdout)
    return done.returncode


def main() -> int:
    """Write, check, or check and build; 0 when all is well."""
    parser = argparse.ArgumentParser(prog="docs", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", action="store_true", help=say("docs.option.write"))
    what.add_argument("--check", action="store_true", help=say("docs.option.check"))
    options = parser.parse_args()
    pages = generated()
    if options.write:
        write(pages)
        return 0
    wrong = stale(pages)
    if wrong:
        sys.stdout.writelines(f"{line}\n" for line in [*wrong, say("docs.stale")])
        return 1
    return build()


if __name__ == "__main__":
    sys.exit(main())
