"""The root command, and the one place where errors become a line and an exit code.

Exit codes: 0 all well, 1 failure, 2 wrong usage, 3 some input was damaged (what was whole
is kept), 130 interrupted.
"""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from kaname.cli.frame import Group
from kaname.cli.speech import language, say
from kaname.model.errors import KanameError

__all__ = ["COMMANDS", "root", "run"]

COMMANDS = {
    "up": "kaname.cli.commands.up:up",
    "demo": "kaname.cli.commands.demo:demo",
    "ingest": "kaname.cli.commands.ingest:ingest",
    "listen": "kaname.cli.commands.listen:listen",
    "analyze": "kaname.cli.commands.analyze:analyze",
    "analyses": "kaname.cli.commands.analyses:analyses",
    "findings": "kaname.cli.commands.findings:findings",
    "indicators": "kaname.cli.commands.indicators:indicators",
    "lookup": "kaname.cli.commands.lookup:lookup",
    "pivot": "kaname.cli.commands.pivot:pivot",
    "explain": "kaname.cli.commands.explain:explain",
    "telescope": "kaname.cli.commands.telescope:telescope",
    "hardware": "kaname.cli.commands.hardware:hardware",
    "crypto": "kaname.cli.commands.crypto:crypto",
    "intelligence": "kaname.cli.commands.intelligence:intelligence",
    "watch": "kaname.cli.commands.watch:watch",
    "feed": "kaname.cli.commands.feed:feed",
    "cases": "kaname.cli.commands.cases:cases",
    "report": "kaname.cli.commands.report:report",
    "share": "kaname.cli.commands.share:share",
    "link": "kaname.cli.commands.link:link",
    "data": "kaname.cli.commands.data:data",
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
            detail = say("cli.error.missing", name=_typed(error.param))
        case click.BadParameter() if error.param is not None:
            detail = say("cli.error.value", name=_typed(error.param), reason=error.message)
        case _:
            pass
    return say("cli.error.usage", detail=detail, command=name)


def _typed(param: click.Parameter) -> str:
    """A parameter as one types it: ``--limit``, ``ID``."""
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name


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
    except (KanameError, click.ClickException, click.Abort, KeyboardInterrupt, OSError) as error:
        return _failed(error)
    return code if isinstance(code, int) else 0


def _failed(error: BaseException) -> int:
    """Say what went wrong in one line; give the exit code."""
    match error:
        case KanameError():
            _complain(error.render(language()))
            return error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.message)
            return 2
        case click.UsageError():
            _complain(_usage(error))
            return 2
        case OSError() | click.ClickException():
            _complain(say("cli.error.system", reason=error))
            return 1
        case _:
            _complain(say("cli.error.interrupted"))
            return 130
