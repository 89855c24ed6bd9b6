"""`kaname share private-lookup`: ask another kaname without saying what is asked."""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import put_json, put_table
from kaname.cli.speech import say
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["private_lookup"]

_PATIENCE = 30
_MOST_BYTES = 64 << 20


@command("share private-lookup")
@click.argument("values", metavar="VALUE...", nargs=-1, required=True)
@option("--server", metavar="URL", key="private_server")
@option(
    "--token",
    "token_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    key="private_token",
)
@option(
    "--filter",
    "filter_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    key="private_filter",
)
def private_lookup(
    session: Session,
    values: tuple[str, ...],
    *,
    server: str | None,
    token_file: Path | None,
    filter_file: Path | None,
) -> int:
    """Say of each VALUE whether there is an indicator; - reads values from standard input.

    With --server only 20 bits of a digest of each value leave this machine; with --filter
    nothing does. Exit code 1 when none is known.
    """
    asked = [one.strip() for value in values for one in (sys.stdin if value == "-" else [value])]
    asked = [value for value in asked if value]
    if filter_file is not None:
        answers = _at_home(asked, filter_file)
    elif server is not None and token_file is not None:
        answers = _afar(asked, server, token_file.read_text().strip())
    else:
        raise UsageError("cli.error.private")
    if session.as_json:
        put_json({"values": [{"value": value, "known": known} for value, known in answers]})
    else:
        heads = ("watch_value", "private_known")
        words = {True: "private_yes", False: "private_no", None: "private_none"}
        put_table(
            tuple(say(f"cli.head.{head}") for head in heads),
            ((value, say(f"cli.share.{words[known]}")) for value, known in answers),
            empty="",
        )
    return 0 if any(known for _, known in answers) else 1


def _at_home(values: Sequence[str], path: Path) -> list[tuple[str, bool | None]]:
    from kaname.intelligence.privacy.filters import read
    from kaname.model.artifact import guess_many

    found = read(path.read_bytes())
    guessed = guess_many(list(values))
    return [
        (value, f"{one[0].value}:{one[1]}" in found if one else None)
        for value, one in zip(values, guessed, strict=True)
    ]


def _afar(values: Sequence[str], server: str, token: str) -> list[tuple[str, bool | None]]:
    from kaname.intelligence.privacy.buckets import Parameters
    from kaname.intelligence.privacy.lookup import private_lookup as look_up

    if urlsplit(server).scheme not in {"http", "https"}:
        raise UsageError("intelligence.error.watch_webhook", found=server)
    base = f"{server.rstrip('/')}/api/v1/private"
    parameters = msgspec.convert(_get(f"{base}/parameters", token), Parameters)

    def bucket(prefix: str) -> list[str]:
        return [str(one) for one in _get(f"{base}/buckets/{prefix}", token)["digests"]]

    return look_up(values, parameters, bucket)


def _get(url: str, token: str) -> Any:
    asking = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - checked by the caller
    with urllib.request.urlopen(asking, timeout=_PATIENCE) as answer:  # noqa: S310 - as above
        return msgspec.json.decode(answer.read(_MOST_BYTES))
