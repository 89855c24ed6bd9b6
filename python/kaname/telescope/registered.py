"""The registries of sensors and of organisations as files, and as parameters of analyses.

An analysis reads no store, so what sensors monitor (and whose addresses are, see
`kaname.telescope.organisations.snapshot`) reaches it as a file whose content is part of
what a window was evaluated over: when the registry changes, windows are run again.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.telescope.organisations.snapshot import PARAMETER as ORGANISATIONS
from kaname.telescope.organisations.snapshot import publish as publish_organisations

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge

__all__ = ["RegisteredParameters", "publish", "registry_file"]

_NAME = "sensors"  # of the parameter: `kaname.telescope.prefixes.SENSORS`


def registry_file(data: Path) -> Path:
    """Where the registry lies in the data folder."""
    return data / "telescope" / "sensors.json"


def publish(knowledge: Knowledge, data: Path) -> Path | None:
    """Write the registry where it differs from the file; None when no sensor has prefixes."""
    from kaname.knowledge.sensors import Sensors

    registry, path = knowledge.part(Sensors).registry(), registry_file(data)
    if not registry.sensors:
        path.unlink(missing_ok=True)
        return None
    document = msgspec.json.encode(registry, order="deterministic")
    with contextlib.suppress(OSError):
        if path.read_bytes() == document:
            return path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".sensors-")
    with os.fdopen(handle, "wb") as out:
        out.write(document)
        out.flush()
        os.fsync(out.fileno())
    Path(made).rename(path)
    return path


class RegisteredParameters(Mapping[str, Mapping[str, Any]]):
    """Parameters by analysis: what was set, and the registries where one reads them.

    A parameter that was set goes before the registry. The files are looked after each time
    the parameters of an analysis that reads them are asked for.
    """

    def __init__(
        self, given: Mapping[str, Mapping[str, Any]], knowledge: Knowledge, data: Path
    ) -> None:
        self._given = given
        self._knowledge = knowledge
        self._data = data

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        given = dict(self._given.get(name, {}))
        for parameter, written in ((_NAME, publish), (ORGANISATIONS, publish_organisations)):
            if parameter not in given and _reads(name, parameter):
                path = written(self._knowledge, self._data)
                given |= {} if path is None else {parameter: str(path.absolute())}
        return given

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)

    def __bool__(self) -> bool:
        return True  # even where nothing was set, the registry counts


def _reads(name: str, parameter: str) -> bool:
    """Whether the analysis or derivation ``name`` has the parameter."""
    from kaname.analysis.derivation import derivations
    from kaname.analysis.frame import analyses

    each = analyses().get(name) or derivations().get(name)
    return each is not None and any(one.name == parameter for one in each.parameters)
