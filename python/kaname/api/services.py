"""What the API stands on: the stores, and the two queues that the nexus runs.

The API never makes these; `kaname.nexus.service` does, and hands them in. The queues are
ports, so that the API knows nothing of threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kaname.api.counted import Counted
from kaname.api.inventory import Inventory
from kaname.api.metrics import Counters
from kaname.api.queries import RunningQueries
from kaname.api.sessions import Sessions
from kaname.api.shapes import JobOut, RunOut
from kaname.api.streams import Streams
from kaname.api.throttle import Throttle
from kaname.model.errors import UnavailableError
from kaname.model.marking import Tlp
from kaname.model.settings import Settings
from kaname.readers.options import Options

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.readers.live import Standing
    from kaname.sealing.nexus_keys import NexusKeys

__all__ = ["AnalysisRuns", "IngestJobs", "Injected", "LiveInput", "Services", "stop"]


class IngestJobs(Protocol):
    """The queue of sources waiting to be ingested."""

    inbox: Path

    def submit(
        self,
        path: Path,
        *,
        sensor: str,
        tlp: Tlp,
        packets: bool,
        owned: bool,
        actor: str,
        reader: str | None = None,
        options: Options | None = None,
    ) -> JobOut:
        """Queue one file; an ``owned`` file lies in the inbox and is removed afterwards."""
        ...

    def jobs(self) -> list[JobOut]:
        """Known jobs, newest first."""
        ...

    def cancel(self, job: str) -> JobOut:
        """Ask a job to stop.

        Raises:
            NotFoundError: there is none with that id.
        """
        ...


class AnalysisRuns(Protocol):
    """The queue of analyses: the continuous ones and those asked for."""

    @property
    def busy(self) -> bool:
        """Whether an analysis runs now."""
        ...

    def submit(
        self, name: str, *, since: int, until: int, params: dict[str, Any], actor: str
    ) -> RunOut:
        """Queue one run over [since, until).

        Raises:
            NotFoundError: no such analysis.
            UsageError: a parameter is unknown or out of its range.
        """
        ...

    def runs(self) -> list[RunOut]:
        """Known runs, newest first."""
        ...


class LiveInput(Protocol):
    """What listens for live input."""

    def standings(self) -> Sequence[Standing]:
        """How each place does now."""
        ...


@dataclass(slots=True)
class Services:
    """Everything a route may use: the stores, the queues, and what the API remembers."""

    settings: Settings
    lake: Lake
    knowledge: Knowledge
    bus: Bus
    jobs: IngestJobs
    runs: AnalysisRuns
    version: str
    started: int
    listening: LiveInput | None = None
    parameters: Mapping[str, Mapping[str, Any]] | None = None  # by analysis, as they run
    parts: Mapping[str, Any] = field(default_factory=dict)  # of capabilities, by their name
    sessions: Sessions = field(default_factory=Sessions)
    throttle: Throttle = field(default_factory=Throttle)
    queries: RunningQueries = field(default_factory=RunningQueries)
    streams: Streams = field(default_factory=Streams)
    counters: Counters = field(default_factory=Counters)
    inventory: Inventory = field(default_factory=Inventory)
    traffic: Counted = field(default_factory=Counted)
    _link_keys: NexusKeys | None = field(default=None, init=False)

    @property
    def link_keys(self) -> NexusKeys:
        """The keys that links are sealed with; loaded late, since no page waits for them."""
        if self._link_keys is None:
            from kaname.sealing.nexus_keys import NexusKeys

            self._link_keys = NexusKeys(self.settings.data)
        return self._link_keys

    def parameters_of(self, analysis: str) -> Mapping[str, Any]:
        """What is set for an analysis when it runs by itself."""
        given = self.settings.analyses if self.parameters is None else self.parameters
        return given.get(analysis, {})

    def part(self, capability: str) -> Any:
        """What a capability keeps running: its routes know what it is.

        Raises:
            UnavailableError: it does not run in this process.
        """
        if capability not in self.parts:
            raise UnavailableError("api.error.no_part", name=capability)
        return self.parts[capability]


# The stores are handed over as they are: nothing of them is validated or copied.
Injected = NamedDependency[SkipValidation[Services]]


def stop(services: Services) -> None:
    """End what would keep the server from stopping: open streams and running queries."""
    services.streams.close_all()
    services.queries.cancel_all()
