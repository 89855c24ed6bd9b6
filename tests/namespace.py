"""A network namespace of its own, with a pair of interfaces that are connected.

Whatever is sent there leaves this machine's network alone. It takes root on Linux; where
that is not permitted the tests are skipped, or fail when KANAME_REQUIRE_SERVERS is 1.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable

import pytest

HERE, THERE = "kn0", "kn1"
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_MTU = 9000


def inside(body: Callable[[], None]) -> None:
    """Run ``body`` in a thread that has a network of its own; threads it starts have it too."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            _connect()
            body()
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def send(frames: Iterable[bytes], interface: str = HERE) -> int:
    """Send Ethernet frames; how many the kernel took."""
    count = 0
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((interface, 0))
        for frame in frames:
            count += sender.send(frame) == len(frame)
    return count


def _connect() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if shutil.which("ip") is None or libc.unshare(_NEW_NETWORK) != 0:
        _missing(os.strerror(ctypes.get_errno()) or "ip")
    commands = [
        "link set lo up",
        f"link add {HERE} mtu {_MTU} type veth peer name {THERE} mtu {_MTU}",
        *(f"link set {name} up" for name in (HERE, THERE)),
    ]
    for command in commands:
        # without IPv6 the kernel itself sends nothing
        made = subprocess.run(["ip", *command.split()], capture_output=True, text=True, check=False)
        if made.returncode:
            _missing(made.stderr.strip())
        for name in (HERE, THERE):
            _quiet(name)


def _quiet(name: str) -> None:
    subprocess.run(["ip", "link", "set", name, "addrgenmode", "none"], capture_output=True,
                   check=False)  # fmt: skip


def _missing(reason: str) -> None:
    text = f"no network namespace to test in: {reason}"
    if os.environ.get("KANAME_REQUIRE_SERVERS") == "1":
        pytest.fail(text)
    pytest.skip(text)
