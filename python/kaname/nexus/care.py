"""Care of the lake while the nexus runs: small files are merged, old days removed.

Live input makes a file every few seconds. Once an hour a look is taken: a table whose
days hold more than `MANY` files that were not merged yet is compacted, and once a day
everything is, and what is older than the settings allow goes.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kaname.model.errors import KanameError
from kaname.model.instant import DAY, now_us

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.lake import Lake

__all__ = ["MANY", "Care", "loose_files"]

LOOK_S = 3600.0
MANY = 100
_MARK = "care-last"
_log = logging.getLogger("kaname.nexus")


class Care:
    """Looks after the lake in a thread of its own."""

    def __init__(
        self, lake: Lake, bus: Bus, days: Mapping[str, object], *, look_s: float = LOOK_S
    ) -> None:
        self._lake = lake
        self._bus = bus
        self._days = days
        self._look_s = look_s
        self._mark = lake.root.parent / _MARK
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="care", daemon=True)

    def start(self) -> None:
        """Begin; the first look is after an hour, so that starting costs nothing."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """End; a merge that is under way is finished or left undone, never half."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def look(self, now: int | None = None) -> None:
        """One look: merge what is in many pieces; once a day do everything."""
        present = now_us() if now is None else now
        daily = present - self._last() >= DAY
        merged = [name for name, loose in loose_files(self._lake).items() if daily or loose > MANY]
        for name in merged:
            if self._stop.is_set():
                return
            report = self._lake.compact(name)
            _log.info(
                "compacted",
                extra={"table": name, "before": report.files_before, "after": report.files_after},
            )
        if daily:
            self._retire(present)
            self._mark.write_text(str(present), encoding="ascii")
        if merged:
            self._bus.publish("lake.committed", {"generation": self._lake.generation})

    def _retire(self, present: int) -> None:
        report = self._lake.retain(present, self._days)
        if report.days:
            _log.info("days removed", extra={"days": len(report.days), "rows": report.rows})

    def _last(self) -> int:
        """When everything was last looked after; 0 when it never was."""
        try:
            return int(self._mark.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def _work(self) -> None:
        due = time.monotonic() + self._look_s
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due = time.monotonic() + self._look_s
            try:
                self.look()
            except KanameError as error:
                _log.warning("care failed", extra={"reason": str(error)})
            except Exception:  # noqa: BLE001 - a fault here must not end the process
                _log.exception("care stumbled")


def loose_files(lake: Lake) -> dict[str, int]:
    """By table, the most files not merged yet that one day holds; tables with none are out."""
    most: dict[str, int] = {}
    for table in lake.tables():
        days = Counter(file.dt for file in lake.files(table.name) if not file.compacted)
        if days:
            most[table.name] = max(days.values())
    return most
