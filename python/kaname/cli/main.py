"""The root command, and the one place where errors become a line and an exit code.

Exit codes: 0 all well, 1 failure, 2 wrong usage, 3 some input was damaged (what was whole
is kept), 130 interrupted.
"""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path

import click

from kaname.cli.frame import Group
from kaname.cli.speech import say
from kaname.model.errors import KanameError

__all__ = ["COMMANDS", "root", "run"]

COMMANDS = {
    "up": "kaname.cli.commands.up:up",
    "demo": "kaname.cli.commands.demo:demo",
    "ingest": "kaname.cli.commands.ingest:ingest",
    "analyze": "kaname.cli.commands.analyze:analyze",
    "findings": "kaname.cli.commands.findings:findings",
    "indicators": "kaname.cli.commands.indicators:indicators",
    "explain": "kaname.cli.commands.explain:explain",
    "lake": "kaname.cli.commands.lake:lake",
    "token": "kaname.cli.commands.token:token",
    "config": "kaname.cli.commands.config:config",
    "doctor": "kaname.cli.commands.doctor:doctor",
    "simulate": "kaname.cli.commands.simulate:simulate",
}


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"kaname {version('kaname')}")
        ctx.exit()


@click.group(cls=Group, lazy=COMMANDS, help=say("cli.command"), name="kaname")
@click.option(
    "--version",
    is_flag=True,
    callback=_version,
    expose_value=False,
    is_eager=True,
    help=say("cli.option.version"),
)
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help=say("cli.option.data"))
@click.option(
    "--lang", type=click.Choice(["ja", "en"]), help=say("cli.option.lang"), expose_value=False
)
@click.option("--debug", is_flag=True, help=say("cli.option.debug"), expose_value=False)
def root(data: Path | None) -> None:
    """Stand before all commands."""


def _complain(line: str) -> None:
    click.echo(f"kaname: {line}", err=True)


def _usage(error: click.UsageError) -> str:
    """Click's complaint in the language of this run, with where to look."""
    name = error.ctx.command_path if error.ctx else "kaname"
    detail = error.format_message()
    match error:
        case click.NoSuchOption():
            detail = say("cli.error.option", name=error.option_name)
            detail += _near(next(iter(error.possibilities or []), None))
        case click.NoSuchCommand():
            detail = say("cli.error.command", name=error.command_name)
            detail += _near(_similar(error))
        case click.MissingParameter() if error.param is not None:
            detail = say("cli.error.missing", name=error.param.human_readable_name)
        case click.BadParameter() if error.param is not None:
            detail = say(
                "cli.error.value", name=error.param.human_readable_name, reason=error.message
            )
        case _:
            pass
    return say("cli.error.usage", detail=detail, command=name)


def _near(name: str | None) -> str:
    return say("cli.error.near", near=name) if name else ""


def _similar(error: click.NoSuchCommand) -> str | None:
    ctx = error.ctx
    if ctx is None or not isinstance(ctx.command, click.Group):
        return None
    known = ctx.command.list_commands(ctx)
    return next(iter(difflib.get_close_matches(error.command_name, known)), None)


def run() -> None:
    """Run the command line and leave with its exit code."""
    if "--debug" in sys.argv:
        root(standalone_mode=False)
        return
    sys.exit(_guarded())


def _guarded() -> int:
    try:
        code = root(standalone_mode=False)
    except KanameError as error:
        from kaname.cli.speech import language

        _complain(error.render(language()))
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.message)
        return 2
    except click.UsageError as error:
        _complain(_usage(error))
        return 2
    except (click.Abort, KeyboardInterrupt):
        _complain(say("cli.error.interrupted"))
        return 130
    except BrokenPipeError:
        # The reader of our output left (| head); that is no failure, but the interpreter
        # would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _complain(say("cli.error.system", reason=error))
        return 1
    return code if isinstance(code, int) else 0
