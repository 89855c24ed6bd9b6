"""What each reader delivered, for each sensor and table, from what the manifest knows."""

from __future__ import annotations

from collections import Counter, defaultdict

from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.records import Delivery, Source
from kaname.lake.store import Store
from kaname.model.instant import DAY
from kaname.model.marking import Tlp

__all__ = ["deliveries"]

_LIVE = "live:"  # how the paths of live batches begin
_LOSS = ("lost", "gap", "drop", "missing", "no_template", "overrun")
_PAGE = 1000
_RECENT = 2000  # sources looked at for what is bad and lost

Key = tuple[str, str, str]  # sensor, reader, table
Shares = dict[str, tuple[int, int | None]]  # by table: rows, latest event


def deliveries(store: Store, now: int, clearance: Tlp) -> list[Delivery]:
    """See `Lake.deliveries`."""
    of_batches = _tables_of_batches(store, clearance)
    groups: dict[Key, list[tuple[Source, int, int | None]]] = defaultdict(list)
    for source in _sources(store, clearance):
        for table, (rows, last) in of_batches.get(source.batch, {}).items():
            groups[(source.sensor, source.reader, table)].append((source, rows, last))
    return [_delivery(key, held, now) for key, held in sorted(groups.items())]


def _sources(store: Store, clearance: Tlp) -> list[Source]:
    found: list[Source] = []
    after: int | None = None
    while page := store.manifest.sources(limit=_PAGE, after=after, clearance=clearance):
        found += page
        after = page[-1].batch
    return found


def _tables_of_batches(store: Store, clearance: Tlp) -> dict[int, Shares]:
    """Rows and the latest event of every batch in every table."""
    found: dict[int, Shares] = defaultdict(dict)
    for file in store.manifest.files(clearance=clearance):
        last = None if file.dt in {BEFORE, AFTER} else file.max_ts
        for batch, rows in zip(file.batches, file.shares, strict=True):
            known, newest = found[batch].get(file.table, (0, None))
            newest = last if newest is None else max(newest, last or newest)
            found[batch][file.table] = (known + rows, newest)
    return found


def _delivery(key: Key, held: list[tuple[Source, int, int | None]], now: int) -> Delivery:
    newest = max(source.ingested for source, _, _ in held)
    recent = [source for source, _, _ in held if source.ingested > newest - DAY][:_RECENT]
    # The latest event of a source is its own; a merged file may end with another's.
    lasts = [source.last_us if source.last_us is not None else last for source, _, last in held]
    last = max((at for at in lasts if at is not None), default=None)
    return Delivery(
        sensor=key[0],
        reader=key[1],
        table=key[2],
        last_us=last,
        lag_s=None if last is None else round((now - last) / 1e6, 1),
        batches=len(held),
        rows=sum(rows for _, rows, _ in held),
        bad_share=_bad_share(recent),
        lost=dict(sorted(_lost(recent).items())),
        live=any(source.path.startswith(_LIVE) for source in recent),
    )


def _bad_share(sources: list[Source]) -> float:
    """Share of records that were lost to damage."""
    records = sum(source.records for source in sources)
    bad = sum(source.bad for source in sources)
    return round(bad / records, 4) if records else 0.0


def _lost(sources: list[Source]) -> Counter[str]:
    """What is known to be lost on the way, by the name that the reader gives it."""
    lost: Counter[str] = Counter()
    for source in sources:
        for name, count in (*source.notes.items(), *source.counters.items()):
            if count and any(word in name for word in _LOSS):
                lost[name] += count
    return lost
