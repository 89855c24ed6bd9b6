"""Real servers for the contract suites, started in a folder of their own and stopped again.

A server is looked for on the machine; as root on Debian its package is installed. One
that cannot be had makes a skip that the summary shows and counts, or a failure when
KANAME_REQUIRE_SERVERS is 1.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

MISSING = "no server to test against"
_START = 30.0
_INITDB = ("-A", "trust", "--locale=C", "-E", "UTF8", "--no-sync")


def missing(what: str, package: str) -> None:
    """Skip loudly, or fail where servers are required."""
    text = f"{MISSING}: {what} is not on this machine; install the package {package}"
    if os.environ.get("KANAME_REQUIRE_SERVERS") == "1":
        pytest.fail(text)
    pytest.skip(text)


def program(name: str, package: str, *places: str) -> Path | None:
    """The program ``name`` from PATH or the globs ``places``, installed when that may be."""
    found = _look(name, places)
    if found is None and _install(package):
        found = _look(name, places)
    return found


def _look(name: str, places: tuple[str, ...]) -> Path | None:
    on_path = shutil.which(name)
    if on_path:
        return Path(on_path)
    candidates = [path for place in places for path in Path("/").glob(f"{place}/{name}")]
    return max(candidates, default=None)


def _install(package: str) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    # RUNLEVEL=1 keeps the package from starting a server of its own.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", package]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=150, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


class Server:
    """A program that runs until `stop`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kaname-test-"))
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, command: list[str], ready: Callable[[], bool], **options: object) -> None:
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd="/",
                **options,  # type: ignore[call-overload]
            )
        end = time.monotonic() + _START
        while not ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.folder / "log").read_text(errors="replace"))
            time.sleep(0.05)

    def halt(self, sign: int = signal.SIGINT) -> None:
        """End the process and keep the folder, so that it can be started again."""
        if self.process is None:
            return
        self.process.send_signal(sign)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """PostgreSQL on a Unix socket only; refuses to run as root, so it does not."""

    def __init__(self, binaries: Path) -> None:
        super().__init__()
        self.binaries = binaries
        self.options = _unprivileged(self.folder)
        data = str(self.folder / "data")
        subprocess.run(
            [binaries / "initdb", "-D", data, "-U", "kaname", *_INITDB],
            check=True,
            capture_output=True,
            cwd="/",
            **self.options,
        )
        self.start()

    def start(self) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "max_connections": "60",
        }
        command = [str(self.binaries / "postgres"), "-D", str(self.folder / "data")]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self.launch(command, self._ready, **self.options)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://kaname@/{database}?host={self.folder}"

    def execute(self, statement: str, database: str = "postgres") -> None:
        import psycopg

        where = f"host={self.folder} user=kaname dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _ready(self) -> bool:
        import psycopg

        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


class Nats(Server):
    """nats-server with JetStream on a free loopback port, the same after a restart."""

    def __init__(self, binary: Path) -> None:
        super().__init__()
        self.binary = binary
        self.port = -1  # the server picks one
        self.start()

    def start(self) -> None:
        for old in self.folder.glob("*.ports"):
            old.unlink()
        command = [str(self.binary), "-js", "-a", "127.0.0.1", "-p", str(self.port)]
        command += ["-sd", str(self.folder), "--ports_file_dir", str(self.folder)]
        self.launch(command, lambda: bool(self._address()))
        self.port = int(self._address().rpartition(":")[2])

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def _address(self) -> str:
        for path in self.folder.glob("*.ports"):
            try:
                return str(json.loads(path.read_text())["nats"][0])
            except (ValueError, KeyError):
                return ""  # half written
        return ""


def _unprivileged(folder: Path) -> dict[str, object]:
    """Options that run a program as somebody else when we are root; ``folder`` is theirs."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("root, and no user to run PostgreSQL as")
