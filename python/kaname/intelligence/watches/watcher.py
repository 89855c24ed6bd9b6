"""The watcher: from new observations to hits that are kept, and notices that are sent.

It runs inside the write, on what is already durable: the notice is on the bus before the
writer has its answer. Sending to webhooks and mail goes on behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from kaname.intelligence.records import Observation
from kaname.intelligence.watches.compiled import CompiledWatches, Met
from kaname.intelligence.watches.definition import key_of
from kaname.knowledge.watch_records import Purpose, Watch, WatchHit, hit_id
from kaname.knowledge.watches import Watches
from kaname.model.instant import now_us
from kaname.model.marking import Tlp, join
from kaname.model.messages import text
from kaname.model.records import Indicator

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.knowledge import Knowledge

__all__ = ["TOPIC", "Watcher"]

TOPIC = "watch.hit"
_CASE = "intelligence.watches.case."
_WATCHER = "watcher"

Send = Callable[[Watch, WatchHit], object]


def _nowhere(_watch: Watch, _hit: WatchHit) -> None:
    return None


class Watcher:
    """Looks at everything that is new.

    ``send`` gets each new hit of a watch that has a delivery, see `courier.Courier`.
    """

    def __init__(
        self, knowledge: Knowledge, bus: Bus | None = None, *, send: Send = _nowhere
    ) -> None:
        self._knowledge = knowledge
        self._watches = knowledge.part(Watches)
        self._bus = bus
        self._send = send
        self._compiled = CompiledWatches((), -1)

    def _current(self) -> CompiledWatches:
        """The watches as they are now; swapped whole when one was added or removed."""
        version = self._watches.watches_version()
        if version != self._compiled.version:
            active = self._watches.watches((Purpose.WATCH, Purpose.OWN))
            self._compiled = CompiledWatches(active, version)
        return self._compiled

    def see(self, observations: Sequence[Observation]) -> list[WatchHit]:
        """Tell of what these observations meet; the hits that are new today."""
        now = now_us()
        met = [(one.watch, _hit(one, now)) for one in self._current().meet(observations)]
        return self._tell(met)

    def judge(self, indicators: Sequence[Indicator]) -> list[WatchHit]:
        """Tell of indicators that reach a watched score or name a watched technique."""
        now = now_us()
        return self._tell(list(self._judged(indicators, now)))

    def _judged(
        self, indicators: Sequence[Indicator], now: int
    ) -> Iterator[tuple[Watch, WatchHit]]:
        compiled = self._current()
        for indicator in indicators:
            artifact = indicator.artifact
            subject = key_of(artifact.kind, artifact.value)
            for watch, entry in compiled.judge(indicator, indicator.score(now)):
                yield (
                    watch,
                    WatchHit(
                        id=hit_id(watch.id, subject, now),
                        watch=watch.id,
                        at=indicator.updated,
                        noticed=now,
                        subject=subject,
                        entry=entry,
                        observation=indicator.id,
                        tlp=join((watch.tlp, indicator.tlp)),
                        purpose=watch.purpose,
                        groups=indicator.groups,
                    ),
                )

    def _tell(self, met: list[tuple[Watch, WatchHit]]) -> list[WatchHit]:
        of = {hit.id: watch for watch, hit in met}
        new = self._watches.record([hit for _, hit in met])
        for hit in new:
            watch = of[hit.id]
            if self._bus is not None:
                self._bus.publish(TOPIC, _notice(watch, hit))
            if watch.delivery.webhook or watch.delivery.mail:
                self._send(watch, hit)
            if watch.purpose is Purpose.OWN:
                self._open_case(watch, hit)
        return new

    def _open_case(self, watch: Watch, hit: WatchHit) -> None:
        """Put the hit into the open case of that asset, or open one."""
        from kaname.knowledge.cases import Cases

        cases = self._knowledge.part(Cases)
        key = self._knowledge.get_state(_CASE + watch.id)
        tlp = join((hit.tlp, Tlp.AMBER_STRICT))
        if key is None or cases.case(key).state == "closed":
            title = text("intelligence.watch.case", "en", value=watch.value[:100])
            key = cases.open_case(title, by=_WATCHER, tlp=tlp).id
            self._knowledge.set_state(_CASE + watch.id, key)
        kind, _, value = hit.subject.partition(":")
        cases.add_item(key, kind, value, note=hit.observation, by=_WATCHER, tlp=tlp)


def _hit(met: Met, now: int) -> WatchHit:
    watch, observation = met.watch, met.observation
    return WatchHit(
        id=hit_id(watch.id, met.subject, observation.at),
        watch=watch.id,
        at=observation.at,
        noticed=now,
        subject=met.subject,
        entry=met.entry[:200],
        observation=observation.id,
        tlp=join((watch.tlp, observation.tlp)),
        purpose=watch.purpose,
        groups=observation.groups,
    )


def _notice(watch: Watch, hit: WatchHit) -> dict[str, object]:
    """The message on the bus; whoever passes it on looks at ``tlp`` first."""
    found: dict[str, object] = msgspec.to_builtins(hit)
    return found | {"kind": watch.kind.value, "value": watch.value[:200], "owner": watch.owner}
