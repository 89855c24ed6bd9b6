"""What holds for every route, whichever there are: roles, problems, headers, the document."""

from __future__ import annotations

import re

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler
from openapi_spec_validator import validate

from kaname.api.app import litestar
from kaname.api.identity import ROLES, Requires, by_option
from kaname.model.marking import Tlp
from kaname.nexus.capabilities import routes

# Who may do what, decided here and not read from the code. A route that is not listed
# fails the test, so nobody adds one without deciding.
WHO = {
    "GET /api/v1/lookup": "viewer",
    "POST /api/v1/lookup": "viewer",
    "GET /api/v1/artifact": "viewer",
    "GET /api/v1/artifact/observations": "viewer",
    "GET /api/v1/artifacts/pivot": "viewer",
    "GET /api/v1/layers": "viewer",
    "GET /api/v1/layers/labels": "viewer",
    "GET /api/v1/reports": "viewer",
    "POST /api/v1/reports": "analyst",
    "GET /api/v1/reports/{report}": "viewer",
    "POST /api/v1/reports/{report}/decisions": "analyst",
    "GET /api/v1/status": "viewer",
    "GET /api/v1/me": "viewer",
    "GET /api/v1/summary": "viewer",
    "GET /api/v1/crypto/policy": "viewer",
    "POST /api/v1/crypto/judge": "viewer",
    "POST /api/v1/crypto/judge/document": "viewer",
    "GET /api/v1/crypto/inventories": "viewer",
    "GET /api/v1/crypto/inventories/{inventory}": "viewer",
    "GET /api/v1/crypto/inventories/{inventory}/plan": "viewer",
    "GET /api/v1/crypto/inventories/{inventory}/changes": "viewer",
    "GET /api/v1/crypto/inventories/{inventory}/report": "viewer",
    "GET /api/v1/crypto/inventories/{inventory}/cbom": "viewer",
    "GET /api/v1/crypto/trend": "viewer",
    "GET /api/v1/hardware/designs": "viewer",
    "GET /api/v1/hardware/designs/{digest}": "viewer",
    "GET /api/v1/hardware/designs/{digest}/nets": "viewer",
    "GET /api/v1/hardware/designs/{digest}/nets/{place}": "viewer",
    "GET /api/v1/hardware/models": "viewer",
    "GET /api/v1/hardware/power/devices": "viewer",
    "GET /api/v1/hardware/power/devices/{device}": "viewer",
    "GET /api/v1/findings": "viewer",
    "GET /api/v1/findings/daily": "viewer",
    "GET /api/v1/findings/{finding}": "viewer",
    "POST /api/v1/findings/{finding}/rerun": "viewer",
    "GET /api/v1/indicators": "viewer",
    "GET /api/v1/indicators/{indicator}": "viewer",
    "GET /api/v1/indicators/export": "publisher",
    "GET /api/v1/indicators/{indicator}/explanation": "viewer",
    "POST /api/v1/indicators/{indicator}/verdict": "analyst",
    "GET /api/v1/indicators/{indicator}/verdicts": "viewer",
    "GET /api/v1/links/key": "public",
    "GET /api/v1/lake/tables": "viewer",
    "GET /api/v1/lake/tables/{name}": "viewer",
    "GET /api/v1/lake/tables/{name}/rows": "viewer",
    "GET /api/v1/lake/tables/{name}/ocsf": "viewer",
    "GET /api/v1/lake/tables/{name}/histogram": "viewer",
    "GET /api/v1/lake/pivot": "viewer",
    "GET /api/v1/lake/forecast": "viewer",
    "GET /api/v1/lake/health/sources": "viewer",
    "GET /n6/{resource}": "viewer",
    "GET /api/v1/traffic/heavy-hitters": "viewer",
    "GET /api/v1/private/parameters": "viewer",
    "GET /api/v1/private/buckets/{prefix}": "viewer",
    "GET /api/v1/private/filter": "viewer",
    "POST /api/v1/private/counts": "viewer",
    "GET /api/v1/telescope/replay": "viewer",
    "GET /api/v1/telescope/stats": "viewer",
    "GET /api/v1/telescope/tiles": "viewer",
    "GET /api/v1/telescope/reports/{period}": "viewer",
    "GET /api/v1/telescope/sources": "viewer",
    "GET /api/v1/telescope/sources/{address}": "viewer",
    "GET /api/v1/telescope/sources/{address}/reasons": "viewer",
    "GET /api/v1/telescope/organisations": "viewer",
    "POST /api/v1/telescope/organisations": "admin",
    "DELETE /api/v1/telescope/organisations/{organisation}": "admin",
    "POST /api/v1/telescope/organisations/{organisation}/test-notice": "admin",
    "GET /api/v1/telescope/campaigns": "viewer",
    "GET /api/v1/telescope/campaigns/{campaign}": "viewer",
    "GET /api/v1/telescope/alerts": "viewer",
    "GET /api/v1/telescope/alerts/{alert}": "viewer",
    "POST /api/v1/telescope/alerts/{alert}/state": "analyst",
    "GET /api/v1/telescope/sensors": "viewer",
    "POST /api/v1/telescope/sensors": "admin",
    "DELETE /api/v1/telescope/sensors/{name}": "admin",
    "POST /api/v1/telescope/sensors/{name}/prefixes": "admin",
    "GET /api/v1/telescope/sensors/{name}/gaps": "viewer",
    "GET /api/v1/watches": "viewer",
    "POST /api/v1/watches": "analyst",
    "DELETE /api/v1/watches/{watch}": "analyst",
    "GET /api/v1/watches/hits": "viewer",
    "POST /api/v1/watches/hits/{hit}/seen": "analyst",
    "GET /api/v1/suppressions": "viewer",
    "POST /api/v1/suppressions": "analyst",
    "DELETE /api/v1/suppressions/{suppression}": "analyst",
    "GET /api/v1/lists": "viewer",
    "POST /api/v1/lists/check": "viewer",
    "POST /api/v1/lake/query": "viewer",
    "DELETE /api/v1/lake/queries/{query_id}": "viewer",
    "GET /api/v1/lake/sources": "viewer",
    "GET /api/v1/lake/sources/{batch}": "viewer",
    "GET /api/v1/lake/health": "viewer",
    "GET /api/v1/ingest/jobs": "viewer",
    "GET /api/v1/ingest/listeners": "viewer",
    "POST /api/v1/ingest": "analyst",
    "POST /api/v1/ingest/paths": "analyst",
    "DELETE /api/v1/ingest/jobs/{job}": "analyst",
    "GET /api/v1/analyses": "viewer",
    "GET /api/v1/analyses/runs": "viewer",
    "POST /api/v1/analyses/{name}/run": "analyst",
    "GET /api/v1/labels": "viewer",
    "GET /api/v1/readers": "viewer",
    "GET /api/v1/events": "viewer",
    "GET /api/v1/settings": "analyst",
    "GET /api/v1/accounts": "admin",
    "POST /api/v1/accounts": "admin",
    "GET /api/v1/tokens": "viewer",
    "POST /api/v1/tokens": "viewer",
    "DELETE /api/v1/tokens/{token}": "viewer",
    "POST /api/v1/observations": "analyst",
    "GET /api/v1/cases": "viewer",
    "POST /api/v1/cases": "analyst",
    "GET /api/v1/cases/{case}": "viewer",
    "POST /api/v1/cases/{case}/items": "analyst",
    "POST /api/v1/cases/{case}/notes": "analyst",
    "POST /api/v1/cases/{case}/state": "analyst",
    "GET /api/v1/reviews": "viewer",
    "GET /api/v1/reviews/{review}": "viewer",
    "POST /api/v1/reviews/{review}": "analyst",
    "GET /api/v1/share/policy": "analyst",
    "POST /api/v1/share/policy": "admin",
    "GET /api/v1/share/indicators": "viewer",
    "POST /api/v1/share/publish": "publisher",
    "GET /api/v1/share/export/{form}": "publisher",
    "GET /api/v1/campaigns": "viewer",
    "GET /api/v1/campaigns/{campaign}": "viewer",
    "POST /api/v1/campaigns/{campaign}/decision": "analyst",
    "GET /api/v1/feeds": "viewer",
    "POST /api/v1/feeds": "admin",
    "POST /api/v1/feeds/{feed}/poll": "analyst",
    "DELETE /api/v1/feeds/{feed}": "admin",
    "GET /api/v1/entities": "viewer",
    "GET /api/v1/entities/{entity}": "viewer",
    "GET /api/v1/attack/matrix": "viewer",
    "GET /api/v1/attack/techniques/{technique}": "viewer",
    "GET /api/v1/audit": "admin",
    "POST /api/v1/session": "public",
    "DELETE /api/v1/session": "viewer",
    "GET /metrics": "viewer",
    "GET /healthz": "public",
    "GET /openapi.json": "public",
    "GET /api/v1/openapi.json": "public",
}
_FREE_TO_ALL = re.compile(r"GET /(assets/\{below\}|[\w.-]*)")  # files of the console


@pytest.fixture(scope="module")
def app(running):
    return litestar(running.services, more=routes())


def handlers(app) -> dict[str, HTTPRouteHandler]:
    return {
        f"{method} {re.sub(r':[a-z]+(?=})', '', route.path)}": handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in handler.http_methods
        if method != "OPTIONS"
    }


def role_of(handler: HTTPRouteHandler) -> str:
    if handler.opt.get("public"):
        return "public"
    guards = handler.resolve_guards()
    if by_option in guards:  # of a capability, which says its role by an option
        return handler.opt.get("role", "viewer")
    [guard] = [guard for guard in guards if isinstance(guard, Requires)]
    return guard.role


def test_every_route_asks_for_the_role_that_was_decided(app):
    found = {name: role_of(handler) for name, handler in handlers(app).items()}
    console = {name for name in found if _FREE_TO_ALL.fullmatch(name) and name not in WHO}
    assert all(found.pop(name) == "public" for name in console)
    assert found == WHO


def call(client: httpx.Client, route: str) -> httpx.Response:
    method, path = route.split(" ")
    path = path.replace("{batch}", "1")
    path = re.sub(r"{\w+}", "none", path)
    return client.request(method, path, headers={"Accept": "application/json"})


PROTECTED = sorted(route for route, role in WHO.items() if role != "public")


@pytest.mark.parametrize("route", PROTECTED)
def test_nothing_is_told_without_a_token(running, route):
    with httpx.Client(base_url=running.nexus.url) as client:
        answer = call(client, route)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "api.error.no_token"


@pytest.mark.parametrize("route", [route for route in PROTECTED if WHO[route] != "viewer"])
def test_every_lower_role_is_refused(client, route):
    for role in ROLES[: ROLES.index(WHO[route])]:
        answer = call(client(role), route)
        assert answer.status_code == 403, role
        assert answer.json()["code"] == "api.error.role"


@pytest.mark.parametrize("route", [route for route in PROTECTED if "/events" not in route])
def test_the_role_itself_and_an_administrator_get_past_the_door(client, route):
    for role in {WHO[route], "admin"}:
        assert call(client(role), route).status_code not in {401, 403, 500, 503}, role


@pytest.mark.parametrize("route", PROTECTED)
def test_unknown_parameters_are_refused_everywhere(client, route):
    method, path = route.split(" ")
    path = re.sub(r"{\w+}", "1", path)
    answer = client("admin").request(method, path, params={"serverity": "high"})
    assert answer.status_code == 400
    assert "serverity" in answer.json()["detail"]


def test_the_nearest_parameter_is_named(client):
    answer = client().get("/api/v1/findings", params={"serverity": "high"})
    assert '"severity"' in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "api.error.no_route"),
        ("GET", "/nothing/at/all", 404, "api.error.no_route"),
        ("PUT", "/api/v1/status", 405, "api.error.method"),
        ("GET", "/api/v1/findings?limit=0", 400, "api.error.invalid"),
        ("GET", "/api/v1/findings?limit=many", 400, "api.error.invalid"),
        ("GET", "/api/v1/findings?since=whenever", 400, "model.error.time"),
        ("GET", "/api/v1/summary?since=999999999999999999", 400, "api.error.instant"),
        ("GET", "/api/v1/summary?until=0001-01-01", 400, "api.error.instant"),
        ("GET", "/api/v1/findings?severity=grave", 400, "api.error.choice"),
        ("GET", "/api/v1/findings?cursor=nonsense", 400, "knowledge.error.cursor"),
        ("GET", "/api/v1/findings/none", 404, "knowledge.error.no_finding"),
        ("GET", "/api/v1/indicators/none", 404, "knowledge.error.no_indicator"),
        ("GET", "/api/v1/lake/tables/none", 404, "lake.error.no_table"),
        ("GET", "/api/v1/events?cursor=x", 400, "api.error.event_cursor"),
        ("DELETE", "/api/v1/lake/queries/none", 404, "api.error.no_query"),
        ("DELETE", "/api/v1/ingest/jobs/none", 404, "api.error.no_job"),
        ("POST", "/api/v1/lake/query", 400, None),
    ],
)
def test_every_failure_is_a_problem_document(client, method, path, status, code):
    answer = client("admin").request(method, path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status  # RFC 9457, 3.1.2
    assert document["type"].startswith("urn:kaname:problem:")
    assert document["instance"] == path.partition("?")[0]
    if code is not None:
        assert document["code"] == code


def test_problems_speak_the_readers_language(client):
    japanese = client(**{"Accept-Language": "ja,en;q=0.5"}).get("/api/v1/nothing")
    english = client(**{"Accept-Language": "en"}).get("/api/v1/nothing")
    assert japanese.headers["content-language"] == "ja"
    assert "ありません" in japanese.json()["detail"]
    assert english.json()["detail"].isascii()
    assert japanese.json()["code"] == english.json()["code"]


def test_a_body_beyond_the_limit_is_refused(client):
    answer = client("analyst").post("/api/v1/lake/query", json={"sql": "x" * (2 << 20)})
    assert answer.status_code == 413
    assert answer.json()["code"] == "api.error.too_large"


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/status", "/nowhere", "/openapi.json"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client().get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http:" not in policy
    assert "https:" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8750", "127.0.0.1.evil.example"])
def test_another_sites_name_is_not_answered(running, client, host):
    # DNS rebinding: the browser believes that this address is evil.example.
    answer = client(Host=host).get("/api/v1/status")
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["localhost", "localhost:8750", "127.0.0.1:1", "[::1]:8750"])
def test_the_loopbacks_own_names_are_answered(client, host):
    assert client(Host=host).get("/api/v1/status").status_code == 200


def test_the_document_is_valid_openapi_and_lists_every_route(running, app):
    with httpx.Client(base_url=running.nexus.url) as client:
        document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    validate(document)
    described = {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    own = {route for route in WHO if not route.endswith("openapi.json")}
    assert described.keys() == own
    for route, operation in described.items():
        assert operation["summary"], route
        assert "default" in operation["responses"], route
        assert (operation.get("security") == []) is (WHO[route] == "public"), route


def test_no_page_of_the_framework_is_served(client):
    for path in ("/schema", "/schema-pages", "/schema/swagger", "/docs", "/redoc"):
        assert client().get(path).status_code == 404


def test_an_account_of_low_clearance_is_told_so(client):
    me = client("viewer", Tlp.GREEN).get("/api/v1/me").json()
    assert (me["role"], me["clearance"]) == ("viewer", "green")
