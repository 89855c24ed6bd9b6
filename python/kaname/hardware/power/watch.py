"""Watching a source of power readings: rows into a store, batch by batch, until it ends.

A file is read again from its beginning after a kill, and what was committed is left out. A
pipe or a connection cannot be read again: what was not committed when the process died is
lost, as nobody else has it.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from kaname.hardware.power.ledger import Done, Ledger
from kaname.hardware.power.rows import Subject
from kaname.hardware.power.station import Row, Station
from kaname.hardware.power.streams import Growing, Pipe, Tcp, address_of
from kaname.model.errors import InputError
from kaname.model.instant import now_us

if TYPE_CHECKING:
    import threading

    from kaname.hardware.power.profile import Profile
    from kaname.hardware.power.source import Source, Wanted

__all__ = ["Judging", "Told", "Watch"]

_SUFFIXES = (".csv", ".txt", ".tsv", ".npz", ".npy", ".wav", ".h5", ".hdf5", ".gz", ".xz", ".zst")
_QUIET_S = 2.0  # after which a file of a folder is taken as whole
_LOOK_S = 0.5
_RECONNECT_S = (1.0, 60.0)
_MOST_SEGMENTS = 2000  # that make a commit come early


@dataclass(frozen=True, slots=True)
class Judging:
    """By what segments are judged, and what the profile is called in rows."""

    profile: Profile | None = None
    name: str = ""


@dataclass(slots=True)
class Told:
    """What came of it so far."""

    readings: int = 0
    segments: int = 0
    bursts: int = 0
    anomalies: int = 0
    sources: int = 0
    problems: dict[str, int] = field(default_factory=dict)


class Watch:
    """One place: ``-``, ``tcp://HOST:PORT``, a file or a folder.

    ``shown`` is told each segment as it is complete. ``follow``: wait for more at the end.
    """

    def __init__(
        self,
        place: str,
        ledger: Ledger,
        wanted: Wanted,
        judging: Judging,
        *,
        fleet: str = "",
        follow: bool = False,
        every_s: float = 10.0,
        stop: threading.Event,
        shown: Callable[[Row], None] = lambda _: None,
    ) -> None:
        self.place, self._ledger, self._wanted, self._judging = place, ledger, wanted, judging
        self._fleet, self._follow, self._every_s = fleet, follow, every_s
        self._stop, self._shown = stop, shown
        self._station: Station | None = None
        self._due = 0.0
        self.told = Told()

    def run(self) -> None:
        """Until the end of the source, or until somebody asked to stop.

        Raises:
            InputError: the source cannot be opened or understood.
        """
        path = Path(self.place).expanduser()
        if self.place == "-":
            self._stream(Pipe(0, self._stop, self._idle, name=self._wanted.device or "stdin"))
        elif self.place.startswith("tcp://"):
            self._connected()
        elif path.is_dir():
            self._folder(path)
        else:
            self._file(path)

    # --- the kinds of places ---

    def _connected(self) -> None:
        place = address_of(self.place)
        pause, longest = _RECONNECT_S
        while not self._stop.is_set():
            try:
                live = Tcp(place, self._stop, self._idle)
                with contextlib.closing(live):
                    self._stream(live)
                pause = _RECONNECT_S[0]
            except InputError:
                if not self._follow or self.told.sources == 0:
                    raise
            if not self._follow or self._stop.wait(pause):
                return
            pause = min(2 * pause, longest)

    def _stream(self, live: Pipe) -> None:
        """Readings that come once and never again."""
        source = self._opened(live)
        start = source.start if source.start is not None else now_us()
        self._ledger.begin(f"{live.name}:{secrets.token_hex(8)}", start, source.fs)
        self._through(source, self._ledger.done, last=True)

    def _file(self, path: Path) -> None:
        wanted = self._wanted
        while not self._stop.is_set():
            live = Growing(path, self._stop, self._idle, follow=self._follow)
            with contextlib.closing(live):
                source = self._opened(live, wanted)
                start = _start(source, path)
                done = self._ledger.begin(_key(path, live), start, source.fs)
                if done.rate_hz != source.fs:
                    wanted = msgspec.structs.replace(wanted, fs=done.rate_hz)
                    continue  # from the beginning, as it was read before
                self._through(source, done, last=live)
            wanted = self._wanted
            if not (self._follow and live.ended) or self._stop.wait(_LOOK_S):
                return

    def _folder(self, folder: Path) -> None:
        from kaname.hardware.power.readings import open_trace

        while not self._stop.is_set():
            for path in self._ready(folder):
                key = _file_key(path)
                try:
                    source = open_trace(path, self._wanted)
                except InputError as error:
                    self._problem(error)
                    self._ledger.commit((), (), file=key)
                    continue
                # A file is committed whole, so it begins anew.
                own = f"{key}:{secrets.token_hex(4)}"
                self._ledger.begin(own, _start(source, path), source.fs)
                if not self._through(source, self._ledger.done, last=True, file=key):
                    return
            if not self._follow or self._stop.wait(_LOOK_S):
                return

    def _ready(self, folder: Path) -> Iterator[Path]:
        """Files that are whole and not done with, in the order of their names."""
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.suffix.lower() not in _SUFFIXES:
                continue
            with contextlib.suppress(OSError):
                quiet = time.time() - path.stat().st_mtime >= _QUIET_S
                if (quiet or not self._follow) and not self._ledger.has(_file_key(path)):
                    yield path

    # --- what is done with readings ---

    def _opened(self, live: Any, wanted: Wanted | None = None) -> Source:
        from kaname.hardware.power.text import open_text

        return open_text(cast("Path", live), wanted or self._wanted)

    def _through(self, source: Source, done: Done, *, last: bool | Growing, file: str = "") -> bool:
        """All readings of a source; whether its end was seen."""
        subject = Subject(source.device, self._fleet, done.start_us, source.fs)
        station = Station(subject, self._judging.profile, self._judging.name)
        known = _Known(done)
        self.told.sources += 1
        self._station = None if file else station
        self._due = time.monotonic() + self._every_s
        for piece in source.pieces():
            self._tell(known.fresh(station.push(piece.missing, piece.values)))
            self.told.readings += len(piece.values)
            known.leave_out(station)
            if self._stop.is_set() and file:
                return False  # the file is read again
            self._idle()
        ended = last if isinstance(last, bool) else last.ended
        if ended:
            self._tell(known.fresh(station.finish()))
            known.leave_out(station)
        self._commit(station, file if ended else "")
        self._station = None
        for problem in source.problems:
            held = self.told.problems
            held[problem.kind] = held.get(problem.kind, 0) + problem.count
        return ended

    def _tell(self, rows: list[Row]) -> None:
        for row in rows:
            self.told.segments += 1
            self.told.bursts += row["mode"] == "active"
            self.told.anomalies += row["anomaly"]
            self._shown(row)

    def _idle(self) -> None:
        """Commit what there is, when it is time."""
        station = self._station
        if station is None:
            return
        if time.monotonic() >= self._due or len(station.segments) >= _MOST_SEGMENTS:
            self._commit(station)

    def _commit(self, station: Station, file: str = "") -> None:
        segments, station.segments = station.segments, []
        seconds, station.seconds = station.seconds, []
        readings, station.readings = station.readings, 0
        self._ledger.commit(segments, seconds, readings=readings, file=file)
        self._due = time.monotonic() + self._every_s

    def _problem(self, error: InputError) -> None:
        held = self.told.problems
        held[error.key] = held.get(error.key, 0) + 1


class _Known:
    """Rows that were committed before the process was started: the first ones."""

    def __init__(self, done: Done) -> None:
        self._told = self._segments = done.segments
        self._seconds = done.seconds

    def fresh(self, rows: list[Row]) -> list[Row]:
        """Those among new rows that nobody was told of."""
        known = min(self._told, len(rows))
        self._told -= known
        return rows[known:]

    def leave_out(self, station: Station) -> None:
        """Take what was committed from what is to be."""
        known = min(self._segments, len(station.segments))
        del station.segments[:known]
        self._segments -= known
        known = min(self._seconds, len(station.seconds))
        del station.seconds[:known]
        self._seconds -= known


def _key(path: Path, live: Growing) -> str:
    """A file that is the same over restarts: by its node and its first lines."""
    return f"{path.name}:{path.stat().st_ino}:{live.head_digest[:16]}"


def _file_key(path: Path) -> str:
    now = path.stat()
    return f"{path.name}:{now.st_size}:{now.st_mtime_ns}"


def _start(source: Source, path: Path) -> int:
    """Where a trace begins: by itself, or at the time of its file."""
    return source.start if source.start is not None else path.stat().st_mtime_ns // 1000
