"""From alerts to notices: one for each organisation, channel and address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kaname.knowledge.organisation_records import (
    Alert,
    AlertKind,
    AlertState,
    Channel,
    Notice,
    NoticeReason,
    Organisation,
)
from kaname.model.ids import stable_id
from kaname.model.marking import Tlp
from kaname.telescope.organisations.lifecycle import Told

__all__ = ["MOST", "example", "notices", "test_notices"]

MOST = 50  # alerts that one notice tells of; when a worm breaks out the rest are counted
_LOW = frozenset({AlertKind.SPOOFED})  # worth a line in a digest, no letter


def notices(told: Iterable[Told], organisations: Iterable[Organisation], now: int) -> list[Notice]:
    """What is to be sent because of alerts; one notice tells of all of an organisation."""
    by_id = {one.id: one for one in organisations}
    groups: dict[tuple[str, NoticeReason], list[Told]] = {}
    for one in told:
        if one.reason is not None and one.alert.organisation in by_id:
            groups.setdefault((one.alert.organisation, one.reason), []).append(one)
    return [
        notice
        for (key, reason), some in sorted(groups.items())
        for notice in _of(by_id[key], reason, some, now)
    ]


def _of(
    one: Organisation, reason: NoticeReason, some: Sequence[Told], now: int
) -> Iterator[Notice]:
    everything = sorted(some, key=lambda told: (-told.growth, -told.alert.packets, told.alert.id))
    yield from _pieces(one, reason, everything, Channel.CONSOLE, "", now)
    outside = [told for told in everything if _leaves(told, reason)]
    for channel, target in _addresses(one):
        yield from _pieces(one, reason, outside, channel, target, now)


def _leaves(told: Told, reason: NoticeReason) -> bool:
    """Whether an alert may be written about: who knows who reads a mailbox."""
    alert = told.alert
    low = alert.kind in _LOW and reason is not NoticeReason.DIGEST
    return not low and not alert.late and alert.tlp.visible_to(Tlp.AMBER)


def _addresses(one: Organisation) -> Iterator[tuple[Channel, str]]:
    for address in one.mail:
        yield Channel.MAIL, address
    if one.webhook:
        yield Channel.WEBHOOK, one.webhook


def _pieces(
    one: Organisation,
    reason: NoticeReason,
    some: Sequence[Told],
    channel: Channel,
    target: str,
    now: int,
) -> Iterator[Notice]:
    for start in range(0, len(some), MOST):
        part = some[start : start + MOST]
        named = [(told.alert.id, told.alert.episode, told.alert.notices) for told in part]
        yield Notice(
            key=stable_id("notice", channel, target, reason, named),
            organisation=one,
            reason=reason,
            channel=channel,
            target=target,
            alerts=tuple(told.alert for told in part),
            growth=tuple(told.growth for told in part),
            created=now,
        )


def example(one: Organisation, now: int) -> Alert:
    """An alert that shows what notices look like; it says of itself that it is a test."""
    host = one.live[0].partition("/")[0] if one.live else "192.0.2.1"
    return Alert(
        id=stable_id("alert", one.id, "test"),
        organisation=one.id,
        host=host,
        kind=AlertKind.EXTERNAL,
        state=AlertState.CLOSED,
        sensor="test",
        opened=now,
        last=now,
        noticed=now,
        changed=now,
        packets=1,
        destinations=1,
        services=("23/tcp",),
        label="test",
        confidence=0.0,
        reasons=(("telescope.organisation.test", {}),),
        query="",
        tlp=one.tlp,
    )


def test_notices(one: Organisation, alert: Alert, now: int) -> list[Notice]:
    """A notice to every address of an organisation, to see whether it arrives."""
    return [
        Notice(
            key=stable_id("notice", channel, target, "test", now),
            organisation=one,
            reason=NoticeReason.TEST,
            channel=channel,
            target=target,
            alerts=(alert,),
            growth=(0,),
            created=now,
        )
        for channel, target in _addresses(one)
    ]
