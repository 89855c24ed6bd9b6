"""The registry as a file, which the analysis reads as one of its parameters.

An analysis knows rows and parameters only; so whoever changes the registry writes what
bears on the rows (prefixes, validity, suppressions, names) into a file, and windows are
evaluated anew when its content has changed. Contacts and secrets are not in it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kaname.knowledge.organisation_records import Organisation
from kaname.model.errors import SettingError

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.telescope.organisations.registry import Registry

__all__ = ["ANALYSIS", "PARAMETER", "load", "publish", "refresh", "snapshot_path"]

ANALYSIS = "telescope.organisations"
PARAMETER = "organisations"
_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(list[Organisation])


def snapshot_path(data: Path) -> Path:
    """Where the snapshot of a data folder lies."""
    return data / "telescope" / "organisations.json"


def publish(knowledge: Knowledge, data: Path) -> Path | None:
    """Write the snapshot where it differs from the file; None when nobody is registered."""
    path = snapshot_path(data)
    if not refresh(knowledge, data):
        path.unlink(missing_ok=True)
        return None
    return path


def refresh(knowledge: Knowledge, data: Path) -> Registry:
    """The registry, after its snapshot was written where that was not up to date."""
    from kaname.knowledge.organisations import Organisations
    from kaname.telescope.organisations.registry import Registry

    part = knowledge.part(Organisations)
    version = part.version()
    organisations = part.organisations()
    if organisations:
        bare = [
            msgspec.structs.replace(one, mail=(), webhook="", secret="") for one in organisations
        ]
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
    from kaname.telescope.organisations.registry import Registry

    if not path:
        return Registry(())
    try:
        return Registry(_decoder.decode(Path(path).expanduser().read_bytes()))
    except (OSError, msgspec.MsgspecError) as error:
        raise SettingError("telescope.error.registry_file", path=path, reason=error) from None
