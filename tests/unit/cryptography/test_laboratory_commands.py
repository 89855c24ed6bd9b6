"""`kaname crypto lab` as a user calls it: always marked, never half written."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from kaname.cli.commands.crypto_lab_compression import numbers
from kaname.cli.main import root
from kaname.model.errors import InputError, IntegrityError, UsageError


def call(*arguments: object):
    return CliRunner().invoke(root, ["crypto", "lab", *map(str, arguments)], standalone_mode=False)


COMMANDS = [
    ("compression", "--rank", 3, "--dv", 4),
    ("multi", "--recipients", 20),
    ("channel", "--probes", 8000),
]


@pytest.mark.parametrize("arguments", COMMANDS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_output_says_that_it_is_of_the_laboratory(
    arguments, language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for place in ("speech", "frame"):
        monkeypatch.setattr(f"kaname.cli.{place}.language", lambda: language)
    picture = tmp_path / "x.svg"
    told = call(*arguments, "--svg", picture)
    assert told.exception is None
    word = {"en": "Laboratory", "ja": "実験用"}[language]
    assert word in told.stderr
    found = call(*arguments, "--json")
    document = json.loads(found.stdout)
    assert document["laboratory"] is True
    assert document["warning"]
    drawn = picture.read_text("utf-8")
    assert word in "".join(ET.fromstring(drawn).itertext())  # noqa: S314 - our own picture
    assert [one.name for one in tmp_path.iterdir()] == ["x.svg"]


def test_compression_by_ranges_and_trials():
    found = call("compression", "--rank", 4, "--du", "10-11", "--dv", "5", "--trials", 2, "--json")
    rows = json.loads(found.stdout)["rows"]
    assert [(row["du"], row["dv"], row["ciphertext"]) for row in rows] == [
        (11, 5, 1568), (10, 5, 1440),
    ]  # fmt: skip
    assert [(row["trials"], row["failed"]) for row in rows] == [(2, 0), (2, 0)]


def test_failures_that_cannot_happen_are_null_in_json():
    found = call("compression", "--rank", 1, "--eta1", 1, "--eta2", 1, "--du", 12, "--dv", 12,
                 "--json")  # fmt: skip
    assert json.loads(found.stdout)["rows"][0]["failure"] is None


def test_a_thousand_recipients_stay_below_140_kib():
    found = json.loads(call("multi", "--open", 3, "--json").stdout)
    assert found["recipients"] == 1000
    assert found["octets"] == 960 + 128_000
    assert found["octets_with_ids"] <= 140 * 1024
    assert found["opened"] == 3


def test_recipients_who_find_nothing_are_told():
    found = call("multi", "--recipients", 5, "--du", 5, "--dv", 1)
    assert isinstance(found.exception, IntegrityError)


def test_no_key_is_exit_code_1_and_a_rate_is_told():
    found = call("channel", "--probes", 8000, "--snr", "-10", "--json")
    assert found.return_value == 1
    told = json.loads(call("channel", "--probes", 20000, "--rate", 10, "--json").stdout)
    assert told["key_bits_per_second"] == pytest.approx(10 * told["key_bits"] / 20000)


@pytest.mark.parametrize(
    "arguments",
    [
        ("compression", "--du", "x"), ("compression", "--du", "1-99999999"),
        ("compression", "--du", "13"), ("compression", "--rank", "7"),
        ("compression", "--rank", "1-8", "--du", "1-12", "--dv", "1-12", "--eta1", "1-8"),
        ("compression", "--svg", "x.png"), ("channel", "--probes", 1000),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(arguments):
    found = call(*arguments)
    assert isinstance(found.exception, (UsageError, InputError))
    assert found.exception.render("ja")


def test_numbers():
    assert numbers("3, 1-2,2") == [1, 2, 3]
    for wrong in ("", "-", "1-", "-1", "1.5", "١", "2--3", "12-8", "9" * 30):
        with pytest.raises(UsageError):
            numbers(wrong)
