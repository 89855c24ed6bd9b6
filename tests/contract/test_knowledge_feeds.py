from __future__ import annotations

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.feeds import Feed, FeedRun, Feeds
from kaname.model.errors import ConflictError, NotFoundError
from kaname.model.instant import DAY, parse_us

NOON = parse_us("2025-06-02T12:00:00Z")


@pytest.fixture
def feeds(knowledge: Knowledge) -> Feeds:
    store = knowledge.part(Feeds)
    store.add_feed(Feed(id="urlhaus", kind="csv", url="http://feed.example/x.csv", due=NOON))
    return store


def test_counts_are_kept_by_day(feeds: Feeds) -> None:
    feeds.ran("urlhaus", FeedRun(at=NOON, new=3, rejected=1), cursor={"etag": "a"}, due=NOON + 1)
    feeds.ran("urlhaus", FeedRun(at=NOON + 1, new=2, duplicates=3), cursor={"etag": "b"}, due=0)
    feed = feeds.ran("urlhaus", FeedRun(at=NOON + DAY, error="gone"), cursor={}, due=0)
    days = [(one.day, one.polls, one.new, one.duplicates, one.errors) for one in feed.days]
    assert days == [("2025-06-02", 2, 5, 3, 0), ("2025-06-03", 1, 0, 0, 1)]
    assert (feed.state, feed.failures) == ("failing", 1)
    assert feeds.feed("urlhaus") == feed


def test_only_what_is_due_is_given_when_asked_for_it(feeds: Feeds) -> None:
    feeds.add_feed(Feed(id="by-hand", kind="stix"))
    assert [one.id for one in feeds.feeds()] == ["by-hand", "urlhaus"]
    assert [one.id for one in feeds.feeds(due=NOON)] == ["urlhaus"]
    assert feeds.feeds(due=NOON - 1) == []
    feeds.set_feed_state("urlhaus", "paused")
    assert feeds.feeds(due=NOON) == []


def test_an_id_is_taken_once(feeds: Feeds) -> None:
    with pytest.raises(ConflictError):
        feeds.add_feed(Feed(id="urlhaus", kind="csv"))
    feeds.remove_feed("urlhaus")
    for ask in (feeds.feed, feeds.remove_feed):
        with pytest.raises(NotFoundError):
            ask("urlhaus")
