"""The comparison of packet ciphers: who is in it, how ratios come about, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from kaname.cli.main import root
from kaname.cryptography.aead import CIPHERS
from kaname.cryptography.aead.contestants import CALLS, Arena, contestants
from kaname.cryptography.aead.speed_plot import draw
from kaname.cryptography.aead.speeds import Comparison, Speed, _best, _ratios, leaders
from kaname.model.errors import StoreAccessError, UsageError

OPENSSL = "cryptography 50, OpenSSL 4"


def speed(cipher: str, path: str, encrypt: float, decrypt: float, calls: str = "each") -> Speed:
    by = "kaname" if path else OPENSSL
    return Speed(cipher, by, path, calls, 64, 8, 3, encrypt, encrypt, decrypt, decrypt)


def call(*arguments: object):
    command = ["crypto", "bench", *map(str, arguments)]
    return CliRunner().invoke(root, command, standalone_mode=False)


def test_everybody_takes_part_on_every_path_and_opens_what_was_sealed():
    with contestants() as found:
        ours = [(one.cipher, one.path) for one in found if one.by == "kaname"]
        assert ours == [(name, path) for name, kind in CIPHERS.items() for path in kind.paths()]
        peers = {one.cipher for one in found if not one.path}
        assert {"AES-256-GCM", "ChaCha20-Poly1305"} <= peers
        arena = Arena(65, 8)
        for one in found:
            for make in (one.each, one.batch):
                work = make(arena, 8)
                work.encrypt()
                work.decrypt()  # raises where a packet is not genuine
    with contestants(all_paths=False) as best:
        assert len(best) == len(found) - len(ours) + len(CIPHERS)


def test_ratios_are_those_of_the_best_path_to_each_peer():
    speeds = [
        speed("Rocca-S", "portable", 1.0, 1.0),
        speed("Rocca-S", "aes", 30.0, 20.0),
        speed("Rocca-S", "vaes512", 31.0, 10.0),  # slower both ways together
        speed("AES-256-GCM", "", 10.0, 8.0),
        speed("AES-256-GCM", "", 10.0, 10.0, "batch"),
    ]
    best = leaders(speeds)
    assert [one.path for one in best] == ["aes", "", ""]
    found = _ratios(speeds)
    assert [(one.cipher, one.path, one.peer, one.encrypt, one.decrypt) for one in found] == [
        ("Rocca-S", "aes", "AES-256-GCM", 3.0, 2.5)
    ]


def test_samples_that_a_clock_got_wrong_are_not_the_best():
    assert _best([3.0]) == 3.0
    assert _best([1.0, 3.0, 2.0]) == 3.0
    assert _best([10.0] * 38 + [900.0, 800.0]) == 10.0


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_picture_has_every_cipher_once(language: str):
    speeds = [
        speed(name, path, 10.0, 9.0, calls)
        for calls in CALLS
        for name, path in (("Rocca-S", "aes"), ("Rocca-S", "portable"), ("AES-256-GCM", ""))
    ]
    found = Comparison("A <processor> & more", 1, "clock", 1.0, speeds, [])
    told = "".join(ET.fromstring(draw(found, language)).itertext())  # noqa: S314 - our own
    assert told.count("Rocca-S (kaname)") == 1
    assert told.count("AES-256-GCM (OpenSSL 4)") == 1
    assert "A <processor> & more" in told


def test_the_command_measures_says_what_it_is_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for place in ("speech", "frame"):
        monkeypatch.setattr(f"kaname.cli.{place}.language", lambda: "ja")
    picture = tmp_path / "x.svg"
    told = call("--sizes", "100", "--seconds", 1, "--best-paths", "--svg", picture)
    assert told.exception is None
    assert "実験的" in told.stderr
    with contestants(all_paths=False) as best:
        assert len(told.stdout.splitlines()) == 2 * len(best)
    assert "実験的" in "".join(ET.fromstring(picture.read_text("utf-8")).itertext())  # noqa: S314
    assert list(tmp_path.iterdir()) == [picture]


def test_json_with_threads_has_rates_and_ratios():
    told = call("--sizes", "64", "--seconds", 1, "--best-paths", "--threads", 2, "--json")
    assert told.exception is None
    document = json.loads(told.stdout)
    assert document["experimental"] is True
    assert document["threads"] == 2
    assert {one["calls"] for one in document["speeds"]} == {"each", "batch"}
    assert all(one["encrypt"] > 0 and one["samples"] > 0 for one in document["speeds"])
    assert {one["cipher"] for one in document["ratios"]} == set(CIPHERS)


@pytest.mark.parametrize(
    "sizes", ["", "0", "64,", "65537", "64;100", "-5", "1,2,3,4,5,6,7,8,9,10,11,12,13"]
)
def test_sizes_that_are_none_are_refused(sizes: str):
    assert isinstance(call(f"--sizes={sizes}").exception, UsageError)


def test_pictures_that_cannot_be_written_are_refused(tmp_path: Path):
    assert isinstance(call("--svg", tmp_path / "x.png").exception, UsageError)
    where = tmp_path / "none" / "x.svg"
    found = call("--seconds", 600, "--svg", where)  # at once
    assert isinstance(found.exception, StoreAccessError)
