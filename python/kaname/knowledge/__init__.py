"""What kaname knows: findings, indicators, accounts, tokens, and the audit log.

One store behind one class, `Knowledge`, on SQLite (one file, the default) or on
PostgreSQL; which one is said by a URL, and nothing above can tell the difference.

Importing this package is cheap: SQLAlchemy is loaded when `Knowledge` is first named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.knowledge.people import Account, AccountRole, AuditEntry, Token
from kaname.knowledge.queries import (
    Change,
    FindingQuery,
    FindingStatus,
    IndicatorQuery,
    Page,
    StoredFinding,
    View,
)

if TYPE_CHECKING:
    from kaname.knowledge.store import Knowledge

__all__ = [
    "Account",
    "AccountRole",
    "AuditEntry",
    "Change",
    "FindingQuery",
    "FindingStatus",
    "IndicatorQuery",
    "Knowledge",
    "Page",
    "StoredFinding",
    "Token",
    "View",
]


def __getattr__(name: str) -> object:
    if name == "Knowledge":
        from kaname.knowledge.store import Knowledge

        return Knowledge
    raise AttributeError(name)
