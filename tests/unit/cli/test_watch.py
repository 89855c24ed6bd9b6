from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kaname.bus import open_bus
from kaname.cli.commands.watch import watch
from kaname.intelligence.records import Mention, Observation
from kaname.intelligence.watches import Watcher
from kaname.knowledge import Knowledge
from kaname.model.marking import Tlp
from kaname.model.records import ArtifactKind
from kaname.model.settings import Settings

LIST = {"name": "Ours", "type": "cidr", "version": 1, "list": ["198.51.100.0/24"]}


def run(data: Path, *words: str, text: str | None = None) -> Result:
    found = CliRunner().invoke(
        watch, [*words, "--data", str(data)], input=text, standalone_mode=False
    )
    if found.exception:
        raise found.exception
    return found


def observe(data: Path, value: str) -> None:
    settings = Settings.load({"data": data})
    at = 1_700_000_000_000_000
    observation = Observation(
        id="o-1", source="s", kind="sighting", at=at, received=at, tlp=Tlp.GREEN,
        mentions=(Mention(ArtifactKind.DOMAIN, value),),
    )  # fmt: skip
    with Knowledge.open(settings.knowledge_url) as store, open_bus(settings.bus_url) as bus:
        Watcher(store, bus).see([observation])


def test_a_watch_from_beginning_to_end(tmp_path: Path) -> None:
    key = run(tmp_path, "add", "domain", "Example[.]jp").output.split()[0]
    observe(tmp_path, "www.example.jp")
    listed = json.loads(run(tmp_path, "hits", "--json").output)
    (hit,) = listed["hits"]
    assert (hit["watch"], hit["subject"], listed["total"]) == (key, "domain:www.example.jp", 1)
    run(tmp_path, "seen", hit["id"])
    assert json.loads(run(tmp_path, "hits", "--unseen", "--json").output)["hits"] == []
    run(tmp_path, "remove", key)
    assert json.loads(run(tmp_path, "list", "--json").output)["watches"] == []
    assert "example.jp" in run(tmp_path, "hits").output


def test_lists_are_added_asked_and_removed(tmp_path: Path) -> None:
    source = tmp_path / "ours" / "list.json"
    source.parent.mkdir()
    source.write_text(json.dumps(LIST))
    data = tmp_path / "data"
    run(data, "suppress", "ip", "203.0.114.9", "--note", "our scanner")
    run(data, "lists", "add", str(source))
    asked = run(data, "lists", "check", "-", "--json", text="198.51.100.7\n203.0.114.9\nx\n")
    answers = json.loads(asked.output)["values"]
    names = [{match["list"] for match in one["matches"]} for one in answers]
    assert "ours" in names[0]
    assert names[1:] == [{"suppressions"}, set()]
    run(data, "lists", "remove", "ours")
    assert "ours" not in run(data, "lists", "list").output.split()


def test_a_wrong_value_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no regex to watch"):
        run(tmp_path, "add", "regex", "(")
    with pytest.raises(click.UsageError):
        run(tmp_path, "suppress", "score", "80")
