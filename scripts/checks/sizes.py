"""No source file grows past what a person can hold in mind."""

from __future__ import annotations

import subprocess
import sys

from scripts.words import ROOT, say

MOST = 700
SOURCES = (".py", ".pyi", ".rs", ".ts", ".svelte", ".css", ".mjs", ".sh")


def tracked() -> list[str]:
    """Paths of all files that are in the repository or are about to be."""
    argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(path for path in done.stdout.split("\0") if path and (ROOT / path).is_file())


def problems() -> list[str]:
    """A line for every file that is too long."""
    found = []
    for path in tracked():
        if path.endswith(SOURCES):
            lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
            if lines > MOST:
                found.append(say("check.sizes", path=path, lines=lines, most=MOST))
    return found


if __name__ == "__main__":
    wrong = problems()
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    sys.exit(1 if wrong else 0)
