"""The TAXII 2.1 server: requests to answers, with nothing known of who carries them.

Objects are served as the bytes that came. A page goes on from an instant (``added``),
never from a count of rows, so its cost does not depend on how much is there and no writer
can make it skip or repeat one (TAXII 2.1, 3.4 and 5).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.intelligence.taxii.access import authenticated
from kaname.intelligence.taxii.answers import Answer, Request, json_answer
from kaname.intelligence.taxii.collections import CollectionPages, Received
from kaname.intelligence.taxii.filters import Pager
from kaname.intelligence.taxii.negotiation import MEDIA_TYPE, check_accept
from kaname.intelligence.taxii.refusals import TaxiiError, document
from kaname.knowledge.stix_objects import StixObjects
from kaname.model.errors import KanameError
from kaname.model.messages import text

if TYPE_CHECKING:
    from kaname.knowledge import Account, Knowledge

__all__ = ["MOST_BYTES", "Root", "Server"]

MOST_BYTES = 100 << 20  # of one request
_KEY = "intelligence.taxii_key"
_ROOTS = "intelligence.taxii_roots"
_OWN = "kaname"
_log = logging.getLogger("kaname.intelligence.taxii")


class Root(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is said of an API root."""

    title: str
    description: str = ""


class Server:
    """Answers requests below one path; ``received`` is told of what clients add."""

    def __init__(
        self,
        knowledge: Knowledge,
        throttle: Any,
        *,
        path: str = "/taxii2",
        received: Received | None = None,
    ) -> None:
        self._knowledge = knowledge
        self._throttle = throttle
        self._path = path
        self._store = knowledge.part(StixObjects)
        self._pages = CollectionPages(knowledge, Pager(_secret(knowledge)), received)

    def put_root(self, name: str, root: Root) -> None:
        """Say what the API root ``name`` is called."""
        known = self._knowledge.get_state(_ROOTS) or {}
        self._knowledge.set_state(_ROOTS, known | {name: msgspec.to_builtins(root)})

    def answer(self, request: Request, account: Account | None = None) -> Answer:
        """The answer to ``request``; a refusal is one too.

        ``account`` is who asks, where that is known otherwise than by a token.
        """
        try:
            return self._answer(request, account or self._asking(request))
        except KanameError as error:
            return refused(error, request.language)

    def _asking(self, request: Request) -> Account:
        return authenticated(
            self._knowledge, request.header("authorization"), request.client, self._throttle
        )

    def _answer(self, request: Request, account: Account) -> Answer:
        check_accept(request.header("accept"))
        steps = [step for step in request.path.split("/") if step]
        if not steps:
            request.only("GET")
            return self._discovery(request)
        roots = self._roots()
        if steps[0] not in roots:
            raise TaxiiError(404, "no_root", root=steps[0][:100])
        return self._below(request, account, steps[0], steps[1:], roots)

    def _below(
        self,
        request: Request,
        account: Account,
        root: str,
        steps: Sequence[str],
        roots: dict[str, Root],
    ) -> Answer:
        if not steps:
            request.only("GET")
            return json_answer(_information(roots[root]))
        if steps[0] == "status" and len(steps) == 2:
            request.only("GET")
            return self._pages.status(account, root, steps[1])
        if steps[0] == "collections":
            return self._pages.answer(request, account, root, steps[1:])
        raise TaxiiError(404, "no_resource", path=request.path[:200])

    def _discovery(self, request: Request) -> Answer:
        places = {name: f"{request.base}{self._path}/{name}/" for name in sorted(self._roots())}
        title = text("intelligence.taxii.discovery_title", request.language)
        return json_answer(
            {"title": title, "default": places[_OWN], "api_roots": list(places.values())}
        )

    def _roots(self) -> dict[str, Root]:
        """All API roots: our own, those of collections, and those that were named."""
        named = msgspec.convert(self._knowledge.get_state(_ROOTS) or {}, dict[str, Root])
        own = Root(
            title=text("intelligence.taxii.root_title"),
            description=text("intelligence.taxii.root_description"),
        )
        used = {one.root: Root(title=one.root) for one in self._store.collections()}
        return used | {_OWN: own} | named


def refused(error: Exception, language: str) -> Answer:
    """The answer that says ``error``; of a defect of ours, only where the log has it."""
    if not isinstance(error, KanameError):
        reference = secrets.token_hex(6)
        _log.error("TAXII request failed", exc_info=error, extra={"reference": reference})
        error = TaxiiError(500, "failed", reference=reference)
    headers = dict(error.headers) if isinstance(error, TaxiiError) else {}
    if error.http_status == 429:
        headers["Retry-After"] = str(error.values.get("seconds", 60))
    return Answer(error.http_status, headers, msgspec.json.encode(document(error, language)))


def _information(root: Root) -> dict[str, Any]:
    described = {"description": root.description} if root.description else {}
    limits = {"versions": [MEDIA_TYPE], "max_content_length": MOST_BYTES}
    return {"title": root.title} | described | limits


def _secret(knowledge: Knowledge) -> bytes:
    """The key under which values of ``next`` are signed; made once."""
    found = knowledge.get_state(_KEY)
    if found is None:
        knowledge.set_state(_KEY, secrets.token_hex(32))
        found = knowledge.get_state(_KEY)
    return bytes.fromhex(found)
