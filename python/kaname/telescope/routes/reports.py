"""Reports of a day or a month, made while one waits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter, SkipValidation

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Form = Annotated[
    Literal["html", "pdf", "json"],
    QueryParameter(name="format", description="html, pdf or json"),
]
_Language = Annotated[Literal["en", "ja"], QueryParameter(description="of the report")]
_Sensor = Annotated[str, QueryParameter(max_length=200, description="of one sensor only")]
_Without = Annotated[bool, QueryParameter(description="without survey scans")]
_MEDIA = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}
_MONTH = len("2026-01")


@get("/telescope/reports/{period:str}", sync_to_thread=True)
def telescope_report(
    request: Request[Any, Any, Any],
    services: _Services,
    period: FromPath[str],
    form: _Form = "html",
    language: _Language = "en",
    sensor: _Sensor = "",
    without_survey: _Without = False,
) -> Response[bytes]:
    """The report of a day (``2026-01-31``) or a month (``2026-01``) as a file."""
    from kaname.lake.networks import Networks
    from kaname.telescope.reports.period import parse_period
    from kaname.telescope.reports.report import Stores, make, write
    from kaname.writers.shielding import shield_of

    asked = parse_period("month" if len(period) <= _MONTH else "day", period)
    data = services.settings.data
    stores = Stores(
        services.lake,
        services.knowledge,
        Networks.open(data),
        shield_of(data, services.knowledge),
    )
    document = make(
        stores,
        asked,
        language,
        sensor=sensor,
        without_survey=without_survey,
        clearance=request.user.clearance,
    )
    name = f"kaname-{asked.name}.{form}"
    return Response(
        write(document, form),
        media_type=_MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


ROUTES = (telescope_report,)
