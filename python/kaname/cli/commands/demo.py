"""`kaname demo`: the main job from packets to findings, on a sample or on your capture."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from kaname.cli.commands.findings import show
from kaname.cli.commands.ingest import ingest_files
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json
from kaname.cli.speech import say

__all__ = ["demo"]


@command("demo", settings=("listen",))
@click.argument("files", nargs=-1, metavar="[FILE]...")
@option("--seed", type=click.IntRange(0), default=1, key="seed")
@option("--listen", metavar="HOST:PORT", key="listen")
@option("--browser/--no-browser", default=True, key="browser")
@option("--exit", "leave", is_flag=True, key="exit")
def demo(
    session: Session,
    files: tuple[str, ...],
    *,
    seed: int,
    browser: bool,
    leave: bool,
    listen: str | None,  # noqa: ARG001 - settled in the settings
) -> int:
    """Ingest and analyse FILEs, or a simulated telescope, and open the console."""
    session = _own_folder(session)
    names = list(files) or [str(_sample(session, seed))]
    code = ingest_files(session, names, options={"packets": False})
    if code not in (0, 3):
        return code
    _analyse(session)
    if leave:
        return code
    from kaname.nexus.service import Nexus

    Nexus(session.settings).run(open_browser=browser)
    return 0


def _own_folder(session: Session) -> Session:
    """The demo keeps to a folder of its own unless it is told one."""
    settings = session.settings
    if settings.origins["data"].kind != "default":
        return session
    settings = dataclasses.replace(settings, data=settings.data / "demo")
    return Session(settings, as_json=session.as_json)


def _sample(session: Session, seed: int) -> Path:
    from kaname.telescope.simulator import simulate

    path = session.settings.data / "samples" / f"telescope-{seed}.pcap"
    if not path.exists():
        note(say("cli.demo.simulating", seed=seed))
        path.parent.mkdir(parents=True, exist_ok=True)
        simulate(path, seed=seed)
    return path


def _analyse(session: Session) -> None:
    from kaname.analysis.runner import catch_up
    from kaname.knowledge import FindingQuery

    with progress_bar() as show_progress:
        catch_up(session.lake, session.knowledge, session.bus, progress=show_progress,
                 params=session.settings.analyses)  # fmt: skip
    page = session.knowledge.findings(FindingQuery(sort="-severity", limit=10))
    if session.as_json:
        put_json({"findings": page.total})
        return
    show(session, page.items)
    note(say("cli.demo.found", total=page.total))
    if page.items:
        note(say("cli.demo.next", ident=page.items[0].id, data=session.settings.data))
