"""`kaname lookup` and `kaname pivot` on a store that another process may be writing to."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kaname.cli.commands.lookup import lookup
from kaname.cli.commands.pivot import pivot
from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.store import FusionStore
from kaname.model.errors import StoreAccessError, UsageError
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind

AT = 1_700_000_000_000_000


@pytest.fixture
def data(tmp_path: Path):
    mentions = [Mention(ArtifactKind.IP, "198.18.7.7", "dst")]
    said = [
        Observation(
            id=f"o{number}", source="s", kind="download", at=AT, received=AT, tlp=Tlp.AMBER,
            mentions=(*mentions, Mention(ArtifactKind.DOMAIN, f"d{number}.example.org", "query")),
        )
        for number in range(5)
    ]  # fmt: skip
    with FusionStore.open(tmp_path / "intelligence" / "store") as store:
        store.add(said)
        yield tmp_path


def run(command: click.Command, data: Path, *words: str, text: str | None = None) -> Result:
    found = CliRunner().invoke(
        command, [*words, "--data", str(data)], input=text, standalone_mode=False
    )
    if found.exception:
        raise found.exception
    return found


def test_values_come_from_words_files_and_stdin(data, tmp_path):
    file = tmp_path / "pasted.txt"
    file.write_text("d1[.]example[.]org\n\n  198.18.7.7 \n")
    words = ("d0.example.org", "-", "--file", str(file), "--json")
    found = json.loads(run(lookup, data, *words, text="what is this\n").output)
    assert [row["value"] for row in found] == [
        "d0.example.org", "d1.example.org", "198.18.7.7", "what is this",
    ]  # fmt: skip
    assert [row["known"] for row in found] == [True, True, True, False]
    assert [row["observations"] for row in found] == [1, 1, 5, 0]


def test_only_what_is_known_may_be_asked_for(data):
    found = run(lookup, data, "192.0.2.1", "198.18.7.7", "--known")
    assert "198.18.7.7" in found.output
    assert "192.0.2.1" not in found.output
    assert found.return_value is None
    assert run(lookup, data, "192.0.2.1").return_value == 1


def test_a_hub_is_named(data):
    words = ("d0.example.org", "--hops", "2", "--gate", "2")
    found = run(pivot, data, *words)
    assert "198.18.7.7: 5" in found.stderr
    assert "d1.example.org" not in found.output
    through = json.loads(run(pivot, data, "d0.example.org", "--hops", "2", "--json").stdout)
    assert through["total"] == 6
    assert through["gated"] == []


def test_what_is_asked_wrongly_is_said(data, tmp_path):
    with pytest.raises(click.UsageError):
        run(lookup, data)
    with pytest.raises(UsageError, match="what is this"):
        run(pivot, data, "what is this")
    with pytest.raises(StoreAccessError, match="no fusion store"):
        run(lookup, tmp_path / "elsewhere", "192.0.2.1")
    assert run(pivot, data, "192.0.2.99").return_value == 1
