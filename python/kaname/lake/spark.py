"""The lake on Apache Spark: the same Ibis tables, over the files of the manifest.

The manifest stays where it is; executors read the files it names, by the same paths on a
shared file system or below ``root`` on object storage. Findings and evidence are the
driver's work as always, so that only the reductions of an analysis run on the cluster.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaname.lake.tables import Kind, Table, tables
from kaname.model.errors import SettingError, StoreError, UnavailableError

if TYPE_CHECKING:
    import ibis
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType, StructType

    from kaname.lake.querying import Granted

__all__ = ["LOCAL", "Spark"]

LOCAL = "local[*]"
_number = itertools.count()

# Without these the engines disagree, or a laptop's name that does not resolve stops Spark.
_CONF = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.shuffle.partitions": str(4 * len(os.sched_getaffinity(0))),
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.files.ignoreMissingFiles": "false",
    # The vectorised reader of Spark 4.0 does not know BYTE_STREAM_SPLIT; parquet-java does.
    "spark.sql.parquet.enableVectorizedReader": "false",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


class Spark:
    """A connection to a cluster, made when it is first needed; `close` ends it.

    ``master`` is a master URL of Spark; ``root`` says where executors find the folder of
    the lake, where it is not the path it has here (``s3a://bucket/lake``); ``conf`` are
    further settings of Spark.
    """

    def __init__(
        self, master: str = LOCAL, *, root: str = "", conf: Mapping[str, str] | None = None
    ) -> None:
        self._master = master
        self._root = root.rstrip("/")
        self._conf = {**_CONF, **(conf or {})}
        self._session: SparkSession | None = None

    @classmethod
    def configured(cls, settings: Mapping[str, Any]) -> Spark:
        """As the setting ``spark`` says: ``master``, ``root`` and ``conf``, all optional.

        Raises:
            SettingError: another name stands there, or ``conf`` is no table.
        """
        given = dict(settings)
        master, root = str(given.pop("master", LOCAL)), str(given.pop("root", ""))
        conf = given.pop("conf", {})
        if given or not isinstance(conf, Mapping):
            raise SettingError("lake.error.spark_setting", name=", ".join(given) or "conf")
        return cls(master, root=root, conf={str(k): str(v) for k, v in conf.items()})

    def session(self) -> SparkSession:
        """The session of this process.

        Raises:
            UnavailableError: Spark is not installed, or the cluster does not answer.
        """
        if self._session is None:
            self._session = self._start()
        return self._session

    def close(self) -> None:
        """End the session, and with it what it holds on the cluster."""
        if self._session is not None:
            self._session.stop()
            self._session = None

    @contextlib.contextmanager
    def open(
        self, granted: Granted, *, since: int | None, until: int | None, folder: Path
    ) -> Iterator[Mapping[str, ibis.Table]]:
        """Ibis tables over ``granted`` files of the lake in ``folder``, as Spark reads them.

        Raises:
            StoreError: Spark cannot carry out what was asked.
        """
        session = self.session()
        backend = _backend(session)
        names: dict[str, str] = {}
        try:
            for name, files in granted.items():
                paths = [self._place(file.path, folder) for file in files]
                base = self._place(str(folder / name), folder)
                frame = _between(_frame(session, tables()[name], paths, base), since, until)
                names[name] = f"{name}_{next(_number)}"
                frame.createOrReplaceTempView(names[name])
            with _told():
                yield {name: backend.table(view) for name, view in names.items()}
        finally:
            for view in names.values():
                session.catalog.dropTempView(view)

    def _place(self, path: str, folder: Path) -> str:
        if not self._root:
            return f"file://{path}"
        return f"{self._root}/{Path(path).relative_to(folder)}"

    def _start(self) -> SparkSession:
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise UnavailableError("lake.error.spark_missing") from None
        os.environ.setdefault("SPARK_LOCAL_HOSTNAME", "localhost")
        logging.getLogger("py4j").setLevel(logging.WARNING)
        builder = SparkSession.builder.appName("kaname").master(self._master)
        for key, value in self._conf.items():
            builder = builder.config(key, value)
        try:
            return builder.getOrCreate()
        except Exception as error:  # py4j tells faults of the JVM in many ways
            reason = str(error).strip().splitlines()[:1] or [type(error).__name__]
            raise UnavailableError(
                "lake.error.spark_start", master=self._master, reason=reason[0]
            ) from error


@functools.cache
def _arrow_backend() -> type[Any]:
    """Ibis's back end for Spark, whose results come as Arrow data.

    Its own way leads through pandas, which turns a column of 64-bit integers with nulls
    into floats: half of an IPv6 address would be lost without a word.
    """
    import ibis

    _ = ibis.pyspark  # naming it registers the options that its compiler asks for
    from ibis.backends.pyspark import Backend
    from ibis.formats.pyarrow import PyArrowData

    class ArrowBackend(Backend):  # type: ignore[misc]
        def to_pyarrow(self, expr: Any, /, **options: Any) -> Any:
            self._run_pre_execute_hooks(expr)
            table = expr.as_table()
            found = self.raw_sql(self.compile(table, **options)).toArrow()
            return expr.__pyarrow_result__(PyArrowData.convert_table(found, table.schema()))

    return ArrowBackend


def _backend(session: SparkSession) -> Any:
    warnings.filterwarnings("ignore", category=FutureWarning, module="ibis|pyspark")
    return _arrow_backend()().connect(session)


def _frame(session: SparkSession, table: Table, paths: list[str], base: str) -> DataFrame:
    """The rows of ``paths``; columns that old files lack are null, the last one is ``dt``."""
    schema = _schema(table)
    if not paths:
        return session.createDataFrame([], schema)
    return session.read.schema(schema).option("basePath", base).parquet(*paths)


def _schema(table: Table) -> StructType:
    from pyspark.sql import types as t

    kinds: dict[Kind, DataType] = {
        Kind.TIMESTAMP: t.TimestampType(),
        Kind.INT16: t.ShortType(),
        Kind.INT32: t.IntegerType(),
        Kind.INT64: t.LongType(),
        Kind.FLOAT64: t.DoubleType(),
        Kind.BOOL: t.BooleanType(),
        Kind.STRING: t.StringType(),
        Kind.LABEL: t.StringType(),
        Kind.INT16_LIST: t.ArrayType(t.ShortType()),
        Kind.STRING_LIST: t.ArrayType(t.StringType()),
        Kind.BINARY: t.BinaryType(),
    }
    fields = [t.StructField(c.name, kinds[c.kind]) for c in table.all_columns]
    return t.StructType([*fields, t.StructField("dt", t.DateType())])


def _between(frame: DataFrame, since: int | None, until: int | None) -> DataFrame:
    """Rows of ``since <= ts < until``, in microseconds."""
    if since is not None:
        frame = frame.where(f"ts >= timestamp_micros({since})")
    if until is not None:
        frame = frame.where(f"ts < timestamp_micros({until})")
    return frame


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell Spark's errors as ours."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        reason = next((line for line in str(error).splitlines() if line.strip()), "")
        raise StoreError("lake.error.engine", reason=reason) from error
