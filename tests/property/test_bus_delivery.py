"""A durable subscriber against a plain model: nothing lost, nothing again after its ack."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from kaname.bus import Message, open_bus
from kaname.bus.retention import Retention


class Delivery(RuleBasedStateMachine):
    """Publishes, takes, acknowledges in any order, reopens and trims, in any sequence."""

    def __init__(self) -> None:
        super().__init__()
        # Everything is beyond this retention that a durable does not hold back.
        self.bus = open_bus("memory:", retention=Retention(age=-1, size=0))
        self.durable = self.bus.subscribe("a.*", durable="one")
        self.awaited: list[int] = []  # published and not acknowledged
        self.held: list[Message] = []  # delivered since opening and not acknowledged

    @rule(count=st.integers(1, 4), topic=st.sampled_from(["a.b", "a.c", "b"]))
    def publish(self, count: int, topic: str) -> None:
        cursors = [self.bus.publish(topic, {}) for _ in range(count)]
        if topic != "b":
            self.awaited += cursors

    @rule()
    def take(self) -> None:
        held = {message.cursor for message in self.held}
        due = [cursor for cursor in self.awaited if cursor not in held]
        message = self.durable.get(0)
        assert (message.cursor if message else None) == (due[0] if due else None)
        if message:
            self.held.append(message)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        message = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        self.durable.ack(message)
        self.durable.ack(message)
        self.awaited.remove(message.cursor)

    @rule()
    def reopen(self) -> None:
        self.durable.close()
        self.durable = self.bus.subscribe("a.*", durable="one")
        self.held = []

    @rule()
    def trim(self) -> None:
        self.bus.trim()

    def teardown(self) -> None:
        self.reopen()
        rest = [message.cursor for message in iter(lambda: self.durable.get(0), None)]
        self.bus.close()
        assert rest == self.awaited


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
