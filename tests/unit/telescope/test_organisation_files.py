"""Registries as files: what is read, what is refused and how, and that nothing is lost."""

from __future__ import annotations

import csv
import io
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaname.knowledge.organisation_records import Organisation
from kaname.model.errors import ConflictError, InputError, KanameError, UsageError
from kaname.telescope.organisations.definition import check, define
from kaname.telescope.organisations.formats import FORMATS, read, write

FULL = """
[[organisations]]
id = "alpha"
name_en = "Alpha University"
name_ja = "アルファ大学"
language = "ja"
live = ["192.0.2.0/25", "2001:db8::/48"]
dark = ["192.0.2.128/25"]
mail = ["csirt@alpha.example", "noc@alpha.example"]
webhook = "https://alpha.example/hook?x=1"
valid_from = "2026-01-01T00:00:00Z"
tlp = "amber+strict"

[[organisations.suppressions]]
prefix = "192.0.2.7/32"
port = 443
kind = "victim"
until = "2026-06-01T00:00:00Z"
note = "load \\"test\\""
"""


def test_every_field_is_read() -> None:
    (one,) = read(FULL, "toml")
    assert one.live == ("192.0.2.0/25", "2001:db8::/48")
    assert one.name("ja") == "アルファ大学"
    assert one.name("en") == "Alpha University"
    assert one.valid_from == 1_767_225_600_000_000  # 2026-01-01, by hand
    (rule,) = one.suppressions
    assert (rule.prefix, rule.port, rule.kind, rule.note) == (
        "192.0.2.7/32", 443, "victim", 'load "test"',
    )  # fmt: skip


@pytest.mark.parametrize("form", ["toml", "json"])
def test_what_is_written_is_read(form: str) -> None:
    found = read(FULL, "toml")
    assert read(write(found, form), form) == found


def test_files_are_what_others_read_too() -> None:
    found = read(FULL, "toml")
    document = tomllib.loads(write(found, "toml"))
    assert document["organisations"][0]["suppressions"][0]["note"] == 'load "test"'
    rows = list(csv.DictReader(io.StringIO(write(found, "csv"))))
    assert [(row["use"], row["prefix"]) for row in rows] == [
        ("live", "192.0.2.0/25"), ("live", "2001:db8::/48"), ("dark", "192.0.2.128/25"),
    ]  # fmt: skip


def test_csv_needs_a_line_for_each_prefix_and_fields_once() -> None:
    text = (
        "\ufeffid,use,prefix,name_ja,mail\r\n"
        "beta,live,198.51.100.0/25,ベータ,a@b.example c@d.example\r\n"
        "beta,dark,198.51.100.128/25,,\r\n"
    )
    (one,) = read(text, "csv")
    assert (one.name_ja, one.mail) == ("ベータ", ("a@b.example", "c@d.example"))
    assert one.dark == ("198.51.100.128/25",)


def test_secrets_are_written_only_when_asked_for() -> None:
    one = define(
        {"id": "a", "live": "192.0.2.0/24", "webhook": "https://a.example", "secret": "s3"}
    )
    for form in FORMATS:
        assert "s3" not in write([one], form)
    assert "s3" in write([one], "toml", secrets=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "Ünï"), ("id", "-a"), ("id", "a" * 64), ("live", "192.0.2.1/24"), ("live", "nets"),
        ("live", "192.0.2.0/33"), ("dark", "::1/8"), ("mail", "nobody"), ("mail", "a@b\nBcc:c@d"),
        ("mail", "a@b,c@"), ("webhook", "ftp://a.example"), ("webhook", "https://u:p@a.example"),
        ("webhook", "https://"), ("webhook", "http://a b"), ("language", "fr"), ("colour", "red"),
        ("valid_from", "yesterday"), ("name_en", "a\r\nb"), ("suppressions", [{"port": 70000}]),
        ("suppressions", [{"kind": "loud"}]), ("suppressions", [{"who": "x"}]), ("live", ""),
    ],
)  # fmt: skip
def test_what_is_unfit_is_named(field: str, value: object) -> None:
    good = {"id": "a", "live": "192.0.2.0/24"}
    with pytest.raises(UsageError) as caught:
        define(good | {field: value})
    for language in ("en", "ja"):
        assert field in caught.value.render(language)


def test_a_prefix_has_one_owner_and_one_use() -> None:
    def make(key: str, **more: object) -> Organisation:
        return define({"id": key, "live": "192.0.2.0/24", **more})

    with pytest.raises(ConflictError, match=r"192\.0\.2\.0/24 .* a \(live\) .* b \(live\)"):
        check([make("a"), make("b")])
    with pytest.raises(ConflictError, match="dark"):
        check([make("a", dark="192.0.2.0/24")])
    # the same by another spelling
    with pytest.raises(ConflictError):
        check([make("a"), make("b", live="::ffff:192.0.2.0/120")])
    # inside each other, or one after the other, is fine
    check([make("a"), make("b", live="192.0.2.0/25")])
    at = "2026-02-01T00:00:00Z"
    check([make("a", valid_until=at), make("b", valid_from=at)])


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("toml", "organisations ="), ("toml", "x = 1"), ("json", "{"), ("json", "3"),
        ("json", "[1]"), ("json", "[" * 100_000), ("csv", "a,b\n1,2\n"),
        ("csv", 'id,use,prefix\n"'),
        ("csv", "id,use,prefix\na,both,192.0.2.0/24\n"), ("csv", "id,use,prefix\na,live,x,y,z\n"),
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused(form: str, text: str) -> None:
    with pytest.raises(InputError):
        read(text, form)


def test_twice_in_a_file_is_refused() -> None:
    with pytest.raises(UsageError, match="twice"):
        read('[{"id":"a","live":["192.0.2.0/24"]},{"id":"A","live":["192.0.3.0/24"]}]', "json")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from(FORMATS))
def test_any_text_is_read_or_refused(text: str, form: str) -> None:
    try:
        found = read(text, form)
    except KanameError as error:
        found = []
        error.render("ja")
    assert all(one.live or one.dark for one in found)


WORDS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40
).map(str.strip)
FOURS = st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)).map(
    lambda pair: f"{_dotted(pair[0] >> (32 - pair[1]) << (32 - pair[1]))}/{pair[1]}"
)


def _dotted(value: int) -> str:
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


@settings(max_examples=150, deadline=None)
@given(WORDS, st.lists(FOURS, min_size=1, max_size=6, unique=True), st.sampled_from(FORMATS))
def test_names_and_prefixes_survive_every_form(name: str, live: list[str], form: str) -> None:
    one = define({"id": "a", "name_ja": name, "name_en": name, "live": live})
    assert read(write([one], form), form) == [one]
