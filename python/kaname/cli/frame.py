"""What all commands share: lazy loading, the common options, the session.

Importing this module imports Click and nothing heavy: `kaname --help` must answer at
once, so stores and engines are opened by the command that needs them.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from kaname.cli.speech import language, say
from kaname.model.settings import Settings

if TYPE_CHECKING:
    from kaname.bus import Bus
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.lake.expressions import Engine
    from kaname.model.marking import Tlp
    from kaname.writers.frame import EvidenceOf

__all__ = ["Command", "Group", "Session", "command", "group", "leading", "option"]


class _Speaking(click.Command):
    """Headings of the help page in the language of this run."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The usage line."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, f"{say('cli.help.usage')}: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options only: the usage line shows the arguments."""
        options = (p for p in self.get_params(ctx) if isinstance(p, click.Option))
        records = [r for p in options if (r := p.get_help_record(ctx)) is not None]
        if records:
            with formatter.section(say("cli.help.options")):
                formatter.write_dl(records)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help``, described in our words."""
        found = super().get_help_option(ctx)
        if found is not None:
            found.help = say("cli.help.help")
        return found


class Command(_Speaking):
    """A command."""


class Group(_Speaking, click.Group):
    """A group whose commands are imported when they are called or listed.

    ``lazy`` maps the name of a command to ``module:attribute``; its one-line help is the
    message ``cli.command.<path>``, so that listing imports nothing.
    """

    def __init__(self, *args: Any, lazy: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order they were given."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        target = self.lazy.get(cmd_name)
        if target is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = target.partition(":")
        return cast("click.Command", getattr(importlib.import_module(module), attribute))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options, then commands."""
        super().format_options(ctx, formatter)
        with formatter.section(say("cli.help.commands")):
            formatter.write_dl([(name, self._line(ctx, name)) for name in self.list_commands(ctx)])

    def _line(self, ctx: click.Context, name: str) -> str:
        if name in self.lazy:
            path = [part for part in ctx.command_path.split()[1:] if not part.startswith("-")]
            return say(".".join(["cli.command", *path, name]))
        found = super().get_command(ctx, name)
        return found.get_short_help_str(100) if found else ""


class Session:
    """One run of a command: its settings, and the stores it opens when it needs them."""

    def __init__(self, settings: Settings, *, as_json: bool) -> None:
        self.settings = settings
        self.as_json = as_json

    @property
    def language(self) -> str:
        """The language of texts."""
        return language()

    @functools.cached_property
    def lake(self) -> Lake:
        """The lake of the data folder, made when it is not there."""
        from kaname.lake import Lake

        return Lake.open(self.settings.data)

    @functools.cached_property
    def knowledge(self) -> Knowledge:
        """The knowledge store."""
        from kaname.knowledge import Knowledge

        self.settings.data.mkdir(parents=True, exist_ok=True)
        return Knowledge.open(self.settings.knowledge_url)

    @functools.cached_property
    def engine(self) -> Engine | None:
        """What evaluates analyses; None: the DuckDB of this process."""
        if self.settings.engine != "spark":
            return None
        from kaname.lake.spark import Spark

        return Spark.configured(self.settings.spark)

    @functools.cached_property
    def bus(self) -> Bus:
        """The bus."""
        from kaname.bus import open_bus

        self.settings.data.mkdir(parents=True, exist_ok=True)
        return open_bus(self.settings.bus_url)

    def fuse(self, bus: Bus | None = None) -> int | None:
        """Fuse what analyses found since; None when a running nexus will do it."""
        from kaname.intelligence.service import Intelligence
        from kaname.model.errors import ConflictError

        try:
            with Intelligence(self.settings.data, self.knowledge, bus) as intelligence:
                fused = intelligence.fuse_findings()
                if fused:
                    intelligence.propose_campaigns()
                return fused
        except ConflictError:
            return None

    @contextlib.contextmanager
    def explaining(self, clearance: Tlp) -> Iterator[EvidenceOf]:
        """What explains indicators to ``clearance``; nothing where nothing was fused."""
        from kaname.intelligence.service import Intelligence
        from kaname.model.errors import StoreAccessError
        from kaname.writers.frame import unexplained

        try:
            fusion = Intelligence(self.settings.data, self.knowledge, read_only=True)
        except StoreAccessError:
            yield unexplained
            return
        with fusion:
            yield functools.partial(fusion.explanation, clearance=clearance)


def option(*names: str, key: str, **kwargs: Any) -> Callable[[Any], Any]:
    """A Click option whose help is the message ``cli.option.<key>``."""
    return click.option(*names, help=say(f"cli.option.{key}"), **kwargs)


_COMMON = (
    click.option("--data", type=click.Path(path_type=Path), metavar="DIR",
                 help=say("cli.option.data")),
    click.option("--lang", type=click.Choice(["ja", "en"]), help=say("cli.option.lang"),
                 expose_value=False),
    click.option("--debug", is_flag=True, help=say("cli.option.debug"), expose_value=False),
    click.option("--json", "as_json", is_flag=True, help=say("cli.option.json")),
)  # fmt: skip


def command(path: str, **attributes: Any) -> Callable[[Callable[..., int | None]], click.Command]:
    """Make a command of a function ``f(session, ...)`` that may return an exit code.

    ``path`` is the command as typed after ``kaname`` ("lake verify"); its help is the
    message ``cli.command.<path with dots>`` and, where there is more to say,
    ``cli.about.<path with dots>``. Options named in ``settings`` become settings.
    """
    key = path.replace(" ", ".")
    settings_of: tuple[str, ...] = attributes.pop("settings", ())

    def wrap(function: Callable[..., int | None]) -> click.Command:
        @functools.wraps(function)
        def run(*args: Any, data: Path | None, as_json: bool, **kwargs: Any) -> int | None:
            flags = {name: kwargs.get(name) for name in settings_of}
            settings = Settings.load({"data": data or _root_data(), **flags})
            return function(Session(settings, as_json=as_json), *args, **kwargs)

        for decorate in reversed(_COMMON):
            run = decorate(run)
        name = path.rsplit(" ", maxsplit=1)[-1]
        return click.command(
            name, cls=Command, short_help=say(f"cli.command.{key}"), help=_about(key), **attributes
        )(run)

    return wrap


def group(path: str, lazy: dict[str, str]) -> Group:
    """A group of commands; help as for `command`."""
    key = path.replace(" ", ".")
    return Group(path.rsplit(" ", maxsplit=1)[-1], lazy=lazy, help=_about(key))


def leading(command: click.Command, lazy: dict[str, str]) -> Group:
    """A group that is ``command`` itself when none of its own commands is named."""

    def run(*args: Any, **kwargs: Any) -> Any:
        context = click.get_current_context()
        if context.invoked_subcommand is not None or command.callback is None:
            return None
        return command.callback(*args, **kwargs)

    return Group(
        command.name, lazy=lazy, callback=run, params=command.params,
        short_help=command.short_help, help=command.help, invoke_without_command=True,
    )  # fmt: skip


def _about(key: str) -> str:
    try:
        return f"{say(f'cli.command.{key}')}\n\n{say(f'cli.about.{key}')}"
    except KeyError:
        return say(f"cli.command.{key}")


def _root_data() -> Path | None:
    found = click.get_current_context().find_root().params.get("data")
    return cast("Path | None", found)
