"""`kaname crypto key|seal|open` as a user calls them: what is there already stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kaname.cli.main import root
from kaname.model.errors import KanameError, UsageError


def call(*arguments: object) -> Result:
    return CliRunner().invoke(root, ["crypto", *map(str, arguments)], standalone_mode=False)


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """An envelope beside the file that was sealed, which was changed since."""
    plain = tmp_path / "report.txt"
    plain.write_text("as it was")
    assert call("key", tmp_path / "a.key").exception is None
    assert call("seal", plain, "--to", tmp_path / "a.key.pub").exception is None
    plain.write_text("changed since")
    return tmp_path / "report.txt.sealed"


def test_opening_does_not_write_over_a_file_that_nobody_named(sealed: Path):
    key = sealed.with_name("a.key")
    assert isinstance(call("open", sealed, "--key", key).exception, UsageError)
    assert sealed.with_suffix("").read_text() == "changed since"
    assert call("open", sealed, "--key", key, "-o", sealed.with_suffix("")).exception is None
    assert sealed.with_suffix("").read_text() == "as it was"


def test_a_damaged_envelope_leaves_nothing_behind(sealed: Path):
    raw = bytearray(sealed.read_bytes())
    raw[-1] ^= 1
    sealed.write_bytes(raw)
    before = sorted(sealed.parent.iterdir())
    told = call("open", sealed, "--key", sealed.with_name("a.key"), "-o", sealed.parent / "out")
    assert isinstance(told.exception, KanameError)
    assert sorted(sealed.parent.iterdir()) == before


def test_a_key_is_never_written_over(sealed: Path):
    key = sealed.with_name("a.key")
    before = key.read_bytes()
    assert isinstance(call("key", key).exception, KanameError)
    assert key.read_bytes() == before
    assert key.stat().st_mode & 0o777 == 0o600
