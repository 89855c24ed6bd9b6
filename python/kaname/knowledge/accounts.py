"""The part of the store that knows who may come in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from kaname.knowledge.part import StorePart
from kaname.knowledge.people import Account, AccountRole, Token
from kaname.knowledge.schema import AccountRow, TokenRow
from kaname.knowledge.spelling import clean
from kaname.model.errors import ConflictError, NotFoundError, UsageError
from kaname.model.instant import MINUTE, now_us
from kaname.model.marking import Tlp

__all__ = ["Accounts"]

_PREFIX = "kn_"  # lets secret scanners recognise a leaked token
_LOCK = "accounts"
_LONGEST_NAME = 64


class Accounts(StorePart):
    """Accounts and their tokens."""

    def bootstrap(self) -> str | None:
        """On the first start, make the account "admin" and return a token for it.

        The secret is returned this once. None when there are accounts already; of
        several processes that start at once, one gets the secret.
        """
        with self._database.write(_LOCK) as connection:
            if connection.execute(select(func.count()).select_from(AccountRow)).scalar_one():
                return None
            _insert_account(connection, Account("admin", AccountRole.ADMIN, Tlp.RED))
            _, secret = _insert_token(connection, "admin", "first start", None)
        return secret

    def put_account(self, account: Account) -> None:
        """Make ``account``, or change it.

        Raises:
            UsageError: the name is empty, too long or has control characters.
            ConflictError: nobody would be left who can administer.
        """
        name = account.name
        if not (0 < len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip()):
            raise UsageError("knowledge.error.account_name", most=_LONGEST_NAME)
        with self._database.write(_LOCK) as connection:
            changed = connection.execute(
                update(AccountRow).where(AccountRow.name == name).values(**_columns(account))
            )
            if changed.rowcount == 0:
                _insert_account(connection, account)
            _check_admin(connection)

    def account(self, name: str) -> Account:
        """The account of that name.

        Raises:
            NotFoundError: there is none.
        """
        with self._database.read() as connection:
            return _account(connection, name)

    def accounts(self) -> list[Account]:
        """All accounts, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(AccountRow.__table__).order_by(AccountRow.name))
            return [_from_row(row) for row in rows]

    def create_token(
        self, account: str, label: str, expires: int | None = None
    ) -> tuple[Token, str]:
        """A new token for ``account`` and its secret, which is not kept.

        ``expires`` is an instant (microseconds, UTC); None means never.

        Raises:
            NotFoundError: there is no such account.
            UsageError: ``expires`` is past.
        """
        if expires is not None and expires <= now_us():
            raise UsageError("knowledge.error.expired")
        with self._database.write(_LOCK) as connection:
            _account(connection, account)
            return _insert_token(connection, account, clean(label), expires)

    def authenticate(self, secret: str) -> Account | None:
        """Whose token ``secret`` is; None when unknown, expired, revoked or disabled.

        What is searched for is the SHA-256 of 256 random bits, so the time taken tells
        nothing about tokens that exist.
        """
        wanted = _hash(secret)
        statement = (
            select(TokenRow.id, TokenRow.hash, TokenRow.last_used, AccountRow.__table__)
            .join(AccountRow, AccountRow.name == TokenRow.account)
            .where(TokenRow.hash == wanted, TokenRow.revoked.is_(None))
            .where(or_(TokenRow.expires.is_(None), TokenRow.expires > now_us()))
            .where(AccountRow.disabled.is_(False))
        )
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        if row is None or not hmac.compare_digest(row.hash, wanted):
            return None
        self._touch(row.id, row.last_used)
        return _from_row(row)

    def revoke_token(self, key: str) -> None:
        """End a token now; ending it again changes nothing.

        Raises:
            NotFoundError: there is no such token.
        """
        with self._database.write(_LOCK) as connection:
            found = connection.execute(select(TokenRow.id).where(TokenRow.id == clean(key)))
            if found.first() is None:
                raise NotFoundError("knowledge.error.no_token", id=key)
            connection.execute(
                update(TokenRow)
                .where(TokenRow.id == key, TokenRow.revoked.is_(None))
                .values(revoked=now_us())
            )

    def tokens(self, account: str | None = None) -> list[Token]:
        """All tokens, or those of ``account``; the newest first."""
        columns = (getattr(TokenRow, name) for name in Token.__struct_fields__)
        statement = select(*columns).order_by(TokenRow.created.desc(), TokenRow.id)
        if account is not None:
            statement = statement.where(TokenRow.account == account)
        with self._database.read() as connection:
            return [Token(**row._mapping) for row in connection.execute(statement)]  # noqa: SLF001

    def _touch(self, key: str, last_used: int | None) -> None:
        """Note the use, at most once a minute: reading must not cost a write each time."""
        now = now_us()
        if last_used is not None and now - last_used < MINUTE:
            return
        with self._database.write(_LOCK) as connection:
            connection.execute(update(TokenRow).where(TokenRow.id == key).values(last_used=now))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _columns(account: Account) -> dict[str, Any]:
    return {
        "role": account.role.value,
        "clearance": account.clearance.rank,
        "language": account.language,
        "disabled": account.disabled,
    }


def _insert_account(connection: Connection, account: Account) -> None:
    row = {"name": account.name, "created": now_us()} | _columns(account)
    connection.execute(insert(AccountRow), row)


def _insert_token(
    connection: Connection, account: str, label: str, expires: int | None
) -> tuple[Token, str]:
    random = secrets.token_bytes(32)
    secret = _PREFIX + base64.urlsafe_b64encode(random).rstrip(b"=").decode()
    token = Token(
        id=f"token-{secrets.token_hex(8)}",
        account=account,
        label=label,
        created=now_us(),
        expires=expires,
    )
    row = {name: getattr(token, name) for name in Token.__struct_fields__}
    connection.execute(insert(TokenRow), row | {"hash": _hash(secret)})
    return token, secret


def _account(connection: Connection, name: str) -> Account:
    statement = select(AccountRow.__table__).where(AccountRow.name == clean(name))
    row = connection.execute(statement).first()
    if row is None:
        raise NotFoundError("knowledge.error.no_account", name=name)
    return _from_row(row)


def _from_row(row: Any) -> Account:
    return Account(
        name=row.name,
        role=AccountRole(row.role),
        clearance=list(Tlp)[row.clearance],
        language=row.language,
        disabled=row.disabled,
    )


def _check_admin(connection: Connection) -> None:
    """Refuse a change after which nobody could undo it."""
    statement = select(func.count()).where(
        AccountRow.role == AccountRole.ADMIN.value, AccountRow.disabled.is_(False)
    )
    everybody = select(func.count()).select_from(AccountRow)
    if connection.execute(everybody).scalar_one() == 1:
        return  # the first account of an empty store
    if connection.execute(statement).scalar_one() == 0:
        raise ConflictError("knowledge.error.last_admin")
