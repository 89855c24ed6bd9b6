"""Page of the command line, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from kaname.cli.main import root
from scripts.docs.markdown import cell, code, head, table

__all__ = ["commands_page", "walk"]


def walk(command: click.Command, path: str = "kaname") -> Iterator[tuple[str, click.Command]]:
    """``command`` and all below it, with what is typed to call each."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from walk(below, f"{path} {name}")


def commands_page() -> str:
    """Every command: usage, what it does, options."""
    return head("commands") + "".join(_section(path, command) for path, command in walk(root))


def _section(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    about = (command.help or "").strip()
    options = [param for param in command.get_params(context) if isinstance(param, click.Option)]
    records = [record for option in options if (record := option.get_help_record(context))]
    rows = [(code(names), cell(text)) for names, text in records]
    shown = table(("option", "about"), rows) if rows else ""
    return f"## {path}\n\n```text\n{usage}\n```\n\n{about}\n\n{shown}"
