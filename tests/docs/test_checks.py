"""The checks of `make check` that are ours find the defects that they are for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scripts import bench
from scripts.bootstrap import stamp, step, tools
from scripts.checks import places, sizes, translations
from tests.docs.manual import ROOT


def _catalogues(folder: Path, en: dict[str, str], ja: dict[str, str]) -> Path:
    messages = folder / "lake" / "messages"
    messages.mkdir(parents=True)
    for language, texts in (("en", en), ("ja", ja)):
        (messages / f"{language}.json").write_text(json.dumps(texts), "utf-8")
    return messages


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one file that the checks take for ours."""
    for module in (translations, sizes, places, stamp, step):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "SCRIPTS", tmp_path / "scripts")
    monkeypatch.setattr(stamp, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(step, "LOGS", tmp_path / "logs")
    for module in (sizes, places):
        monkeypatch.setattr(module, "tracked", lambda: ["a.py"])
    return tmp_path


@pytest.mark.parametrize(
    ("en", "ja", "wrong"),
    [
        ({"lake.a": "x"}, {"lake.a": "x"}, 0),
        ({"lake.a": "x"}, {}, 1),
        ({"lake.a": "{n} rows"}, {"lake.a": "行"}, 1),
        ({"lake.a": "{n:,} rows"}, {"lake.a": "{n} 行"}, 0),
        ({"lake.a": "x"}, {"lake.a": " "}, 1),
        ({"bus.a": "x"}, {"bus.a": "x"}, 1),
    ],
)
def test_catalogues_that_differ_are_found(
    elsewhere: Path, en: dict[str, str], ja: dict[str, str], wrong: int
) -> None:
    assert len(list(translations.pairs(_catalogues(elsewhere, en, ja)))) == wrong


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ('raise E("lake.error.full")', 0),
        ('raise E("lake.error.full"); E("lake.error.empty")', 1),  # names a key that is not there
        ("", 1),  # leaves a key unused
        ('say(f"lake.error.{kind}")', 0),
        ('topic = "lake.committed"; E("lake.error.full")', 0),  # not a key by its form
    ],
)
def test_keys_and_their_uses_are_compared(elsewhere: Path, source: str, wrong: int) -> None:
    path = elsewhere / "a.py"
    path.write_text(source, "utf-8")
    assert len(list(translations.usage([path], {"lake.error.full"}, set()))) == wrong


@pytest.mark.parametrize(("lines", "wrong"), [(700, 0), (701, 1)])
def test_a_file_that_grew_too_long_is_found(elsewhere: Path, lines: int, wrong: int) -> None:
    (elsewhere / "a.py").write_text("pass\n" * lines, "utf-8")
    assert len(sizes.problems()) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),  # "@" for "/", so that this file names no such place itself
    [
        ("@home@hanako@captures", 1),
        ("@root@.cargo", 1),
        ("@var@lib@kaname", 0),
        ("https:@@example.org@work@paper", 0),
    ],
)
def test_places_of_one_machine_are_found(elsewhere: Path, text: str, wrong: int) -> None:
    (elsewhere / "a.py").write_text(f"# see {text}\n".replace("@", "/"), "utf-8")
    assert len(places.problems()) == wrong


def test_a_step_runs_again_only_when_what_goes_in_has_changed(elsewhere: Path) -> None:
    source, product = elsewhere / "in.txt", elsewhere / "out.txt"
    one = stamp.Stamp("uv", ("in.txt",), ("out.txt",))
    argv = ["sh", "-c", "echo made >> out.txt"]
    source.write_text("1", "utf-8")
    step.run(one, argv, environment={}, folder=elsewhere)
    step.run(one, argv, environment={}, folder=elsewhere)
    assert product.read_text("utf-8").count("made") == 1
    source.write_text("2", "utf-8")
    step.run(one, argv, environment={}, folder=elsewhere)
    assert product.read_text("utf-8").count("made") == 2
    product.unlink()
    step.run(one, argv, environment={}, folder=elsewhere)
    assert product.exists()


def test_a_step_that_fails_says_why_and_where_its_log_is(elsewhere: Path) -> None:
    argv = ["sh", "-c", "echo building; echo 'error: disk quota exceeded'; exit 3"]
    with pytest.raises(step.FailedError) as caught:
        step.run(stamp.Stamp("uv", (), ("never",)), argv, environment={}, folder=elsewhere)
    text = str(caught.value)
    assert "disk quota exceeded" in text
    assert "logs/uv.log" in text


def test_a_program_that_is_not_there_is_a_failed_step(elsewhere: Path) -> None:
    with pytest.raises(step.FailedError):
        step.run(stamp.Stamp("uv", (), ("never",)), ["no-such-program"], environment={})


@pytest.mark.parametrize(
    ("printed", "version"),
    [("cargo 1.95.0 (f2d3ce0bd 2026-03-21)", (1, 95, 0)), ("v20.20.2", (20, 20, 2)), ("", ())],
)
def test_versions_are_read_as_tools_print_them(printed: str, version: tuple[int, ...]) -> None:
    assert tools.version_of(["echo", printed], {}) == version


def test_a_tool_that_is_not_there_has_no_version() -> None:
    assert tools.version_of(["no-such-program"], {}) == ()


def test_numbers_of_benchmarks_are_shown_with_their_whole_names() -> None:
    document = {"ours": {"rate": 6.5e6, "runs": [1, 2]}, "peer": "nfdump"}
    assert list(bench.flat(document)) == [
        ("ours.rate", "6.5e+06"),
        ("ours.runs[0]", "1"),
        ("ours.runs[1]", "2"),
        ("peer", "nfdump"),
    ]


def test_what_benchmarks_share_is_not_run_as_one(tmp_path: Path) -> None:
    for name in ("startup.py", "_workload.py"):
        (tmp_path / name).touch()
    assert bench.names([], tmp_path) == ["startup"]
    with pytest.raises(SystemExit):
        bench.names(["stratup"], tmp_path)


def test_every_step_of_the_build_has_a_title_and_a_remedy_in_both_languages() -> None:
    for language in ("en", "ja"):
        path = ROOT / "scripts" / "messages" / f"{language}.json"
        keys = json.loads(path.read_text("utf-8")).keys()
        titles = {key.split(".")[2] for key in keys if key.startswith("bootstrap.step.")}
        remedies = {key.split(".")[2] for key in keys if key.startswith("bootstrap.fix.")}
        assert titles == remedies
