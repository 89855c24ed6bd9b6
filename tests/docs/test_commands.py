"""What the pages tell people to type works: commands, options and targets exist."""

from __future__ import annotations

import itertools
import re
import subprocess
from pathlib import Path

import click
import pytest
from tests.docs.manual import LANGUAGES, ROOT, blocks, commands, inline, pages

from kaname.cli.main import root
from kaname.model.messages import catalogue
from kaname.model.settings import SETTINGS

ALL = [page for language in LANGUAGES for page in pages(language)]
# Variables that are not settings of kaname.
OTHER_VARIABLES = {"KANAME_LANG", "KANAME_COMPLETE", "KANAME_REQUIRE_SERVERS", "KANAME_EXPLORE"}


def resolve(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that ``words`` call, and what is left for it."""
    command: click.Command = root
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        below = command.get_command(click.Context(command), rest[0])
        if below is None:
            break
        command, rest = below, rest[1:]
    return command, rest


def known_options(command: click.Command) -> set[str]:
    context = click.Context(command)
    return {name for p in command.get_params(context) for name in (*p.opts, *p.secondary_opts)}


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_options_that_a_page_names_exist(page: Path) -> None:
    for words in [*commands(page), *inline(page)]:
        command, rest = resolve(words)
        if isinstance(command, click.Group) and not command.invoke_without_command:
            assert all(word.startswith("-") for word in rest), f"{words}: no such command"
        used = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert used <= known_options(command), f"{words}: no such option"


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_choices_that_a_page_gives_are_accepted(page: Path) -> None:
    for words in commands(page):
        command, rest = resolve(words)
        for param in command.get_params(click.Context(command)):
            if isinstance(param.type, click.Choice):
                for name, value in itertools.pairwise(rest):
                    assert name not in param.opts or value in param.type.choices, words


def leaves(command: click.Command, path: str) -> dict[str, str]:
    """Commands that do something, with the key of their line in the catalogue."""
    if not isinstance(command, click.Group):
        return {path: "cli.command." + ".".join(path.split()[1:])}
    found: dict[str, str] = {}
    if command.invoke_without_command:
        found[path] = "cli.command." + ".".join(path.split()[1:])
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        found |= leaves(below, f"{path} {name}")
    return found


@pytest.mark.parametrize(("language", "name"), [("en", "README.md"), ("ja", "README.ja.md")])
def test_readme_lists_every_command_with_the_line_of_its_help(language: str, name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    listed = dict(re.findall(r"^\| `(kaname [a-z -]+)` \| (.+) \|$", text, re.MULTILINE))
    lines = catalogue("cli", language)
    assert listed == {path: lines[key] for path, key in leaves(root, "kaname").items()}


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_variables_that_a_page_names_are_settings(page: Path) -> None:
    known = {f"KANAME_{setting.name.upper()}" for setting in SETTINGS} | OTHER_VARIABLES
    assert set(re.findall(r"KANAME_[A-Z_]*[A-Z]", page.read_text("utf-8"))) <= known


@pytest.mark.parametrize("page", ALL, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_that_a_page_names_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = page.read_text("utf-8")
    named = re.findall(r"`make ([a-z]+)", text)
    named += [m for b in blocks(page) for m in re.findall(r"^make ([a-z]+)", b.text, re.MULTILINE)]
    assert set(named) <= targets


def test_help_of_make_names_every_target_in_both_languages() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert targets
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    shown = {line.split()[1]: below for line, below in zip(lines[::2], lines[1::2], strict=True)}
    promised = {"demo", "test", "check", "bench", "fuzz", "docs", "wheel", "help"}
    assert promised <= shown.keys() <= set(targets[1].split())
    assert all(re.search(r"[ぁ-ヿ一-龯]", line) for line in shown.values())
