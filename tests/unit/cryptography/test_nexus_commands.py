"""Inventories into the lake by command, and verdicts on what the lake has."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from click.testing import CliRunner, Result

from kaname.cli.main import root
from kaname.cryptography.analyses.change import Changed
from kaname.cryptography.analyses.handshakes import Handshakes
from kaname.cryptography.analyses.policy import InUse
from kaname.cryptography.policy.tables import load


def call(data: Path, *arguments: object) -> Result:
    told = ["--data", str(data), "crypto", *map(str, arguments)]
    return CliRunner().invoke(root, told, standalone_mode=False)


def test_an_inventory_goes_into_the_lake_and_is_judged_there(tmp_path: Path) -> None:
    (tmp_path / "login.py").write_text("import hashlib\nhashlib.md5(b'x')\n")
    data = tmp_path / "data"
    took = call(data, "inventory", tmp_path / "login.py", "--to-lake", "--subject", "shop",
                "--sensor", "office", "--json")  # fmt: skip
    assert took.exit_code == 0, took.output
    query = ["--data", str(data), "lake", "query", "--json",
             "SELECT inventory, name, sensor, items FROM crypto_inventories"]  # fmt: skip
    found = json.loads(CliRunner().invoke(root, query, standalone_mode=False).stdout)
    ((digest, *rest),) = (row.values() if isinstance(row, dict) else row for row in found["rows"])
    assert rest == ["shop", "office", 1]
    judged = call(data, "judge", digest[:12], "--year", 2026, "--json")
    assert json.loads(judged.stdout)["counts"]["not-usable"] == 1
    place = tmp_path / "report.html"
    assert call(data, "report", digest, "--html", place).exit_code == 0
    assert "MD5" in place.read_text()
    gone = call(data, "judge", "0123456789abcdef")
    assert "no inventory" in str(gone.exception)


def test_other_tables_are_another_version_of_the_analyses() -> None:
    """Findings are made again when the version grows; who changes the tables raises it."""
    tables = hashlib.sha256("".join(one.digest for one in load().versions).encode()).hexdigest()
    versions = (InUse.version, Changed.version, Handshakes.version)
    assert (versions, tables[:16]) == ((1, 1, 1), "012e8a9963f7793f")
