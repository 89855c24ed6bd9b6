"""Fresh network tables through the client of the registry that publishes them.

Which registry that is, and how it is reached, is the client's own setting: nothing here
names a host.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from kaname.lake.network_build import KNOWN, Tables, gather
from kaname.model.errors import UnavailableError

__all__ = ["fetch"]

_SECONDS = 600


def fetch(packages: Iterable[str] = tuple(KNOWN)) -> Tables:
    """The tables in the newest release of ``packages``.

    Raises:
        UnavailableError: npm is not there, or could not bring them.
        InputError: what came is not what was expected.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("lake.error.networks_npm")
    with tempfile.TemporaryDirectory(prefix="kaname-networks-") as folder:
        # --ignore-scripts: packing a published package runs nothing of it, and must not
        argv = [npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", folder]
        try:
            done = subprocess.run(
                [*argv, *(f"{name}@latest" for name in packages)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnavailableError("lake.error.networks_fetch", reason=error) from error
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["?"]
            raise UnavailableError("lake.error.networks_fetch", reason=said[0][:200])
        return gather(sorted(Path(folder).glob("*.tgz")))
