"""A MISP feed: a folder of events that others fetch, changed as a whole or not at all.

``hashes.csv`` holds ``md5(value),uuid of the event`` as MISP's clients expect. It is for
finding quickly which event holds a value, not for privacy: all IPv4 addresses can be
hashed in seconds, so whoever gets it can read the values.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kaname.intelligence.misp.marking import tags_of
from kaname.intelligence.misp.search import attributes_in
from kaname.writers.misp import ORGANISATION

__all__ = ["feed_files", "replace_folder"]

_FIELDS = ("date", "timestamp", "info", "analysis", "threat_level_id")


def feed_files(events: Iterable[tuple[str, bytes]]) -> dict[str, bytes]:
    """The files of a feed of events (uuid, the event's JSON object): name -> content."""
    manifest: dict[str, Any] = {}
    lines: list[str] = []
    files: dict[str, bytes] = {}
    for key, body in events:
        event: dict[str, Any] = msgspec.json.decode(body)
        files[f"{key}.json"] = b'{"Event":' + body + b"}"
        manifest[key] = _entry(event)
        lines += [f"{digest},{key}\n" for digest in _digests(event)]
    files["manifest.json"] = msgspec.json.encode(manifest)
    files["hashes.csv"] = "".join(lines).encode()
    return files


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make ``folder`` a link to a new folder with exactly ``files``.

    Whoever reads meanwhile sees the old files or the new ones, never some of each: the
    link is exchanged in one step. Where nothing changed, nothing is done.
    """
    if _holds(folder, files):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    fresh.mkdir()
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    old = folder.resolve() if folder.is_symlink() else None
    link = fresh.with_name(f"{fresh.name}.link")
    link.symlink_to(fresh.name)
    if folder.exists() and not folder.is_symlink():
        folder.rename(fresh.with_name(f"{fresh.name}.before"))
        old = fresh.with_name(f"{fresh.name}.before")
    link.replace(folder)
    if old is not None and old.parent == folder.parent.resolve() and old != fresh.resolve():
        shutil.rmtree(old, ignore_errors=True)


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    found = {path.name for path in folder.iterdir()} if folder.is_dir() else None
    return found == set(files) and all(
        (folder / name).read_bytes() == content for name, content in files.items()
    )


def _entry(event: Mapping[str, Any]) -> dict[str, Any]:
    orgc = event.get("Orgc")
    known = orgc if isinstance(orgc, dict) else ORGANISATION
    tags = [{"name": name} for name in tags_of(dict(event))]
    return {name: str(event.get(name, "")) for name in _FIELDS} | {
        "Orgc": {name: known.get(name, "") for name in ("name", "uuid")},
        "Tag": tags,
    }


def _digests(event: dict[str, Any]) -> list[str]:
    """Of each value, and of the parts of a composite one, each once."""
    found: dict[str, None] = {}
    for attribute, _ in attributes_in(event):
        value, kind = attribute.get("value"), attribute.get("type")
        if not isinstance(value, str) or attribute.get("deleted"):
            continue
        for part in value.split("|") if "|" in str(kind) else [value]:
            found[hashlib.md5(part.encode(), usedforsecurity=False).hexdigest()] = None
    return list(found)
