"""``python -m scripts.fuzz [--seconds N] [TARGET ...]``: fuzz every parser.

Targets live in ``rust/CRATE/fuzz/fuzz_targets``, their seeds in ``rust/CRATE/fuzz/seeds``.
A nightly toolchain adds the address sanitizer; without one a stable one fuzzes, too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.words import ROOT, say

VERSION = "0.13.2"
TOOLS = ROOT / ".tools"


def targets(wanted: list[str]) -> Iterator[tuple[Path, str]]:
    """(folder of the crate's fuzz package, name of the target)."""
    for source in sorted(ROOT.glob("rust/*/fuzz/fuzz_targets/*.rs")):
        if not wanted or source.stem in wanted:
            yield source.parent.parent, source.stem


def nightly() -> bool:
    """Whether rustup has a nightly toolchain."""
    if not shutil.which("rustup"):
        return False
    argv = ["rustup", "toolchain", "list"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return "nightly" in done.stdout


def ready() -> bool:
    """Bring cargo-fuzz into ``.tools/`` when it is not here."""
    if shutil.which("cargo-fuzz"):
        return True
    argv = ["cargo", "install", "--locked", "--debug", "--quiet", "--root", str(TOOLS)]
    argv += ["--target-dir", str(TOOLS / "target"), f"cargo-fuzz@{VERSION}"]
    done = subprocess.run(argv, cwd=ROOT, check=False)
    shutil.rmtree(TOOLS / "target", ignore_errors=True)
    return done.returncode == 0


def fuzz(folder: Path, target: str, seconds: int) -> int:
    """Fuzz one target; the exit code of the fuzzer."""
    corpus = folder / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = folder / "seeds" / target
    places = [str(corpus), *([str(seeds)] if seeds.is_dir() else [])]
    modern = nightly()
    toolchain = ["+nightly"] if modern else []
    sanitizer = [] if modern else ["--sanitizer", "none"]
    # Flags of the coverage instrumentation are unstable ones; this lets stable take them.
    environment = os.environ if modern else {**os.environ, "RUSTC_BOOTSTRAP": "1"}
    environment = {k: v for k, v in environment.items() if not modern or k != "RUSTUP_TOOLCHAIN"}
    argv = ["cargo", *toolchain, "fuzz", "run", "--fuzz-dir", str(folder), *sanitizer]
    limits = [f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0"]
    argv += [target, *places, "--", *limits, "-print_final_stats=1"]
    sys.stdout.write(f"== fuzz {target} ({seconds} s)\n")
    sys.stdout.flush()
    return subprocess.run(argv, cwd=folder.parent, env=environment, check=False).returncode


def main() -> int:
    """Fuzz all targets; 0 when none crashed."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    options = parser.parse_args()
    if not ready():
        sys.stdout.write(say("fuzz.missing", version=VERSION) + "\n")
        return 1
    found = list(targets(options.targets))
    if not found:
        sys.stdout.write(say("fuzz.none", names=", ".join(options.targets)) + "\n")
        return 2
    crashed = [name for folder, name in found if fuzz(folder, name, options.seconds)]
    verdict = say("fuzz.crashed", names=", ".join(crashed)) if crashed else say("fuzz.clean")
    sys.stdout.write(f"== {verdict}\n")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
