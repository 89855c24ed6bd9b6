"""The nexus: stores, watched folders, continuous analysis and the API in one process."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.model.errors import KanameError
from kaname.model.instant import now_us
from kaname.model.messages import text
from kaname.model.settings import Settings
from kaname.nexus.lock import DataLock

if TYPE_CHECKING:
    import socket

    from kaname.api.services import Services
    from kaname.bus import Bus
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.lake.expressions import Engine
    from kaname.nexus.alerting import Alerting
    from kaname.nexus.care import Care
    from kaname.nexus.fusion import Fusion
    from kaname.nexus.jobs import IngestQueue
    from kaname.nexus.listeners import Listeners
    from kaname.nexus.schedule import Schedule
    from kaname.nexus.server import Server

__all__ = ["TOKEN_FILE", "Nexus"]

TOKEN_FILE = "admin.token"  # noqa: S105 - the name of a file

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - asked for by --listen
_log = logging.getLogger("kaname.nexus")


class Nexus:
    """Wires everything; `run` returns when the process is told to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.started = threading.Event()
        self.url = ""
        self.services: Services | None = None  # while it runs
        self._server: Server | None = None
        self._stop = threading.Event()

    def run(self, listen: str | None = None, *, open_browser: bool = False) -> None:
        """Serve at ``listen`` (by the settings) until a signal or `stop`.

        Raises:
            UnavailableError: the port cannot be had.
            ConflictError: another nexus holds the data folder.
            StoreAccessError: the data folder cannot be written.
        """
        from kaname.nexus import logs
        from kaname.nexus.server import bind

        if not logging.getLogger().handlers:  # a program around us has its own
            logs.configure()
        with contextlib.ExitStack() as stack:
            bound = stack.enter_context(bind(listen or self.settings.listen))
            lock = DataLock(self.settings.data)
            lock.acquire()
            stack.callback(lock.release)
            services = stack.enter_context(self._open())
            self.services = services
            token = _first_token(services, self.settings.data)
            self._serve(services, bound, token, open_browser=open_browser)
        _log.info("stopped")

    def stop(self) -> None:
        """Make `run` return; safe from any thread."""
        self._stop.set()
        if self._server is not None:
            self._server.stop()

    @contextlib.contextmanager
    def _open(self) -> Iterator[Services]:
        """The stores and the queues, closed in the reverse order."""
        from kaname.api.services import Services
        from kaname.bus import open_bus
        from kaname.knowledge import Knowledge
        from kaname.lake import Lake
        from kaname.nexus.alerting import Alerting
        from kaname.nexus.care import Care
        from kaname.nexus.jobs import IngestQueue
        from kaname.nexus.schedule import Schedule
        from kaname.telescope.registered import RegisteredParameters

        settings = self.settings
        with contextlib.ExitStack() as stack:
            lake = stack.enter_context(Lake.open(settings.data))
            lake.sweep()
            knowledge = stack.enter_context(Knowledge.open(settings.knowledge_url))
            bus = stack.enter_context(open_bus(settings.bus_url))
            engine = stack.enter_context(_engine(settings))
            parameters = RegisteredParameters(settings.analyses, knowledge, settings.data)
            schedule = Schedule(lake, knowledge, bus, parameters, engine)
            alerting = Alerting(settings, lake, knowledge, bus)

            def committed() -> None:
                schedule.poke()
                alerting.poke()

            jobs = IngestQueue(
                lake,
                bus,
                settings.data / "inbox",
                threads=settings.threads,
                committed=committed,
            )
            listening = self._listeners(lake, bus, committed)
            care = Care(lake, bus, settings.retention_days)
            fusion = self._fusion(stack, lake, knowledge, bus)
            with (
                _running(schedule),
                _running(jobs),
                _running(care),
                _running(fusion),
                _running(alerting),
                _running(listening),
                self._watching(lake, jobs),
            ):
                yield Services(
                    settings=settings,
                    lake=lake,
                    knowledge=knowledge,
                    bus=bus,
                    jobs=jobs,
                    runs=schedule,
                    listening=listening,
                    parameters=parameters,
                    parts={"intelligence": fusion.intelligence},
                    version=version("kaname"),
                    started=now_us(),
                )

    def _fusion(
        self, stack: contextlib.ExitStack, lake: Lake, knowledge: Knowledge, bus: Bus
    ) -> Fusion:
        """What fuses all observations; its store is closed with the rest."""
        from kaname.intelligence.service import Intelligence
        from kaname.nexus.fusion import Fusion

        fusion = stack.enter_context(Intelligence(self.settings.data, knowledge, bus))
        return Fusion(fusion, lake)

    def _listeners(self, lake: Lake, bus: Bus, committed: Callable[[], None]) -> Listeners:
        """What listens at the places of the setting ``listen_to``."""
        from kaname.nexus.listeners import Listeners, places

        settings = self.settings
        return Listeners(
            lake,
            places(settings.listen_to),
            sensor=settings.sensor,
            tlp=settings.tlp,
            every_s=settings.listen_seconds,
            bus=bus,
            committed=lambda _source: committed(),
        )

    @contextlib.contextmanager
    def _watching(self, lake: Lake, jobs: IngestQueue) -> Iterator[None]:
        """Queue what arrives in the watched folders."""
        from kaname.nexus.watch import check_folders

        check_folders(self.settings.watch)
        if not self.settings.watch:
            yield
            return
        stop = threading.Event()
        thread = threading.Thread(
            target=_watch, args=(self.settings, lake, jobs, stop), name="watch", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(5.0)

    def _serve(
        self, services: Services, bound: socket.socket, token: str | None, *, open_browser: bool
    ) -> None:
        from kaname.api.app import application, loopback_names
        from kaname.api.services import stop
        from kaname.nexus.capabilities import routes
        from kaname.nexus.server import Server

        host, port = bound.getsockname()[:2]
        shown = "localhost" if host in _EVERYWHERE else f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{port}/"
        link = f"{self.url}#/login?token={token}" if token else self.url
        app = application(
            services, hosts=loopback_names(host), more=routes(), outside=routes("OUTSIDE")
        )

        def started() -> None:
            print(text("nexus.ready", self.settings.speaks, url=link), flush=True)  # noqa: T201
            self.started.set()
            threading.Thread(
                target=_link_key, args=(services,), name="link key", daemon=True
            ).start()
            if open_browser and _has_display():
                threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()

        self._server = Server(app, started=started, stopping=lambda: stop(services))
        if not self._stop.is_set():
            self._server.run(sockets=[bound])


@contextlib.contextmanager
def _engine(settings: Settings) -> Iterator[Engine | None]:
    """What evaluates analyses; none: the DuckDB of this process."""
    if settings.engine != "spark":
        yield None
        return
    from kaname.lake.spark import Spark

    with contextlib.closing(Spark.configured(settings.spark)) as engine:
        yield engine


@contextlib.contextmanager
def _running(part: IngestQueue | Schedule | Listeners | Care | Fusion | Alerting) -> Iterator[None]:
    part.start()
    try:
        yield
    finally:
        part.stop()


def _watch(settings: Settings, lake: Lake, jobs: IngestQueue, stop: threading.Event) -> None:
    from kaname.nexus.watch import watch

    try:
        for path in watch(settings.watch, stop=stop):
            _take_in(settings, lake, jobs, path)
    except KanameError as error:
        _log.error("not watching", extra={"reason": str(error)})


def _take_in(settings: Settings, lake: Lake, jobs: IngestQueue, path: Path) -> None:
    """Queue one file, unless the lake has it already."""
    try:
        if lake.known(lake.identify(path)) is None:
            jobs.submit(
                path,
                sensor=settings.sensor,
                tlp=settings.tlp,
                packets=False,
                owned=False,
                actor="watch",
            )
    except (KanameError, OSError) as error:
        _log.warning("not taken in", extra={"file": str(path), "reason": str(error)})


def _first_token(services: Services, data: Path) -> str | None:
    """The administrator's token, made and written down on the first start.

    None when the file is gone or its token was revoked; ``kaname token create`` makes one.
    """
    path = data / TOKEN_FILE
    made = services.knowledge.bootstrap()
    if made is not None:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{made}\n")
        return made
    try:
        kept = path.read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return kept if services.knowledge.authenticate(kept) is not None else None


def _link_key(services: Services) -> None:
    """Make the key of links on the first start; without one the nexus runs, but seals nothing."""
    try:
        fingerprint = services.link_keys.current.public.fingerprint
    except KanameError as error:
        _log.error("no link key", extra={"reason": str(error)})
        return
    _log.info("link key", extra={"fingerprint": fingerprint})


def _has_display() -> bool:
    graphical = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in graphical)
