"""Who asks a TAXII server, and which collections they may read and write.

An account signs in with its name and one of its tokens (Basic), or with the token alone
(Bearer). What is marked above its clearance does not exist for it, in no answer and no
count; a concealed collection does not exist for whoever has no right in it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING, Any

from kaname.intelligence.taxii.refusals import TaxiiError
from kaname.knowledge import Account, AccountRole
from kaname.knowledge.stix_objects import Collection

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["authenticated", "may_read", "may_write", "permitted"]

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="kaname", charset="UTF-8", Bearer realm="kaname"'}
_WRITERS = frozenset({AccountRole.ANALYST, AccountRole.PUBLISHER, AccountRole.ADMIN})


def authenticated(knowledge: Knowledge, header: str, client: str, throttle: Any) -> Account:
    """The account behind an Authorization header.

    Args:
        knowledge: where accounts are.
        header: as it came, or "".
        client: the address it came from.
        throttle: counts wrong tokens (``check``, ``failed``, ``passed``).

    Raises:
        TaxiiError: 401.
        ThrottledError: too many wrong tokens came from there.
    """
    name, secret = _credentials(header)
    throttle.check(client, secret)
    account = knowledge.authenticate(secret)
    if account is None or not (name is None or hmac.compare_digest(*_both(name, account.name))):
        throttle.failed(client, secret)
        raise TaxiiError(401, "credentials", headers=_CHALLENGE)
    throttle.passed(secret)
    return account


def _both(one: str, other: str) -> tuple[bytes, bytes]:
    return one.encode(), other.encode()


def _credentials(header: str) -> tuple[str | None, str]:
    """(the name, if there was one; the token)."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return None, rest.strip()
    if scheme.lower() == "basic":
        try:
            name, mark, secret = base64.b64decode(rest.strip()).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise TaxiiError(401, "credentials", headers=_CHALLENGE) from None
        if mark:
            return name, secret
    raise TaxiiError(401, "no_credentials", headers=_CHALLENGE)


def may_read(account: Account, collection: Collection) -> bool:
    """Whether ``account`` may read ``collection``."""
    return collection.readers is None or account.name in collection.readers


def may_write(account: Account, collection: Collection) -> bool:
    """Whether ``account`` may add to ``collection``."""
    if collection.writers is None:
        return account.role in _WRITERS
    return account.name in collection.writers


def permitted(account: Account, collection: Collection, *, write: bool = False) -> None:
    """Go on only if ``account`` may.

    Raises:
        TaxiiError: 403; 404 when not even the existence is to be known.
    """
    allowed = may_write(account, collection) if write else may_read(account, collection)
    if allowed:
        return
    if collection.concealed and not (
        may_read(account, collection) or may_write(account, collection)
    ):
        raise TaxiiError(404, "no_collection", id=collection.id)
    raise TaxiiError(403, "write" if write else "read", id=collection.id)
