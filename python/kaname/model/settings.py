"""Settings, and where each value came from.

Order, strongest first: flags of the command line, ``KANAME_*`` environment variables,
``kaname.toml`` in the working folder, ``kaname/kaname.toml`` in the XDG configuration
folder, defaults. An unknown key is an error that names the nearest known one. A value
``file:/path`` is replaced by the content of that file, so that secrets (the password
inside a database URL) need not stand in a configuration.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kaname.model.errors import SettingError, UsageError
from kaname.model.marking import Tlp
from kaname.model.messages import LANGUAGES, language_of_environment

__all__ = ["SETTINGS", "Origin", "Setting", "Settings"]

ENVIRONMENT = "KANAME_"
FILE = "kaname.toml"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, how a value is read, its default, what it is for."""

    name: str
    parse: Callable[[Any], Any]
    default: Any
    en: str
    ja: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: ``flag``, ``environment``, ``default`` or a file's path."""

    kind: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.place}".strip()


def _path(value: Any) -> Path:
    return Path(str(value)).expanduser().absolute()


def _paths(value: Any) -> tuple[Path, ...]:
    parts = value.split(os.pathsep) if isinstance(value, str) else value
    return tuple(_path(part) for part in parts if part)


def _words(value: Any) -> tuple[str, ...]:
    parts = value.split() if isinstance(value, str) else value
    return tuple(str(part) for part in parts if part)


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        number = int(value)
        if isinstance(value, bool) or not low <= number <= high:
            raise ValueError(f"{low}..{high}")
        return number

    return parse


def _choice(*known: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if value not in known:
            raise ValueError(" | ".join(known))
        return str(value)

    return parse


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("{ name = value }")  # noqa: TRY004 - reported like any unfit value
    return value


def _listen(value: Any) -> str:
    host, colon, port = str(value).rpartition(":")
    if not colon or not host or not 0 <= int(port) <= 65535:
        raise ValueError("HOST:PORT")
    return str(value)


def _data_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "kaname"


SETTINGS: tuple[Setting, ...] = (
    Setting("data", _path, None, "folder that holds everything", "すべてを置くフォルダー"),
    Setting(
        "knowledge",
        str,
        "",
        "URL of the knowledge store; empty: SQLite in the data folder",
        "知識ストアの URL。空ならデータフォルダー内の SQLite",
        secret=True,
    ),
    Setting(
        "bus",
        str,
        "",
        "URL of the bus; empty: in process with a journal in the data folder",
        "バスの URL。空ならプロセス内(データフォルダーに記録)",
        secret=True,
    ),
    Setting("listen", _listen, "127.0.0.1:8750", "address and port to serve", "待ち受ける場所"),
    Setting("language", _choice("auto", *LANGUAGES), "auto", "language of texts", "表示言語"),
    Setting("zone", _choice("auto", "UTC", "JST"), "auto", "time zone of texts", "表示する時間帯"),
    Setting("sensor", str, "default", "sensor name of ingested sources", "取り込み時のセンサー名"),
    Setting("tlp", Tlp.parse, Tlp.AMBER, "marking of ingested sources", "取り込み時の TLP 区分"),
    Setting("watch", _paths, (), "folders to ingest from as files arrive", "監視するフォルダー"),
    Setting(
        "listen_to",
        _words,
        (),
        "places to take live input from, as NAME=[HOST]:PORT or NAME=/socket",
        "ライブ入力を受ける場所。NAME=[HOST]:PORT または NAME=/ソケット",
    ),
    Setting(
        "listen_seconds",
        _whole(1, 3600),
        10,
        "seconds between two commits of live input",
        "ライブ入力を確定する間隔(秒)",
    ),
    Setting("threads", _whole(1, 256), 2, "threads that ingest", "取り込みのスレッド数"),
    Setting("query_rows", _whole(1, 10_000_000), 10_000, "rows a query may give", "照会の最大行数"),
    Setting("query_seconds", _whole(1, 3600), 8, "seconds a query may take", "照会の最長秒数"),
    Setting(
        "query_memory_mb", _whole(64, 1 << 20), 1024, "memory a query may use", "照会のメモリー上限"
    ),
    Setting(
        "mail",
        _table,
        {},
        "mail server for notices: smtp (HOST:PORT), sender, user, password, security, ca",
        "通知メールのサーバー。smtp(HOST:PORT)、sender、user、password、security、ca",
        secret=True,
    ),
    Setting("retention_days", _table, {}, "days to keep, by table", "表ごとの保存日数"),
    Setting("analyses", _table, {}, "parameters, by analysis", "分析ごとのパラメーター"),
    Setting(
        "engine",
        _choice("duckdb", "spark"),
        "duckdb",
        "what evaluates analyses: duckdb (in process) or spark",
        "分析を評価するエンジン。duckdb(プロセス内)または spark",
    ),
    Setting(
        "spark",
        _table,
        {},
        "Spark: master (URL), root (where executors find the lake), conf (its own settings)",
        "Spark の設定。master(URL)、root(エグゼキューターから見たレイクの場所)、conf(Spark の設定)",
    ),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their values; ``origins`` says where each came from."""

    data: Path
    knowledge: str
    bus: str
    listen: str
    language: str
    zone: str
    sensor: str
    tlp: Tlp
    watch: tuple[Path, ...]
    listen_to: tuple[str, ...]
    listen_seconds: int
    threads: int
    query_rows: int
    query_seconds: int
    query_memory_mb: int
    mail: dict[str, Any]
    retention_days: dict[str, Any]
    analyses: dict[str, dict[str, Any]]
    engine: str
    spark: dict[str, Any]
    origins: dict[str, Origin] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        flags: Mapping[str, Any] | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Settings:
        """Read all places and settle every value.

        Raises:
            SettingError: an unknown name, or a value that does not fit.
        """
        environ = os.environ if environment is None else environment
        values: dict[str, Any] = {s.name: s.default for s in SETTINGS}
        origins = dict.fromkeys(values, Origin("default"))
        for origin, found in _places(flags or {}, environ, folder or Path.cwd()):
            for name, raw in found.items():
                values[name] = _read(name, raw, origin)
                origins[name] = origin
        if values["data"] is None:
            values["data"] = _data_home()
        return cls(**values, origins=origins)

    @property
    def speaks(self) -> str:
        """The language of texts, settled: "en" or "ja"."""
        return language_of_environment() if self.language == "auto" else self.language

    @property
    def shows(self) -> str:
        """The zone of times in texts, settled: "UTC" or "JST"."""
        if self.zone == "auto":
            return "JST" if self.speaks == "ja" else "UTC"
        return self.zone

    @property
    def knowledge_url(self) -> str:
        """URL of the knowledge store, settled."""
        return self.knowledge or f"sqlite:///{self.data / 'knowledge.sqlite'}"

    @property
    def bus_url(self) -> str:
        """URL of the bus, settled."""
        return self.bus or f"journal://{self.data / 'bus.sqlite'}"


def _places(
    flags: Mapping[str, Any], environ: Mapping[str, str], folder: Path
) -> list[tuple[Origin, dict[str, Any]]]:
    """Weakest first, so that the stronger overwrite."""
    base = environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    files = [Path(base) / "kaname" / FILE, folder / FILE]
    places = [(Origin("file", str(path)), _toml(path)) for path in files if path.is_file()]
    known = {f"{ENVIRONMENT}{name.upper()}": name for name in _BY_NAME}
    known[f"{ENVIRONMENT}LANG"] = "language"
    places += [
        (Origin("environment", variable), {name: environ[variable]})
        for variable, name in known.items()
        if environ.get(variable)
    ]
    given = {name: value for name, value in flags.items() if value is not None}
    return [*places, (Origin("flag"), given)]


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError("model.error.setting_file", path=path, reason=error) from None


def _read(name: str, raw: Any, origin: Origin) -> Any:
    setting = _BY_NAME.get(name)
    if setting is None:
        near = difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0.0)
        raise SettingError("model.error.setting_unknown", name=name, origin=origin, near=near[0])
    try:
        if isinstance(raw, str) and raw.startswith("file:"):
            raw = Path(raw.removeprefix("file:")).expanduser().read_text(encoding="utf-8").strip()
        return setting.parse(raw)
    except (ValueError, TypeError, OSError, UsageError) as error:
        shown = "***" if setting.secret else raw
        raise SettingError(
            "model.error.setting_value", name=name, found=shown, origin=origin, expected=error
        ) from None
