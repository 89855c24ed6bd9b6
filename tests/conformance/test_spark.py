"""Every analysis says the same on Spark, with executors of their own, as on DuckDB.

Nothing is left out: an analysis that is announced by an entry point is tested, and one
that finds nothing in these data fails, since equal silence shows nothing.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.unit.cryptography.inventoried import handshakes, inventories
from tests.unit.hardware.nexus.designed import designs
from tests.unit.hardware.nexus.powered import fleet
from tests.unit.telescope.kept import weeks

from kaname.analysis.evaluate import evaluate
from kaname.analysis.frame import Analysis, Window, analyses, settle
from kaname.analysis.inputs import Inputs
from kaname.analysis.selection import during
from kaname.lake import Lake
from kaname.lake.spark import Spark
from kaname.model.errors import KanameError
from kaname.model.instant import HOUR
from kaname.model.marking import Tlp
from kaname.model.records import Finding
from kaname.readers.ingest import expand, ingest
from kaname.traffic.scenario import write

pytestmark = [
    pytest.mark.server,
    pytest.mark.timeout(900),
    # py4j leaves the sockets of its callbacks to the end of the process.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TELESCOPE = Path("../shared/data/telescope")
START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
SMALL = {"flow.heavy_hitters": {"least_mbps": 0.1}}  # the office is small
SHOWN = 1  # windows of an analysis: those with most rows
# Hours whose detector says something, where the fullest one gives it nothing to say.
TELLING = {"telescope.nmf": START + 5 * HOUR, "telescope.ntd": START + 5 * HOUR}


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    if shutil.which("java") is None:
        if os.environ.get("KANAME_REQUIRE_SERVERS"):
            pytest.fail("Spark needs Java")
        pytest.skip("Spark needs Java")
    # Little data, long plans: most of the time goes into planning, and into compiling that.
    java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    conf = {
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.driver.extraJavaOptions": java,
        "spark.executor.extraJavaOptions": java,
    }
    engine = Spark("local-cluster[2,1,1024]", conf=conf)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A darknet, the day of an organisation, a telescope's weeks, hardware, cryptography."""
    root = tmp_path_factory.mktemp("conformance")
    write(root / "net", seed=1, start=START)
    with Lake.open(root / "data") as opened:
        ingest(opened, _sample(root / "ibr.pcap"), sensor="ibr_shared", tlp=Tlp.CLEAR)
        attack = TELESCOPE / "stopddos_tcp_reflection_synack.pcap.gz"
        ingest(opened, attack, sensor="stopddos", tlp=Tlp.CLEAR)
        for path in expand([str(root / "net")]):
            ingest(opened, path, sensor="office", tlp=Tlp.CLEAR)
        weeks(opened)
        designs(opened)
        fleet(opened)
        inventories(opened, root)
        handshakes(opened)
        yield opened


def _sample(path: Path) -> Path:
    """A quarter of the darknet's IPv4 sources, whole: enough for every analysis to speak."""
    raw = gzip.decompress((TELESCOPE / "ibr_shared.pcap.gz").read_bytes())
    kept, at = [raw[:24]], 24
    while at < len(raw):
        end = at + 16 + int.from_bytes(raw[at + 8 : at + 12], "little")
        frame = raw[at + 16 : end]
        if frame[12:14] != b"\x08\x00" or (frame[28] + 7 * frame[29]) % 4 == 0:
            kept.append(raw[at:end])
        at = end
    path.write_bytes(b"".join(kept))
    return path


def fullest(lake: Lake, each: Analysis, inputs: Inputs) -> list[Window]:
    """The windows with most rows, the latest first among equals."""

    def rows(window: Window) -> int:
        own = during(window.start, window.end)
        counted = (
            lake.query(f"SELECT count(*) AS n FROM {name} WHERE {own}")  # noqa: S608
            for name in each.tables
        )
        return sum(result.table["n"][0].as_py() for result in counted)

    if each.name in TELLING:
        return [window for window in inputs.windows() if window.start == TELLING[each.name]]
    return sorted(inputs.windows(), key=lambda w: (rows(w), w.start), reverse=True)[:SHOWN]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """`SMALL`, and the registry of the organisations that the darknet's capture names."""
    path = tmp_path_factory.mktemp("registry") / "organisations.json"
    nets = {"alpha": "192.0.2.0/24", "beta": "198.51.100.0/24"}
    path.write_text(
        json.dumps([{"id": key, "name_en": key, "live": [net]} for key, net in nets.items()])
    )
    return SMALL | {"telescope.organisations": {"organisations": str(path)}}


def findings(
    lake: Lake,
    each: Analysis,
    inputs: Inputs,
    window: Window,
    engine: Spark | None,
    given: dict[str, object],
) -> list[Finding]:
    params = settle(each.name, each.parameters, given)
    found = evaluate(lake, each, window, inputs.sensors(window), params, engine=engine)
    return [msgspec.structs.replace(finding, created=0) for finding in found]


@pytest.mark.parametrize("name", sorted(analyses()))
def test_findings_are_equal(
    name: str, lake: Lake, spark: Spark, small: dict[str, dict[str, object]]
) -> None:
    each = analyses()[name]
    given = small.get(name, {})
    inputs = Inputs(lake, each, settle(name, each.parameters, {}))
    said = 0
    for window in fullest(lake, each, inputs):
        here = findings(lake, each, inputs, window, None, given)
        assert findings(lake, each, inputs, window, spark, given) == here
        said += len(here)
    assert said, "these data give the analysis nothing to say"


def test_a_cluster_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pyspark.sql.SparkSession.Builder.getOrCreate", _refuse)
    with pytest.raises(KanameError, match="nowhere"):
        Spark("spark://nowhere:7077").session()


def test_integers_with_nulls_stay_integers(lake: Lake, spark: Spark) -> None:
    with lake.expression(["flowtuples"], engine=spark) as tables:
        rows = tables["flowtuples"]
        ours = rows.select(each=(rows.dst_lo == rows.dst_lo.max()).ifelse(rows.dst_lo, None))
        found = ours.distinct().to_pyarrow()["each"]
    most = lake.query("SELECT max(dst_lo) AS n FROM flowtuples").table["n"][0].as_py()
    assert sorted(found.to_pylist(), key=lambda n: n or 0) == [None, most]


def _refuse(_: object) -> None:
    raise RuntimeError("connection refused")
