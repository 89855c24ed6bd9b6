"""Numbers for Prometheus, in its text format 0.0.4.

Lines are few and simple, so the exposition is written here rather than by a library.
What comes from observations is limited to the clearance of the account that asks.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

__all__ = ["MEDIA_TYPE", "Counters", "Metric", "exposition", "resident_bytes"]

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metric(NamedTuple):
    """One metric: samples are (labels, value)."""

    name: str
    kind: str  # counter | gauge
    help: str
    samples: list[tuple[dict[str, str], float]]


class Counters:
    """Requests by method, route and status. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds = 0.0

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; ``route`` is the template, never the path itself."""
        with self._lock:
            self._requests[method, route, status] += 1
            self._seconds += seconds

    def metrics(self) -> list[Metric]:
        """Everything counted so far."""
        with self._lock:
            counted, seconds = dict(self._requests), self._seconds
        requests = [
            ({"method": method, "route": route, "status": str(status)}, float(n))
            for (method, route, status), n in sorted(counted.items())
        ]
        return [
            Metric("kaname_http_requests_total", "counter", "Requests answered.", requests),
            Metric(
                "kaname_http_request_seconds_total",
                "counter",
                "Time spent on requests, open streams left out.",
                [({}, seconds)],
            ),
        ]


def exposition(metrics: Iterable[Metric]) -> bytes:
    """The metrics as Prometheus reads them."""
    lines: list[str] = []
    for metric in metrics:
        lines.append(f"# HELP {metric.name} {metric.help}")
        lines.append(f"# TYPE {metric.name} {metric.kind}")
        lines += [f"{metric.name}{_labels(of)} {_number(v)}" for of, v in metric.samples]
    return ("\n".join(lines) + "\n").encode()


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inner}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def resident_bytes() -> int | None:
    """Resident memory of this process; None where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    for line in status.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None
