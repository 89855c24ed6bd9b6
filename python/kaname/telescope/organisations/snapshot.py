"""The registry as a file, which the analysis reads as one of its parameters.

An analysis knows rows and parameters only; so whoever changes the registry writes what
bears on the rows (prefixes, validity, suppressions, names) into a file, and windows are
evaluated anew when its content has changed. Contacts and secrets are not in it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.knowledge.organisation_records import Organisation
from kaname.model.errors import SettingError
from kaname.telescope.organisations.registry import Registry

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["ANALYSIS", "PARAMETER", "load", "refresh", "snapshot_path", "with_registry"]

ANALYSIS = "telescope.organisations"
PARAMETER = "registry"
_FILE = "organisations.json"
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(list[Organisation])


def snapshot_path(data: Path) -> Path:
    """Where the snapshot of a data folder lies."""
    return data / _FILE


def refresh(knowledge: Knowledge, data: Path) -> Registry:
    """Write the snapshot, if what is in it is not what is registered; gives the registry."""
    from kaname.knowledge.organisations import Organisations

    part = knowledge.part(Organisations)
    version = part.version()
    organisations = part.organisations()
    bare = [msgspec.structs.replace(one, mail=(), webhook="", secret="") for one in organisations]
    _write(snapshot_path(data), _encoder.encode(bare))
    return Registry(organisations, version)


def _write(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load(path: str) -> Registry:
    """The registry in a snapshot; an empty path is an empty registry.

    Raises:
        SettingError: the file cannot be read, or holds something else.
    """
    if not path:
        return Registry(())
    try:
        return Registry(_decoder.decode(Path(path).expanduser().read_bytes()))
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingError("telescope.error.registry_file", path=path, reason=error) from None


def with_registry(data: Path, params: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """``params`` (by analysis), with the path of the snapshot where none is set."""
    found = {name: dict(values) for name, values in params.items()}
    path = snapshot_path(data)
    if path.exists():
        found.setdefault(ANALYSIS, {}).setdefault(PARAMETER, str(path))
    return found
