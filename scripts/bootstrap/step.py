"""One step: a program that runs with its output in a log, told in one line."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.bootstrap.stamp import Stamp
from scripts.words import ROOT, say

__all__ = ["LOGS", "FailedError", "MissingError", "run", "tell"]

LOGS = ROOT / ".tools" / "logs"
_speaking = threading.Lock()


class MissingError(Exception):
    """Something that cannot be had; the text says how to get it."""


class FailedError(Exception):
    """A step that failed; the text says where its log is."""


def tell(line: str) -> None:
    """One line on stderr, whole even when two lanes speak at once."""
    with _speaking:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def run(
    stamp: Stamp,
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path = ROOT,
) -> None:
    """Run ``argv`` unless ``stamp`` says that its outputs are up to date.

    Raises:
        FailedError: the program did not end well.
    """
    if stamp.fresh():
        return
    title = say(f"bootstrap.step.{stamp.name}")
    tell(f"  …  {title}")
    began = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{stamp.name}.log"
    try:
        code = _logged(argv, log, folder, {**os.environ, **environment})
    except OSError as error:
        log.write_text(f"error: {argv[0]}: {error}\n", encoding="utf-8")
        code = 1
    if code:
        shown = log.relative_to(ROOT)
        reason = _reason(log)
        raise FailedError(
            say("bootstrap.error.step", title=title, reason=reason, log=shown)
            + "\n"
            + say(f"bootstrap.fix.{stamp.name}")
        )
    stamp.set()
    tell(f"  ok {title}  {time.monotonic() - began:.1f} s")


def _logged(argv: Sequence[str], log: Path, folder: Path, environment: dict[str, str]) -> int:
    with log.open("wb") as out:
        return subprocess.run(
            argv,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode


def _reason(log: Path) -> str:
    """The line of the log that most likely says why, with the next where it announces one."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line] or ["?"]
    at = next((at for at, line in enumerate(lines) if "error" in line.lower()), 0)
    told = lines[at : at + 2] if lines[at].endswith(":") else lines[at : at + 1]
    return " ".join(told)[:200]
