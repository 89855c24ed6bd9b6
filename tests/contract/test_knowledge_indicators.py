from __future__ import annotations

import msgspec
import pytest
from tests.contract.records import HOUR, indicator, ip, views

from kaname.knowledge import IndicatorQuery, Knowledge, View
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Role, Term


def ids(store: Knowledge, **query: object) -> list[int]:
    page = store.indicators(IndicatorQuery(**query))  # type: ignore[arg-type]
    return [int(item.id.removeprefix("indicator-"), 16) for item in page.items]


def test_what_was_put_comes_back_whole(knowledge: Knowledge) -> None:
    wanted = indicator(1, techniques=("T1595",), tlp=Tlp.AMBER)
    change = knowledge.replace_indicators(views(wanted))
    assert change.added == [wanted.id]
    assert knowledge.indicator(wanted.id) == wanted
    assert knowledge.indicators().items == [wanted]


def test_deriving_the_same_again_later_changes_nothing(knowledge: Knowledge) -> None:
    knowledge.replace_indicators(views(indicator(1)))
    assert not knowledge.replace_indicators(views(indicator(1, updated=HOUR)))
    assert knowledge.indicator(indicator(1).id).updated == 0


def test_what_is_no_longer_derived_is_revoked_and_kept(knowledge: Knowledge) -> None:
    knowledge.replace_indicators(views(indicator(1), indicator(2)))
    change = knowledge.replace_indicators(views(indicator(2, label="probe")), at=5)
    assert (change.added, change.changed, change.withdrawn) == (
        [],
        [indicator(2).id],
        [indicator(1).id],
    )
    gone = knowledge.indicator(indicator(1).id)
    assert (gone.revoked, gone.updated) == (True, 5)
    assert ids(knowledge, active_at=HOUR) == [2]
    assert not knowledge.replace_indicators(views(indicator(2, label="probe")), at=9)
    assert knowledge.replace_indicators(views(indicator(1), indicator(2, label="probe"))).added == [
        indicator(1).id
    ]
    assert knowledge.indicator(indicator(1).id).revoked is False


def test_a_replacement_about_some_artifacts_leaves_others_alone(knowledge: Knowledge) -> None:
    knowledge.replace_indicators(views(*[indicator(n) for n in (1, 2, 3)]))
    change = knowledge.replace_indicators(
        views(indicator(2, label="probe")), artifacts=[ip("203.0.113.1"), ip("203.0.113.2")]
    )
    assert (change.changed, change.withdrawn) == ([indicator(2).id], [indicator(1).id])
    assert sorted(ids(knowledge, active_at=HOUR)) == [2, 3]


def test_an_id_that_comes_twice_is_refused(knowledge: Knowledge) -> None:
    with pytest.raises(UsageError):
        knowledge.replace_indicators(views(indicator(1), indicator(1)))
    assert knowledge.indicators().total == 0


def test_an_indicator_above_the_clearance_is_as_if_it_were_not_there(
    knowledge: Knowledge,
) -> None:
    knowledge.replace_indicators(views(*[indicator(n, tlp=level) for n, level in enumerate(Tlp)]))
    for rank, clearance in enumerate(Tlp):
        assert sorted(ids(knowledge, clearance=clearance)) == list(range(rank + 1))
        assert knowledge.indicators(IndicatorQuery(clearance=clearance)).total == rank + 1
        for n in range(rank + 1, len(Tlp)):
            with pytest.raises(NotFoundError):
                knowledge.indicator(indicator(n).id, clearance=clearance)
            carried = ids(knowledge, clearance=clearance, finding=f"finding-{n:024x}")
            assert carried == []


def test_filters(knowledge: Knowledge) -> None:
    knowledge.replace_indicators(
        views(
            indicator(1, valid_until=10),
            indicator(2, valid_from=10),
            indicator(3, artifact=Artifact(ArtifactKind.DOMAIN, "evil.example", Role.ATTACKER)),
            indicator(4, label="probe", artifact=ip("2001:db8::4")),
        )
    )
    assert sorted(ids(knowledge, active_at=9)) == [1, 3, 4]
    assert sorted(ids(knowledge, active_at=10)) == [2, 3, 4]
    assert ids(knowledge, kind=ArtifactKind.DOMAIN) == [3]
    assert ids(knowledge, label="probe") == [4]
    assert ids(knowledge, artifact="203.0.113.2") == [2]
    assert sorted(ids(knowledge, artifact="203.0.113.0/24")) == [1, 2]
    assert ids(knowledge, artifact="EVIL.example") == [3]
    assert ids(knowledge, text="VIL.ex") == [3]
    assert ids(knowledge, finding=f"finding-{4:024x}") == [4]


def test_scores_are_compared_as_they_stand_now(knowledge: Knowledge) -> None:
    now = now_us()

    def term(value: float, age: int, tau: int) -> Term:
        return Term(name="x", value=value, observed=now - age * HOUR, tau=tau * HOUR)

    knowledge.replace_indicators(
        views(
            # 4 logits, half of them gone: 2, which is 88; 1 is 73; 0 is 50; -2 is 12.
            indicator(1, terms=(term(4.0, 50, 100),)),
            indicator(2, terms=(term(4.0, 75, 100),)),
            indicator(3, terms=()),
            indicator(4, terms=(term(-2.0, 0, 0),)),
        )
    )
    assert ids(knowledge) == [1, 2, 3, 4]
    assert ids(knowledge, min_score=88) == [1]
    assert ids(knowledge, min_score=73) == [1, 2]
    assert ids(knowledge, min_score=0) == [1, 2, 3, 4]


def test_scores_move_when_their_time_has_come(knowledge: Knowledge) -> None:
    now = now_us()
    falling = Term(name="x", value=4.0, observed=now, tau=100 * HOUR)
    knowledge.replace_indicators(views(indicator(1, terms=(falling,)), indicator(2)))
    assert ids(knowledge) == [1, 2]  # 98 before 88
    assert knowledge.score_again(now + 75 * HOUR) == 1  # 73 by then, the other stands
    assert ids(knowledge) == [2, 1]
    assert knowledge.score_again(now + 75 * HOUR) == 0


def test_each_clearance_sees_what_was_derived_for_it(knowledge: Knowledge) -> None:
    green, red = indicator(1, updated=5), indicator(1, label="worm", tlp=Tlp.RED, updated=5)
    low, high = Tlp.GREEN.rank, Tlp.AMBER_STRICT.rank
    knowledge.replace_indicators([View(green, low, high), View(red, Tlp.RED.rank)])
    assert knowledge.indicator(green.id, clearance=Tlp.AMBER) == green
    assert knowledge.indicator(green.id, clearance=Tlp.RED) == red
    assert ids(knowledge, clearance=Tlp.CLEAR) == []
    assert knowledge.indicators().total == 1
    # What only the highest see changes; the others are told of nothing.
    closer = indicator(1, label="bot", tlp=Tlp.RED, updated=9)
    renewed = msgspec.structs.replace(green, updated=9)
    knowledge.replace_indicators([View(renewed, low, high), View(closer, Tlp.RED.rank)])
    assert knowledge.indicator(green.id, clearance=Tlp.AMBER).updated == 5
    assert knowledge.indicator(green.id).label == "bot"
    # Derived for fewer now: who sees nothing any more sees it revoked.
    knowledge.replace_indicators([View(green, Tlp.AMBER.rank)], at=11)
    gone = knowledge.indicator(green.id, clearance=Tlp.GREEN)
    assert (gone.revoked, gone.updated) == (True, 11)
    assert not knowledge.indicator(green.id, clearance=Tlp.RED).revoked
    with pytest.raises(UsageError):
        knowledge.replace_indicators([View(green, low), View(red, Tlp.RED.rank)])


@pytest.mark.parametrize("sort", ["-score", "-updated", "-valid_from"])
def test_pages_hold_everything_once_and_in_order(knowledge: Knowledge, sort: str) -> None:
    knowledge.replace_indicators(
        views(
            *(
                indicator(
                    n,
                    terms=(Term(name="x", value=n % 5 / 3, observed=n % 3),),
                    updated=n % 4,
                    valid_from=n % 6,
                )
                for n in range(31)
            )
        )
    )
    whole = ids(knowledge, sort=sort, limit=1000)
    assert sorted(whole) == list(range(31))
    found: list[str] = []
    cursor = None
    while True:
        # Without `active_at` the scores are those of now, and now moves from page to page.
        page = knowledge.indicators(IndicatorQuery(sort=sort, limit=4, cursor=cursor))
        found += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 31


def test_a_broken_cursor_is_a_usage_error(knowledge: Knowledge) -> None:
    knowledge.replace_indicators(views(indicator(1), indicator(2)))
    cursor = knowledge.indicators(IndicatorQuery(limit=1)).next_cursor
    assert cursor is not None
    for wrong in (cursor[:-3], "x" + cursor, ""):
        with pytest.raises(UsageError):
            knowledge.indicators(IndicatorQuery(limit=1, cursor=wrong))


def test_every_indicator_comes_once_whatever_the_limit(knowledge: Knowledge) -> None:
    many = [indicator(n, artifact=ip(f"198.51.{n // 250}.{n % 250}")) for n in range(2_300)]
    knowledge.replace_indicators(views(*many))
    found = [item.id for item in knowledge.every_indicator(IndicatorQuery(limit=3))]
    assert sorted(found) == [one.id for one in many]
    assert list(knowledge.every_indicator(IndicatorQuery(clearance=Tlp.CLEAR))) == []
