"""MISP, STIX and TAXII feeds, from real documents and a server on loopback."""

from __future__ import annotations

import json
import lzma
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from kaname.intelligence.connectors.runner import Runner, checked
from kaname.intelligence.records import Observation
from kaname.knowledge import Knowledge
from kaname.knowledge.entities import Entities
from kaname.knowledge.feeds import Feed, FeedRun, Feeds
from kaname.knowledge.misp_events import MispEvents
from kaname.model.marking import Tlp

DATA = Path("../shared/data/fusion")
MACHETE = DATA / "misp_events_eset" / "machete__misp-machete-event.json.xz"
POISON_IVY = DATA / "stix21_oasis_examples" / "threat-reports_poisonivy.json"


class Taken(NamedTuple):
    new: int
    duplicates: int


class Place:
    """A runner over an empty store, and what it took in."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.kept: dict[str, Observation] = {}
        self.retracted: list[str] = []
        self.feeds = knowledge.part(Feeds)
        self.runner = Runner(
            self.feeds, self._absorb, retract=self.retracted.extend, knowledge=knowledge
        )

    def poll(self, kind: str, path: Path) -> FeedRun:
        if not any(feed.id == kind for feed in self.feeds.feeds()):
            self.feeds.add_feed(checked(Feed(id=kind, kind=kind, path=str(path), tlp=Tlp.GREEN)))
        return self.runner.poll(kind).run

    def _absorb(self, observations: Sequence[Observation]) -> Taken:
        new = [one for one in observations if one.id not in self.kept]
        self.kept.update((one.id, one) for one in new)
        return Taken(len(new), len(observations) - len(new))

    @property
    def values(self) -> set[str]:
        return {mention.value for one in self.kept.values() for mention in one.mentions}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as knowledge:
        yield Place(knowledge)


@pytest.fixture
def misp_feed(tmp_path: Path) -> Path:
    folder = tmp_path / "feed"
    folder.mkdir()
    document = json.loads(lzma.decompress(MACHETE.read_bytes()))
    event = document["Event"] if "Event" in document else document["response"][0]["Event"]
    write_event(folder, event)
    return folder


def write_event(folder: Path, event: dict[str, object]) -> None:
    (folder / f"{event['uuid']}.json").write_text(json.dumps({"Event": event}))
    entry = {str(event["uuid"]): {"timestamp": event["timestamp"], "info": event["info"]}}
    (folder / "manifest.json").write_text(json.dumps(entry))


def test_a_misp_feed_brings_its_events_once(place: Place, misp_feed: Path) -> None:
    first = place.poll("misp", misp_feed)
    assert first.error == ""
    assert first.new > 100
    # The first two attributes of the file.
    first_two = {"01eca87a1d29d8e2da2ed94930ae0d41", "04fa52b44178bec611232d260ec18c03"}
    assert first_two <= place.values
    assert place.knowledge.part(MispEvents).misp_event("5d3f036b-0f50-4499-af4c-695a0a016219")
    again = place.poll("misp", misp_feed)
    assert (again.new, again.error) == (0, "")


def test_a_newer_event_takes_back_what_it_no_longer_says(place: Place, misp_feed: Path) -> None:
    place.poll("misp", misp_feed)
    path = next(one for one in misp_feed.glob("*.json") if one.name != "manifest.json")
    event = json.loads(path.read_bytes())["Event"]
    gone = event["Attribute"].pop(0)
    event["timestamp"] = str(int(event["timestamp"]) + 60)
    write_event(misp_feed, event)
    assert place.poll("misp", misp_feed).error == ""
    assert len(place.retracted) >= 1
    taken_back = {m.value for key in place.retracted for m in place.kept[key].mentions}
    assert gone["value"].split("|")[0].lower() in {value.lower() for value in taken_back}


def test_an_event_that_is_missing_is_counted_and_the_rest_is_read(
    place: Place, misp_feed: Path
) -> None:
    manifest = json.loads((misp_feed / "manifest.json").read_bytes())
    manifest["00000000-0000-4000-8000-000000000000"] = {"timestamp": "1", "info": "gone"}
    (misp_feed / "manifest.json").write_text(json.dumps(manifest))
    run = place.poll("misp", misp_feed)
    assert run.rejected >= 1
    assert run.new > 100


@pytest.mark.parametrize("body", [b"", b"[]x", b'{"a": 1}'])
def test_a_feed_without_a_manifest_is_an_error(place: Place, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(body)
    assert place.poll("misp", tmp_path).error


def test_a_stix_file_brings_observations_and_entities(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "stix"
    folder.mkdir()
    shutil.copy(POISON_IVY, folder)
    run = place.poll("stix", folder)
    assert run.error == ""
    assert run.new > 0
    assert place.knowledge.part(Entities).named("Poison Ivy")
    assert place.poll("stix", folder).new == 0  # the file did not change
    (folder / "broken.json").write_bytes(b'{"type": "bundle", "objects": [{"type": "indicator"}]}')
    assert place.poll("stix", folder).rejected == 1


def test_a_folder_of_reports_is_read_once_each(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    page = "<html><p>The loader fetched hxxp://bad[.]example/x from 198.51.100.7.</p></html>"
    (folder / "a.html").write_text(page)
    (folder / "b.txt").write_text("検体のSHA256は" + "ab" * 32 + "である。")
    (folder / "c.pdf").write_bytes(b"%PDF-broken")
    (folder / "d.exe").write_bytes(b"MZ")
    first = place.poll("report", folder)
    assert (first.new, first.rejected, first.error) == (2, 1, "")
    assert {"http://bad.example/x", "198.51.100.7", "ab" * 32} <= place.values
    assert {one.kind for one in place.kept.values()} == {"report"}
    again = place.poll("report", folder)
    assert (again.new, again.duplicates, again.rejected) == (0, 0, 0)
