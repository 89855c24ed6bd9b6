"""Verdicts become findings, region by region, with the nets as evidence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.unit.hardware.nexus.designed import BAD, QUIET, designs
from tests.unit.hardware.nexus.powered import DAY, START

from kaname.analysis.evaluate import evaluate
from kaname.analysis.evidence import rerun
from kaname.analysis.frame import Window, analyses, settle
from kaname.lake import Lake
from kaname.model.records import ArtifactKind, Finding, Role


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    with Lake.open(tmp_path_factory.mktemp("designs")) as opened:
        designs(opened)
        yield opened


def said(lake: Lake, **given: float) -> list[Finding]:
    each = analyses()["hardware.trojans"]
    params = settle(each.name, each.parameters, given)
    found = evaluate(lake, each, Window(START, START + DAY), ("weeks",), params)
    return sorted(found, key=lambda one: -one.confidence)


def test_each_region_is_a_finding_and_lone_nets_are_told_in_passing(lake: Lake) -> None:
    first, second, lone = said(lake)
    assert [one.label for one in (first, second, lone)] == [
        "trojan_region", "trojan_region", "suspect_nets",
    ]  # fmt: skip
    assert (first.confidence, first.severity.value, first.evidence.rows) == (0.97, "high", 2)
    assert (second.confidence, second.severity.value, second.evidence.rows) == (0.6, "medium", 2)
    assert (lone.confidence, lone.severity.value, lone.evidence.rows) == (0.2, "low", 1)
    assert first.values["nets"] == "n11, n12"
    assert first.values["role"] == "trigger"
    for one, digest in ((first, BAD), (lone, QUIET)):
        (artifact,) = one.artifacts
        assert (artifact.kind, artifact.value) == (ArtifactKind.HASH, digest)
        assert artifact.role is Role.UNKNOWN  # the digest of a design blocks nothing
    for one in (first, second, lone):
        assert rerun(lake, one).status == "holds"
        assert one.title("en") != one.title("ja")
        assert one.explain("ja")
        assert all(one.because("en"))


def test_a_design_whose_regions_are_all_unsure_is_told_as_a_whole(lake: Lake) -> None:
    found = said(lake, probability=0.99)
    assert {one.label for one in found} == {"trojan_design", "suspect_nets"}
    assert found[0].confidence == 0.98


def test_only_so_many_regions_as_wanted(lake: Lake) -> None:
    assert [one.label for one in said(lake, regions=1)] == ["trojan_region", "suspect_nets"]
