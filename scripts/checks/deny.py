"""Licences, origins and known holes of the Rust dependencies, by cargo-deny.

The list of known holes lies in a git repository elsewhere; where it cannot be fetched,
the rest is checked and a note says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts.words import ROOT, say

VERSION = "0.20.2"
TOOLS = ROOT / ".tools"


def _run(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        cwd=ROOT,
        env={**os.environ, "CARGO_TERM_COLOR": "never"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def install() -> bool:
    """Bring cargo-deny into ``.tools/``; unoptimised, since it runs for a second only."""
    argv = ["cargo", "install", "--locked", "--debug", "--quiet", "--root", str(TOOLS)]
    target = str(TOOLS / "target")
    done = _run(*argv, "--target-dir", target, f"cargo-deny@{VERSION}")
    shutil.rmtree(target, ignore_errors=True)
    if done.returncode:
        sys.stdout.write(done.stdout + say("check.deny.missing", version=VERSION) + "\n")
    return not done.returncode


def main() -> int:
    """Check; 0 when all that could be checked holds."""
    if not shutil.which("cargo-deny") and not install():
        return 1
    done = _run("cargo", "deny", "--log-level", "error", "check", "licenses", "bans", "sources")
    sys.stdout.write(done.stdout)
    holes = _run("cargo", "deny", "--log-level", "error", "check", "advisories")
    unreachable = "failed to fetch advisory database" in holes.stdout
    if unreachable:
        sys.stdout.write(f"note: {say('check.deny.offline')}\n")
    elif holes.returncode:
        sys.stdout.write(holes.stdout)
    return done.returncode or (0 if unreachable else holes.returncode)


if __name__ == "__main__":
    sys.exit(main())
