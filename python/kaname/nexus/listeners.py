"""The places that are listened at: opened together, closed together, told of together."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.model.errors import KanameError, UsageError
from kaname.readers.live import Intake, Place, Rotation, Standing, place, state_folder

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.lake import Lake, Source
    from kaname.model.marking import Tlp

__all__ = ["Listeners", "places"]

_log = logging.getLogger("kaname.nexus")
TELL_EVERY_S = 10.0


def places(specs: Sequence[str]) -> list[Place]:
    """The places written as ``specs``.

    Raises:
        UsageError: one of them cannot be understood, or two are the same.
    """
    found = [place(spec) for spec in specs]
    seen: set[str] = set()
    for one in found:
        if str(one) in seen and one.port != 0:
            raise UsageError("nexus.error.place_twice", place=one)
        seen.add(str(one))
    return found


def _intake(lake: Lake, one: Place, *, sensor: str, **more: Any) -> Intake | Rotation:
    """What listens at a place, or reads a folder."""
    if one.transport != "folder":
        return Intake(lake, one, sensor=sensor, **more)
    state = state_folder(lake.root.parent, one, one.sensor or sensor)
    return Rotation(lake, one, sensor=sensor, state=state, **more)


class Listeners:
    """Listens at all places; with a bus, tells every ten seconds how they do (``health``)."""

    def __init__(
        self,
        lake: Lake,
        wanted: Sequence[Place],
        *,
        sensor: str,
        tlp: Tlp,
        every_s: float,
        bus: Bus | None = None,
        committed: Callable[[Source], None] | None = None,
    ) -> None:
        self._bus = bus
        self._intakes = [
            _intake(lake, one, sensor=sensor, tlp=tlp, every_s=every_s, committed=committed)
            for one in wanted
        ]
        self._started: list[Intake | Rotation] = []
        self._stop = threading.Event()
        self._teller = threading.Thread(target=self._tell_on, name="listen-health", daemon=True)

    def start(self) -> None:
        """Open all places, or none.

        Raises:
            UnavailableError: one of them cannot be had.
        """
        try:
            for intake in self._intakes:
                intake.start()
                self._started.append(intake)
        except KanameError:
            self.stop()
            raise
        for intake in self._started:
            _log.info("listening", extra={"place": str(intake.place), "sensor": intake.sensor})
        if self._bus is not None and self._started:
            self._teller.start()

    def stop(self) -> None:
        """Close all places; what has arrived is committed."""
        self._stop.set()
        for intake in self._started:
            intake.stop()
        if self._teller.ident is not None:
            self._teller.join(5.0)

    def standings(self) -> list[Standing]:
        """How each place does now."""
        return [intake.standing() for intake in self._started]

    def ports(self) -> list[int]:
        """The port of each place, in their order."""
        return [intake.port for intake in self._started]

    def _tell_on(self) -> None:
        while not self._stop.wait(TELL_EVERY_S):
            self._tell()
        self._tell()

    def _tell(self) -> None:
        """Publish how the places do; a bus in trouble does not stop the listening."""
        if self._bus is None:
            return
        body = {"listeners": msgspec.to_builtins(self.standings())}
        try:
            self._bus.publish("health", body)
        except KanameError as error:
            _log.warning("not told", extra={"topic": "health", "reason": str(error)})
