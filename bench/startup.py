"""Start-up: `kaname --help`, `kaname up` to its first page, and its memory when idle.

Claims: `--help` within 150 ms, the first page (health, status and summary answered) within
3 s of the start, at most 150 MB resident when nothing happens. Medians; run beside
nothing else. Prints JSON and ends with 1 if a claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HELP_MS, PAGE_S, IDLE_MB = 150.0, 3.0, 150.0
IDLE_S = 5.0
_LINK = re.compile(r"(http://\S+?/)#/login\?token=(\S+)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--data", type=Path, help="a data folder that has data; kept as it is")
    runs = parser.parse_args().runs
    data = parser.parse_args().data
    kaname = shutil.which("kaname", path=str(Path(sys.executable).parent)) or "kaname"
    help_ms = statistics.median(seconds_of_help(kaname) for _ in range(runs)) * 1000
    starts = [measure(kaname, data) for _ in range(runs)]
    result = {
        "help_ms": round(help_ms, 1),
        "first_page_s": round(statistics.median(s["first_page_s"] for s in starts), 3),
        "idle_mb": round(max(s["idle_mb"] for s in starts), 1),
        "stop_s": round(statistics.median(s["stop_s"] for s in starts), 3),
        "runs": runs,
        "limits": {"help_ms": HELP_MS, "first_page_s": PAGE_S, "idle_mb": IDLE_MB},
    }
    print(json.dumps(result, indent=2))
    held = all(result[name] <= limit for name, limit in result["limits"].items())
    return 0 if held else 1


def seconds_of_help(kaname: str) -> float:
    began = time.perf_counter()
    subprocess.run([kaname, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def measure(kaname: str, data: Path | None) -> dict[str, float]:
    """One start in a fresh folder, or in ``data``."""
    with tempfile.TemporaryDirectory() as fresh:
        folder = data or Path(fresh) / "data"
        began = time.perf_counter()
        with subprocess.Popen(
            [kaname, "--data", str(folder), "up", "--listen", "127.0.0.1:0", "--no-browser"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            url, token = link(process)
            first_page(url, token)
            first_page_s = time.perf_counter() - began
            time.sleep(IDLE_S)
            idle_mb = resident_mb(process.pid)
            asked = time.perf_counter()
            process.terminate()
            process.wait()
        return {
            "first_page_s": first_page_s,
            "idle_mb": idle_mb,
            "stop_s": time.perf_counter() - asked,
        }


def link(process: subprocess.Popen[str]) -> tuple[str, str]:
    for line in process.stdout or ():
        if match := _LINK.search(line):
            return match[1], match[2]
    message = "kaname up ended without saying where it is"
    raise RuntimeError(message)


def first_page(url: str, token: str) -> None:
    """What the console asks for before it shows its first page."""
    for path in ("", "api/v1/me", "api/v1/status", "api/v1/summary"):
        request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own address
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            answer.read()


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
