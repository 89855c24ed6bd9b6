from __future__ import annotations

import json
import lzma
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kaname.intelligence.fusion import galaxies
from kaname.intelligence.fusion.attack_catalogue import Catalogue, keep, load, matrix
from kaname.intelligence.fusion.entities import (
    attach,
    gazetteer,
    japanese_names,
    needs_context,
)
from kaname.knowledge import Knowledge
from kaname.knowledge.assertions import Assertions
from kaname.knowledge.entities import Entities, Entity, Name
from kaname.model.errors import InputError

ATTACK = Path("../shared/data/fusion/attack")


@pytest.fixture(scope="module")
def enterprise() -> Catalogue:
    file = ATTACK / "enterprise-attack-18.1.trimmed.stix21.json.xz"
    return load(lzma.decompress(file.read_bytes()))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, enterprise: Catalogue) -> Path:
    """A store that holds the catalogue, to be copied."""
    path = tmp_path_factory.mktemp("attack") / "k.sqlite"
    with Knowledge.open(f"sqlite:///{path}") as store:
        keep(enterprise, store.part(Entities))
    return path


@pytest.fixture
def knowledge(tmp_path: Path, loaded: Path) -> Iterator[Knowledge]:
    shutil.copy(loaded, tmp_path / "k.sqlite")
    with Knowledge.open(f"sqlite:///{tmp_path}/k.sqlite") as store:
        yield store


@pytest.fixture
def entities(knowledge: Knowledge) -> Entities:
    return knowledge.part(Entities)


def cluster(type_: str, *values: dict[str, object]) -> bytes:
    return json.dumps({"type": type_, "uuid": "x", "values": list(values)}).encode()


def test_the_matrix_is_that_of_mitre(entities: Entities) -> None:
    # https://attack.mitre.org/versions/v18/matrices/enterprise/: 14 tactics in this order,
    # 216 techniques and 475 sub-techniques (by x_mitre_is_subtechnique in the bundle,
    # those revoked or deprecated left out).
    found = matrix(entities)
    assert [tactic.id for tactic in found.tactics] == [
        f"TA{n:04}" for n in (43, 42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 10, 40)
    ]
    techniques = {one.id: one for tactic in found.tactics for one in tactic.techniques}
    assert len(techniques) == 216
    assert sum(len(one.sub) for one in techniques.values()) == 475
    interpreter = techniques["T1059"]
    assert interpreter.name == "Command and Scripting Interpreter"
    assert "T1059.001" in {one.id for one in interpreter.sub}


def test_a_group_has_its_aliases_and_what_it_uses(entities: Entities) -> None:
    bear, car = entities.named("Cozy Bear")  # a group, and the malware that was called so too
    assert (bear.id, bear.name, bear.type) == ("G0016", "APT29", "actor")
    assert (car.id, car.type) == ("S0046", "malware")
    assert {"T1059.001", "S0154"} <= set(bear.properties["uses"])
    assert entities.entity("T1059.001").properties["parent"] == "T1059"


def test_an_older_version_takes_nothing_back(entities: Entities, enterprise: Catalogue) -> None:
    known = entities.entity("G0016")
    older = msgspec.structs.replace(known, changed=known.changed - 1, name="Old")
    assert keep(Catalogue((older,), "1", 0), entities) == 0
    assert entities.entity("G0016") == known
    assert keep(enterprise, entities) == 0
    industrial = load(lzma.decompress((ATTACK / "ics-attack-12.1.json.xz").read_bytes()))
    assert industrial.version == "12.1"
    keep(industrial, entities)
    assert [tactic.id[:4] for tactic in matrix(entities).tactics] == ["TA00"] * 14 + ["TA01"] * 12


def test_what_is_revoked_says_what_took_its_place(enterprise: Catalogue) -> None:
    by_id = {one.id: one for one in enterprise.entities}
    powershell = by_id["T1086"]  # PowerShell, now T1059.001
    assert powershell.properties["revoked_by"] == ["T1059.001"]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"objects":[]}', b'{"objects":[{"id":1}]}'])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        load(data)


def test_a_claim_that_fits_one_number_becomes_a_name(
    knowledge: Knowledge, entities: Entities
) -> None:
    values = {"value": "APT 29", "uuid": "u1", "meta": {"synonyms": ["Cozy Bear", "Velvet Otter"]}}
    claims = galaxies.read(cluster("threat-actor", values), at=1)
    done = attach(claims, entities, knowledge.part(Assertions), at=1)
    assert (done.merged, done.new, done.conflicts) == (1, 0, 0)
    (bear,) = entities.named("Velvet Otter")
    assert bear.id == "G0016"
    assert Name("Velvet Otter", "misp", "actor") in bear.names


def test_two_numbers_are_never_made_one(knowledge: Knowledge, entities: Entities) -> None:
    values = {"value": "The Bears", "uuid": "u2", "meta": {"synonyms": ["APT28", "APT29"]}}
    claims = galaxies.read(cluster("threat-actor", values), at=1)
    assertions = knowledge.part(Assertions)
    done = attach(claims, entities, assertions, at=1)
    assert (done.merged, done.new, done.conflicts) == (0, 1, 1)
    (said,) = assertions.about("misp:u2")
    assert (said.predicate, said.value) == ("may-be", ["G0007", "G0016"])
    assert {one.id for one in entities.named("APT28")} == {"G0007", "misp:u2"}
    assert entities.entity("G0007").id != entities.entity("G0016").id


def test_a_shared_everyday_word_makes_no_claim(knowledge: Knowledge, entities: Entities) -> None:
    values = {"value": "Somebody Else", "uuid": "u3", "meta": {"synonyms": ["Reaper"]}}
    claims = galaxies.read(cluster("threat-actor", values), at=1)  # APT37 is also Reaper
    assert attach(claims, entities, knowledge.part(Assertions), at=1).new == 1


def test_galaxies_that_repeat_attack_are_passed_over() -> None:
    assert galaxies.read(cluster("mitre-intrusion-set", {"value": "x", "uuid": "u"}), at=1) == []
    with pytest.raises(InputError):
        galaxies.read(b'{"type": "rat"}', at=1)


def test_japanese_names_lead_to_the_same_entities(entities: Entities) -> None:
    assert [one.id for one in entities.named("エモテット")] == ["S0367"]
    assert [one.id for one in entities.named("ラザルス")] == ["G0032"]
    assert [one.id for one in entities.named("ミミカッツ")] == ["S0002"]
    before = entities.entity("S0367")
    assert japanese_names(entities) == 0
    assert entities.entity("S0367") == before


@pytest.mark.parametrize("name", ["Play", "Reaper", "Everest", "Chaos", "Cactus", "ハイブ", "at"])
def test_everyday_words_need_context(name: str) -> None:
    assert needs_context(name)


@pytest.mark.parametrize("name", ["Emotet", "APT1", "エモテット", "Cobalt Strike", "LockBit"])
def test_names_that_mean_only_one_thing_need_none(name: str) -> None:
    assert not needs_context(name)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("The Play ransomware group struck again", True),
        ("プレイ Play と名乗るランサムウェアグループ", True),
        ("We will Play a game of chess tonight", False),
    ],
)
def test_a_common_word_is_a_name_only_beside_its_context(text: str, meant: bool) -> None:
    play = Entity(id="S1162", type="malware", name="Play", authority="mitre", changed=1)
    names = gazetteer([play])
    start = text.index("Play")
    assert names.meant("Play", text, start, start + 4) == (("S1162",) if meant else ())


def test_a_name_of_two_means_both(entities: Entities) -> None:
    own = Entity(id="own:1", type="actor", name="Cozy Bear", authority="own", changed=1)
    names = gazetteer([entities.entity("G0016"), own])
    assert names.meant("cozy bear") == ("G0016", "own:1")
