"""How the nexus is."""

from __future__ import annotations

import shutil

from litestar import get

from kaname.api.identity import Asking, viewer
from kaname.api.services import Injected
from kaname.api.shapes import StatusOut
from kaname.knowledge import FindingQuery, IndicatorQuery
from kaname.model.instant import now_us

__all__ = ["ROUTES"]

_ACTIVE = ("queued", "running")


@get("/status", guards=[viewer], sync_to_thread=True)
def status(services: Injected, account: Asking) -> StatusOut:
    """Numbers of what the account may see, and what is going on."""
    clearance = account.clearance
    stock = services.inventory.of(services.lake, clearance)
    known = services.knowledge
    jobs = [job for job in services.jobs.jobs() if job.tlp.visible_to(clearance)]
    return StatusOut(
        version=services.version,
        started=services.started,
        now=now_us(),
        generation=services.lake.generation,
        language=services.settings.speaks,
        zone=services.settings.shows,
        sources=len(stock.sources),
        rows=stock.rows,
        bytes=stock.bytes,
        findings=known.findings(FindingQuery(limit=1, clearance=clearance)).total,
        indicators=known.indicators(IndicatorQuery(limit=1, clearance=clearance)).total,
        analysing=services.runs.busy,
        ingesting=sum(job.state in _ACTIVE for job in jobs),
        disk_free=shutil.disk_usage(services.settings.data).free,
    )


ROUTES = (status,)
