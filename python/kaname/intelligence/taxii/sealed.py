"""TAXII between nexuses that know each other's keys: sealed requests, sealed answers.

A request (method, path, headers, body) is one sealed message, posted to the root of the
server; so is its answer. Whoever carries them sees neither collections nor objects, and
there is no token to steal: who asks is known by the signature. Requests have a time and a
nonce, so that one is not done twice; an answer is bound to the request that it answers.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kaname.intelligence.taxii.answers import Answer, Request
from kaname.knowledge import Account, AccountRole
from kaname.knowledge.links import Links, Partner
from kaname.model.errors import ConflictError, InputError, NotFoundError, UsageError
from kaname.model.instant import MINUTE, format_us, now_us
from kaname.sealing.link_keys import LinkKey, LinkPublicKey, link_public_key
from kaname.sealing.message import named_sender, open_message, seal_message

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.sealing.nexus_keys import NexusKeys

__all__ = ["PREFIX", "Door", "Peer", "account_of", "peer_of", "split"]

PREFIX = "peer:"
"""How the name of a peer begins where accounts are named."""

_ASKS, _ANSWERS = "taxii request", "taxii answer"
_LATE = 10 * MINUTE
_MOST_REMEMBERED = 100_000
_NONCE = 16


class _Asked(msgspec.Struct, frozen=True):
    """A request, as it travels inside (MessagePack)."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    at: int
    nonce: bytes


class _Told(msgspec.Struct, frozen=True):
    """An answer, as it travels inside."""

    status: int
    headers: dict[str, str]
    body: bytes


_asked = msgspec.msgpack.Decoder(_Asked)
_told = msgspec.msgpack.Decoder(_Told)


class Peer(NamedTuple):
    """A peer as a client sees it: its valid keys, the one to seal for last, and our own."""

    name: str
    keys: tuple[LinkPublicKey, ...]
    own: tuple[LinkKey, ...]

    def ask(self, request: Request) -> tuple[bytes, Callable[[bytes], _Told]]:
        """The sealed request, and what opens its answer."""
        said = _Asked(
            request.method, request.path, request.query, dict(request.headers), request.body,
            now_us(), secrets.token_bytes(_NONCE),
        )  # fmt: skip
        sent = seal_message(msgspec.msgpack.encode(said), self.keys[-1], self.own[0], _ASKS)

        def opened(raw: bytes) -> _Told:
            found = open_message(raw, self.own, self.keys, _answering(sent))
            try:
                return _told.decode(found.content)
            except msgspec.MsgspecError as error:
                raise InputError("intelligence.taxii.client.foreign", reason=error) from None

        return sent, opened


def peer_of(knowledge: Knowledge, name: str, own: NexusKeys) -> Peer:
    """The registered peer of that name.

    Raises:
        NotFoundError: there is none.
        UsageError: it has no key.
    """
    partner = knowledge.part(Links).partner("peer", name)
    if partner is None:
        raise NotFoundError("knowledge.error.link_partner", found=name)
    if not partner.keys:
        raise UsageError("intelligence.taxii.sealed.no_key", name=name)
    return Peer(name, _keys(partner), own.valid)


class Door:
    """Where peers come in; remembers which requests it has done."""

    def __init__(self, knowledge: Knowledge, own: NexusKeys) -> None:
        self._links = knowledge.part(Links)
        self._own = own
        self._done: OrderedDict[bytes, int] = OrderedDict()
        self._lock = threading.Lock()

    def pass_in(
        self, sealed: bytes, base: Request, answer: Callable[[Request, Account], Answer]
    ) -> bytes:
        """The sealed answer to a sealed request; ``base`` says where it came from.

        Raises:
            InputError: it is none for us, or was changed.
            ForbiddenError: it is from no peer.
            ConflictError: it was done already, or is of another time.
        """
        partner, keys = self._named(named_sender(sealed))
        opened = open_message(sealed, self._own.valid, keys, _ASKS)
        try:
            said = _asked.decode(opened.content)
        except msgspec.MsgspecError as error:
            raise InputError("intelligence.taxii.sealed.request", reason=error) from None
        self._once(said)
        request = base._replace(
            method=said.method, path=said.path, query=said.query, headers=said.headers,
            body=said.body,
        )  # fmt: skip
        found = answer(request, account_of(partner))
        told = msgspec.msgpack.encode(_Told(found.status, found.headers, found.body))
        return seal_message(told, opened.sender, opened.own, _answering(sealed))

    def _named(self, fingerprint: str) -> tuple[Partner, list[LinkPublicKey]]:
        """The peer that has a key, and that key; nobody, and none."""
        for one in self._links.partners("peer"):
            for key in one.keys:
                if key.fingerprint == fingerprint:
                    return one, [link_public_key(key.text, one.name)]
        return Partner(kind="peer", name=""), []

    def _once(self, said: _Asked) -> None:
        """Refuse what is old, and what was done."""
        now = now_us()
        if abs(now - said.at) > _LATE:
            raise ConflictError(
                "intelligence.taxii.sealed.time", found=format_us(said.at), now=format_us(now)
            )
        with self._lock:
            while self._done and next(iter(self._done.values())) < now - 2 * _LATE:
                self._done.popitem(last=False)
            if said.nonce in self._done or len(self._done) >= _MOST_REMEMBERED:
                raise ConflictError("intelligence.taxii.sealed.again")
            self._done[said.nonce] = now


def account_of(partner: Partner) -> Account:
    """The peer, as accounts are; it adds only where it is named as a writer."""
    return Account(PREFIX + partner.name, AccountRole.VIEWER, partner.tlp)


def _keys(partner: Partner) -> tuple[LinkPublicKey, ...]:
    return tuple(link_public_key(one.text, partner.name) for one in partner.keys)


def _answering(request: bytes) -> str:
    return f"{_ANSWERS} {hashlib.sha256(request).hexdigest()}"


def split(target: str, root: str) -> tuple[str, str]:
    """(the path of the server's root, what is below it) of a path in a URL.

    Raises:
        UsageError: the server's root is not in it.
    """
    before, found, below = target.partition(f"{root}/")
    if not found:
        raise UsageError("intelligence.taxii.sealed.root", found=target, root=root)
    return f"{before}{root}/", below
