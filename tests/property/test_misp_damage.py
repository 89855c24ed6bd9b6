"""Whatever is done to a MISP document: nothing raises, and what is whole is taken."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.intelligence.misp.samples import RECEIVED, UUID, attribute, encoded, event

from kaname.intelligence.misp.marking import Viewer, tlp_of, visible
from kaname.intelligence.misp.observations import Origin, observations_of
from kaname.intelligence.misp.reading import read
from kaname.model.marking import Tlp

ORIGIN = Origin("misp.any", Tlp.GREEN, RECEIVED)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    ["uuid", "type", "category", "value", "to_ids", "timestamp", "comment", "Tag", "Sighting",
     "first_seen", "deleted", "Object", "Attribute", "ObjectReference", "Orgc", "info", "date"]
)  # fmt: skip
GOOD = attribute(1, "ip-src", "198.51.100.7")


def taken(data: bytes) -> list[str]:
    return [
        mention.value
        for found in read(data).events
        for one in observations_of(found.event, found.uuid, ORIGIN, [])
        for mention in one.mentions
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(FIELDS, JSON, max_size=6) | JSON, max_size=4), JSON)
def test_a_good_attribute_survives_any_neighbours(neighbours: list[Any], objects: Any) -> None:
    given_event = event(*neighbours, GOOD, Object=objects)
    assert "198.51.100.7" in taken(encoded(given_event))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(FIELDS, JSON))
def test_any_event_is_read_and_kept_byte_for_byte(fields: dict[str, Any]) -> None:
    data = json.dumps({"Event": fields | {"uuid": UUID}}).encode()
    (found,) = read(data).events
    assert found.body in data
    list(observations_of(found.event, found.uuid, ORIGIN, []))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.integers(0, 400).map(lambda n: encoded(event(GOOD))[:n]))
def test_no_bytes_raise(data: bytes) -> None:
    taken(data)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*Tlp]), min_size=1, max_size=6), st.sampled_from([*Tlp]))
def test_nothing_above_a_clearance_is_shown(levels: list[Tlp], clearance: Tlp) -> None:
    parts = [
        attribute(n, "domain", f"{level.rank}.example", Tag=[{"name": f"tlp:{level.value}"}])
        for n, level in enumerate(levels)
    ]
    shown = visible(event(*parts, Tag=[]), Tlp.CLEAR, Viewer(clearance))
    expected = [f"{level.rank}.example" for level in levels if level.rank <= clearance.rank]
    assert [one["value"] for one in shown["Attribute"]] == expected
    assert tlp_of(["tlp:ex:chr", "TLP:WHITE"], Tlp.RED) is Tlp.CLEAR
