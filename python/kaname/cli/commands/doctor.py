"""`kaname doctor`: check what usually goes wrong, and say how to mend it."""

from __future__ import annotations

import resource
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import click

from kaname.cli.frame import Session, command
from kaname.cli.output import bytes_text, put_json
from kaname.cli.speech import say
from kaname.model.errors import KanameError
from kaname.model.instant import format_us, now_us, parse_us

__all__ = ["doctor"]

LOW_DISK = 2 << 30
FEW_FILES = 1024
PACKAGES = ("kaname", "duckdb", "pyarrow", "ibis-framework", "sqlalchemy", "litestar")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: ``ok``, ``warn`` or ``fail``; ``fix`` says what to do."""

    name: str
    state: str
    detail: str
    fix: str = ""


@command("doctor")
def doctor(session: Session) -> int:
    """Check versions, the data folder, disk, limits, clock, stores and the port."""
    checks = [check for look in _LOOKS for check in look(session)]
    if session.as_json:
        put_json({"checks": checks})
    else:
        for check in checks:
            mark, colour = {"ok": ("✓", "green"), "warn": ("!", "yellow")}.get(
                check.state, ("✗", "red")
            )
            name = say(f"cli.doctor.{check.name}")
            click.echo(f"{click.style(mark, fg=colour)} {name}: {check.detail}")
            if check.fix:
                click.echo(f"    {check.fix}")
    return 1 if any(check.state == "fail" for check in checks) else 0


def _versions(_session: Session) -> Iterator[Check]:
    found = [f"Python {sys.version.split()[0]}"]
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            yield Check("versions", "fail", package, say("cli.doctor.fix.package", name=package))
    yield Check("versions", "ok", ", ".join(found))


def _native(_session: Session) -> Iterator[Check]:
    try:
        from kaname._native import __version__ as core
    except ImportError as error:
        yield Check("native", "fail", str(error), say("cli.doctor.fix.native"))
        return
    yield Check("native", "ok", core)


def _folder(session: Session) -> Iterator[Check]:
    data = session.settings.data
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=data, prefix=".doctor-"):
            pass
    except OSError as error:
        yield Check("data", "fail", str(error), say("cli.doctor.fix.data", data=data))
        return
    yield Check("data", "ok", str(data))
    free = shutil.disk_usage(data).free
    low = free < LOW_DISK
    fix = say("cli.doctor.fix.disk") if low else ""
    yield Check("disk", "warn" if low else "ok", bytes_text(free), fix)
    secret = data / "admin.token"
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield Check("token_file", "warn", str(secret), f"chmod 600 {secret}")


def _limits(_session: Session) -> Iterator[Check]:
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = soft < FEW_FILES
    yield Check("files", "warn" if few else "ok", str(soft), "ulimit -n 4096" if few else "")


def _clock(_session: Session) -> Iterator[Check]:
    now = now_us()
    odd = now < parse_us("2026-01-01")
    fix = say("cli.doctor.fix.clock") if odd else ""
    yield Check("clock", "fail" if odd else "ok", format_us(now), fix)


def _store(name: str, use: Callable[[Session], object]) -> Callable[[Session], Iterator[Check]]:
    def look(session: Session) -> Iterator[Check]:
        try:
            detail = str(use(session))
        except KanameError as error:
            yield Check(name, "fail", error.render(session.language))
            return
        yield Check(name, "ok", detail)

    return look


def _port(session: Session) -> Iterator[Check]:
    host, _, port = session.settings.listen.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            yield Check("port", "warn", str(error), say("cli.doctor.fix.port"))
            return
    yield Check("port", "ok", session.settings.listen)


_LOOKS: tuple[Callable[[Session], Iterator[Check]], ...] = (
    _versions,
    _native,
    _folder,
    _limits,
    _clock,
    _store("lake", lambda s: sum(t.rows for t in s.lake.tables())),
    _store("knowledge", lambda s: len(s.knowledge.accounts())),
    _store("bus", lambda s: type(s.bus).__name__),
    _port,
)
