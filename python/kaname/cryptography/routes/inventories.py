"""Inventories of the lake: the list, one with its verdicts, plan, changes, trends, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, QueryParameter, SkipValidation

from kaname.cryptography.routes.shapes import (
    Changes,
    InventoryDetail,
    InventoryPage,
    PlanOut,
    TrendOut,
)
from kaname.model.page import Page

if TYPE_CHECKING:
    from kaname.cryptography.inventories import Question

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Chosen = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Purpose = Literal["new", "processing"]
_Year = Annotated[int | None, QueryParameter(ge=1, le=9999, description="to judge for; this one")]
_Use = Annotated[_Purpose, QueryParameter(description="new generation, or processing")]
_Until = Annotated[
    int | None,
    QueryParameter(ge=1, le=9999, description="until which year data must stay secret"),
]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="items of a page")]
_After = Annotated[str | None, QueryParameter(description="`next` of the page before")]
_Text = Annotated[str | None, QueryParameter(max_length=200, description="a part of the text")]
_Sensor = Annotated[str | None, QueryParameter(max_length=200, description="of this sensor only")]
_Name = Annotated[str | None, QueryParameter(max_length=200, description="of this name only")]
_Word = Annotated[
    Literal[
        "allowed",
        "allowed-until",
        "unknown",
        "finish-migration",
        "monitored",
        "not-listed",
        "not-usable",
    ]
    | None,
    QueryParameter(description="with this verdict only"),
]
_Kind = Annotated[str | None, QueryParameter(max_length=50, description="of this kind only")]
_Standing = Annotated[
    Literal["verified", "unverified"] | None,
    QueryParameter(description="whose cells were compared with the official documents, or not"),
]
_Place = Annotated[str | None, QueryParameter(max_length=5000, description="at this location")]
_Quantum = Annotated[bool, QueryParameter(description="what a quantum computer breaks only")]
_Item = Annotated[str | None, QueryParameter(max_length=64, description="this one, by its id")]
_Before = Annotated[str | None, QueryParameter(max_length=64, description="the one to compare")]
_QuantumYear = Annotated[
    int | None,
    QueryParameter(ge=2026, le=2100, description="when a quantum computer is assumed"),
]
_Migration = Annotated[int, QueryParameter(ge=0, le=50, description="years a migration takes")]
_Exposure = Annotated[
    Literal["internet", "internal", "offline"],
    QueryParameter(description="of what is no endpoint"),
]
_Form = Annotated[Literal["html", "pdf"], QueryParameter(name="format", description="of the file")]
_Language = Annotated[Literal["en", "ja"], QueryParameter(description="of the report")]
_Version = Annotated[Literal["1.6", "1.7"], QueryParameter(description="of CycloneDX")]
_MEDIA = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


def _choose(
    q: _Text = None,
    verdict: _Word = None,
    kind: _Kind = None,
    standing: _Standing = None,
    place: _Place = None,
    quantum: _Quantum = False,
    item: _Item = None,
) -> Any:
    """Which items of an inventory are asked for."""
    from kaname.cryptography.inventories import Chosen

    return Chosen(q, verdict, kind, standing, place, quantum, item)


_CHOOSING = {"chosen": Provide(_choose, sync_to_thread=False)}


@get("/crypto/inventories", sync_to_thread=True)
def crypto_inventories(
    request: _Asking,
    services: _Services,
    year: _Year = None,
    use: _Use = "processing",
    sensor: _Sensor = None,
    q: _Text = None,
    limit: _Limit = 50,
    after: _After = None,
) -> InventoryPage:
    """List inventories with their verdicts counted, the latest first."""
    from kaname.cryptography.inventories import inventories

    page, clearance = Page.after(after, limit), request.user.clearance
    asked = _asked(services, year, use)
    return inventories(services.lake, asked, page, clearance, sensor=sensor, text=q)


@get("/crypto/inventories/{inventory:str}", dependencies=_CHOOSING, sync_to_thread=True)
def crypto_inventory(
    request: _Asking,
    services: _Services,
    inventory: FromPath[str],
    chosen: _Chosen,
    year: _Year = None,
    use: _Use = "processing",
    confidential_until: _Until = None,
    limit: _Limit = 100,
    after: _After = None,
) -> InventoryDetail:
    """One inventory: items with verdicts and the cells behind them, places, time line."""
    from kaname.cryptography.inventories import inventory as found

    asked, page = _asked(services, year, use, confidential_until), Page.after(after, limit)
    clearance = request.user.clearance
    return found(services.lake, services.knowledge, inventory, asked, page, chosen, clearance)


@get("/crypto/inventories/{inventory:str}/plan", sync_to_thread=True)
def crypto_inventory_plan(
    request: _Asking,
    services: _Services,
    inventory: FromPath[str],
    year: _Year = None,
    use: _Use = "processing",
    confidential_until: _Until = None,
    quantum_year: _QuantumYear = None,
    migration: _Migration = 3,
    exposure: _Exposure = "internal",
) -> PlanOut:
    """The migration plan of an inventory, the most urgent step first, and why."""
    from kaname.cryptography.inventories import items_in, one
    from kaname.cryptography.policy.migration import Assumptions, plan
    from kaname.cryptography.wording import step_out

    asked, clearance = _asked(services, year, use, confidential_until), request.user.clearance
    _, items, judged = items_in(services.lake, inventory, asked, clearance)
    assumed = Assumptions(
        quantum_year=quantum_year or asked.policy.target_year,
        confidentiality=max(0, asked.confidential_until - asked.year),
        migration=migration,
        exposure=exposure,
    )
    return PlanOut(
        inventory=one(services.lake, inventory, asked, clearance),
        year=asked.year,
        use=asked.use,
        assumptions=assumed,
        steps=[step_out(step) for step in plan(items, judged, assumed)],
    )


@get("/crypto/inventories/{inventory:str}/changes", sync_to_thread=True)
def crypto_inventory_changes(
    request: _Asking,
    services: _Services,
    inventory: FromPath[str],
    before: _Before = None,
    year: _Year = None,
    use: _Use = "processing",
) -> Changes:
    """What came, went, got worse or better since another inventory."""
    from kaname.cryptography.inventories import changed

    return changed(
        services.lake, inventory, before, _asked(services, year, use), request.user.clearance
    )


@get("/crypto/inventories/{inventory:str}/report", sync_to_thread=True)
def crypto_inventory_report(
    request: _Asking,
    services: _Services,
    inventory: FromPath[str],
    form: _Form = "html",
    language: _Language = "en",
    year: _Year = None,
    use: _Use = "processing",
    confidential_until: _Until = None,
) -> Response[bytes]:
    """The report on an inventory as a file: verdicts, time line, plan, sources."""
    from kaname.cryptography.reports import report_on
    from kaname.writers.report.writing import write

    asked = _asked(services, year, use, confidential_until)
    document = report_on(services.lake, inventory, asked, language, request.user.clearance)
    return Response(
        write(document, form),
        media_type=_MEDIA[form],
        headers=_attached(f"kaname-crypto-{inventory[:12]}.{form}"),
    )


@get("/crypto/inventories/{inventory:str}/cbom", sync_to_thread=True)
def crypto_inventory_cbom(
    request: _Asking, services: _Services, inventory: FromPath[str], version: _Version = "1.7"
) -> Response[bytes]:
    """An inventory as a CycloneDX document (CBOM)."""
    from kaname.cryptography.reports import cbom_of

    data = cbom_of(
        services.lake, inventory, version, _asked(services, None), request.user.clearance
    )
    return Response(
        data,
        media_type="application/vnd.cyclonedx+json",
        headers=_attached(f"kaname-{inventory[:12]}.cdx.json"),
    )


@get("/crypto/trend", sync_to_thread=True)
def crypto_trend(
    request: _Asking,
    services: _Services,
    sensor: _Sensor = None,
    name: _Name = None,
    year: _Year = None,
    use: _Use = "processing",
    limit: _Limit = 50,
) -> TrendOut:
    """How verdicts changed over the inventories of each sensor and name."""
    from kaname.cryptography.inventories import trends

    asked, clearance = _asked(services, year, use), request.user.clearance
    return trends(services.lake, asked, limit, clearance, sensor=sensor, name=name)


def _asked(
    services: Any, year: int | None, use: _Purpose = "processing", until: int | None = None
) -> Question:
    """The question, put to the same tables as the analyses put theirs to."""
    from kaname.cryptography.inventories import Question

    given = services.settings.analyses.get("cryptography.policy", {})
    return Question.of(year, use, until, given.get("tables"))


def _attached(name: str) -> dict[str, str]:
    plain = "".join(
        one if one.isascii() and (one.isalnum() or one in "-.") else "_" for one in name
    )
    return {"Content-Disposition": f'attachment; filename="{plain}"'}


ROUTES = (
    crypto_inventories,
    crypto_inventory,
    crypto_inventory_plan,
    crypto_inventory_changes,
    crypto_inventory_report,
    crypto_inventory_cbom,
    crypto_trend,
)
