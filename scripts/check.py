"""``python -m scripts.check [NAME ...]``: what must hold before a change is shared.

Checks run two at a time. One that holds is a line; one that fails shows its output.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from scripts.words import ROOT, say

UI = ROOT / "ui"
LOGS = ROOT / ".tools" / "logs"
SHOWN = 120  # lines of a failed check; the rest is in its log


@dataclass(frozen=True)
class Check:
    """A program that ends with 0 when its promise holds."""

    name: str
    argv: tuple[str, ...]
    folder: Path = ROOT


@dataclass(frozen=True)
class Outcome:
    """What came of a check."""

    check: Check
    holds: bool
    seconds: float
    output: str


def _own(name: str) -> Check:
    return Check(name, (sys.executable, "-m", f"scripts.checks.{name}"))


CHECKS = (  # the slowest first
    Check(
        "clippy",
        ("cargo", "clippy", "--workspace", "--all-targets", "--locked", "-q", "--", "-Dwarnings"),
    ),
    _own("deny"),
    Check("mypy", ("mypy",)),
    Check("mypy-scripts", ("mypy", "-p", "scripts")),
    Check("console", ("npm", "run", "check", "--silent"), UI),
    Check("manual", (sys.executable, "-m", "scripts.docs", "--check")),
    Check("layers", ("lint-imports", "--no-cache")),
    Check("ruff", ("ruff", "check", ".")),
    Check("format", ("ruff", "format", "--check", ".")),
    Check("rustfmt", ("cargo", "fmt", "--all", "--check")),
    _own("translations"),
    _own("sizes"),
    _own("places"),
)


def _try(check: Check) -> Outcome:
    began = time.monotonic()
    done = subprocess.run(
        check.argv,
        cwd=check.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Outcome(check, done.returncode == 0, time.monotonic() - began, done.stdout)


def _tell(outcome: Outcome) -> None:
    mark = "ok  " if outcome.holds else "FAIL"
    sys.stdout.write(f"  {mark} {outcome.check.name:<13} {outcome.seconds:6.1f} s\n")
    # Lines that begin with "note:" are for the person even when all is well.
    lines = outcome.output.splitlines()
    shown = [line for line in lines if line.startswith("note:")] if outcome.holds else lines
    sys.stdout.writelines(f"       {line}\n" for line in shown[:SHOWN])
    if len(shown) > SHOWN:
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"check-{outcome.check.name}.log"
        log.write_text(outcome.output, encoding="utf-8")
        more = say("check.more", count=len(shown) - SHOWN, log=log.relative_to(ROOT))
        sys.stdout.write(f"       {more}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run the checks; 0 when all hold."""
    parser = argparse.ArgumentParser(prog="check", description=__doc__)
    known = [check.name for check in CHECKS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    names = parser.parse_args(arguments).names or known
    unknown = sorted(set(names) - set(known))
    if unknown:
        parser.error(say("check.unknown", names=", ".join(unknown), known=", ".join(known)))
    wanted = [check for check in CHECKS if check.name in names]
    failed = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for job in concurrent.futures.as_completed([pool.submit(_try, check) for check in wanted]):
            outcome = job.result()
            _tell(outcome)
            failed += [] if outcome.holds else [outcome.check.name]
    verdict = say("check.failed", names=", ".join(failed)) if failed else say("check.passed")
    sys.stdout.write(f"== {verdict}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
