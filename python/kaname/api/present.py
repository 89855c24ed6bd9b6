"""Records of the model, said as documents of the API."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from kaname.api import shapes
from kaname.api.shapes import Text
from kaname.model.errors import KanameError
from kaname.model.messages import text
from kaname.model.score import decayed

if TYPE_CHECKING:
    from kaname.knowledge import Account, StoredFinding, Token
    from kaname.lake import Source
    from kaname.model.records import Evidence, Indicator, Term

__all__ = [
    "account",
    "both",
    "failure",
    "finding",
    "finding_row",
    "indicator",
    "source",
    "token",
]

_EXACT = 1 << 53  # JSON readers hold integers up to here exactly


def both(key: str, /, **values: object) -> Text:
    """The message ``key`` in both languages."""
    return Text(en=text(key, "en", **values), ja=text(key, "ja", **values))


def failure(error: KanameError) -> Text:
    """An error's message in both languages."""
    return Text(en=error.render("en"), ja=error.render("ja"))


def finding_row(record: StoredFinding) -> shapes.FindingRow:
    """A finding as a line of a list."""
    return shapes.FindingRow(
        id=record.id,
        title=_said(record.title, record.label),
        label=record.label,
        analysis=record.analysis,
        severity=record.severity,
        confidence=record.confidence,
        first_seen=record.first_seen,
        last_seen=record.last_seen,
        created=record.created,
        sensor=record.sensor,
        tlp=record.tlp,
        artifacts=list(record.artifacts[:3]),
        status=record.status.value,
    )


def finding(record: StoredFinding, indicators: list[str]) -> shapes.FindingOut:
    """A finding with everything that is known of it."""
    return shapes.FindingOut(
        id=record.id,
        analysis=record.analysis,
        version=record.version,
        params=record.params,
        values=exact(record.values),
        window_start=record.window_start,
        window_end=record.window_end,
        first_seen=record.first_seen,
        last_seen=record.last_seen,
        created=record.created,
        sensor=record.sensor,
        label=record.label,
        severity=record.severity,
        confidence=record.confidence,
        spoofable=record.spoofable,
        title=_said(record.title, record.label),
        text=_said(record.explain, record.message),
        reasons=[_said(partial(text, key, **values), key) for key, values in record.reasons],
        artifacts=list(record.artifacts),
        techniques=list(record.techniques),
        tlp=record.tlp,
        status=record.status.value,
        evidence=_evidence(record.evidence),
        indicators=indicators,
        command=shlex.join(["kaname", "explain", record.id, "--rerun"]),
    )


def _evidence(record: Evidence) -> shapes.EvidenceOut:
    return shapes.EvidenceOut(
        query=record.query,
        tables=list(record.tables),
        rows=record.rows,
        digest=record.digest,
        columns=list(record.columns),
        sample=[exact(row) for row in record.sample],
        sources=[
            {"batch": str(ref.batch), "offset": str(ref.offset), "path": ref.path}
            for ref in record.sources
        ],
    )


def exact(value: Any) -> Any:
    """JSON-ready values with integers beyond 2^53 as strings, at any depth."""
    if isinstance(value, dict):
        return {key: exact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [exact(inner) for inner in value]
    if isinstance(value, int) and not -_EXACT <= value <= _EXACT:
        return str(value)
    return value


def indicator(record: Indicator, at: int) -> shapes.IndicatorOut:
    """An indicator with its score at an instant."""
    return shapes.IndicatorOut(
        id=record.id,
        artifact=record.artifact,
        label=record.label,
        state=record.state,
        model=record.model,
        score=record.score(at),
        bias=record.bias,
        threshold=record.threshold,
        terms=[_term(part, at) for part in record.terms],
        valid_from=record.valid_from,
        valid_until=record.valid_until,
        updated=record.updated,
        active=not record.revoked and record.valid_from <= at < record.valid_until,
        revoked=record.revoked,
        tlp=record.tlp,
        groups=list(record.groups),
        pap=record.pap,
        techniques=list(record.techniques),
        findings=list(record.findings),
        inputs=record.inputs,
    )


def _term(part: Term, at: int) -> shapes.TermOut:
    return shapes.TermOut(
        name=part.name,
        text=_said(partial(text, part.name, **part.values), part.name),
        value=part.value,
        now=round(decayed(part, at), 6),
        observed=part.observed,
        evidence=list(part.evidence),
        count=part.count,
        digest=part.digest,
    )


def _said(say: Callable[[str], str], otherwise: str) -> Text:
    """What ``say`` gives in both languages.

    A finding outlives the package that made it; when its messages are gone, its plain
    name stands in, so that the rest can still be read.
    """
    try:
        return Text(en=say("en"), ja=say("ja"))
    except (KeyError, ImportError, OSError):
        return Text(en=otherwise, ja=otherwise)


def source(record: Source) -> shapes.SourceOut:
    """An ingested source."""
    return shapes.SourceOut(
        batch=str(record.batch),
        path=record.path,
        size=record.size,
        sensor=record.sensor,
        tlp=record.tlp,
        reader=record.reader,
        ingested=record.ingested,
        records=record.records,
        rows=record.rows,
        damaged=record.damaged,
        counters=record.counters,
        notes=record.notes,
        problems=[dict(problem) for problem in record.problems],
        first=record.first_us,
        last=record.last_us,
        seconds=record.seconds,
    )


def account(record: Account) -> shapes.AccountOut:
    """An account."""
    return shapes.AccountOut(
        name=record.name,
        role=record.role.value,
        clearance=record.clearance,
        disabled=record.disabled,
    )


def token(record: Token, secret: str | None = None) -> shapes.TokenOut:
    """A token; ``secret`` is known only when it was just made."""
    return shapes.TokenOut(
        id=record.id,
        account=record.account,
        label=record.label,
        created=record.created,
        expires=record.expires,
        last_used=record.last_used,
        revoked=record.revoked is not None,
        secret=secret,
    )
