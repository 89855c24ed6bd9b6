"""``python -m scripts.wheel``: build a wheel and try it where nothing else is installed.

The wheel must hold the console and the network tables, start, and go from packets to findings.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from scripts.words import ROOT, say

DIST = ROOT / "dist"
CONSOLE = "kaname/api/console/index.html"
NETWORKS = "kaname/lake/data/networks.bin"


def build() -> Path:
    """Build the wheel into ``dist/`` and give its path."""
    for old in DIST.glob("*.whl"):
        old.unlink()
    argv = ["maturin", "build", "--release", "--locked", "--out", str(DIST)]
    subprocess.run(argv, cwd=ROOT, check=True)
    (wheel,) = DIST.glob("*.whl")
    return wheel


def attempt(wheel: Path, folder: Path) -> None:
    """Install ``wheel`` into a new environment below ``folder`` and run the main job."""
    home = folder / "environment"
    python = home / "bin" / "python"
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(home)], check=True)
    locked = folder / "locked.txt"
    argv = ["uv", "export", "--frozen", "--no-dev", "--no-emit-project", "--quiet"]
    subprocess.run([*argv, "--output-file", str(locked)], cwd=ROOT, check=True)
    argv = ["uv", "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*argv, "--requirements", str(locked)], check=True)
    subprocess.run([*argv, "--no-deps", str(wheel)], check=True)
    kaname = str(home / "bin" / "kaname")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["KANAME_DATA"] = str(folder / "data")
    for arguments in (["--version"], ["demo", "--exit"], ["doctor"]):
        subprocess.run([kaname, *arguments], cwd=folder, env=environment, check=True)


def main() -> int:
    """Build and try; 0 when the wheel works."""
    wheel = build()
    with zipfile.ZipFile(wheel) as archive:
        for key, needed in (("wheel.no_console", CONSOLE), ("wheel.no_networks", NETWORKS)):
            if needed not in archive.namelist():
                sys.stdout.write(say(key, wheel=wheel.name) + "\n")
                return 1
    with tempfile.TemporaryDirectory(prefix="kaname-wheel-") as folder:
        attempt(wheel, Path(folder))
    size = wheel.stat().st_size / 1e6
    sys.stdout.write(say("wheel.ready", wheel=f"dist/{wheel.name}", size=f"{size:.1f}") + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
