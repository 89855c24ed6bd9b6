"""What the routes of hardware answer: designs with their verdicts, devices with their traces.

All instants are microseconds, UTC. Probabilities are calibrated, 0 to 1; percentiles are 0
to 100. Powers are mW, energies µJ, durations µs. Texts that people read are given in both
languages, ``{"en": ..., "ja": ...}``. The console has the same shapes in
``ui/src/api/hardware.ts``.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = [
    "Circuit",
    "Density",
    "DesignDetail",
    "DesignOut",
    "DesignPage",
    "DesignProblem",
    "DeviceDetail",
    "DeviceOut",
    "DevicePage",
    "Envelope",
    "FindingOut",
    "Measure",
    "ModelOut",
    "ModelPage",
    "NetDetail",
    "NetOut",
    "NetPage",
    "Node",
    "PeerOut",
    "Reason",
    "Region",
    "SegmentOut",
    "Spot",
]

Both = dict[str, str]
Verdict = Literal["suspicious", "clean"]
Mode = Literal["sleep", "active"]


class FindingOut(msgspec.Struct, frozen=True):
    """A finding that is about the design or the device."""

    id: str
    analysis: str
    label: str
    severity: str
    confidence: float
    last_seen: int
    title: Both


# --- designs ---


class Node(msgspec.Struct, frozen=True):
    """A cell of a drawn sub-circuit.

    ``id`` is its place in the design (the number of the instance), -1 downwards for ports;
    ``name`` the net it drives; ``depth`` the signed distance in cells from the middle:
    negative towards the inputs, positive towards the outputs. ``flagged``: its probability
    is at or above the threshold. ``more`` cells beside it were left out of the drawing.
    ``inverting``: a NAND rather than an AND, an inverter rather than a buffer.
    """

    id: int
    name: str
    cell: str
    family: str
    probability: float
    depth: int
    flagged: bool = False
    more: int = 0
    inverting: bool = False


class Circuit(msgspec.Struct, frozen=True):
    """A sub-circuit to draw; an edge is (driver, load), by ``Node.id``."""

    nodes: list[Node]
    edges: list[tuple[int, int]]


class Region(msgspec.Struct, frozen=True):
    """Suspicious cells that hang together: ``number`` counts from 1, the surest first.

    ``probability`` is that it is a Trojan; ``mean`` and ``peak`` are of its cells. ``role``
    is what it looks like (trigger, counter, payload, oscillator, other). ``nets`` are the
    first few of its nets, the surest first.
    """

    number: int
    cells: int
    probability: float
    mean: float
    peak: float
    role: str
    families: dict[str, int]
    nets: list[str]
    circuit: Circuit


class DesignProblem(msgspec.Struct, frozen=True):
    """Something in the netlist that could not be read; line and column count from 1."""

    line: int
    column: int
    message: str


class DesignOut(msgspec.Struct, frozen=True, kw_only=True):
    """A design in a list. ``probability`` is that there is a Trojan in it."""

    digest: str
    name: str
    format: str
    ts: int
    sensor: str
    tlp: str
    batch: int
    path: str
    cells: int
    nets: int
    verdict: Verdict
    probability: float
    threshold: float
    flagged: int
    regions: int
    top: float
    problems: int
    model: str
    model_digest: str


class DesignPage(msgspec.Struct, frozen=True):
    """Designs, the latest first; ``next`` is the ``cursor`` of the page after."""

    items: list[DesignOut]
    total: int
    next: str | None = None


class Spot(msgspec.Struct, frozen=True):
    """A cell of a suspicious region on the overview; ``x`` and ``y`` run from 0 to 1."""

    place: int
    x: float
    y: float
    region: int
    probability: float


class Density(msgspec.Struct, frozen=True):
    """The whole design as an overview: how many cells lie in each field of a grid.

    From left to right the logic level, inputs first; from top to bottom cells that hang
    together lie close. ``counts`` goes row after row.
    """

    columns: int
    rows: int
    levels: int
    counts: list[int]
    spots: list[Spot]


class DesignDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One design: its suspicious regions with their pictures, and what could not be read.

    ``histogram`` counts cells by probability, in ten equal bins from 0 to 1. ``map`` is the
    picture of all regions together with how they are joined (at most a few hundred cells).
    """

    design: DesignOut
    regions: list[Region]
    map: Circuit
    histogram: list[int]
    families: dict[str, int]
    problems: list[DesignProblem]
    findings: list[FindingOut]
    density: Density | None = None


class NetOut(msgspec.Struct, frozen=True, kw_only=True):
    """A ranked net. ``place`` is its driver's number in the design and names it in paths.

    ``region`` is the number of its region; 0 where it is in none.
    """

    place: int
    rank: int
    net: str
    instance: str
    cell: str
    family: str
    probability: float
    flagged: bool
    region: int
    role: str
    why: list[Both]


class NetPage(msgspec.Struct, frozen=True):
    """Nets, the most suspicious first. ``total`` counts those that were kept."""

    items: list[NetOut]
    total: int
    next: str | None = None


class Reason(msgspec.Struct, frozen=True):
    """A feature that speaks for (positive ``weight``) or against it.

    ``inside`` is the percentile of the value within its own design, ``clean`` that among
    cells of designs without Trojans.
    """

    feature: str
    value: float
    inside: float | None
    clean: float | None
    weight: float
    text: Both


class NetDetail(msgspec.Struct, frozen=True):
    """Why a net is suspicious, and the sub-circuit around it."""

    design: DesignOut
    net: NetOut
    reasons: list[Reason]
    circuit: Circuit


# --- models ---


class ModelOut(msgspec.Struct, frozen=True, kw_only=True):
    """A model: ``thresholds`` by goal, ``scores`` as its card states them."""

    name: str
    kind: Literal["netlist", "power"]
    version: str
    digest: str
    shipped: bool
    threshold: float | None
    thresholds: dict[str, float]
    scores: dict[str, Any]
    card: dict[str, Any]


class ModelPage(msgspec.Struct, frozen=True):
    """All models that this nexus knows."""

    items: list[ModelOut]
    total: int


# --- devices ---


class Measure(msgspec.Struct, frozen=True):
    """A number of a device beside those of its peers.

    ``name`` is one of bursts_per_hour, duration_us, energy_uj, active_share, sleep_mw,
    peak_mw. ``percentile`` among the peers is 0 to 100, ``distance`` how many (robust)
    standard deviations it is away from their median; both None without enough peers.
    """

    name: str
    value: float | None
    median: float | None
    percentile: float | None
    distance: float | None
    odd: bool


class DeviceOut(msgspec.Struct, frozen=True, kw_only=True):
    """A device in a list, over the time that was asked for.

    ``kinds`` counts anomalies by what fired; ``course`` counts them along the time that was
    asked for, in 24 equal steps.
    """

    device: str
    group: str
    sensor: str
    tlp: str
    first: int
    last: int
    seconds: float
    segments: int
    active: int
    anomalies: int
    worst: float | None
    odd: int
    profile: str
    measures: list[Measure]
    kinds: dict[str, int] = {}
    course: list[int] = []


class DevicePage(msgspec.Struct, frozen=True):
    """Devices: those with anomalies first. ``groups`` are all groups there are."""

    items: list[DeviceOut]
    total: int
    groups: list[str]


class Envelope(msgspec.Struct, frozen=True):
    """The course of the power: of each ``step_us`` the lowest, mean and highest mW.

    Steps begin at ``start``; None where nothing was measured.
    """

    start: int
    step_us: int
    low: list[float | None]
    mean: list[float | None]
    high: list[float | None]


class SegmentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A time of sleep, or a burst. Scores are percentiles of normal behaviour, 0 to 100.

    ``shape`` is the burst's course in equal steps, 0 (base) to 1 (peak). ``scores`` has energy,
    duration, shape, rate. ``fired`` names what made it an anomaly: energy, duration, shape,
    waveform (its height), interval, sequence (rhythm of an application), novel (of no known
    application), sleep, stir (sleep that draws more), rate, missing (bursts in a while).
    """

    place: str
    start: int
    duration_us: int
    energy_uj: float
    mean_mw: float
    peak_mw: float
    base_mw: float
    mode: Mode
    application: str
    shape: list[float]
    scores: dict[str, float]
    score: float | None
    anomaly: bool
    fired: list[str]


class PeerOut(msgspec.Struct, frozen=True):
    """A device of the same group, with the same measures."""

    device: str
    values: dict[str, float | None]


class DeviceDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One device. ``segments`` are bursts (and anomalies of sleep), at most some thousands.

    ``cut``: there were more, the latest are given.
    """

    device: DeviceOut
    since: int
    until: int
    envelope: Envelope
    segments: list[SegmentOut]
    anomalies: list[SegmentOut]
    peers: list[PeerOut]
    findings: list[FindingOut]
    cut: bool = False
