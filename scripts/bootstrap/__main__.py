"""``python3 -m scripts.bootstrap [--docs]``: make everything ready, as little as needed."""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - told before anything is imported that needs it
    sys.exit(
        "kaname: Python 3.11 or newer is needed / Python 3.11 以上が必要です: "
        "make PYTHON=python3.12 ..."
    )

import argparse
import concurrent.futures
import fcntl
import time
from collections.abc import Callable
from pathlib import Path

from scripts.bootstrap import tools as toolbox
from scripts.bootstrap.stamp import Stamp
from scripts.bootstrap.step import FailedError, MissingError, run, tell
from scripts.words import ROOT, say

UI = ROOT / "ui"
PYTHON = ".".join(map(str, sys.version_info[:3]))


def environment(tools: toolbox.Tools, groups: tuple[str, ...]) -> None:
    """Python packages as locked, in ``.venv``."""
    name = "-".join(["environment", *groups])
    stamp = Stamp(name, ("pyproject.toml", "uv.lock"), (".venv/bin/python",), (PYTHON,))
    argv = ["uv", "sync", "--frozen", "--no-install-project", "--inexact"]
    argv += ["--python", sys.executable]
    for group in groups:
        argv += ["--group", group]
    run(stamp, argv, environment=tools.environment)


def native(tools: toolbox.Tools) -> None:
    """The Rust core, and with it kaname itself, installed in place."""
    toolbox.linker(tools)
    toolbox.rust(tools)
    rustc = ".".join(map(str, tools.version("rustc", "--version")))
    inputs = (
        "pyproject.toml",
        "Cargo.*",
        "rust-toolchain.toml",
        "rust/**/*.rs",
        "rust/**/*.toml",
        "rust/**/*.cells",
    )
    outputs = ("python/kaname/_native*.so", ".venv/bin/kaname")
    argv = ["maturin", "develop", "--release", "--uv", "--locked"]
    here = {**tools.environment, "VIRTUAL_ENV": str(ROOT / ".venv")}
    run(Stamp("native", inputs, outputs, (PYTHON, rustc)), argv, environment=here)


def console(tools: toolbox.Tools) -> None:
    """The console, built into the package that serves it."""
    packages = Stamp("packages", ("ui/package*.json",), ("ui/node_modules/.package-lock.json",))
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    run(packages, ["npm", "ci", *quiet], environment=tools.environment, folder=UI)
    inputs = ("ui/*.*", "ui/src/**/*", "ui/public/**/*")
    page = ("python/kaname/api/console/index.html",)
    argv = ["npm", "run", "build", "--silent"]
    run(Stamp("console", inputs, page), argv, environment=tools.environment, folder=UI)


def networks(tools: toolbox.Tools) -> None:
    """The tables of countries and origins, compiled into the package that reads them."""
    packages = sorted(UI.glob("node_modules/@ip-location-db/*/package.json"))
    inputs = ("scripts/networks.py", "python/kaname/lake/network*.py", "rust/places/src/*.rs")
    stamp = Stamp(
        "networks",
        inputs,
        ("python/kaname/lake/data/networks.bin",),
        tuple(path.read_text(encoding="utf-8") for path in packages),
    )
    argv = [str(ROOT / ".venv" / "bin" / "python"), "-m", "scripts.networks"]
    run(stamp, argv, environment=tools.environment)


def _lanes(tools: toolbox.Tools, groups: tuple[str, ...]) -> None:
    """Build Python with Rust in one lane and the console in another."""

    def python() -> None:
        environment(tools, ())
        if groups:
            environment(tools, groups)
        native(tools)

    lanes: list[Callable[[], None]] = [python, lambda: console(tools)]
    with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
        running = [pool.submit(lane) for lane in lanes]
        problems = [lane.exception() for lane in running]
    for problem in problems:
        if problem is not None:
            raise problem


def _locked(path: Path) -> object:
    """Hold ``path`` so that two of these do not build at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    holder = path.open("w")
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell(say("bootstrap.waiting"))
        fcntl.flock(holder, fcntl.LOCK_EX)
    return holder


def main() -> int:
    """Make ready; 0, or 1 with the reason in one line."""
    parser = argparse.ArgumentParser(prog="bootstrap", description=__doc__)
    parser.add_argument("--docs", action="store_true", help=say("bootstrap.option.docs"))
    options = parser.parse_args()
    began = time.monotonic()
    holder = _locked(toolbox.TOOLS / "lock")
    tools = toolbox.Tools()
    try:
        toolbox.uv(tools)
        toolbox.node(tools)
        tools.save()
        _lanes(tools, ("docs",) if options.docs else ())
        networks(tools)
    except (FailedError, MissingError) as error:
        tell(f"kaname: {error}")
        return 1
    finally:
        tools.save()
        del holder
    tell(say("bootstrap.ready", seconds=f"{time.monotonic() - began:.1f}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
