"""How good alerts to organisations are: kinds held against a labelled set, and how soon.

Every source of the truth is taken for a host of an organisation (each /24 is one), and the
kinds that it is told of are held against those that its labels mean. Then the rows of the
first hosts are committed minute by minute, as they come in live, and the time is taken
from the first packet of a host to its alert: until the rows of its minute are committed
(the end of the minute, and what live input waits), and until the alert is kept.
"""

from __future__ import annotations

import hashlib
import ipaddress
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.analysis.evaluation import Evaluation, Measure, Scores
from kaname.knowledge import Knowledge
from kaname.knowledge.organisation_records import Organisation
from kaname.knowledge.organisations import Organisations
from kaname.lake import Lake
from kaname.lake.tables import table as table_of
from kaname.model.instant import MINUTE, SECOND
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport
from kaname.telescope.evaluation.captures import pictured
from kaname.telescope.evaluation.scores import macro_f1, score
from kaname.telescope.evaluation.truths import LabelledSet, read
from kaname.telescope.organisations.definition import define
from kaname.telescope.organisations.observing import nearby, observe, registered, size
from kaname.telescope.organisations.registry import Registry
from kaname.telescope.organisations.verdicts import verdicts
from kaname.telescope.organisations.watching import OrganisationWatch

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

__all__ = ["evaluate", "kinds_of"]

_SEED = 424_242
_MINUTES = 12  # of rows that are committed one by one
_HOSTS = 200  # that are waited for
_WAITS_S = 2 + 10  # that live input waits for late packets, and between two commits, at most
_ANSWERS = {
    "backscatter_tcp": "victim",
    "backscatter_udp": "victim",
    "backscatter_icmp": "victim",
    "tcp_reflection": "reflector",
    "udp_reflection": "reflector",
    "misconfig": "misconfig",
    "p2p_misconf": "misconfig",
    "spoofed_flood": "spoofed",
}


def kinds_of(labels: Iterable[str]) -> set[str]:
    """The kinds of alerts that labels of a source mean; whoever asks is external."""
    return {_ANSWERS.get(label, "external") for label in labels}


def evaluate(paths: Sequence[Path], params: Mapping[str, Any]) -> Evaluation:
    """Kinds and delays on labelled sets (a file of truth each), or on a simulated day."""
    del params
    if paths:
        return _evaluated([read(path) for path in paths])
    from kaname.telescope.simulator import simulate

    with tempfile.TemporaryDirectory(prefix="kaname-evaluate-") as folder:
        made = simulate(Path(folder) / "day.pcap", _SEED)
        return _evaluated([read(Path(made.truth_path), Path(made.path))])


def _evaluated(sets: Sequence[LabelledSet]) -> Evaluation:
    measures: dict[str, Measure] = {}
    tables: list[Scores] = []
    for one in sets:
        with pictured(one.capture) as picture:
            kinds, delays, slowest = _measured(picture.flowtuples, one)
        tables.append(kinds)
        measures[f"{one.name}: macro-F1 of kinds"] = _macro(kinds)
        delay = delays[len(delays) // 2] if delays else 0.0
        measures[f"{one.name}: median delay, event time (s)"] = round(delay, 1)
        measures[f"{one.name}: longest delay, event time (s)"] = round(max(delays, default=0.0), 1)
        measures[f"{one.name}: longest processing (s)"] = round(slowest, 3)
    notes = (
        "Every /24 that a source of the truth lies in is an organisation.",
        f"Rows are taken to be committed {_WAITS_S} s after the end of their minute, as live.",
    )
    return Evaluation(
        analysis="telescope.organisations", measures=measures, tables=tuple(tables), notes=notes
    )


def _macro(kinds: Scores) -> float:
    values = [float(row[-1]) for row in kinds.rows]
    return round(sum(values) / max(1, len(values)), 4)


def _measured(rows: ir.Table, one: LabelledSet) -> tuple[Scores, list[float], float]:
    organisations = _organisations(one)
    said = _said(rows, organisations)
    truth = {source: kinds_of(labels) for source, labels in one.labels.items()}
    found = score(truth, said)
    table = Scores(
        title=f"{one.name} (macro-F1 {macro_f1(found):.4f})",
        header=("kind", "right", "invented", "missed", "F1"),
        rows=tuple((s.label, s.right, s.invented, s.missed, round(s.f1, 4)) for s in found),
    )
    delays, slowest = _streamed(rows, organisations)
    return table, delays, slowest


def _organisations(one: LabelledSet) -> list[Organisation]:
    nets = {str(ipaddress.ip_network(f"{source}/24", strict=False)) for source in one.labels}
    return [define({"id": f"net-{n}", "live": net}) for n, net in enumerate(sorted(nets))]


def _said(rows: ir.Table, organisations: list[Organisation]) -> dict[str, set[str]]:
    said: dict[str, set[str]] = defaultdict(set)
    for period in Registry(organisations).periods(0, 2**62):
        hosts = registered(rows, period)
        with nearby(rows, hosts) as near:
            found = verdicts(rows, observe(near, period, hosts), size(rows))
        for verdict in found:
            said[str(verdict.host)].add(verdict.kind.value)
    return dict(said)


def _streamed(rows: ir.Table, organisations: list[Organisation]) -> tuple[list[float], float]:
    """Delays of the first alerts by event time, and the longest look; seconds."""
    columns = [column.name for column in table_of("flowtuples").all_columns if column.name != "dt"]
    first = rows.ts.min()
    ordered = rows.filter(rows.ts < first + _minutes(_MINUTES)).order_by("ts")
    table = ordered.select(*(name for name in columns if name in rows.columns)).to_pyarrow()
    with tempfile.TemporaryDirectory(prefix="kaname-evaluate-") as folder:
        path = Path(folder)
        knowledge = Knowledge.open(f"sqlite:///{path}/knowledge.sqlite")
        with Lake.open(path) as lake, knowledge:
            knowledge.part(Organisations).put(organisations)
            watch = OrganisationWatch(lake, knowledge, path, addresses=size(rows), fresh=2**62)
            watch.look(1)
            return _committed(watch, lake, table)


def _minutes(count: int) -> Any:
    import ibis

    return ibis.interval(minutes=count)


def _committed(watch: OrganisationWatch, lake: Lake, table: pa.Table) -> tuple[list[float], float]:
    import pyarrow.compute as pc

    delays: list[float] = []
    slowest = 0.0
    minutes = sorted(set(pc.cast(table["ts"], "int64").to_pylist()))
    for minute in minutes:
        own = table.filter(pc.equal(pc.cast(table["ts"], "int64"), minute))
        _commit(lake, own, minute)
        begun = time.perf_counter()
        changed = watch.look(minute + MINUTE)
        took = time.perf_counter() - begun
        fresh = [alert for alert in changed if alert.noticed == minute + MINUTE]
        if fresh:
            slowest = max(slowest, took)
        due = minute + MINUTE + _WAITS_S * SECOND
        delays += [(due - alert.opened) / SECOND + took for alert in fresh]
    return sorted(delays)[: _HOSTS * _MINUTES], slowest


def _commit(lake: Lake, rows: pa.Table, minute: int) -> None:
    """Commit the rows of a minute as one source, as live input does."""
    schema = table_of("flowtuples").arrow_schema()
    report = ReadReport(records=len(rows), rows=len(rows), counters={"ok": len(rows)})
    report.first_us, report.last_us = minute, minute + MINUTE - 1
    with lake.writer(
        identity=hashlib.sha256(str(minute).encode()).hexdigest(),
        path=f"live:{minute}",
        size=1,
        sensor="darknet",
        tlp=Tlp.GREEN,
        reader="pcap",
        reader_version=1,
    ) as writer:
        for batch in rows.select(
            [f.name for f in schema if f.name in rows.column_names]
        ).to_batches():
            writer.write("flowtuples", batch)
        writer.commit(report)
