"""How commands of sensors deliver to a nexus elsewhere: with a token, and sealed with a key."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kaname.cli.frame import option
from kaname.cli.output import note
from kaname.cli.speech import say
from kaname.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from kaname.cli.frame import Session
    from kaname.readers.deliveries.courier import Courier
    from kaname.readers.deliveries.outbox import Outbox
    from kaname.readers.deliveries.sealed import Seal

__all__ = ["Way", "courier", "delivering", "token_in"]


class Way(NamedTuple):
    """The options of a delivering command; ``spool`` is in MiB."""

    nexus: str
    token_file: Path | None
    ca: Path | None
    spool: int
    key: Path | None
    nexus_key: Path | None

    def check(self) -> None:
        """Refuse options that do not go together.

        Raises:
            UsageError: there is no token, or a nexus's key without one of our own.
        """
        if self.token_file is None:
            raise UsageError("cli.error.watch_token")
        if self.nexus_key is not None and self.key is None:
            raise UsageError("cli.error.watch_key")


_file = click.Path(path_type=Path)
_OPTIONS = (
    option("--to", "nexus", metavar="URL", key="watch_to"),
    option("--token-file", type=_file, metavar="FILE", key="watch_token_file"),
    option("--ca", type=_file, metavar="FILE", key="watch_ca"),
    option("--key", type=_file, metavar="FILE", key="watch_key"),
    option("--nexus-key", type=_file, metavar="FILE", key="watch_nexus_key"),
    option("--spool", type=click.IntRange(1), default=1024, metavar="MIB", key="watch_spool"),
)


def delivering(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command the options of `Way`; it gets ``way``, None when it stays here."""

    @functools.wraps(function)
    def run(*args: Any, nexus: str | None, **kwargs: Any) -> int | None:
        named = {name: kwargs.pop(name) for name in Way._fields[1:]}
        way = None if nexus is None else Way(nexus, **named)
        return function(*args, way=way, **kwargs)

    made: Callable[..., int | None] = run
    for decorate in reversed(_OPTIONS):
        made = decorate(made)
    return made


def courier(session: Session, outbox: Outbox, way: Way) -> Courier:
    """What delivers from ``outbox``, not started yet.

    Raises:
        UsageError: options that do not go together, or a URL that makes no sense.
        InputError: a file that cannot be read, or has no key.
    """
    from kaname.readers.deliveries.courier import Courier

    way.check()
    token = "" if way.token_file is None else token_in(way.token_file)
    return Courier(outbox, way.nexus, token, ca=way.ca, seal=_seal(session, way))


def _seal(session: Session, way: Way) -> Seal | None:
    if way.key is None:
        return None
    from kaname.readers.deliveries.sealed import seal_for

    def met(fingerprint: str) -> None:
        note(say("cli.link.met", fingerprint=fingerprint))

    return seal_for(session.settings.data, way.nexus, way.key, way.nexus_key, met)


def token_in(path: Path) -> str:
    """The token that a file holds.

    Raises:
        InputError: the file cannot be read, or is empty.
    """
    try:
        found = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError("readers.error.open", path=path, reason=error.strerror) from None
    if not found:
        raise InputError("readers.error.empty", path=path)
    return found
