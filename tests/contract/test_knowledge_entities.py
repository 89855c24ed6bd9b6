from __future__ import annotations

import pytest

from kaname.knowledge import Knowledge
from kaname.knowledge.entities import Entities, Entity, Name, fold
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.marking import Tlp

APT29 = Entity(
    id="actor:G0016",
    type="actor",
    name="APT29",
    authority="mitre",
    changed=1,
    external="G0016",
    names=(Name("Cozy Bear", "mitre"), Name("コージーベア", "kaname")),
)
SECRET = Entity(
    id="actor:x", type="actor", name="Cozy Bear", authority="own", changed=1, tlp=Tlp.AMBER
)


@pytest.fixture
def entities(knowledge: Knowledge) -> Entities:
    return knowledge.part(Entities)


def test_a_name_leads_to_all_that_some_authority_calls_so(entities: Entities) -> None:
    entities.put([APT29, SECRET])
    assert entities.named("cozy-bear") == [APT29, SECRET]
    assert entities.named("cozy-bear", clearance=Tlp.GREEN) == [APT29]
    assert entities.named("コージー・ベア") == [APT29]
    assert entities.named("G0016") == [APT29]
    assert entities.named("cozy") == []


def test_what_is_put_again_takes_the_place_of_what_was(entities: Entities) -> None:
    assert entities.put([APT29, SECRET]) == 2
    assert entities.put([APT29]) == 0
    renamed = Entity(id=APT29.id, type="actor", name="Midnight", authority="own", changed=2)
    assert entities.put([renamed]) == 1
    assert entities.entity(APT29.id) == renamed
    assert entities.named("Cozy Bear") == [SECRET]  # its old names are gone


def test_what_is_above_the_clearance_is_neither_shown_nor_counted(entities: Entities) -> None:
    entities.put([APT29, SECRET])
    page = entities.entities(query="cozy", clearance=Tlp.GREEN)
    assert (page.items, page.total) == ([APT29], 1)
    with pytest.raises(NotFoundError):
        entities.entity(SECRET.id, clearance=Tlp.GREEN)


def test_pages_are_in_the_order_of_names(entities: Entities) -> None:
    made = [
        Entity(id=f"tool:{n}", type="tool", name=f"t{n:03}", authority="own", changed=1)
        for n in range(700)
    ]
    entities.put(made)
    first = entities.entities(type_="tool", limit=400)
    second = entities.entities(type_="tool", limit=400, cursor=first.next_cursor)
    assert first.items + second.items == made
    assert (first.total, second.next_cursor) == (700, None)
    with pytest.raises(UsageError):
        entities.entities(cursor="x")
    entities.drop([one.id for one in made])
    assert entities.every("tool") == []


@pytest.mark.parametrize(
    ("a", "b"),
    [("APT-29", "apt 29"), ("ＡＰＴ２９", "APT29"), ("コージー・ベア", "コージーベア")],
)
def test_spellings_of_one_name(a: str, b: str) -> None:
    assert fold(a) == fold(b)
