"""What commands leave for the nexus that holds the store: files, each there whole or not."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kaname.intelligence.records import Observation
from kaname.model.instant import now_us

__all__ = ["Left", "leave", "left"]

_log = logging.getLogger(__name__)


class Left(msgspec.Struct, frozen=True):
    """Observations to take in, after those of these ids are taken back."""

    observations: list[Observation] = []
    retracted: list[str] = []


_decoder = msgspec.json.Decoder(Left)


def leave(inbox: Path, what: Left) -> None:
    """Put ``what`` into the inbox; it outlasts a crash when this returns."""
    inbox.mkdir(parents=True, exist_ok=True)
    path = inbox / f"{now_us()}-{secrets.token_hex(4)}.json"
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(msgspec.json.encode(what))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def left(inbox: Path) -> Iterator[tuple[Path, Left]]:
    """What lies there, the oldest first; whoever has taken one removes its file.

    A file that is not ours is put aside, so that it does not stand in the way.
    """
    for path in sorted(inbox.glob("*.json")):
        try:
            yield path, _decoder.decode(path.read_bytes())
        except msgspec.MsgspecError as error:
            _log.warning("put aside", extra={"file": str(path), "reason": str(error)})
            path.replace(path.with_suffix(".damaged"))
