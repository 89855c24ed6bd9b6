"""The part of the store that holds with whom links are sealed: sensors and peers, by their keys.

Keys are kept as the text of their public files, which this floor does not read.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, delete, select

from kaname.knowledge.part import StorePart
from kaname.knowledge.schema import StateRow
from kaname.knowledge.state import read_state, write_state
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp

__all__ = ["Links", "Partner", "PartnerKey", "forget_partner"]

Kind = Literal["sensor", "peer"]
_MOST_KEYS = 2
_PREFIX = "link"


class PartnerKey(msgspec.Struct, frozen=True):
    """A public key: its text, its fingerprint, and when it was registered (microseconds)."""

    text: str
    fingerprint: str
    added: int = 0


class Partner(msgspec.Struct, frozen=True, kw_only=True):
    """The other end of a link; the last of its ``keys`` is what is sealed for.

    ``tlp`` is what a peer may see at most, ``writes`` whether it has an inbox to add to; for a
    sensor they mean nothing.
    """

    kind: Kind
    name: str
    keys: tuple[PartnerKey, ...] = ()
    tlp: Tlp = Tlp.GREEN
    writes: bool = False


class Links(StorePart):
    """Partners by kind and name."""

    def partner(self, kind: Kind, name: str) -> Partner | None:
        """The partner of that name; None where there is none."""
        with self._database.read() as connection:
            return _found(read_state(connection, _key(kind, name)))

    def partners(self, kind: Kind) -> list[Partner]:
        """All of a kind, by name."""
        statement = (
            select(StateRow.value)
            .where(StateRow.key.startswith(_key(kind, ""), autoescape=True))
            .order_by(StateRow.key)
        )
        with self._database.read() as connection:
            texts = connection.execute(statement).scalars().all()
        return [msgspec.json.decode(one, type=Partner) for one in texts]

    def put_partner(self, partner: Partner) -> Partner:
        """Register it, or change what it may; keys that it has stay."""
        key = _key(partner.kind, partner.name)
        with self._database.write(f"state:{key}") as connection:
            known = _found(read_state(connection, key))
            kept = msgspec.structs.replace(partner, keys=known.keys) if known else partner
            write_state(connection, key, msgspec.to_builtins(kept))
        return kept

    def add_key(self, kind: Kind, name: str, text: str, fingerprint: str) -> Partner:
        """Register a key beside the one that is there; two are valid at most.

        A partner that is not there is made. A key that is there stays as it is.

        Raises:
            ConflictError: there are two already.
        """
        key = _key(kind, name)
        with self._database.write(f"state:{key}") as connection:
            known = _found(read_state(connection, key)) or Partner(kind=kind, name=name)
            if any(one.fingerprint == fingerprint for one in known.keys):
                return known
            if len(known.keys) >= _MOST_KEYS:
                raise ConflictError("knowledge.error.link_keys", name=name, most=_MOST_KEYS)
            made = PartnerKey(text, fingerprint, now_us())
            changed = msgspec.structs.replace(known, keys=(*known.keys, made))
            write_state(connection, key, msgspec.to_builtins(changed))
        return changed

    def drop_key(self, kind: Kind, name: str, fingerprint: str) -> Partner:
        """End a key, named by its fingerprint.

        Raises:
            NotFoundError: the partner has no such key.
        """
        key = _key(kind, name)
        with self._database.write(f"state:{key}") as connection:
            known = _found(read_state(connection, key))
            rest = [one for one in known.keys if one.fingerprint != fingerprint] if known else []
            if known is None or len(rest) == len(known.keys):
                raise NotFoundError("knowledge.error.link_key", name=name, found=fingerprint)
            changed = msgspec.structs.replace(known, keys=tuple(rest))
            write_state(connection, key, msgspec.to_builtins(changed))
        return changed

    def remove_partner(self, kind: Kind, name: str) -> None:
        """Forget it.

        Raises:
            NotFoundError: there is none of that name.
        """
        with self._database.write(f"state:{_key(kind, name)}") as connection:
            if not forget_partner(connection, kind, name):
                raise NotFoundError("knowledge.error.link_partner", found=name)


def forget_partner(connection: Connection, kind: Kind, name: str) -> bool:
    """Forget it inside a transaction; whether it was there."""
    statement = delete(StateRow).where(StateRow.key == _key(kind, name))
    return connection.execute(statement).rowcount > 0


def _key(kind: Kind, name: str) -> str:
    return f"{_PREFIX}.{kind}:{name}"


def _found(value: Any) -> Partner | None:
    return None if value is None else msgspec.convert(value, Partner)
