"""Every key that the API and the nexus use exists, in both languages, with the same fields."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter

import pytest

import kaname

PACKAGE = Path(kaname.__file__).parent
KEY = re.compile(r'"((?:api|nexus)\.(?:error\.[a-z_]+|ready|console\.[a-z]+))"')


def catalogue(package, language):
    return json.loads((PACKAGE / package / "messages" / f"{language}.json").read_text())


def fields(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("package", ["api", "nexus"])
def test_both_languages_say_the_same_things(package):
    english, japanese = catalogue(package, "en"), catalogue(package, "ja")
    assert english.keys() == japanese.keys()
    for key, template in english.items():
        assert fields(template) == fields(japanese[key]), key
        assert not template.isascii() or japanese[key] != template, key


@pytest.mark.parametrize("package", ["api", "nexus"])
def test_every_key_in_the_code_is_in_the_catalogue(package):
    known = catalogue("api", "en") | catalogue("nexus", "en")
    for path in (PACKAGE / package).rglob("*.py"):
        for key in KEY.findall(path.read_text(encoding="utf-8")):
            assert key in known, (path.name, key)
