from __future__ import annotations

import msgspec
import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.watch_records import Purpose, Watch, WatchHit, WatchKind, hit_id, watch_id
from kaname.knowledge.watches import Watches
from kaname.model.errors import NotFoundError
from kaname.model.marking import Tlp

DAY = 86_400_000_000


def watch(value: str, purpose: Purpose = Purpose.WATCH, tlp: Tlp = Tlp.GREEN) -> Watch:
    key = watch_id("alice", purpose, WatchKind.DOMAIN, value)
    return Watch(
        id=key,
        owner="alice",
        kind=WatchKind.DOMAIN,
        value=value,
        purpose=purpose,
        created=1,
        tlp=tlp,
    )


def hit(of: Watch, at: int, subject: str = "domain:a.example", tlp: Tlp = Tlp.GREEN) -> WatchHit:
    return WatchHit(
        id=hit_id(of.id, subject, at),
        watch=of.id,
        at=at,
        noticed=at + 5,
        subject=subject,
        entry=of.value,
        observation="o-1",
        tlp=tlp,
    )


def test_a_watch_is_added_once_removed_and_brought_back(knowledge: Knowledge) -> None:
    watches = knowledge.part(Watches)
    one = watch("example.org")
    assert watches.add_watch(one)
    assert not watches.add_watch(msgspec.structs.replace(one, created=99))
    before = watches.watches_version()
    watches.remove_watch(one.id)
    assert watches.watches_version() > before
    assert watches.watches() == []
    assert watches.watch(one.id).state == "removed"
    with pytest.raises(NotFoundError):
        watches.remove_watch(one.id)
    assert watches.add_watch(one)
    assert watches.watches() == [one]


def test_watches_are_listed_by_purpose_and_clearance(knowledge: Knowledge) -> None:
    watches = knowledge.part(Watches)
    plain = watch("a.example")
    harmless = watch("b.example", Purpose.SUPPRESS)
    closed = watch("c.example", Purpose.OWN, Tlp.AMBER_STRICT)
    for one in (plain, harmless, closed):
        watches.add_watch(one)
    assert watches.watches([Purpose.SUPPRESS]) == [harmless]
    assert closed not in watches.watches(clearance=Tlp.AMBER)
    with pytest.raises(NotFoundError):
        watches.watch(closed.id, clearance=Tlp.AMBER)


def test_a_hit_is_kept_once_a_day(knowledge: Knowledge) -> None:
    watches = knowledge.part(Watches)
    one = watch("example.org")
    watches.add_watch(one)
    first, again, next_day = hit(one, 10), hit(one, 20), hit(one, DAY)
    assert watches.record([first, again]) == [first]
    assert watches.record([again, next_day]) == [next_day]
    page = watches.hits(limit=1)
    assert (page.items, page.total) == ([next_day], 2)
    assert watches.hits(cursor=page.next_cursor).items == [first]


def test_hits_above_a_clearance_are_neither_seen_nor_counted(knowledge: Knowledge) -> None:
    watches = knowledge.part(Watches)
    one = watch("example.org")
    watches.add_watch(one)
    closed = hit(one, 1, "ip:192.0.2.1", Tlp.RED)
    watches.record([closed, hit(one, 1)])
    page = watches.hits(clearance=Tlp.AMBER)
    assert ([h.subject for h in page.items], page.total) == (["domain:a.example"], 1)
    with pytest.raises(NotFoundError):
        watches.mark_seen(closed.id, clearance=Tlp.AMBER)


def test_what_was_looked_at_is_marked(knowledge: Knowledge) -> None:
    watches = knowledge.part(Watches)
    one = watch("example.org")
    watches.add_watch(one)
    (kept,) = watches.record([hit(one, 1)])
    watches.mark_seen(kept.id)
    assert watches.hits(unseen=True).items == []
    assert watches.hits(watch=one.id).items[0].seen
    with pytest.raises(NotFoundError):
        watches.mark_seen("hit-none")


def test_texts_that_an_engine_refuses_are_kept_readable(knowledge: Knowledge) -> None:
    watches = knowledge.part(Watches)
    one = watch("example.org")
    watches.add_watch(one)
    (kept,) = watches.record([hit(one, 1, "url:http://a.example/\0" + "x" * 4000)])
    assert watches.hits().items[0].id == kept.id
