"""Collections of a TAXII server: what is in them, page by page, and what is added."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.intelligence.stix.intake import Intake, Kept, Refusal, take
from kaname.intelligence.stix.reading import Part
from kaname.intelligence.stix.times import shown
from kaname.intelligence.taxii.access import may_read, may_write, permitted
from kaname.intelligence.taxii.answers import Answer, Request, json_answer
from kaname.intelligence.taxii.filters import Asked, Pager, asked
from kaname.intelligence.taxii.negotiation import check_content_type
from kaname.intelligence.taxii.refusals import TaxiiError
from kaname.knowledge.stix_objects import Collection, StixFilter, StixObjects, Stored
from kaname.knowledge.taxii_statuses import TaxiiStatuses
from kaname.model.errors import NotFoundError
from kaname.model.instant import format_us, now_us

if TYPE_CHECKING:
    from kaname.knowledge import Account, Knowledge

__all__ = ["CollectionPages", "Received"]

Received = Callable[[Collection, Sequence[Kept]], None]
_EVERY = StixFilter(versions=("all",), specs=("2.0", "2.1"))


class _Envelope(msgspec.Struct):
    """What a client posts (TAXII 2.1, 3.7).

    A bundle is taken as well, for its ``objects``: that is what the stores of the library
    ``stix2`` send. An object by itself is told by another ``type``.
    """

    objects: list[msgspec.Raw] = []
    type: Any = None


_envelope = msgspec.json.Decoder(_Envelope)


class CollectionPages:
    """Answers to everything below ``collections/`` and ``status/``."""

    def __init__(self, knowledge: Knowledge, pager: Pager, received: Received | None) -> None:
        self._store = knowledge.part(StixObjects)
        self._statuses = knowledge.part(TaxiiStatuses)
        self._pager = pager
        self._received = received

    def answer(self, request: Request, account: Account, root: str, steps: Sequence[str]) -> Answer:
        """The answer below ``collections/``.

        Raises:
            TaxiiError: it cannot be given.
        """
        if not steps:
            request.only("GET")
            return self._list(account, root)
        collection = self._find(account, root, steps[0])
        match steps[1:]:
            case []:
                request.only("GET")
                return json_answer(_described(account, collection))
            case ["manifest"]:
                request.only("GET")
                return self._manifest(request, account, collection)
            case ["objects"]:
                request.only("GET", "POST")
                if request.method == "POST":
                    return self._add(request, account, collection)
                return self._objects(request, account, collection)
            case ["objects", key]:
                request.only("GET", "DELETE")
                return self._object(request, account, collection, key)
            case ["objects", key, "versions"]:
                request.only("GET")
                return self._versions(request, account, collection, key)
        raise TaxiiError(404, "no_resource", path=request.path[:200])

    def status(self, account: Account, root: str, key: str) -> Answer:
        """What became of the objects of an earlier request of this account."""
        try:
            return json_answer(self._statuses.status(key, account.name, root))
        except NotFoundError:
            raise TaxiiError(404, "no_status", id=key[:100]) from None

    def _list(self, account: Account, root: str) -> Answer:
        seen = [
            _described(account, one)
            for one in self._store.collections()
            if one.root == root and _exists_for(account, one)
        ]
        return json_answer({"collections": seen} if seen else {})

    def _find(self, account: Account, root: str, key: str) -> Collection:
        for one in self._store.collections():
            if one.root == root and key in {one.id, one.alias} - {""}:
                if _exists_for(account, one):
                    return one
                break
        raise TaxiiError(404, "no_collection", id=key[:100])

    def _rows(
        self,
        request: Request,
        account: Account,
        collection: Collection,
        *,
        key: str | None = None,
        every: bool = False,
        bodies: bool = True,
    ) -> tuple[list[Stored], dict[str, str], bytes]:
        """(rows of a page, headers, the beginning of the body: more and next)."""
        place = f"{collection.id} {request.path.strip('/')} {account.name}"
        question = asked(request.query, place)
        wanted = self._pager.resumed(question)
        if key is not None:
            wanted = wanted._replace(ids=(key,))
        if every:
            wanted = wanted._replace(versions=("all",))
        rows, more = self._store.page(
            self._store.audience(collection, account.clearance),
            wanted,
            clearance=account.clearance,
            limit=question.limit,
            bodies=bodies,
        )
        return rows, _dates(rows), self._beginning(question, rows, more)

    def _beginning(self, question: Asked, rows: Sequence[Stored], more: bool) -> bytes:
        if not more:
            return b'{"more":false,'
        following = self._pager.following(question, rows[-1].added)
        return b'{"more":true,"next":"%s",' % following.encode()

    def _objects(self, request: Request, account: Account, collection: Collection) -> Answer:
        permitted(account, collection)
        rows, headers, beginning = self._rows(request, account, collection)
        return _listed(rows, headers, beginning, b"objects", [row.body for row in rows])

    def _object(
        self, request: Request, account: Account, collection: Collection, key: str
    ) -> Answer:
        permitted(account, collection)
        if request.method == "DELETE":
            return self._delete(request, account, collection, key)
        self._check_object(account, collection, key)
        rows, headers, beginning = self._rows(request, account, collection, key=key)
        return _listed(rows, headers, beginning, b"objects", [row.body for row in rows])

    def _manifest(self, request: Request, account: Account, collection: Collection) -> Answer:
        permitted(account, collection)
        rows, headers, beginning = self._rows(request, account, collection, bodies=False)
        records = [msgspec.json.encode(_record(row)) for row in rows]
        return _listed(rows, headers, beginning, b"objects", records)

    def _versions(
        self, request: Request, account: Account, collection: Collection, key: str
    ) -> Answer:
        permitted(account, collection)
        self._check_object(account, collection, key)
        rows, headers, beginning = self._rows(
            request, account, collection, key=key, every=True, bodies=False
        )
        versions = [b'"%s"' % _version(row).encode() for row in rows]
        return _listed(rows, headers, beginning, b"versions", versions)

    def _check_object(self, account: Account, collection: Collection, key: str) -> None:
        kept = self._store.audience(collection, account.clearance)
        if not self._store.has(kept, key, clearance=account.clearance):
            raise TaxiiError(404, "no_object", id=key[:300])

    def _delete(
        self, request: Request, account: Account, collection: Collection, key: str
    ) -> Answer:
        permitted(account, collection, write=True)
        self._check_object(account, collection, key)
        question = asked(request.query, "delete")
        wanted = question.wanted
        if not any(name == "match[version]" for name, _ in request.query):
            wanted = _EVERY
        self._store.remove(collection.id, key, wanted, clearance=account.clearance)
        return Answer(200, {}, b"")

    def _add(self, request: Request, account: Account, collection: Collection) -> Answer:
        permitted(account, collection, write=True)
        check_content_type(request.header("content-type"))
        parts = _posted(request.body)
        started = now_us()
        result = take(parts, self._store, collection)
        status = _status(result, started)
        self._statuses.put_status(status["id"], account.name, collection.root, status)
        if self._received is not None and result.fresh:
            self._received(collection, result.fresh)
        return json_answer(status, 202)


def _exists_for(account: Account, collection: Collection) -> bool:
    return (
        not collection.concealed or may_read(account, collection) or may_write(account, collection)
    )


def _described(account: Account, collection: Collection) -> dict[str, Any]:
    said = {"alias": collection.alias, "description": collection.description}
    return {
        "id": collection.id,
        "title": collection.title,
        **{name: value for name, value in said.items() if value},
        "can_read": may_read(account, collection),
        "can_write": may_write(account, collection),
        "media_types": list(collection.media_types),
    }


def _listed(
    rows: Sequence[Stored],
    headers: dict[str, str],
    beginning: bytes,
    name: bytes,
    items: Sequence[bytes],
) -> Answer:
    """A page; an empty one has no list at all (TAXII 2.1, 3.7)."""
    if not rows:
        return Answer(200, {}, b"{}")
    return Answer(200, headers, b"".join((beginning, b'"', name, b'":[', b",".join(items), b"]}")))


def _dates(rows: Sequence[Stored]) -> dict[str, str]:
    if not rows:
        return {}
    return {
        "X-TAXII-Date-Added-First": format_us(rows[0].added),
        "X-TAXII-Date-Added-Last": format_us(rows[-1].added),
    }


def _version(row: Stored) -> str:
    """The version of an object; the instant it was added where it has none of its own."""
    return shown(row.version) if row.version else format_us(row.added)


def _record(row: Stored) -> dict[str, str]:
    return {
        "id": row.id,
        "date_added": format_us(row.added),
        "version": _version(row),
        "media_type": f"application/stix+json;version={row.spec}",
    }


def _posted(body: bytes) -> list[Part]:
    """The objects of an envelope.

    Raises:
        TaxiiError: 400, it is not JSON; 422, it is no envelope.
    """
    try:
        body.decode()
        envelope = _envelope.decode(body)
    except msgspec.ValidationError as error:
        raise TaxiiError(422, "envelope", reason=error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TaxiiError(400, "envelope", reason=error) from None
    if envelope.type is not None and envelope.type != "bundle":
        raise TaxiiError(422, "envelope", reason=f"type = {str(envelope.type)[:40]!r}")
    return [Part(f"/objects/{n}", bytes(raw)) for n, raw in enumerate(envelope.objects)]


def _status(result: Intake, started: int) -> dict[str, Any]:
    """The status of a request whose objects have all been dealt with (TAXII 2.1, 4.3.1)."""
    refused = [*result.refusals, *result.conflicting]
    successes = [_success(*one, started) for one in result.successes]
    failures = [_failure(one, started) for one in refused]
    status = {
        "id": str(uuid.uuid4()),
        "status": "complete",
        "request_timestamp": format_us(started),
        "total_count": result.objects,
        "success_count": len(result.successes),
        "failure_count": result.rejected + result.conflicts,
        "pending_count": 0,
    }
    lists = {"successes": successes, "failures": failures}
    return status | {name: items for name, items in lists.items() if items}


def _success(key: str, version: str, fresh: bool, started: int) -> dict[str, str]:
    said = {} if fresh else {"message": "Object already added"}
    return {"id": key, "version": shown(version) if version else format_us(started)} | said


def _failure(refusal: Refusal, started: int) -> dict[str, str]:
    message = f"{refusal.pointer or '/'}: {refusal.flaw.render('en')}"
    return {"id": refusal.id or "unknown", "version": format_us(started), "message": message}
