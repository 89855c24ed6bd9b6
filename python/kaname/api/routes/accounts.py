"""Accounts, tokens and the audit log."""

from __future__ import annotations

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from kaname.api import present
from kaname.api.identity import Asking, admin, viewer
from kaname.api.parameters import Cursor, Limit, one_of
from kaname.api.services import Injected
from kaname.api.shapes import AccountIn, AccountOut, AuditOut, PageOut, TokenIn, TokenOut
from kaname.knowledge import Account, AccountRole
from kaname.model.errors import ForbiddenError, NotFoundError
from kaname.model.marking import Tlp
from kaname.model.messages import LANGUAGES

__all__ = ["ROUTES"]

_ROLES = tuple(role.value for role in AccountRole)


@get("/accounts", guards=[admin], sync_to_thread=True)
def list_accounts(services: Injected) -> list[AccountOut]:
    """All accounts."""
    return [present.account(record) for record in services.knowledge.accounts()]


@post("/accounts", guards=[admin], sync_to_thread=True, status_code=200)
def put_account(services: Injected, account: Asking, data: JSONBody[AccountIn]) -> AccountOut:
    """Make an account, or change the one of that name."""
    record = Account(
        name=data.name,
        role=AccountRole(one_of("role", data.role, _ROLES)),
        clearance=Tlp.parse(data.clearance),
        language=one_of("language", data.language, LANGUAGES),
        disabled=data.disabled,
    )
    services.knowledge.put_account(record)
    details = {"role": record.role.value, "clearance": record.clearance.value}
    services.knowledge.audit(
        account.name, "account.put", record.name, details | {"disabled": record.disabled}
    )
    return present.account(record)


@get("/tokens", guards=[viewer], sync_to_thread=True)
def list_tokens(services: Injected, account: Asking) -> list[TokenOut]:
    """One's own tokens; all of them for an administrator."""
    return [present.token(record) for record in services.knowledge.tokens(_whose(account))]


@post("/tokens", guards=[viewer], sync_to_thread=True, status_code=201)
def create_token(services: Injected, account: Asking, data: JSONBody[TokenIn]) -> TokenOut:
    """Make a token; its secret is in this answer and never again."""
    owner = data.account or account.name
    if owner != account.name and account.role is not AccountRole.ADMIN:
        raise ForbiddenError("api.error.role", needed="admin", role=account.role.value)
    record, secret = services.knowledge.create_token(owner, data.label, data.expires)
    services.knowledge.audit(account.name, "token.create", record.id, {"account": owner})
    return present.token(record, secret)


@delete("/tokens/{token:str}", guards=[viewer], sync_to_thread=True)
def revoke_token(services: Injected, account: Asking, token: FromPath[str]) -> None:
    """End a token, and the sessions that stand on it."""
    own = {record.id for record in services.knowledge.tokens(_whose(account))}
    if token not in own:
        raise NotFoundError("knowledge.error.no_token", id=token)
    services.knowledge.revoke_token(token)
    services.knowledge.audit(account.name, "token.revoke", token)


@get("/audit", guards=[admin], sync_to_thread=True)
def list_audit(services: Injected, limit: Limit = 100, cursor: Cursor = None) -> PageOut[AuditOut]:
    """Who did what, the newest first."""
    page = services.knowledge.audit_log(limit, cursor)
    items = [
        AuditOut(
            at=entry.at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            details=entry.details,
        )
        for entry in page.items
    ]
    return PageOut(items=items, next=page.next_cursor, total=page.total)


def _whose(account: Account) -> str | None:
    """Whose tokens the account may see: None stands for everybody's."""
    return None if account.role is AccountRole.ADMIN else account.name


ROUTES = (list_accounts, put_account, list_tokens, create_token, revoke_token, list_audit)
