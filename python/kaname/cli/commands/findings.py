"""`kaname findings`: list what the analyses found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import click

from kaname.cli.frame import Session, command, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say
from kaname.model.instant import parse_us
from kaname.model.records import Finding, Severity

if TYPE_CHECKING:
    from kaname.knowledge.queries import FindingSort

__all__ = ["document", "findings", "show"]


@command("findings")
@option("--since", metavar="TIME", key="since")
@option("--until", metavar="TIME", key="until")
@option("--severity", type=click.Choice([s.value for s in Severity]), key="severity")
@option("--label", metavar="LABEL", key="label")
@option("--analysis", metavar="NAME", key="analysis")
@option("--artifact", metavar="VALUE", key="artifact")
@option(
    "--sort",
    type=click.Choice(["severity", "last_seen", "created", "confidence"]),
    default="severity",
    key="sort",
)
@option("--limit", type=click.IntRange(1, 1000), default=50, key="limit")
@option("--cursor", key="cursor")
def findings(
    session: Session,
    *,
    since: str | None,
    until: str | None,
    severity: str | None,
    label: str | None,
    analysis: str | None,
    artifact: str | None,
    sort: str,
    limit: int,
    cursor: str | None,
) -> None:
    """List findings, the most severe first."""
    from kaname.knowledge import FindingQuery

    page = session.knowledge.findings(
        FindingQuery(
            since=parse_us(since) if since else None,
            until=parse_us(until) if until else None,
            severity_min=Severity(severity) if severity else None,
            label=label,
            analysis=analysis,
            artifact=artifact,
            sort=cast("FindingSort", f"-{sort}"),
            limit=limit,
            cursor=cursor,
        )
    )
    if session.as_json:
        items = [document(finding) for finding in page.items]
        put_json({"findings": items, "total": page.total, "next": page.next_cursor})
        return
    show(session, page.items)
    if page.next_cursor:
        note(say("cli.more", shown=len(page.items), total=page.total, cursor=page.next_cursor))


def show(session: Session, found: Sequence[Finding]) -> None:
    """A table of findings."""
    zone = session.settings.shows
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("id", "severity", "last_seen", "title")),
        (
            (f.id, f.severity.value, moment(f.last_seen, zone), f.title(session.language))
            for f in found
        ),
        empty=say("cli.empty.findings"),
    )


def document(finding: Finding) -> dict[str, object]:
    """A finding as JSON for programs, with its texts in both languages."""
    import msgspec

    plain: dict[str, object] = msgspec.to_builtins(finding)
    for language in ("en", "ja"):
        plain[f"title_{language}"] = finding.title(language)
        plain[f"text_{language}"] = finding.explain(language)
        plain[f"reasons_{language}"] = finding.because(language)
    return plain
