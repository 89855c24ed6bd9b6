"""What an installation says of itself: labels in words, and formats."""

from __future__ import annotations

from kaname.analysis.frame import analyses


def test_every_label_of_every_analysis_has_words_in_both_languages(client):
    found = client().get("/api/v1/labels").json()
    given = {(name, label) for name, each in analyses().items() for label in each.labels}
    told = {(one["analysis"], one["label"]) for one in found}
    assert {pair for pair in told if pair[0] != "intelligence"} == given
    assert ("intelligence", "payload") in told  # what only indicators are called
    assert [one for one in found if one["text"]["en"] == one["text"]["ja"]] == []


def test_every_reader_names_its_formats_and_tables(client):
    found = client().get("/api/v1/readers").json()
    [pcap] = [one for one in found if one["name"] == "pcap"]
    assert {"flowtuples", "packets"} <= set(pcap["tables"])
    assert all(one["formats"] for one in found)
    assert [one["name"] for one in found] == sorted(one["name"] for one in found)
