"""Write a corpus as a folder: `NAME.v.gz`, `NAME.labels.json` and an index, all or nothing."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.hardware.netlist.corpus.chance import drawn
from kaname.hardware.netlist.corpus.labelled import generate
from kaname.model.errors import ConflictError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaname.hardware.netlist.corpus.making import Labelled, Mixture

__all__ = ["publish"]


def publish(
    folder: Path,
    *,
    designs: int,
    seed: int,
    mixture: Mixture | None = None,
    progress: Callable[[str, int, int], None] = lambda _name, _done, _total: None,
) -> dict[str, object]:
    """Make designs and write them; gives counts of what there is.

    Names are drawn at random and say nothing; what a design is stands in its labels only. The
    folder comes into being whole, when everything is written.

    Raises:
        ConflictError: the folder exists and is not empty.
        InputError: the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError("hardware.corpus.error.exists", path=folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        report = _write(made, designs=designs, seed=seed, mixture=mixture, progress=progress)
        made.chmod(0o755)
        made.replace(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(made)
    return {"path": str(folder), **report}


def _unwritable(folder: Path, error: OSError) -> InputError:
    return InputError("hardware.corpus.error.write", path=folder, reason=error.strerror or error)


def _write(
    folder: Path,
    *,
    designs: int,
    seed: int,
    mixture: Mixture | None,
    progress: Callable[[str, int, int], None],
) -> dict[str, object]:
    names = [f"d{number:05d}" for number in range(designs)]
    drawn(f"{seed}/order").shuffle(names)
    rows: list[tuple[str, int, int]] = []
    kinds: Counter[str] = Counter()
    libraries: Counter[str] = Counter()
    for name, one in zip(names, generate(seed, hosts=designs, mixture=mixture), strict=True):
        _put(folder, name, one)
        rows.append((name, one.instances, len(one.trojan)))
        kinds[one.kind] += 1
        libraries[one.library] += 1
        progress(name, len(rows), designs)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("name", "instances", "trojan_instances"))
    writer.writerows(sorted(rows))
    (folder / "INDEX.csv").write_text(text.getvalue(), "utf-8")
    return {
        "designs": designs,
        "clean": kinds["clean"],
        "instances": sum(row[1] for row in rows),
        "trojan_instances": sum(row[2] for row in rows),
        "kinds": dict(sorted(kinds.items())),
        "libraries": dict(sorted(libraries.items())),
    }


def _put(folder: Path, name: str, one: Labelled) -> None:
    labels = {
        "name": name,
        "instances": one.instances,
        "trojan_instances": sorted(one.trojan, key=lambda key: int(key[1:])),
        "set": one.library,
        "host": one.host,
        "kind": one.kind,
        "source": "kaname simulate netlists",
    }
    (folder / f"{name}.labels.json").write_text(json.dumps(labels) + "\n", "utf-8")
    # No time and no name in the header: the same seed gives the same bytes.
    (folder / f"{name}.v.gz").write_bytes(gzip.compress(one.text.encode(), 6, mtime=0))
