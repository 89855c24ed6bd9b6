"""``python -m scripts.test [pytest arguments]``: every test of every language.

With arguments only pytest runs, with them. pytest comes last, so that its summary is the
last thing on the screen.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from scripts.words import ROOT, say

# The crate that knows Python needs an interpreter around it: pytest tests it.
_CARGO = ["cargo", "test", "--workspace", "--exclude", "kaname-py", "--locked", "--quiet"]


def _run(title: str, argv: list[str], folder: Path = ROOT) -> str | None:
    """Run ``argv``; its title when it failed."""
    began = time.monotonic()
    sys.stdout.write(f"== {title}\n")
    sys.stdout.flush()
    code = subprocess.run(argv, cwd=folder, check=False).returncode
    sys.stdout.write(f"== {title}: {time.monotonic() - began:.1f} s\n")
    return title if code else None


def main(arguments: list[str]) -> int:
    """Run the tests; 0 when all passed."""
    pytest = [sys.executable, "-m", "pytest"]
    if arguments:
        return subprocess.run([*pytest, *arguments], cwd=ROOT, check=False).returncode
    failed = [
        _run("vitest", ["npm", "test", "--silent"], ROOT / "ui"),
        _run("cargo test", _CARGO),
        _run("pytest", [*pytest, "--durations=15"]),
    ]
    names = ", ".join(title for title in failed if title)
    if names:
        sys.stdout.write(f"== {say('test.failed', names=names)}\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
