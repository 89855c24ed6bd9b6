"""Organisations, the alerts of their hosts, and what people decide of these.

Whom this machine writes to is set by administrators: an account that may look at alerts
must not make it speak to addresses of its choice.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter, SkipValidation

from kaname.knowledge.organisation_records import (
    Alert,
    AlertKind,
    AlertState,
    Organisation,
    Suppression,
)
from kaname.knowledge.organisations import Organisations
from kaname.model.errors import ForbiddenError, UsageError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

__all__ = ["ROUTES"]

_Services = NamedDependency[SkipValidation[Any]]
_Asking = Request[Any, Any, Any]
_Limit = Annotated[int, QueryParameter(ge=1, le=1000, description="alerts per page")]
_Cursor = Annotated[
    str | None, QueryParameter(max_length=1024, description="`next` of the page before")
]
_Only = Annotated[str | None, QueryParameter(description="of one organisation only")]
_State = Annotated[
    str,
    QueryParameter(
        name="state", description="open, acknowledged, false_positive, closed, alive or all"
    ),
]
_Kind = Annotated[AlertKind | None, QueryParameter(description="of one kind only")]
_Text = Annotated[str, msgspec.Meta(max_length=200)]
_Prefixes = Annotated[list[str], msgspec.Meta(max_length=10_000)]
_ANALYST = {"role": "analyst"}
_ADMIN = {"role": "admin"}
_ALIVE = (AlertState.OPEN, AlertState.ACKNOWLEDGED)


class OrganisationIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation to register, or to change: what is given replaces all that was known.

    Without ``secret`` the one that it had is kept.
    """

    id: _Text
    name_en: _Text = ""
    name_ja: _Text = ""
    language: Literal["en", "ja"] = "en"
    live: _Prefixes = []
    dark: _Prefixes = []
    mail: Annotated[list[str], msgspec.Meta(max_length=100)] = []
    webhook: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    secret: _Text = ""
    suppressions: Annotated[list[Suppression], msgspec.Meta(max_length=1000)] = []
    valid_from: str | None = None
    valid_until: str | None = None
    tlp: Tlp = Tlp.AMBER


class OrganisationOut(msgspec.Struct, frozen=True):
    """An organisation; its contacts are told to administrators only, its secret to nobody."""

    id: str
    name_en: str
    name_ja: str
    language: str
    live: tuple[str, ...]
    dark: tuple[str, ...]
    suppressions: tuple[Suppression, ...]
    valid_from: int | None
    valid_until: int | None
    tlp: str
    contacts: int
    mail: tuple[str, ...] = ()
    webhook: str = ""

    @classmethod
    def of(cls, one: Organisation, *, contacts: bool) -> OrganisationOut:
        """What an account sees of ``one``."""
        return cls(
            one.id,
            one.name_en,
            one.name_ja,
            one.language,
            one.live,
            one.dark,
            one.suppressions,
            one.valid_from,
            one.valid_until,
            one.tlp.value,
            len(one.mail) + bool(one.webhook),
            one.mail if contacts else (),
            one.webhook if contacts else "",
        )


class OrganisationsOut(msgspec.Struct, frozen=True):
    """All organisations that the account may see."""

    items: list[OrganisationOut]
    next: str | None
    total: int


class BothOut(msgspec.Struct, frozen=True):
    """A text in both languages."""

    en: str
    ja: str


class NoticeOut(msgspec.Struct, frozen=True):
    """What became of a notice; to whom it went is told to administrators only."""

    key: str
    reason: str
    channel: str
    state: str
    created: int
    finished: int | None
    tries: int
    error: str
    target: str = ""


class AlertOut(msgspec.Struct, frozen=True):
    """An alert in a list."""

    id: str
    organisation: str
    host: str
    kind: str
    state: str
    severity: str
    opened: int
    last: int
    changed: int
    packets: int
    destinations: int
    services: tuple[str, ...]
    label: str
    confidence: float
    tlp: str
    by: str
    note: str
    late: bool
    replaced_by: str
    title: BothOut


class AlertWhole(msgspec.Struct, frozen=True):
    """An alert with all that speaks for it."""

    alert: AlertOut
    text: BothOut
    check: BothOut
    reasons: list[BothOut]
    samples: tuple[dict[str, Any], ...]
    query: str
    notices: list[NoticeOut]


class AlertsOut(msgspec.Struct, frozen=True):
    """A page of alerts."""

    items: list[AlertOut]
    next: str | None
    total: int


class DecisionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody decided; ``open`` takes it back."""

    state: Literal["open", "acknowledged", "false_positive"]
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class SentOut(msgspec.Struct, frozen=True):
    """How many notices were put into the outbox."""

    waiting: int


def _part(services: Any) -> Organisations:
    found: Organisations = services.knowledge.part(Organisations)
    return found


def _is_admin(request: _Asking) -> bool:
    return str(request.user.role) == "admin"


@get("/telescope/organisations", sync_to_thread=True)
def organisations(request: _Asking, services: _Services) -> OrganisationsOut:
    """List the organisations that are told of their hosts."""
    found = _part(services).organisations(clearance=request.user.clearance)
    contacts = _is_admin(request)
    items = [OrganisationOut.of(one, contacts=contacts) for one in found]
    return OrganisationsOut(items, None, len(items))


@post("/telescope/organisations", sync_to_thread=True, opt=_ADMIN)
def put_organisation(
    request: _Asking, services: _Services, data: JSONBody[OrganisationIn]
) -> OrganisationOut:
    """Register an organisation, or change it."""
    import secrets

    from kaname.telescope.organisations.definition import check, define

    if not data.tlp.visible_to(request.user.clearance):
        raise ForbiddenError("telescope.error.organisation_clearance", tlp=data.tlp.label)
    part = _part(services)
    known = {one.id: one for one in part.organisations()}
    made = define(msgspec.to_builtins(data))
    before = known.get(made.id)
    if before is not None and not before.tlp.visible_to(request.user.clearance):
        raise ForbiddenError("telescope.error.organisation_clearance", tlp=before.tlp.label)
    kept = before.secret if before is not None else ""
    made = msgspec.structs.replace(made, secret=made.secret or kept or secrets.token_hex(32))
    check(list((known | {made.id: made}).values()))
    part.put([made])
    details = {"live": len(made.live), "dark": len(made.dark), "mail": list(made.mail)}
    services.knowledge.audit(request.user.name, "organisation.put", made.id, details)
    return OrganisationOut.of(made, contacts=True)


@delete("/telescope/organisations/{organisation:str}", sync_to_thread=True, opt=_ADMIN)
def remove_organisation(request: _Asking, services: _Services, organisation: FromPath[str]) -> None:
    """Forget an organisation; its alerts stay."""
    part = _part(services)
    found = part.organisation(organisation, clearance=request.user.clearance)
    part.remove(found.id)
    details = {"name": found.name_en}
    services.knowledge.audit(request.user.name, "organisation.remove", found.id, details)


@post(
    "/telescope/organisations/{organisation:str}/test-notice",
    sync_to_thread=True,
    opt=_ADMIN,
    status_code=202,
)
def send_test_notice(request: _Asking, services: _Services, organisation: FromPath[str]) -> SentOut:
    """Put a test notice for an organisation into the outbox."""
    from kaname.knowledge.organisations import Revised
    from kaname.telescope.organisations.notices import example, test_notices

    part, now = _part(services), now_us()
    one = part.organisation(organisation, clearance=request.user.clearance)
    made = test_notices(one, example(one, now), now)
    part.revise((), lambda _known: Revised(notices=made))
    services.knowledge.audit(request.user.name, "organisation.test_notice", one.id, {})
    return SentOut(len(made))


@get("/telescope/alerts", sync_to_thread=True)
def organisation_alerts(
    request: _Asking,
    services: _Services,
    organisation: _Only = None,
    standing: _State = "alive",
    kind: _Kind = None,
    limit: _Limit = 100,
    cursor: _Cursor = None,
) -> AlertsOut:
    """List alerts of organisations, the host last seen first."""
    part = _part(services)
    page = part.alerts(
        organisation=organisation,
        states=_states(standing),
        kind=kind,
        limit=limit,
        cursor=cursor,
        clearance=request.user.clearance,
    )
    names = _names(part)
    return AlertsOut([_listed(one, names) for one in page.items], page.next_cursor, page.total)


@get("/telescope/alerts/{alert:str}", sync_to_thread=True)
def organisation_alert(request: _Asking, services: _Services, alert: FromPath[str]) -> AlertWhole:
    """Show an alert with what speaks for it, and the notices of it."""
    part = _part(services)
    found = part.alert(alert, clearance=request.user.clearance)
    return _whole(found, part, admin=_is_admin(request))


@post("/telescope/alerts/{alert:str}/state", sync_to_thread=True, opt=_ANALYST, status_code=200)
def decide_organisation_alert(
    request: _Asking, services: _Services, alert: FromPath[str], data: JSONBody[DecisionIn]
) -> AlertOut:
    """Acknowledge an alert, call it a false positive, or take that back."""
    part = _part(services)
    decided = part.decide(
        alert,
        AlertState(data.state),
        by=request.user.name,
        note=data.note,
        at=now_us(),
        clearance=request.user.clearance,
    )
    services.knowledge.audit(request.user.name, f"alert.{data.state}", alert, {"note": data.note})
    return _listed(decided, _names(part))


def _states(text: str) -> tuple[AlertState, ...]:
    if text == "all":
        return tuple(AlertState)
    if text == "alive":
        return _ALIVE
    try:
        return (AlertState(text),)
    except ValueError:
        known = ", ".join((*AlertState, "alive", "all"))
        raise UsageError("telescope.error.alert_state", found=text, known=known) from None


def _names(part: Organisations) -> dict[str, Organisation]:
    return {one.id: one for one in part.organisations()}


def _name(alert: Alert, names: dict[str, Organisation], language: str) -> str:
    one = names.get(alert.organisation)
    return one.name(language) if one else alert.organisation


def _described(alert: Alert, names: dict[str, Organisation]) -> dict[str, dict[str, Any]]:
    from kaname.telescope.organisations.letters import describe

    return {
        language: describe(alert, language, _name(alert, names, language))
        for language in ("en", "ja")
    }


def _listed(alert: Alert, names: dict[str, Organisation]) -> AlertOut:
    from kaname.telescope.analyses.organisations import severity
    from kaname.telescope.organisations.letters import title

    return AlertOut(
        id=alert.id,
        organisation=alert.organisation,
        host=alert.host,
        kind=alert.kind.value,
        state=alert.state.value,
        severity=severity(alert.kind, alert.label).value,
        opened=alert.opened,
        last=alert.last,
        changed=alert.changed,
        packets=alert.packets,
        destinations=alert.destinations,
        services=alert.services,
        label=alert.label,
        confidence=alert.confidence,
        tlp=alert.tlp.value,
        by=alert.by,
        note=alert.note,
        late=alert.late,
        replaced_by=alert.replaced_by,
        title=BothOut(
            title(alert, "en", _name(alert, names, "en")),
            title(alert, "ja", _name(alert, names, "ja")),
        ),
    )


def _both(told: dict[str, dict[str, Any]], name: str) -> BothOut:
    return BothOut(told["en"][name], told["ja"][name])


def _whole(alert: Alert, part: Organisations, *, admin: bool) -> AlertWhole:
    names = _names(part)
    told = _described(alert, names)
    pairs = zip(told["en"]["reasons"], told["ja"]["reasons"], strict=True)
    return AlertWhole(
        alert=_listed(alert, names),
        text=_both(told, "text"),
        check=_both(told, "check"),
        reasons=[BothOut(en["text"], ja["text"]) for en, ja in pairs],
        samples=alert.samples,
        query=_query(alert),
        notices=[
            NoticeOut(
                one.key,
                one.reason.value,
                one.channel.value,
                one.state,
                one.created,
                one.finished,
                one.tries,
                one.error if admin else "",
                one.target if admin else "",
            )
            for one in part.notices(alert.id)
        ],
    )


def _query(alert: Alert) -> str:
    """The rows behind it, as SQL for the page that asks the lake."""
    if not alert.query:
        return ""
    from kaname.analysis.selection import flowtuples

    return flowtuples(alert.query).query


ROUTES = (
    organisations,
    put_organisation,
    remove_organisation,
    send_test_notice,
    organisation_alerts,
    organisation_alert,
    decide_organisation_alert,
)
