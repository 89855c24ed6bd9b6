"""The scores of many artifacts at once, for look-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, select, tuple_

from kaname.knowledge.part import StorePart
from kaname.knowledge.schema import IndicatorRow
from kaname.knowledge.spelling import artifact_columns
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind

__all__ = ["IndicatorScores"]

Key = tuple[ArtifactKind, str]

_MANY = 5_000  # keys from which on reading all indicators costs less
_PART = 500


class IndicatorScores(StorePart):
    """Which artifacts have an indicator, and its score."""

    def scores(
        self, keys: Sequence[Key], *, clearance: Tlp = Tlp.RED
    ) -> dict[tuple[str, str], tuple[str, float]]:
        """(id, score as last reckoned) by kind and value, of those that have an indicator.

        Revoked ones are left out. Somebody with ``clearance`` sees the score as derived
        from what they may see.
        """
        if not keys:
            return {}
        row = IndicatorRow
        every = select(row.kind, row.value, row.id, row.score).where(
            row.low <= clearance.rank, row.high >= clearance.rank, row.revoked.is_(False)
        )
        statements = [every] if len(keys) > _MANY else _about(every, keys)
        with self._database.read() as connection:
            return {
                (kind, value): (id_, score)
                for statement in statements
                for kind, value, id_, score in connection.execute(statement)
            }


def _about(
    every: Select[str, str, str, float], keys: Sequence[Key]
) -> Iterator[Select[str, str, str, float]]:
    for start in range(0, len(keys), _PART):
        columns = [artifact_columns(Artifact(*key)) for key in keys[start : start + _PART]]
        names = [(one["kind"], one["key"]) for one in columns]
        yield every.where(tuple_(IndicatorRow.kind, IndicatorRow.key).in_(names))
