"""What fuses: one store of observations, and everything that follows from a new one.

`Intelligence.absorb` is the one way in. What it was given is durable when it returns;
watches are looked at, and the indicators of all artifacts that were mentioned are derived
anew. One process at a time may write; commands that meet a running nexus leave their
observations in its inbox.
"""

from __future__ import annotations

import contextlib
import functools
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from kaname.intelligence.inbox import Left, leave, left
from kaname.intelligence.knowing import Knowing
from kaname.intelligence.records import Observation
from kaname.intelligence.rederiving import Key, views
from kaname.model.errors import ConflictError
from kaname.model.instant import SECOND, now_us
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Finding, Indicator

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from kaname.bus import Bus
    from kaname.intelligence.connectors.runner import Runner
    from kaname.intelligence.fusion.proposing import Proposing
    from kaname.intelligence.lists import Library, Lists
    from kaname.intelligence.store import Added, FusionStore
    from kaname.intelligence.watches import Watcher
    from kaname.intelligence.watches.courier import Courier
    from kaname.knowledge import Knowledge, StoredFinding
    from kaname.writers.shield import Shield

__all__ = ["Intelligence", "deliver", "withdraw"]

_INBOX = "inbox"
_FUSED = "intelligence.findings_fused"
_MODEL = "intelligence.model"
_OVERLAP = 30 * SECOND
_PAGE = 1000
_BATCH = 5_000
_WORD = re.compile(r"[^0-9A-Za-z_-]+")


Observer = Callable[[Sequence[Observation]], object]


class Intelligence:
    """The fusion of one data folder.

    ``observers`` are called with observations that are new, after they are durable.

    Raises:
        ConflictError: another process writes (not with ``read_only``).
    """

    def __init__(
        self, data: Path, knowledge: Knowledge, bus: Bus | None = None, *, read_only: bool = False
    ) -> None:
        from kaname.intelligence.store import FusionStore

        self.data = data
        self.folder = data / "intelligence"
        self.knowledge = knowledge
        self.bus = bus
        self.observers: list[Observer] = []
        self._deriving = threading.RLock()
        self._behind = self.folder / "behind"
        self.store: FusionStore = FusionStore.open(self.folder / "store", read_only=read_only)
        if not read_only:
            self._follow_model()
            self._recover()

    def close(self) -> None:
        """Give the store back; notices that wait are still carried."""
        if "courier" in self.__dict__:
            self.courier.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @functools.cached_property
    def library(self) -> Library:
        """The lists in use."""
        from kaname.intelligence.lists import Library
        from kaname.intelligence.watches import own_listing

        return Library(self.data / "lists", functools.partial(own_listing, self.knowledge))

    @property
    def lists(self) -> Lists:
        """The lists as of their last refresh."""
        return self.library.current

    @functools.cached_property
    def feeds(self) -> Runner:
        """What polls feeds."""
        from kaname.intelligence.connectors.runner import Runner
        from kaname.knowledge.feeds import Feeds

        announce = self.bus.publish if self.bus is not None else _silent
        return Runner(
            self.knowledge.part(Feeds),
            self.absorb,
            retract=self.retract,
            announce=announce,
            knowledge=self.knowledge,
            data=self.data,
        )

    @functools.cached_property
    def knowing(self) -> Knowing:
        """What scores are derived with beside the evidence."""
        self.campaigns.renew_ties()
        return Knowing(self.data, self.store, self.knowledge, self.library, self.campaigns)

    @functools.cached_property
    def campaigns(self) -> Proposing:
        """What proposes campaigns, and knows who belongs to one."""
        from kaname.intelligence.fusion.proposing import Proposing

        return Proposing(self.store, self.knowledge, self.library)

    @functools.cached_property
    def watcher(self) -> Watcher:
        """What tells of artifacts and scores that somebody waits for."""
        from kaname.intelligence.watches import Watcher

        return Watcher(self.knowledge, self.bus, send=self.courier.send)

    @functools.cached_property
    def courier(self) -> Courier:
        """What carries notices outside; it has a thread of its own."""
        from kaname.intelligence.watches.courier import Courier

        return Courier()

    def absorb(self, observations: Sequence[Observation]) -> Added:
        """Take ``observations`` in; all of them are durable when this returns."""
        with self._catching_up():
            added = self.store.add(observations)
            if added.new:
                self.knowing.learn(observations)
                self._announce(observations)
                self.watcher.see(observations)
                for observer in self.observers:
                    observer(observations)
                self.derive_again(added.touched)
        return added

    def retract(self, ids: Sequence[str]) -> None:
        """What these observations said is taken back."""
        with self._catching_up():
            self.derive_again(self.store.retract(ids))

    def derive_again(self, keys: Iterable[Key]) -> None:
        """Derive the indicators of ``keys``, and tell the bus what changed."""
        ordered = sorted(set(keys))
        for start in range(0, len(ordered), _BATCH):
            # Between reading the evidence and writing what it gives nobody else may write:
            # the older of two derivations would stay.
            with self._deriving:
                self._derive(ordered[start : start + _BATCH])

    def _derive(self, part: Sequence[Key]) -> None:
        made = list(views(self.store, part, self.knowing.of(part), now_us()))
        about = [Artifact(kind, value) for kind, value in part]
        change = self.knowledge.replace_indicators(made, artifacts=about)
        self.watcher.judge([view.indicator for view in made])
        if change and self.bus is not None:
            self.bus.publish("indicators.changed", change.summary())

    @contextlib.contextmanager
    def _catching_up(self) -> Iterator[None]:
        """Mark that observations may be durable whose indicators are not derived yet."""
        with self._deriving:
            self._recover()  # of one that failed in this process
            self._behind.touch()
            yield
            self._behind.unlink(missing_ok=True)

    def _recover(self) -> None:
        """Derive everything anew if something ended between evidence and indicators."""
        if self._behind.exists():
            self.derive_again(self.store.name(number) for number in range(self.store.counts[0]))
            self._behind.unlink()

    def fuse_findings(self) -> int:
        """Take in what analyses found, changed or withdrew since the last time; how many."""
        before = self.knowledge.get_state(_FUSED) or 0
        count, newest = 0, before
        # A transaction may end after another that began later: look back a little.
        for part in _in_parts(self._changed_findings(before - _OVERLAP)):
            count += self._fuse(part)
            newest = max(newest, *(finding.changed for finding in part))
        if newest != before:
            self.knowledge.set_state(_FUSED, newest)
        return count

    def _changed_findings(self, since: int) -> Iterator[StoredFinding]:
        from kaname.knowledge import FindingQuery

        cursor: str | None = None
        while True:
            query = FindingQuery(changed_since=since, status="all", limit=_PAGE, cursor=cursor)
            page = self.knowledge.findings(query)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _fuse(self, findings: Sequence[StoredFinding]) -> int:
        from kaname.intelligence.connectors.findings import observation_id, observations_of
        from kaname.knowledge import FindingStatus

        standing = [one for one in findings if one.status is FindingStatus.ACTIVE]
        keep = {one.id: observation_id(one) for one in standing}
        gone = [old for one in findings for old in self._said_before(one, keep.get(one.id))]
        if gone:
            self.retract(gone)
        said = [observation for one in standing for observation in observations_of(one)]
        return len(gone) + self.absorb(said).new

    def _said_before(self, finding: Finding, now: str | None) -> Iterator[str]:
        """Observations that say what the finding said earlier."""
        if not finding.artifacts:
            return
        from kaname.model.artifact import canonical

        first = finding.artifacts[0]
        value = canonical(first.kind, first.value)
        if value is None:
            return
        for item in self.store.items(first.kind, value):
            if item.finding == finding.id and item.id != now:
                yield item.id

    def propose_campaigns(self) -> int:
        """Propose campaigns from all links; how many are new or changed."""
        changed = self.campaigns.run()
        members = ((m.kind, m.value) for campaign in changed for m in campaign.members)
        self.derive_again((ArtifactKind(kind), value) for kind, value in members)
        return len(changed)

    def campaigns_decided(self) -> None:
        """An analyst decided on a campaign: derive again what is tied to it."""
        changed = self.campaigns.renew_ties()
        self.derive_again((node.kind, node.value) for node in changed)

    def explanation(
        self,
        indicator: Indicator,
        at: int,
        *,
        clearance: Tlp,
        groups: frozenset[str] = frozenset(),
    ) -> dict[str, Any] | None:
        """What goes with an exported indicator, so that its score can be recomputed."""
        from kaname.intelligence.telling import tell

        found = tell(self, indicator.artifact, clearance, indicator.updated, groups or None)
        if found is None or found.indicator.model != indicator.model:
            return None  # it waits to be derived with the weights of now
        return found.evidence(at, self.signing_key)

    def shield(self) -> Shield:
        """What keeps the addresses of the telescope from those that something is handed to."""
        from kaname.writers.shielding import shield_of

        return shield_of(self.data, self.knowledge)

    @functools.cached_property
    def signing_key(self) -> Ed25519PrivateKey:
        """What explanations are signed with."""
        from kaname.intelligence.score.signing import key_of

        return key_of(self.data)

    def _announce(self, observations: Sequence[Observation]) -> None:
        if self.bus is None:
            return
        counts = Counter((one.source, one.kind, one.tlp) for one in observations)
        for (source, kind, tlp), count in sorted(counts.items()):
            topic = f"obs.{_WORD.sub('_', source)}.{_WORD.sub('_', kind)}"
            self.bus.publish(topic, {"count": count, "source": source, "tlp": tlp.value})

    def _follow_model(self) -> None:
        """Have everything derived anew if the weights are others than they were.

        An indicator of one model with evidence of another could not be verified.
        """
        from kaname.intelligence.score.weights import in_use

        sha256 = in_use(self.data).sha256
        if self.knowledge.get_state(_MODEL) == sha256:
            return
        if self.store.counts[0]:
            self._behind.touch()
        self.knowledge.set_state(_MODEL, sha256)

    def take_inbox(self) -> int:
        """Take in what commands left while this process held the store; how many."""
        count = 0
        for path, one in left(self.folder / _INBOX):
            if one.retracted:
                self.retract(one.retracted)
            if one.observations:
                self.absorb(one.observations)
            path.unlink()
            count += len(one.observations) + len(one.retracted)
        return count


def deliver(
    data: Path, knowledge: Knowledge, observations: Sequence[Observation], bus: Bus | None = None
) -> Added | None:
    """Take ``observations`` in here, or leave them to the nexus that runs (None)."""
    try:
        with Intelligence(data, knowledge, bus) as fusion:
            return fusion.absorb(observations)
    except ConflictError:
        leave(data / "intelligence" / _INBOX, Left(observations=list(observations)))
        return None


def withdraw(data: Path, knowledge: Knowledge, ids: Sequence[str]) -> bool:
    """Take back what these observations said; whether here, not left to the nexus."""
    try:
        with Intelligence(data, knowledge) as fusion:
            fusion.retract(ids)
    except ConflictError:
        leave(data / "intelligence" / _INBOX, Left(retracted=list(ids)))
        return False
    return True


def _silent(_topic: str, _body: dict[str, Any]) -> None:
    """Nobody listens."""


def _in_parts(findings: Iterator[StoredFinding]) -> Iterator[list[StoredFinding]]:
    part: list[StoredFinding] = []
    for finding in findings:
        part.append(finding)
        if len(part) == _PAGE:
            yield part
            part = []
    if part:
        yield part
