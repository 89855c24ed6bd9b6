"""The command line as a person meets it: help, mistakes, exit codes, both languages."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest

from kaname.cli.frame import Group
from kaname.cli.main import root

KANAME = [sys.executable, "-c", "from kaname.cli.main import run; run()"]


def kaname(*arguments, lang="en", stdin="", **environment):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("KANAME_", "LC_", "LANG"))}
    return subprocess.run(
        [*KANAME, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=clean | {"KANAME_LANG": lang, "PYTHONIOENCODING": "utf-8"} | environment,
    )


def commands(group, path=()):
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        found = group.get_command(ctx, name)
        yield (*path, name), found
        if isinstance(found, Group):
            yield from commands(found, (*path, name))


ALL = dict(commands(root))


def test_the_issue_s_commands_are_there():
    top = {path[0] for path in ALL}
    promised = (
        "up demo ingest listen analyze analyses findings indicators lookup pivot explain "
        "telescope hardware crypto intelligence watch feed cases report share data lake token "
        "config doctor simulate link"
    )
    assert top == set(promised.split())


@pytest.mark.parametrize("path", [p for p, c in ALL.items() if not isinstance(c, Group)])
def test_every_command_takes_json_and_a_data_folder(path):
    options = {name for parameter in ALL[path].params for name in parameter.opts}
    assert {"--json", "--data", "--lang"} <= options
    assert all(p.help for p in ALL[path].params if isinstance(p, click.Option))


@pytest.mark.parametrize(("lang", "word"), [("en", "Commands"), ("ja", "コマンド")])
def test_help_speaks_the_language_of_the_person(lang, word):
    shown = kaname("--help", lang=lang)
    assert shown.returncode == 0
    assert word in shown.stdout
    assert kaname("--lang", lang, "--help", lang="en").stdout == shown.stdout


def test_help_imports_no_heavy_library():
    code = (
        "import sys; sys.argv=['kaname','--help']\n"
        "from kaname.cli.main import _guarded\n"
        "_guarded()\n"
        "heavy = {'pyarrow','duckdb','ibis','sqlalchemy','litestar','numpy','rich','asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ingst"], "did you mean ingest"),
        (["ingest"], "FILE"),
        (["ingest", "--sensr", "x"], "did you mean --sensor"),
        (["explain"], "ID is missing"),
        (["findings", "--limit", "0"], "--limit does not fit"),
        (["findings", "--since", "yesterday"], "yesterday"),
        (["ingest", "--tlp", "purple", "x"], "purple"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, arguments, said):
    result = kaname(*arguments, KANAME_DATA=str(tmp_path))
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_a_mistake_in_japanese(tmp_path):
    result = kaname("ingest", "--tlp", "purple", "x", lang="ja", KANAME_DATA=str(tmp_path))
    assert "TLP 2.0 の区分ではありません" in result.stderr


def test_an_unknown_setting_stops_every_command(tmp_path):
    (tmp_path / "kaname.toml").write_text("retention = 3\n")
    result = subprocess.run(
        [*KANAME, "config", "show"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"KANAME_LANG": "en"},
    )  # fmt: skip
    assert result.returncode == 2
    assert "retention_days" in result.stderr


def test_config_says_where_a_value_came_from(tmp_path):
    shown = kaname("config", "show", "--json", KANAME_DATA=str(tmp_path), KANAME_SENSOR="here")
    document = json.loads(shown.stdout)
    assert document["sensor"]["value"] == "here"
    assert document["sensor"]["origin"] == "environment KANAME_SENSOR"
    assert document["data"]["value"] == str(tmp_path)


def test_a_closed_pipe_is_met_in_silence(tmp_path):
    line = f"{KANAME[0]} -c '{KANAME[2]}' config show | head -n 1"
    result = subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"KANAME_DATA": str(tmp_path)},
    )
    assert result.stdout.startswith("data\t")
    assert result.stderr == ""
