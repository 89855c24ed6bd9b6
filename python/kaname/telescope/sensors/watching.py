"""What `kaname telescope watch` runs: one place, into the lake or to a nexus elsewhere."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.model.address import prefix as prefix_of
from kaname.model.errors import KanameError
from kaname.readers.capture_listener import CaptureDecoder
from kaname.readers.live import Intake, Place, Rotation, place, state_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kaname.knowledge import Knowledge
    from kaname.lake import Lake, Source
    from kaname.model.marking import Tlp

__all__ = ["EVIDENCE", "Labels", "reader_of", "source_place"]

EVIDENCE = 3
"""Packets of each source and type of a minute that a remote sensor sends as rows."""
_LABELS_EVERY_S = 60.0
_ANALYSIS = "telescope.sources"
_log = logging.getLogger("kaname.sensor")


def source_place(source: str, prefixes: Sequence[str] = (), mebibytes: int = 64) -> Place:
    """The interface or folder that ``source`` names.

    Raises:
        UsageError: it names neither, or a prefix cannot be understood.
    """
    path = Path(source).expanduser()
    found = place(f"capture={'folder:' if path.is_dir() else ''}{source}")
    return replace(found, prefixes=tuple(prefix_of(one) for one in prefixes), mebibytes=mebibytes)


def reader_of(
    store: Any,
    wanted: Place,
    *,
    data: Path,
    sensor: str,
    tlp: Tlp,
    every_s: float,
    evidence: int = 0,
    committed: Callable[[Source], None] | None = None,
) -> Intake | Rotation:
    """What reads the place into ``store``: a lake, or the outbox of a remote sensor."""
    if wanted.transport == "folder":
        return Rotation(
            store,
            wanted,
            sensor=sensor,
            tlp=tlp,
            state=state_folder(data, wanted, sensor),
            every_s=every_s,
            evidence=evidence,
            committed=committed,
        )
    return Intake(
        store,
        wanted,
        sensor=sensor,
        tlp=tlp,
        every_s=every_s,
        committed=committed,
        decoder=CaptureDecoder(evidence=evidence),
    )


class Labels:
    """Labels sources of the latest day now and then, where no nexus does it.

    ``counts`` are sources by label, as the analysis `telescope.sources` last said.
    """

    def __init__(
        self, lake: Lake, knowledge: Knowledge, parameters: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._lake, self._knowledge, self._parameters = lake, knowledge, parameters
        self.counts: dict[str, int] = {}
        self._latest = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="labels", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; a run that has begun is waited for."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(60.0)

    def committed(self, source: Source) -> None:
        """Something new is in the lake."""
        self._latest = max(self._latest, source.last_us or 0)

    def _work(self) -> None:
        done, due = 0, time.monotonic() + 2.0
        while not self._stop.wait(0.5):
            latest = self._latest
            if latest > done and time.monotonic() >= due:
                self._label(latest)
                done, due = latest, time.monotonic() + _LABELS_EVERY_S

    def _label(self, latest: int) -> None:
        from kaname.analysis.runner import run

        try:
            run(
                self._lake,
                self._knowledge,
                _ANALYSIS,
                since=latest,
                until=latest + 1,
                params=self._parameters.get(_ANALYSIS, {}),
                cancel=self._stop,
            )
            self.counts = _counted(self._knowledge, latest)
        except KanameError as error:
            _log.warning("not labelled", extra={"reason": str(error)})


def _counted(knowledge: Knowledge, at: int) -> dict[str, int]:
    """Sources by label in the findings about the time ``at``."""
    from kaname.knowledge import FindingQuery
    from kaname.model.instant import DAY, floor

    start = floor(at, DAY)
    found: Counter[str] = Counter()
    page = knowledge.findings(
        FindingQuery(analysis=_ANALYSIS, since=start, until=start + DAY, limit=1000)
    )
    for finding in page.items:
        if finding.label != "new_family":  # its sources have labels of their own
            one = len(finding.artifacts) == 1
            found[finding.label] += 1 if one else int(finding.values.get("n", 1))
    return dict(found.most_common())
