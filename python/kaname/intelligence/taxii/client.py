"""A client of TAXII 2.1: fetches what is new in a collection, and adds to one.

Where to go on is the server's own word (X-TAXII-Date-Added-Last), so that its clock does
not matter. Servers differ in whether ``added_after`` is inclusive and whether many objects
share an instant, so the ids and versions seen at the last instant are remembered with it:
an object at the border is neither lost nor taken twice.

Only the configured host is ever spoken to: a redirection is an error, and so is a place
of another host in the discovery. Answers are bounded.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

import msgspec

from kaname.intelligence.taxii.answers import Request
from kaname.intelligence.taxii.negotiation import MEDIA_TYPE
from kaname.model.errors import InputError, LimitError, UnavailableError, UsageError
from kaname.sealing import MEDIA_TYPE as SEALED

if TYPE_CHECKING:
    from kaname.intelligence.taxii.sealed import Peer

__all__ = ["Client", "Fetched", "Place", "Progress"]

_PATIENCE = 60.0  # seconds for one answer
_TRIES = 5
_LONGEST_WAIT = 120.0
_MOST_BYTES = 256 << 20
_ROOT = "/taxii2"
_INNER = frozenset({"Accept", "Content-Type"})
_RETRIED = frozenset({429, 502, 503, 504})


class Place(NamedTuple):
    """A collection on a server, as its discovery tells."""

    url: str
    id: str
    title: str
    can_read: bool
    can_write: bool


class Progress(msgspec.Struct, frozen=True):
    """How far a collection was read: kept between polls, ready for JSON.

    ``after`` is the last instant that the server named; ``border`` are digests of objects
    that came in the page that ended there.
    """

    after: str = ""
    border: tuple[str, ...] = ()


class Fetched(NamedTuple):
    """A page: its objects, byte for byte, and where to go on once they are kept."""

    objects: list[bytes]
    progress: Progress


class _Envelope(msgspec.Struct):
    objects: list[msgspec.Raw] = []
    more: bool = False
    next: str | None = None


class _Reply(NamedTuple):
    status: int
    headers: Any
    body: bytes


_envelope = msgspec.json.Decoder(_Envelope)


class Client:
    """Speaks to the server at ``url``: its discovery, an API root, or a collection.

    Args:
        url: https, or http to this machine only.
        user: for Basic; without one ``secret`` is a bearer token.
        secret: the password or token; "" for none.
        authorities: a file of certificates to trust instead of the system's.
        peer: the nexus there, where all is sealed for it and nothing else is believed.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str = "",
        secret: str = "",
        authorities: str | None = None,
        peer: Peer | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url
        self._host = urlsplit(url)
        local = self._host.hostname in {"127.0.0.1", "::1", "localhost"}
        if self._host.scheme != "https" and not (self._host.scheme == "http" and local):
            raise UsageError("intelligence.taxii.client.https", url=url)
        self._authorization = _authorization(user, secret)
        self._authorities = authorities
        self._peer = peer
        self._sleep = sleep

    def collections(self) -> list[Place]:
        """All collections of all API roots of the server whose discovery is at the URL.

        Raises:
            UnavailableError: it does not answer.
            InputError: its answers are not those of TAXII.
        """
        told = self._json("GET", self._url)
        roots = [urljoin(self._url, one) for one in told.get("api_roots") or [self._url]]
        return [place for root in roots for place in self._of_root(_slashed(root))]

    def _of_root(self, root: str) -> Iterator[Place]:
        for one in self._json("GET", f"{root}collections/").get("collections") or []:
            if isinstance(one, dict) and isinstance(one.get("id"), str):
                yield Place(
                    f"{root}collections/{quote(one['id'], safe='')}/",
                    one["id"],
                    str(one.get("title", "")),
                    bool(one.get("can_read")),
                    bool(one.get("can_write")),
                )

    def fetch(
        self,
        progress: Progress | None = None,
        *,
        types: Sequence[str] = (),
        limit: int = 1000,
        pages: int = 10_000,
    ) -> Iterator[Fetched]:
        """What came into the collection at the URL since ``progress``, page by page.

        Whoever keeps the objects of a page may keep its progress: going on from there
        neither loses nor repeats an object. At most ``pages`` are read.

        Raises:
            UnavailableError: the server does not answer, also not after waiting.
            InputError: an answer is not one of TAXII.
            LimitError: an answer is too large.
        """
        state = progress or Progress()
        query = {"limit": str(limit), "match[version]": "all"}
        if types:
            query["match[type]"] = ",".join(types)
        if state.after:
            query["added_after"] = state.after
        for _ in range(pages):
            url = f"{_slashed(self._url)}objects/?{urlencode(query)}"
            reply = self._ask("GET", url)
            envelope = _read(reply.body)
            page = _page(envelope, reply, state)
            if page.objects or page.progress != state:
                yield page
            if not _goes_on(envelope, page, state, query):
                return
            state = page.progress

    def push(self, objects: Sequence[bytes]) -> dict[str, Any]:
        """Add ``objects`` to the collection at the URL; the status that the server gives.

        Raises:
            UnavailableError: the server does not answer.
            InputError: it does not take them.
        """
        body = b'{"objects":[' + b",".join(objects) + b"]}"
        return self._json("POST", f"{_slashed(self._url)}objects/", body)

    def _json(self, method: str, url: str, body: bytes | None = None) -> dict[str, Any]:
        try:
            found = msgspec.json.decode(self._ask(method, url, body).body)
        except msgspec.MsgspecError as error:
            raise _foreign(error) from None
        if not isinstance(found, dict):
            raise _foreign(type(found).__name__)
        return found

    def _ask(self, method: str, url: str, body: bytes | None = None) -> _Reply:
        """The answer to one request; tried again, each time later, while the server is busy."""
        target = urlsplit(url)
        if (target.scheme, target.netloc) != (self._host.scheme, self._host.netloc):
            raise InputError("intelligence.taxii.client.other_host", url=url[:200])
        wait = 1.0
        for attempt in range(_TRIES):
            last = attempt == _TRIES - 1
            try:
                reply = self._exchange(method, target.path, target.query, body)
            except (OSError, http.client.HTTPException) as error:
                if last or isinstance(error, ssl.SSLError):
                    raise UnavailableError(
                        "intelligence.taxii.client.unreachable", url=self._url, reason=error
                    ) from None
            else:
                if reply.status not in _RETRIED or last:
                    return _accepted(reply, url)
                wait = max(wait, _retry_after(reply))
            self._sleep(min(wait, _LONGEST_WAIT))
            wait *= 2
        raise AssertionError  # the last attempt returns or raises

    def _exchange(self, method: str, path: str, query: str, body: bytes | None) -> _Reply:
        headers = {"Accept": MEDIA_TYPE, "User-Agent": "kaname", **self._authorization}
        if body is not None:
            headers["Content-Type"] = MEDIA_TYPE
        if self._peer is not None:
            return self._exchange_sealed(self._peer, (method, path, query), headers, body or b"")
        return self._send(method, f"{path}?{query}" if query else path, body, headers)

    def _exchange_sealed(
        self, peer: Peer, target: tuple[str, str, str], headers: dict[str, str], body: bytes
    ) -> _Reply:
        """The same inside a sealed message; an answer that is not sealed can only be a refusal."""
        from kaname.intelligence.taxii.sealed import split

        method, path, query = target
        door, below = split(path, _ROOT)
        inner = {name.lower(): value for name, value in headers.items() if name in _INNER}
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        sent, opened = peer.ask(Request(method, unquote(below), pairs, inner, body))
        outer = {"Content-Type": SEALED, "Accept": SEALED, "User-Agent": "kaname"}
        reply = self._send("POST", door, sent, outer)
        if not 200 <= reply.status < 300:
            return reply
        told = opened(reply.body)
        return _Reply(told.status, told.headers, told.body)

    def _send(
        self, method: str, target: str, body: bytes | None, headers: dict[str, str]
    ) -> _Reply:
        connection = self._connection()
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            content = response.read(_MOST_BYTES + 1)
        finally:
            connection.close()
        if len(content) > _MOST_BYTES:
            raise LimitError("intelligence.taxii.client.large", most=_MOST_BYTES >> 20)
        return _Reply(response.status, response.headers, content)

    def _connection(self) -> http.client.HTTPConnection:
        name = self._host.hostname or ""
        if self._host.scheme == "http":
            return http.client.HTTPConnection(name, self._host.port, timeout=_PATIENCE)
        context = ssl.create_default_context(cafile=self._authorities)
        return http.client.HTTPSConnection(
            name, self._host.port, timeout=_PATIENCE, context=context
        )


def _authorization(user: str, secret: str) -> dict[str, str]:
    if not secret:
        return {}
    if not user:
        return {"Authorization": f"Bearer {secret}"}
    joined = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {joined}"}


def _slashed(url: str) -> str:
    return url if url.endswith("/") else url + "/"


def _accepted(reply: _Reply, url: str) -> _Reply:
    """``reply``, if the server did what was asked.

    Raises:
        InputError: it refused; a redirection is not followed.
    """
    if 200 <= reply.status < 300:
        return reply
    try:
        said = json.loads(reply.body[:4096])
        reason = str(said.get("description") or said.get("title") or "")[:300]
    except (ValueError, AttributeError):
        reason = ""
    raise InputError(
        "intelligence.taxii.client.refused", url=url[:200], status=reply.status, reason=reason
    )


def _retry_after(reply: _Reply) -> float:
    text = reply.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0


def _read(body: bytes) -> _Envelope:
    try:
        return _envelope.decode(body)
    except msgspec.MsgspecError as error:
        raise _foreign(error) from None


def _foreign(reason: object) -> InputError:
    return InputError("intelligence.taxii.client.foreign", reason=reason)


def _page(envelope: _Envelope, reply: _Reply, state: Progress) -> Fetched:
    """The objects that are new, and how far the collection was read with them."""
    raws = [bytes(raw) for raw in envelope.objects]
    digests = [hashlib.sha256(raw).hexdigest()[:32] for raw in raws]
    known = set(state.border)
    fresh = [raw for raw, one in zip(raws, digests, strict=True) if one not in known]
    last = reply.headers.get("X-TAXII-Date-Added-Last") or state.after
    border = tuple(digests)
    if last == state.after:
        border = tuple(dict.fromkeys((*state.border, *digests)))
    return Fetched(fresh, Progress(last, border) if raws else state)


def _goes_on(envelope: _Envelope, page: Fetched, state: Progress, query: dict[str, str]) -> bool:
    """Prepare ``query`` for the page after this one; whether there is one.

    A server that says "more" without ``next`` is asked from the last instant on; one that
    gives nothing new for that would be asked for ever, and is not.
    """
    if not envelope.more:
        return False
    if envelope.next:
        query["next"] = envelope.next
        return bool(envelope.objects)
    query["added_after"] = page.progress.after
    return page.progress != state
