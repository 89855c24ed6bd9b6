"""`kaname telescope stats`: packets and hosts along time and in rankings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import moment, note, put_json, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.telescope.stats import Answer, Ranking

__all__ = ["stats"]

_BY = ("country", "asn", "tcp", "udp", "label", "ptype")


@command("telescope stats")
@option("--by", type=click.Choice(_BY), multiple=True, key="stats_by")
@option("--bin", "step", type=click.Choice(["5m", "1h", "1d"]), default="1d", key="stats_bin")
@option("--since", default="30d", metavar="TIME", key="since")
@option("--until", metavar="TIME", key="until")
@option("--sensor", default="", metavar="NAME", key="stats_sensor")
@option("--without-survey", is_flag=True, key="stats_without_survey")
@option("--top", type=click.IntRange(1, 1000), default=10, metavar="N", key="stats_top")
def stats(
    session: Session,
    by: tuple[str, ...],
    step: str,
    since: str,
    until: str | None,
    *,
    sensor: str,
    without_survey: bool,
    top: int,
) -> None:
    """Count packets and hosts along time, and rank where they come from and what they ask."""
    from kaname.lake.networks import Networks
    from kaname.model.instant import now_us, parse_us
    from kaname.telescope.stats import BINS, Asked, registry_of
    from kaname.telescope.stats import stats as counted

    asked = Asked(
        since=parse_us(since),
        until=now_us() if until is None else parse_us(until),
        bin=BINS[step],
        sensor=sensor,
        survey=not without_survey,
        by=tuple(dict.fromkeys(by)),
        top=top,
        registry=registry_of(session.settings.data),
    )
    networks = Networks.open(session.settings.data)
    answer = counted(session.lake, networks, asked)
    if session.as_json:
        put_json(msgspec.to_builtins(answer))
    elif by:
        for ranking in answer.rankings:
            _ranked(ranking)
    else:
        _along_time(answer, session.settings.shows)
    if not session.as_json:
        _remarks(answer, places=bool({"country", "asn"} & set(by)))


def _along_time(answer: Answer, zone: str) -> None:
    """Steps with their counts; where nothing was observed, that is said."""
    gap = say("cli.telescope.stats.gap")
    put_table(
        tuple(say(f"cli.head.{head}") for head in ("time", "packets", "hosts")),
        (
            (moment(one.at, zone), one.packets if one.packets is not None else gap,
             one.hosts if one.hosts is not None else gap)
            for one in answer.bins
        ),
        empty=say("cli.empty.telescope_stats"),
    )  # fmt: skip
    note(say("cli.telescope.stats.total", packets=answer.packets, hosts=answer.hosts))


def _ranked(ranking: Ranking) -> None:
    hosts = say("cli.head.hosts" if ranking.exact else "cli.head.hosts_a_day")
    put_table(
        (say(f"cli.telescope.stats.by_{ranking.by}"), "", hosts, say("cli.head.packets")),
        (
            (one.key or say("cli.telescope.stats.unknown"), one.name, one.hosts, one.packets)
            for one in ranking.by_hosts
        ),
        empty=say("cli.empty.telescope_stats"),
    )


def _remarks(answer: Answer, *, places: bool) -> None:
    """What a reader must know of the numbers."""
    if answer.pending:
        days = ", ".join(answer.pending[:5])
        note(say("cli.telescope.stats.pending", count=len(answer.pending), days=days))
    if places and not answer.networks:
        note(say("cli.telescope.stats.no_networks"))
    elif places:
        note("; ".join(f"{text} {link}".strip() for text, link in answer.attributions))
