"""The part of the store that holds what members spent of their privacy budgets.

Sums are exact: an entry's document says its epsilon as a fraction, the column only shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from kaname.knowledge.fusion_schema import LedgerRow
from kaname.knowledge.part import StorePart
from kaname.knowledge.spelling import clean
from kaname.model.errors import LimitError
from kaname.model.instant import now_us

__all__ = ["Ledger"]


class Ledger(StorePart):
    """Entries are added and never changed."""

    def spent(self, member: str) -> Fraction:
        """What a member has spent."""
        with self._database.read() as connection:
            return _spent(connection, clean(member))

    def spend(
        self,
        member: str,
        epsilon: Fraction,
        *,
        budget: Fraction,
        what: Mapping[str, Any],
        at: int | None = None,
    ) -> Fraction:
        """Spend, unless that goes beyond ``budget``; what is left.

        Two that spend at once are in each other's sum.

        Raises:
            LimitError: it would go beyond; nothing is spent.
        """
        name = clean(member)
        with self._database.write("ledger") as connection:
            left = budget - _spent(connection, name) - epsilon
            if left < 0:
                raise LimitError(
                    "knowledge.error.ledger",
                    member=member,
                    asked=f"{float(epsilon):g}",
                    left=f"{float(left + epsilon):g}",
                )
            document = msgspec.json.encode({**what, "exact": str(epsilon)}).decode()
            row = {
                "member": name,
                "at": now_us() if at is None else at,
                "epsilon": float(epsilon),
                "document": clean(document),
            }
            connection.execute(insert(LedgerRow), row)
        return left


def _spent(connection: Connection, member: str) -> Fraction:
    rows = connection.execute(select(LedgerRow.document).where(LedgerRow.member == member))
    return sum((Fraction(msgspec.json.decode(one)["exact"]) for one in rows.scalars()), Fraction(0))
