"""`kaname demo`: the main job from packets to findings, on a sample or on your capture."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import click

from kaname.cli.commands.findings import show
from kaname.cli.commands.ingest import ingest_files
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json
from kaname.cli.speech import say
from kaname.model.ids import digest
from kaname.model.instant import DAY, HOUR, floor, now_us

__all__ = ["demo"]

SAMPLE_LENGTH = 2 * DAY
SAMPLE_SCALE = 0.5


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
    session = _own_folder(session, files)
    names = list(files) or [str(_sample(session, seed))]
    code = ingest_files(session, names)
    if code not in (0, 3):
        return code
    _analyse(session)
    if leave:
        return code
    from kaname.nexus.service import Nexus

    Nexus(session.settings).run(open_browser=browser)
    return 0


def _own_folder(session: Session, files: tuple[str, ...]) -> Session:
    """A demo keeps to a folder of its own, one for each input, unless it is told one."""
    settings = session.settings
    if settings.origins["data"].kind != "default":
        return session
    name = "sample"
    if files:
        places = [str(Path(file).absolute()) for file in files]
        name = f"{Path(files[0]).name.partition('.')[0]}-{digest(*places)[:8]}"
    settings = dataclasses.replace(settings, data=settings.data / "demo" / name)
    return Session(settings, as_json=session.as_json)


def _sample(session: Session, seed: int) -> Path:
    """Two days up to the present hour, made once: yesterday, and what changed since."""
    from kaname.telescope.simulator import simulate

    folder = session.settings.data / "samples" / f"telescope-{seed}"
    if not folder.exists():
        note(say("cli.demo.simulating", seed=seed))
        # Whole or not at all: a capture cut by Ctrl-C would be taken for the sample.
        making = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        start = floor(now_us(), HOUR) - SAMPLE_LENGTH
        simulate(
            making / "telescope.pcap",
            seed=seed,
            start=start,
            duration=SAMPLE_LENGTH,
            scale=SAMPLE_SCALE,
        )
        making.rename(folder)
    return folder / "telescope.pcap"


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
