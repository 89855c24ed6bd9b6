from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kaname.bus import open_bus
from kaname.intelligence.lists import Lists
from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.watches import Watcher, define, own_listing
from kaname.knowledge import Knowledge
from kaname.knowledge.cases import Cases
from kaname.knowledge.watch_records import Purpose, WatchKind
from kaname.knowledge.watches import Watches
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, Indicator, Term
from kaname.model.records import ArtifactKind as Kind

HOUR, DAY = 3_600_000_000, 86_400_000_000
AT = 20_000 * DAY


def seen(*mentions: tuple[Kind, str], at: int = AT, tlp: Tlp = Tlp.GREEN, **body: Any) -> Any:
    return Observation(
        id=f"o-{at}-{len(mentions)}-{tlp}",
        source="sensor",
        kind="sighting",
        at=at,
        received=at,
        mentions=tuple(Mention(kind, value, "src") for kind, value in mentions),
        tlp=tlp,
        body=body,
    )


def watch(store: Knowledge, kind: str, value: str, purpose: Purpose = Purpose.WATCH) -> str:
    one = define(WatchKind(kind), value, owner="alice", purpose=purpose)
    store.part(Watches).add_watch(one)
    return one.id


@pytest.mark.parametrize(
    ("kind", "value", "mention", "met"),
    [
        ("ip", "203.0.113.7", (Kind.IP, "203.0.113.7"), True),
        ("prefix", "203.0.113.0/24", (Kind.IP, "203.0.113.7"), True),
        ("prefix", "203.0.113.0/24", (Kind.URL, "http://203.0.113.9/x"), True),
        ("prefix", "203.0.113.0/24", (Kind.PREFIX, "203.0.113.128/25"), True),
        ("prefix", "203.0.113.0/24", (Kind.IP, "203.0.114.7"), False),
        ("domain", "example.jp", (Kind.DOMAIN, "www.example.jp"), True),
        ("domain", "example.jp", (Kind.URL, "https://login.example.jp/a"), True),
        ("domain", "example.jp", (Kind.MAIL, "ceo@example.jp"), True),
        ("domain", "example.jp", (Kind.DOMAIN, "notexample.jp"), False),
        ("hash", "d41d8cd98f00b204e9800998ecf8427e",
         (Kind.HASH, "d41d8cd98f00b204e9800998ecf8427e"), True),
        ("mail", "ceo@example.jp", (Kind.MAIL, "ceo@example.jp"), True),
        ("keyword", "paypal", (Kind.DOMAIN, "paypal-login.example"), True),
        ("regex", r"^inv\d+\.", (Kind.DOMAIN, "inv77.example"), True),
        ("regex", r"^inv\d+\.", (Kind.DOMAIN, "xinv77.example"), False),
    ],
)  # fmt: skip
def test_each_kind_of_watch(
    store: Knowledge, kind: str, value: str, mention: tuple[Kind, str], met: bool
) -> None:
    key = watch(store, kind, value)
    hits = Watcher(store).see([seen(mention)])
    assert [(h.watch, h.subject) for h in hits] == [(key, ":".join(mention))] * met


def test_words_that_are_in_no_artifact_are_read(store: Knowledge) -> None:
    key = watch(store, "keyword", "ランサムウェア")
    observation = seen((Kind.IP, "192.0.2.1"), tags=[{"name": "ﾗﾝｻﾑｳｪｱ group"}])
    (hit,) = Watcher(store).see([observation])
    assert (hit.watch, hit.subject) == (key, "ip:192.0.2.1")


def test_a_relation_and_a_technique(store: Knowledge) -> None:
    related = watch(store, "relation", "ip:192.0.2.1")
    technique = watch(store, "technique", "T1059")
    mentions = ((Kind.IP, "192.0.2.1"), (Kind.DOMAIN, "a.example"))
    hits = Watcher(store).see([seen(*mentions, techniques=["T1059.001"])])
    assert {(h.watch, h.subject) for h in hits} == {
        (related, "domain:a.example"),
        (technique, "ip:192.0.2.1"),
    }


def test_once_a_day_and_on_the_bus(store: Knowledge) -> None:
    key = watch(store, "ip", "192.0.2.1")
    mention = (Kind.IP, "192.0.2.1")
    with open_bus("memory:") as bus, bus.subscribe("watch.hit") as told:
        watcher = Watcher(store, bus)
        assert len(watcher.see([seen(mention), seen(mention, at=AT + HOUR)])) == 1
        assert watcher.see([seen(mention, at=AT + 2 * HOUR)]) == []
        assert len(watcher.see([seen(mention, at=AT + DAY)])) == 1
        messages = [told.get(5), told.get(5)]
        assert told.get(0) is None
    assert [m.body["watch"] for m in messages if m] == [key, key]
    assert messages[0] is not None
    assert messages[0].body["tlp"] == "green"


def test_a_hit_is_as_closed_as_what_brought_it(store: Knowledge) -> None:
    watch(store, "ip", "192.0.2.1")
    (hit,) = Watcher(store).see([seen((Kind.IP, "192.0.2.1"), tlp=Tlp.RED)])
    assert hit.tlp is Tlp.RED


def test_what_is_ours_opens_a_case_and_fills_it(store: Knowledge) -> None:
    watch(store, "domain", "example.jp", Purpose.OWN)
    watcher = Watcher(store)
    watcher.see([seen((Kind.DOMAIN, "www.example.jp"), tlp=Tlp.CLEAR)])
    watcher.see([seen((Kind.DOMAIN, "mail.example.jp"), tlp=Tlp.CLEAR)])
    (case,) = store.part(Cases).cases().items
    assert case.tlp is Tlp.AMBER_STRICT
    assert {item.value for item in case.items} == {"www.example.jp", "mail.example.jp"}
    store.part(Cases).set_case_state(case.id, "closed", by="alice")
    watcher.see([seen((Kind.DOMAIN, "new.example.jp"))])
    assert store.part(Cases).cases().total == 2


def test_watches_that_come_and_go_are_followed(store: Knowledge) -> None:
    watcher = Watcher(store)
    observation = seen((Kind.IP, "192.0.2.1"))
    assert watcher.see([observation]) == []
    key = watch(store, "ip", "192.0.2.1")
    assert len(watcher.see([observation])) == 1
    store.part(Watches).remove_watch(key)
    assert watcher.see([seen((Kind.IP, "192.0.2.1"), at=AT + DAY)]) == []


def test_a_suppression_is_a_list_and_no_watch(store: Knowledge) -> None:
    assert own_listing(store) is None
    watch(store, "prefix", "203.0.113.0/24", Purpose.SUPPRESS)
    assert Watcher(store).see([seen((Kind.IP, "203.0.113.9"))]) == []
    own = own_listing(store)
    assert own is not None
    found = Lists.load((), [own]).match(Kind.IP, "203.0.113.9")
    assert ("suppressions", 8.0) in {(m.list, m.weight) for m in found}


def test_a_score_is_watched(store: Knowledge) -> None:
    key = watch(store, "score", "50")
    term = Term(
        name="x", values={}, value=3.0, observed=AT, tau=0, delta=1.0,
        evidence=("o",), count=1, digest="",
    )  # fmt: skip
    defaults: dict[str, Any] = {
        "id": "i", "artifact": Artifact(Kind.IP, "192.0.2.1"), "label": "c2", "model": "m",
        "bias": 0.0, "terms": (term,), "threshold": 10, "valid_from": AT, "valid_until": AT + DAY,
        "updated": AT, "tlp": Tlp.GREEN, "inputs": "",
    }  # fmt: skip
    names = {field.name for field in msgspec.structs.fields(Indicator)}
    high = Indicator(**{name: value for name, value in defaults.items() if name in names})
    low = msgspec.structs.replace(high, id="j", bias=-9.0)
    hits = Watcher(store).judge([high, low])
    assert [(h.watch, h.observation) for h in hits] == [(key, "i")]
