"""The registry, and what analyses say of themselves."""

from __future__ import annotations

import json

import pytest

from kaname.analysis.frame import Analysis, analyses, analysis, describe
from kaname.model.errors import NotFoundError

TELESCOPE = {
    "telescope.campaigns", "telescope.dos", "telescope.floods", "telescope.reflection",
    "telescope.sources",
}  # fmt: skip


def test_our_analyses_are_found_as_those_of_others_would_be() -> None:
    assert set(analyses()) >= TELESCOPE
    assert all(isinstance(each, Analysis) for each in analyses().values())
    assert all(name == each.name for name, each in analyses().items())


def test_an_unknown_analysis_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(NotFoundError, match=r"telescope\.sources"):
        analysis("telescope.nothing")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", sorted(TELESCOPE))
def test_a_description_is_whole_and_ready_for_json(name: str, language: str) -> None:
    said = describe(analysis(name), language)
    assert json.loads(json.dumps(said)) == said
    assert said["text"]
    assert said["limitations"]
    assert said["references"]
    assert "flowtuples" in said["tables"]
    assert all(p["text"] for p in said["parameters"])


def test_languages_differ() -> None:
    each = analysis("telescope.sources")
    assert describe(each, "en")["text"] != describe(each, "ja")["text"]
