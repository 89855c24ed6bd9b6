"""The documents that the API answers with, version 1.

Instants are microseconds since the epoch, UTC; the field names end in nothing special,
the unit is the same everywhere. Integers that may exceed 2^53 (addresses as words, batch
ids, bus cursors) are written as strings. Texts for people come in both languages, so
that switching the language needs no request.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

from kaname.model.marking import Tlp
from kaname.model.records import Artifact, Pap, Severity, State

__all__ = [
    "AccountIn",
    "AccountOut",
    "AnalysisOut",
    "AuditOut",
    "Change",
    "Count",
    "DayCount",
    "EvidenceOut",
    "FindingOut",
    "FindingRow",
    "ForecastOut",
    "HistogramOut",
    "IndicatorOut",
    "JobOut",
    "LabelOut",
    "ListenerOut",
    "MeOut",
    "MetaOut",
    "PageOut",
    "ParameterOut",
    "PartitionOut",
    "PathsIn",
    "PivotOut",
    "PivotRow",
    "PivotTable",
    "Problem",
    "QueryIn",
    "QueryOut",
    "ReaderOut",
    "RerunOut",
    "RunIn",
    "RunOut",
    "SensorOut",
    "SessionIn",
    "SettingOut",
    "SourceHealthOut",
    "SourceOut",
    "StatusOut",
    "SummaryOut",
    "TableForecast",
    "TableOut",
    "TermOut",
    "Text",
    "TimeBin",
    "TimeCount",
    "TimePoint",
    "TokenIn",
    "TokenOut",
]


T = TypeVar("T")


class Text(msgspec.Struct, frozen=True):
    """The same text in both languages."""

    en: str
    ja: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457 problem document (application/problem+json)."""

    type: str  # "urn:kaname:problem:<error class>"
    title: str
    status: int
    detail: str  # in the language of Accept-Language
    code: str  # the message key
    instance: str = ""


class PageOut(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list; ``next`` is the cursor of the following page, null at the end."""

    items: list[T]
    next: str | None
    total: int


class StatusOut(msgspec.Struct, frozen=True):
    """GET /status."""

    version: str
    started: int
    now: int
    generation: int  # grows with every commit to the lake
    language: str
    zone: str
    sources: int
    rows: int
    bytes: int
    findings: int
    indicators: int
    analysing: bool
    ingesting: int
    disk_free: int


class MeOut(msgspec.Struct, frozen=True):
    """GET /me."""

    name: str
    role: str
    clearance: Tlp
    language: str


class Count(msgspec.Struct, frozen=True):
    """A number with its key, and the same number one period earlier."""

    key: str
    count: int
    before: int


class Change(msgspec.Struct, frozen=True):
    """Something that is different from the period before."""

    kind: str  # new_label | surge | drop | new_port | source_late | damaged | first_data
    text: Text
    severity: Severity
    link: str  # hash route of the console that shows the rows behind it


class TimePoint(msgspec.Struct, frozen=True):
    """One bar of a time series."""

    at: int
    packets: int
    hosts: int


class FindingRow(msgspec.Struct, frozen=True):
    """A finding in a list."""

    id: str
    title: Text
    label: str
    analysis: str
    severity: Severity
    confidence: float
    first_seen: int
    last_seen: int
    created: int
    sensor: str
    tlp: Tlp
    artifacts: list[Artifact]  # the first three
    status: str  # active | withdrawn


class SummaryOut(msgspec.Struct, frozen=True):
    """GET /summary?since=&until= : what changed since the period before of equal length.

    Without ``since`` the period is the 24 h up to the newest observation, so that the
    page has answers whatever the age of the data; ``live`` says whether that is now.
    """

    since: int
    until: int
    live: bool
    changes: list[Change]
    severities: list[Count]
    labels: list[Count]
    packets: Count
    hosts: Count
    ports: list[Count]  # key "tcp/23", by distinct hosts, first ten
    series: list[TimePoint]
    findings: list[FindingRow]  # the ten that matter most
    indicators: Count
    sensors: list[SensorOut]


class EvidenceOut(msgspec.Struct, frozen=True):
    """The rows behind a finding."""

    query: str
    tables: list[str]
    rows: int
    digest: str
    columns: list[str]
    sample: list[dict[str, Any]]
    sources: list[dict[str, Any]]  # batch (string), offset (string), path


class FindingOut(msgspec.Struct, frozen=True):
    """GET /findings/{id}."""

    id: str
    analysis: str
    version: int
    params: dict[str, Any]
    values: dict[str, Any]  # the numbers in its texts, by name
    window_start: int
    window_end: int
    first_seen: int
    last_seen: int
    created: int
    sensor: str
    label: str
    severity: Severity
    confidence: float
    spoofable: bool
    title: Text
    text: Text
    reasons: list[Text]
    artifacts: list[Artifact]
    techniques: list[str]
    tlp: Tlp
    status: str
    evidence: EvidenceOut
    indicators: list[str]  # ids of indicators that it carries
    command: str  # the command line that shows the same


class RerunOut(msgspec.Struct, frozen=True):
    """POST /findings/{id}/rerun."""

    status: str  # holds | changed | gone | unavailable
    rows_then: int
    rows_now: int
    digest_then: str
    digest_now: str
    missing: int
    seconds: float
    sample: list[dict[str, Any]]
    text: Text


class TermOut(msgspec.Struct, frozen=True):
    """One addend of a score, in logits: as observed, and now."""

    name: str
    text: Text
    value: float
    now: float
    observed: int
    evidence: list[str]
    count: int
    digest: str


class IndicatorOut(msgspec.Struct, frozen=True):
    """GET /indicators, GET /indicators/{id}."""

    id: str
    artifact: Artifact
    label: str
    state: State
    model: str
    score: int
    bias: float
    threshold: float
    terms: list[TermOut]
    valid_from: int
    valid_until: int
    updated: int
    active: bool
    revoked: bool
    tlp: Tlp
    groups: list[str]
    pap: Pap
    techniques: list[str]
    findings: list[str]
    inputs: str


class TableOut(msgspec.Struct, frozen=True):
    """GET /lake/tables, /lake/tables/{name} (there with columns and partitions)."""

    name: str
    description: Text
    rows: int
    bytes: int
    files: int
    first: int | None
    last: int | None
    columns: list[dict[str, Any]]  # name, kind, nullable, en, ja
    partitions: list[PartitionOut]


class PartitionOut(msgspec.Struct, frozen=True):
    """One day of a table."""

    dt: str
    rows: int
    bytes: int
    files: int


class QueryIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /lake/query; ``id`` lets the caller cancel with DELETE /lake/queries/{id}."""

    sql: str
    limit: int = 1000
    seconds: float = 8.0
    id: str = ""


class MetaOut(msgspec.Struct, frozen=True):
    """What is known of an answer; ``sampled``: counters stand for more than was seen."""

    rows: int
    files: int
    missing_files: int
    sampled: bool
    engine_ms: float


class QueryOut(msgspec.Struct, frozen=True):
    """Rows as lists, in the order of ``columns``."""

    columns: list[str]
    kinds: list[str]
    rows: list[list[Any]]
    truncated: bool
    files: int
    missing: list[dict[str, Any]]
    seconds: float
    next: str | None = None  # cursor; only GET /lake/tables/{name}/rows pages
    meta: MetaOut | None = None  # likewise


class SourceOut(msgspec.Struct, frozen=True):
    """One ingested source: GET /lake/sources."""

    batch: str
    path: str
    size: int
    sensor: str
    tlp: Tlp
    reader: str
    ingested: int
    records: int
    rows: int
    damaged: bool
    counters: dict[str, int]
    notes: dict[str, int]
    problems: list[dict[str, Any]]
    first: int | None
    last: int | None
    seconds: float


class PivotRow(msgspec.Struct, frozen=True):
    """One row that mentions what was looked for.

    ``role`` is the column (without ``_hi`` and ``_lo``) that names it; ``place`` is the
    position in the source, ``cells`` the row with addresses as text and without nulls.
    """

    ts: int
    table: str
    role: str
    sensor: str
    tlp: Tlp
    batch: str
    place: str
    cells: dict[str, Any]


class PivotTable(msgspec.Struct, frozen=True):
    """How many rows of a table mention it in all, and from when to when."""

    table: str
    rows: int
    first_us: int | None
    last_us: int | None


class TimeCount(msgspec.Struct, frozen=True):
    """Rows of a table on one day; ``at`` is its begin."""

    at: int
    table: str
    rows: int


class PivotOut(msgspec.Struct, frozen=True):
    """GET /lake/pivot?value= : one timeline over all tables, the newest row first.

    ``kind`` is what the value was taken for: ip, net, domain, subdomains, url, email,
    hash, asn or name (of a host or user). ``truncated`` says that time ran out, and
    counts are the most they can be.
    """

    value: str
    kind: str
    since: int | None
    until: int | None
    tables: list[PivotTable]
    histogram: list[TimeCount]
    items: list[PivotRow]
    next_cursor: str | None
    truncated: bool
    missing: list[dict[str, Any]]
    seconds: float


class TimeBin(msgspec.Struct, frozen=True):
    """Rows of one step; ``at`` is its begin."""

    at: int
    rows: int


class HistogramOut(msgspec.Struct, frozen=True):
    """GET /lake/tables/{name}/histogram; steps without rows are there too."""

    since: int
    until: int
    step_us: int
    bins: list[TimeBin]


class TableForecast(msgspec.Struct, frozen=True):
    """How a table grows, and what is let go of it.

    ``full_in_days`` is when the disk is full at the pace of all tables, or null when
    retention keeps that from happening; ``next_removed`` the oldest day kept, which goes
    on ``removed_on``.
    """

    table: str
    bytes: int
    days_kept: int
    retention_days: int | None
    bytes_per_day: float
    full_in_days: float | None
    steady_bytes: int | None = None
    next_removed: str | None = None
    removed_on: str | None = None


class ForecastOut(msgspec.Struct, frozen=True):
    """GET /lake/forecast."""

    disk_free: int
    bytes_per_day: float
    tables: list[TableForecast]
    full_in_days: float | None = None


class SourceHealthOut(msgspec.Struct, frozen=True):
    """GET /lake/health/sources: one reader's deliveries for one sensor into one table.

    ``bad_share`` is the share of damaged records of its last day, ``lost`` what is known
    to be lost on the way (sequence gaps, drops) by name, ``live`` whether a listener
    delivers it.
    """

    sensor: str
    reader: str
    table: str
    last_us: int | None
    lag_s: float | None
    batches: int
    rows: int
    bad_share: float
    lost: dict[str, int]
    live: bool


class ListenerOut(msgspec.Struct, frozen=True):
    """GET /ingest/listeners: how one place that is listened at does, since it was opened.

    ``lost`` counts by name what is known to be lost, ``notes`` what else happened;
    ``waiting`` rows are not committed yet.
    """

    listener: str
    place: str
    sensor: str
    tlp: Tlp
    bytes: int
    records: int
    rows: int
    bad: int
    lost: dict[str, int]
    notes: dict[str, int]
    batches: int
    waiting: int
    last_commit: int | None
    error: str | None


class SensorOut(msgspec.Struct, frozen=True):
    """Health of one sensor."""

    sensor: str
    sources: int
    rows: int
    last_event: int | None
    last_ingest: int
    damaged_share: float
    state: str  # ok | late | damaged


class JobOut(msgspec.Struct, frozen=True):
    """An ingest job: GET /ingest/jobs, and the body of ``ingest.progress`` events."""

    id: str
    path: str
    sensor: str
    tlp: Tlp
    state: str  # queued | running | done | already | damaged | failed | cancelled
    bytes_read: int
    bytes_total: int | None
    records: int
    rows: int
    started: int | None
    ended: int | None
    error: Text | None
    batch: str | None


class ParameterOut(msgspec.Struct, frozen=True):
    """A parameter of an analysis."""

    name: str
    default: Any
    low: Any
    high: Any
    unit: str
    text: Text


class PathsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /ingest/paths: files below the watched folders, by absolute path."""

    paths: list[str]
    sensor: str | None = None
    tlp: str | None = None
    packets: bool = False


class RunIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /analyses/{name}/run: all data without ``since`` and ``until``."""

    since: int | None = None
    until: int | None = None
    params: dict[str, Any] = {}


class RunOut(msgspec.Struct, frozen=True):
    """A run of an analysis that somebody asked for: GET /analyses/runs."""

    id: str
    analysis: str
    since: int
    until: int
    state: str  # queued | running | done | failed | cancelled
    findings: int | None
    started: int | None
    ended: int | None
    error: Text | None


class AnalysisOut(msgspec.Struct, frozen=True):
    """GET /analyses. ``on_demand``: it is run when somebody asks, and not by itself."""

    name: str
    version: int
    text: Text
    tables: list[str]
    period: int
    parameters: list[ParameterOut]
    labels: list[str]
    techniques: list[str]
    references: list[str]
    limitations: list[Text]
    last_run: int | None
    pending: int
    on_demand: bool


class DayCount(msgspec.Struct, frozen=True):
    """GET /findings/daily: findings whose last event was on a day (UTC), ``at`` its begin."""

    at: int
    analysis: str
    severity: Severity
    count: int


class LabelOut(msgspec.Struct, frozen=True):
    """GET /labels: a label of findings in words, and the analysis that gives it."""

    label: str
    analysis: str
    text: Text


class ReaderOut(msgspec.Struct, frozen=True):
    """GET /readers: a format that can be brought in."""

    name: str
    text: Text
    formats: list[str]
    tables: list[str]
    references: list[str]
    limitations: list[Text]


class SettingOut(msgspec.Struct, frozen=True):
    """GET /settings: value and where it came from; secrets are not shown."""

    name: str
    value: Any
    origin: str
    text: Text


class AccountOut(msgspec.Struct, frozen=True):
    """An account."""

    name: str
    role: str
    clearance: Tlp
    disabled: bool


class AccountIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /accounts: makes an account, or changes the one of that name."""

    name: str
    role: str
    clearance: str
    language: str = "en"
    disabled: bool = False


class TokenIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /tokens; ``account`` is one's own unless an administrator asks."""

    label: str
    account: str | None = None
    expires: int | None = None


class SessionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """POST /session: a token in exchange for a cookie."""

    token: str


class TokenOut(msgspec.Struct, frozen=True):
    """A token; ``secret`` is there once, when it was just made."""

    id: str
    account: str
    label: str
    created: int
    expires: int | None
    last_used: int | None
    revoked: bool
    secret: str | None = None


class AuditOut(msgspec.Struct, frozen=True):
    """One line of the audit log."""

    at: int
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
