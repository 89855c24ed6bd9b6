"""Who may do what: accounts with a role and a clearance, tokens, audit entries."""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from kaname.model.marking import Tlp

__all__ = ["Account", "AccountRole", "AuditEntry", "Token"]


class AccountRole(enum.StrEnum):
    """What an account may do; each role may do all that the ones before it may."""

    VIEWER = "viewer"  # reads
    ANALYST = "analyst"  # ingests, runs analyses
    PUBLISHER = "publisher"  # takes indicators out
    ADMIN = "admin"  # accounts, tokens, audit

    def includes(self, other: AccountRole) -> bool:
        """Whether this role may do what ``other`` may."""
        order = list(AccountRole)
        return order.index(self) >= order.index(other)


class Account(msgspec.Struct, frozen=True):
    """A person or a program that uses kaname.

    ``clearance`` is the strictest marking it may see; ``language`` is "en" or "ja".
    """

    name: str
    role: AccountRole
    clearance: Tlp
    language: str = "en"
    disabled: bool = False


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a token; the secret itself is shown once and not kept.

    ``expires``, ``last_used`` and ``revoked`` are instants (microseconds, UTC) or None.
    """

    id: str
    account: str
    label: str
    created: int
    expires: int | None = None
    last_used: int | None = None
    revoked: int | None = None


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit log. ``hash`` covers the line and ``previous``, the line before."""

    seq: int
    at: int
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    previous: str
    hash: str
