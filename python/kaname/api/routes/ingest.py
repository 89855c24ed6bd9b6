"""Bringing sources in: uploads, and files of the watched folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Request, delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kaname.api.identity import Asking, analyst, viewer
from kaname.api.services import Injected
from kaname.api.shapes import JobOut, ListenerOut, PathsIn
from kaname.api.uploads import discard, receive
from kaname.knowledge import Account
from kaname.model.errors import ForbiddenError, NotFoundError
from kaname.model.marking import Tlp
from kaname.readers.ingest import reader_called
from kaname.readers.options import Options, options_of

__all__ = ["ROUTES"]


@get("/ingest/jobs", guards=[viewer])
async def list_jobs(services: Injected, account: Asking) -> list[JobOut]:
    """Known jobs, the newest first."""
    return [job for job in services.jobs.jobs() if job.tlp.visible_to(account.clearance)]


@post("/ingest", guards=[analyst], status_code=202, request_max_body_size=None)
async def upload(
    request: Request[Account, Any, Any],
    services: Injected,
    account: Asking,
    name: Annotated[str, QueryParameter(description="file name", min_length=1, max_length=255)],
    sensor: FromQuery[str | None] = None,
    tlp: FromQuery[str | None] = None,
    packets: Annotated[bool, QueryParameter(description="keep every packet as a row")] = False,
    reader: Annotated[str | None, QueryParameter(description="name of the reader")] = None,
    option: Annotated[
        list[str] | None, QueryParameter(description="option of the reader, KEY=VALUE")
    ] = None,
) -> JobOut:
    """Take one file (the raw body) and queue it; a broken upload leaves nothing."""
    level = _marking(services, account, tlp)
    if reader is not None:
        reader_called(reader)
    options = options_of(option or ())
    folder = services.jobs.inbox
    path = await receive(request.stream(), folder, name)
    wanted = _Wanted(sensor or services.settings.sensor, level, packets, reader, options)
    try:
        return await sync_to_thread(_submit, services, account, path, wanted, owned=True)
    except BaseException:
        discard(path)
        raise


@post("/ingest/paths", guards=[analyst], status_code=202, sync_to_thread=True)
def ingest_paths(services: Injected, account: Asking, data: JSONBody[PathsIn]) -> list[JobOut]:
    """Queue files that lie below the watched folders."""
    level = _marking(services, account, data.tlp)
    files = [_inside(services, text) for text in data.paths]
    wanted = _Wanted(data.sensor or services.settings.sensor, level, data.packets)
    return [_submit(services, account, path, wanted, owned=False) for path in files]


@get("/ingest/listeners", guards=[viewer])
async def list_listeners(services: Injected, account: Asking) -> list[ListenerOut]:
    """The places that are listened at, and what was lost there."""
    standings = services.listening.standings() if services.listening else ()
    return [
        msgspec.convert(msgspec.to_builtins(one), ListenerOut)
        for one in standings
        if one.tlp.visible_to(account.clearance)
    ]


@delete("/ingest/jobs/{job:str}", guards=[analyst], status_code=200, sync_to_thread=True)
def cancel_job(services: Injected, account: Asking, job: FromPath[str]) -> JobOut:
    """Stop a job; what it read so far is not kept."""
    visible = (one.id for one in services.jobs.jobs() if one.tlp.visible_to(account.clearance))
    if job not in visible:
        raise NotFoundError("api.error.no_job", id=job)
    cancelled = services.jobs.cancel(job)
    services.knowledge.audit(account.name, "ingest.cancel", job)
    return cancelled


class _Wanted(NamedTuple):
    """How a source is to be ingested."""

    sensor: str
    tlp: Tlp
    packets: bool
    reader: str | None = None
    options: Options | None = None


def _submit(
    services: Injected, account: Account, path: Path, wanted: _Wanted, *, owned: bool
) -> JobOut:
    """Queue a file, and write down who brought it."""
    job = services.jobs.submit(
        path,
        sensor=wanted.sensor,
        tlp=wanted.tlp,
        packets=wanted.packets,
        reader=wanted.reader,
        options=wanted.options,
        owned=owned,
        actor=account.name,
    )
    details = {"file": job.path, "sensor": job.sensor, "tlp": job.tlp.value}
    services.knowledge.audit(account.name, "ingest.submit", job.id, details)
    return job


def _marking(services: Injected, account: Account, given: str | None) -> Tlp:
    """The marking of what comes in; nobody brings in what they could not see then."""
    level = services.settings.tlp if given is None else Tlp.parse(given)
    if not level.visible_to(account.clearance):
        raise ForbiddenError(
            "api.error.clearance", tlp=level.label, clearance=account.clearance.label
        )
    return level


def _inside(services: Injected, text: str) -> Path:
    """The file named by ``text``, if a watched folder holds it, links followed.

    One answer for "outside" and "missing", so that nobody can ask what else is there.
    """
    path = Path(text).resolve()
    folders = (folder.resolve() for folder in services.settings.watch)
    if not any(path.is_relative_to(folder) for folder in folders) or not path.is_file():
        raise ForbiddenError("api.error.not_watched", path=text)
    return path


ROUTES = (list_jobs, upload, ingest_paths, list_listeners, cancel_job)
