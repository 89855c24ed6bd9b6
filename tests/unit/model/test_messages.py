"""The catalogue: whatever a person may read exists in both languages."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

import kaname
from kaname.model import errors
from kaname.model.messages import LANGUAGES, catalogue, text

PACKAGES = sorted(p.parent.name for p in Path(kaname.__file__).parent.glob("*/messages"))


def fields(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_have_the_same_keys_and_the_same_blanks(package):
    english, japanese = (catalogue(package, language) for language in LANGUAGES)
    assert english.keys() == japanese.keys()
    for key in english:
        assert key.startswith(f"{package}.") or key == package
        assert fields(english[key]) == fields(japanese[key]), key


def test_every_error_class_is_exported():
    classes = {
        n for n, c in vars(errors).items() if isinstance(c, type) and issubclass(c, Exception)
    }
    assert classes == set(errors.__all__)


def test_an_error_speaks_the_language_it_is_asked_in():
    error = errors.UsageError("model.error.address", found="x")
    assert "IPv4" in error.render("en")
    assert "ではありません" in error.render("ja")
    assert str(error) == error.render("en")


def test_an_unknown_language_falls_back_to_english():
    assert text("model.error.address", "fr", found="x") == text("model.error.address", found="x")


def test_a_blank_may_be_filled_from_a_vocabulary(monkeypatch):
    words = {
        "en": {"a.text": "{at:.1f} s: a {what:a.what}", "a.what.dog": "hound"},
        "ja": {"a.text": "{at:.1f} 秒: {what:a.what}", "a.what.dog": "犬"},
    }
    monkeypatch.setattr("kaname.model.messages.catalogue", lambda _package, lang: words[lang])
    assert text("a.text", "en", at=1, what="dog") == "1.0 s: a hound"
    assert text("a.text", "ja", at=1, what="dog") == "1.0 秒: 犬"
    assert text("a.text", "en", at=1, what="{cat}") == "1.0 s: a {cat}"
