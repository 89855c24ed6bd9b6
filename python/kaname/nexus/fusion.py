"""Fusion as it goes: findings that changed, what commands left, feeds that are due.

One thread looks every two seconds at what changed; others poll feeds, which may wait for
other machines, bring scores up to the present once a minute, and make segments of the
lake of the log once an hour. Campaigns are proposed anew when anything new was observed; what is
decided on is published each minute.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kaname.model.errors import KanameError
from kaname.model.instant import now_us

if TYPE_CHECKING:
    from kaname.intelligence.enrichers.enrichment import Enrichment
    from kaname.intelligence.records import Observation
    from kaname.intelligence.service import Intelligence
    from kaname.lake import Lake

__all__ = ["Fusion"]

_log = logging.getLogger("kaname.nexus")
_LOOK_S = 2.0
_FEEDS_S = 20.0
_SCORES_S = 60.0
_CAMPAIGNS_S = 300.0
_SEGMENTS_S = 3600.0
_SHARING_S = 60.0
_QUESTIONS_S = 600.0


class Fusion:
    """Keeps the fusion going in threads of its own."""

    def __init__(self, intelligence: Intelligence, lake: Lake) -> None:
        self.intelligence = intelligence
        self._lake = lake
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=parts, name=name, daemon=True)
            for name, *parts in (
                ("fusion", self._look, _LOOK_S),
                ("feeds", self._poll, _FEEDS_S),
                ("scores", self._score, _SCORES_S),
                ("sharing", self._share, _SHARING_S),
                ("questions", self._ask, _QUESTIONS_S),
                ("segments", self._keep, _SEGMENTS_S),
            )
        ]
        self._proposed = time.monotonic()
        self._seen = intelligence.store.counts

    def start(self) -> None:
        """Begin; from now on what is new is enriched too."""
        self.intelligence.observers.append(self._enrich)
        for thread in self._threads:
            thread.start()

    @functools.cached_property
    def enrichment(self) -> Enrichment:
        """What looks new artifacts up; its tables are read when the first one comes."""
        from kaname.intelligence.enrichers.enrichment import Enrichment
        from kaname.intelligence.enrichers.offline import offline

        knowledge = self.intelligence.knowledge
        return Enrichment(knowledge, offline(self.intelligence.data, self._lake))

    def stop(self, timeout: float = 10.0) -> None:
        """End; what is under way is finished first."""
        self._stop.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout)

    def _work(self, look: Callable[[], object], every: float) -> None:
        while not self._stop.wait(every):
            try:
                look()
            except KanameError as error:
                _log.warning("fusion failed", extra={"reason": str(error)})
            except Exception:  # noqa: BLE001 - a fault here must not end the process
                _log.exception("fusion stumbled")

    def _enrich(self, observations: Sequence[Observation]) -> None:
        self.enrichment.see(observations)

    def _look(self) -> None:
        fused = self.intelligence.fuse_findings()
        left = self.intelligence.take_inbox()
        if fused or left:
            _log.info("fused", extra={"findings": fused, "left": left})
        self._propose()

    def _propose(self) -> None:
        counts = self.intelligence.store.counts
        due = time.monotonic() - self._proposed >= _CAMPAIGNS_S
        if due and counts != self._seen:
            self._seen, self._proposed = counts, time.monotonic()
            changed = self.intelligence.propose_campaigns()
            _log.info("campaigns proposed", extra={"changed": changed})

    def _poll(self) -> None:
        self.intelligence.feeds.run_due()

    def _score(self) -> None:
        self.intelligence.library.refresh()
        self.intelligence.knowledge.score_again(now_us())

    def _share(self) -> None:
        from kaname.intelligence.sharing.schedule import share

        share(self.intelligence, now_us())

    def _keep(self) -> None:
        from kaname.intelligence.store.segments import keep_segments

        keep_segments(self.intelligence.store, self._lake)

    def _ask(self) -> None:
        from kaname.intelligence.score.uncertain import ask
        from kaname.knowledge import IndicatorQuery

        now = now_us()
        knowledge = self.intelligence.knowledge
        standing = knowledge.every_indicator(IndicatorQuery(active_at=now, sort="-updated"))
        ask(knowledge, standing, now)
