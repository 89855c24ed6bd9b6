from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kaname.bus import GAP, Bus, Message, Subscription
from kaname.bus.message import MAX_BODY
from kaname.model.errors import ConflictError, LimitError, UsageError
from kaname.model.instant import now_us

OTHERS = ("indicators.changed", "health")


def publish(bus: Bus, *numbers: int, topic: str = "findings.changed") -> list[int]:
    return [bus.publish(topic, {"n": number}) for number in numbers]


def take(subscription: Subscription, count: int) -> list[Message]:
    found = []
    for _ in range(count):
        message = subscription.get(10)
        assert message is not None, f"only {len(found)} of {count} came"
        found.append(message)
    return found


def numbers(messages: list[Message]) -> list[int]:
    return [message.body["n"] for message in messages]


def nothing(subscription: Subscription) -> bool:
    return subscription.get(0.2) is None


@pytest.fixture
def live(bus: Bus) -> Iterator[Subscription]:
    with bus.subscribe("findings.*") as subscription:
        yield subscription


def test_a_message_arrives_whole_and_in_order(bus: Bus, live: Subscription) -> None:
    before = now_us()
    body = {"id": "finding-1", "文": "日本語 \x00 \U0001f980", "deep": [{"x": None, "y": 0.1}]}
    first = bus.publish("findings.changed", body)
    second = bus.publish("findings.changed", {})
    one, two = take(live, 2)
    assert one.topic == "findings.changed"
    assert one.body == body
    assert before <= one.published <= now_us()
    assert (one.cursor, two.cursor) == (first, second)
    assert first < second == bus.cursor


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("findings.changed", ["findings.changed"]),
        ("findings.*", ["findings.changed", "findings.new"]),
        ("*.changed", ["findings.changed", "indicators.changed"]),
        ("findings.>", ["findings.changed", "findings.new", "findings.changed.deep"]),
        (
            ">",
            ["findings.changed", "findings.new", "findings.changed.deep", *OTHERS],
        ),
        ("health", ["health"]),
    ],
)
def test_a_pattern_selects_topics(bus: Bus, pattern: str, wanted: list[str]) -> None:
    subscription = bus.subscribe(pattern)
    for topic in (
        "findings.changed",
        "findings.new",
        "findings.changed.deep",
        "indicators.changed",
        "health",
    ):
        bus.publish(topic, {"n": 0})
    assert [message.topic for message in take(subscription, len(wanted))] == wanted
    assert nothing(subscription)


def test_a_subscriber_begins_with_what_is_published_after(bus: Bus) -> None:
    publish(bus, 1)
    subscription = bus.subscribe("findings.*")
    publish(bus, 2)
    assert numbers(take(subscription, 1)) == [2]
    assert nothing(subscription)


def test_replay_begins_behind_the_cursor_and_goes_on_live(bus: Bus) -> None:
    cursors = publish(bus, 1, 2, 3)
    subscription = bus.subscribe("findings.*", cursor=cursors[0])
    assert numbers(take(subscription, 2)) == [2, 3]
    publish(bus, 4)
    assert numbers(take(subscription, 1)) == [4]
    assert numbers(take(bus.subscribe("findings.*", cursor=0), 4)) == [1, 2, 3, 4]


def test_each_subscriber_gets_every_message(bus: Bus) -> None:
    subscriptions = [bus.subscribe("findings.*") for _ in range(3)]
    publish(bus, *range(20))
    for subscription in subscriptions:
        assert numbers(take(subscription, 20)) == list(range(20))


def test_waiting_ends_with_the_timeout_with_a_message_and_with_closing(bus: Bus) -> None:
    subscription = bus.subscribe("findings.*")
    assert subscription.get(0) is None
    assert subscription.get(0.05) is None
    found: list[Message] = []
    reader = threading.Thread(target=lambda: found.extend(subscription))
    reader.start()
    publish(bus, 1, 2)
    while len(found) < 2:
        reader.join(0.01)
    subscription.close()
    reader.join(10)
    assert not reader.is_alive()
    assert numbers(found) == [1, 2]
    assert subscription.get(1) is None


def test_closing_the_bus_ends_its_subscribers(bus: Bus) -> None:
    subscription = bus.subscribe("findings.*")
    reader = threading.Thread(target=lambda: list(subscription))
    reader.start()
    bus.close()
    reader.join(10)
    assert not reader.is_alive()


def test_messages_of_many_threads_all_arrive_once_in_one_order(bus: Bus) -> None:
    subscriptions = [bus.subscribe("findings.*", max_pending=10_000) for _ in range(2)]

    def work(start: int) -> None:
        publish(bus, *range(start, start + 100))

    threads = [threading.Thread(target=work, args=(n * 100,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    orders = [numbers(take(subscription, 400)) for subscription in subscriptions]
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == list(range(400))
    for start in range(0, 400, 100):
        of_thread = [n for n in orders[0] if start <= n < start + 100]
        assert of_thread == sorted(of_thread)


def test_threads_that_share_a_subscription_share_its_messages(bus: Bus) -> None:
    subscription = bus.subscribe("findings.*", durable="pool")
    publish(bus, *range(200))
    found: list[Message] = []

    def work() -> None:
        while (message := subscription.get(1)) is not None:
            found.append(message)
            subscription.ack(message)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers(found)) == list(range(200))
    subscription.close()
    assert nothing(bus.subscribe("findings.*", durable="pool"))


def test_what_was_not_acknowledged_comes_again_and_only_that(bus: Bus) -> None:
    durable = bus.subscribe("findings.*", durable="analysis")
    publish(bus, 1, 2, 3, 4, 5)
    messages = take(durable, 4)
    for index in (3, 0, 2):  # out of order
        durable.ack(messages[index])
    durable.close()
    publish(bus, 6)
    again = bus.subscribe("findings.*", durable="analysis")
    assert numbers(take(again, 3)) == [2, 5, 6]
    assert nothing(again)


def test_an_acknowledged_message_never_comes_again(bus: Bus) -> None:
    with bus.subscribe("findings.*", durable="analysis") as durable:
        publish(bus, *range(10))
        for message in take(durable, 10):
            durable.ack(message)
            durable.ack(message)
    with bus.subscribe("findings.*", durable="analysis") as durable:
        assert nothing(durable)
        publish(bus, 10)
        assert numbers(take(durable, 1)) == [10]


def test_an_acknowledgement_after_closing_does_not_disturb_the_successor(bus: Bus) -> None:
    first = bus.subscribe("findings.*", durable="analysis")
    publish(bus, 1, 2)
    old = take(first, 2)
    first.close()
    second = bus.subscribe("findings.*", durable="analysis")
    new = take(second, 2)
    second.ack(new[0])
    first.ack(old[1])
    second.close()
    assert numbers(take(bus.subscribe("findings.*", durable="analysis"), 1)) == [2]


def test_a_durable_gets_what_was_published_while_it_was_away(bus: Bus) -> None:
    bus.subscribe("findings.*", durable="analysis").close()
    publish(bus, *range(300))
    publish(bus, 1, topic="health")
    with bus.subscribe("findings.*", durable="analysis", cursor=bus.cursor) as durable:
        assert numbers(take(durable, 300)) == list(range(300))
        assert nothing(durable)


def test_a_durable_is_open_once(bus: Bus) -> None:
    durable = bus.subscribe("findings.*", durable="analysis")
    with pytest.raises(ConflictError):
        bus.subscribe("findings.*", durable="analysis")
    durable.close()
    bus.subscribe("findings.*", durable="analysis").close()


def test_a_publisher_waits_for_a_durable_that_is_behind(bus: Bus) -> None:
    durable = bus.subscribe("findings.*", durable="slow", max_pending=10)
    publish(bus, *range(10))
    published = threading.Event()

    def one_more() -> None:
        publish(bus, 10)
        published.set()

    publisher = threading.Thread(target=one_more)
    publisher.start()
    assert not published.wait(0.5)
    publish(bus, 0, topic="health")  # nobody is behind on this one
    durable.ack(take(durable, 1)[0])
    assert published.wait(10)
    publisher.join()
    assert numbers(take(durable, 10)) == list(range(1, 11))


def test_a_publisher_hears_of_a_durable_that_stays_behind(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "_patience", 0.2)
    bus.subscribe("findings.*", durable="gone", max_pending=5).close()
    publish(bus, *range(5))
    head = bus.cursor
    with pytest.raises(LimitError) as raised:
        publish(bus, 5)
    assert "gone" in raised.value.render("en")
    assert bus.cursor == head
    bus.forget("gone")
    publish(bus, 5)
    assert bus.durables() == {}


def test_traffic_for_others_does_not_count_as_being_behind(bus: Bus) -> None:
    durable = bus.subscribe("findings.*", durable="analysis", max_pending=5)
    publish(bus, *range(50), topic="health")
    publish(bus, 1)
    assert numbers(take(durable, 1)) == [1]


def test_a_live_subscriber_that_is_too_slow_hears_how_much_it_missed(bus: Bus) -> None:
    subscription = bus.subscribe("findings.*", max_pending=10)
    publish(bus, 1)
    assert numbers(take(subscription, 1)) == [1]
    publish(bus, *range(2, 32))
    publish(bus, 0, topic="health")
    gap = take(subscription, 1)[0]
    assert gap.topic == GAP
    assert gap.body == {"skipped": 30, "exact": True}
    assert gap.cursor == bus.cursor
    publish(bus, 40)
    assert numbers(take(subscription, 1)) == [40]


def test_replaying_much_is_not_being_slow(bus: Bus) -> None:
    publish(bus, *range(50))
    subscription = bus.subscribe("findings.*", cursor=0, max_pending=10)
    assert numbers(take(subscription, 50)) == list(range(50))


def test_a_cursor_of_another_log_is_told_and_nothing_is_missed(bus: Bus) -> None:
    publish(bus, 1)
    subscription = bus.subscribe("findings.*", cursor=bus.cursor + 1000)
    gap, first = take(subscription, 2)
    assert gap.topic == GAP
    assert numbers([first]) == [1]


@pytest.mark.parametrize(
    "topic", ["", ".", "a.", ".a", "a..b", "a b", "a.*", ">", "a/b", "日本", GAP]
)
def test_what_is_no_topic_is_refused(bus: Bus, topic: str) -> None:
    with pytest.raises(UsageError):
        bus.publish(topic, {})


@pytest.mark.parametrize("pattern", ["", ">.a", "a*", "a.", "a b", "a.>.b"])
def test_what_is_no_pattern_is_refused(bus: Bus, pattern: str) -> None:
    with pytest.raises(UsageError):
        bus.subscribe(pattern)


def test_the_largest_message_passes_and_a_larger_one_is_refused(
    bus: Bus, live: Subscription
) -> None:
    text = "x" * (MAX_BODY - len('{"t":""}'))
    bus.publish("findings.changed", {"t": text})
    with pytest.raises(UsageError):
        bus.publish("findings.changed", {"t": text + "x"})
    assert take(live, 1)[0].body == {"t": text}
    assert nothing(live)


def test_asking_without_waiting_looks_behind_what_is_acknowledged(bus: Bus) -> None:
    durable = bus.subscribe("findings.*", durable="analysis")
    publish(bus, 1, 2)
    durable.ack(take(durable, 2)[1])
    durable.close()
    again = bus.subscribe("findings.*", durable="analysis")
    assert numbers(take(again, 1)) == [1]
    publish(bus, 3)
    message = again.get(0)
    assert message is not None
    assert message.body["n"] == 3
