"""`kaname demo`: the main job from packets to findings, on a sample or on your capture."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import click

from kaname.cli.commands.findings import show
from kaname.cli.commands.ingest import Wanted, ingest_files
from kaname.cli.frame import Session, command, option
from kaname.cli.output import note, progress_bar, put_json
from kaname.cli.speech import say
from kaname.model.ids import digest
from kaname.model.instant import DAY, HOUR, floor, now_us

__all__ = ["demo"]

SAMPLE_LENGTH = 2 * DAY
SAMPLE_SCALE = 0.5
SHARED_BACKGROUND = 1500
TELESCOPE = "darknet"
DESIGNS = 6
BOARDS = 6
BOARD_SECONDS = 1200
ORGANISATIONS = (
    {"id": "alpha", "name_en": "Alpha University", "name_ja": "アルファ大学",
     "live": ["192.0.2.0/24"], "dark": ["198.18.0.0/24"]},
    {"id": "beta", "name_en": "Beta Web Hosting", "name_ja": "ベータホスティング",
     "live": ["198.51.100.0/24"]},
)  # fmt: skip
WEEK = 7 * DAY


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
    """Ingest and analyse FILEs, or simulated observations, and open the console."""
    session = _own_folder(session, files)
    code = ingest_files(session, list(files)) if files else _ingest_samples(session, seed)
    if code not in (0, 3):
        return code
    if not files:
        _register(session)
        _share(session, seed)
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


def _ingest_samples(session: Session, seed: int) -> int:
    """A telescope's capture, an organisation's files, designs, traces, cryptography; made once."""
    folder = _samples(session, seed)
    designs = [str(path) for path in sorted((folder / "designs").glob("*.v.gz"))]
    traces = [str(path) for path in sorted((folder / "power").glob("*.npz"))]
    codes = [
        ingest_files(_as(session, TELESCOPE), [str(folder / "telescope.pcap")]),
        ingest_files(_as(session, "office"), [str(folder / "network")]),
        ingest_files(_as(session, "laboratory"), designs),
        ingest_files(_as(session, "laboratory"), traces, Wanted(options={"group": "boards"})),
        ingest_files(_as(session, "office"), [str(folder / "cryptography")]),
    ]
    return max(codes)


def _as(session: Session, sensor: str) -> Session:
    settings = dataclasses.replace(session.settings, sensor=sensor)
    return Session(settings, as_json=session.as_json)


def _samples(session: Session, seed: int) -> Path:
    """Two days of a telescope, an organisation's yesterday, and a laboratory's hardware."""
    from kaname.cryptography.demonstration import write as take_stock
    from kaname.hardware.netlist.corpus.publishing import publish
    from kaname.telescope.simulator import simulate
    from kaname.traffic.scenario import write

    folder = session.settings.data / "samples" / f"{seed}"
    if not folder.exists():
        note(say("cli.demo.simulating", seed=seed))
        # Whole or not at all: samples cut by Ctrl-C would be taken for the samples.
        making = folder.with_name(f".{folder.name}.part")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        now = now_us()
        write(making / "network", seed=seed, start=floor(now, DAY) - DAY)
        simulate(
            making / "telescope.pcap",
            seed=seed,
            start=floor(now, HOUR) - SAMPLE_LENGTH,
            duration=SAMPLE_LENGTH,
            scale=SAMPLE_SCALE,
        )
        publish(making / "designs", designs=DESIGNS, seed=seed)
        take_stock(making / "cryptography", now=now, seed=seed)
        _fleet(making / "power", seed)
        making.rename(folder)
    return folder


def _fleet(folder: Path, seed: int) -> None:
    """Traces of boards of one kind; what one of them does was never seen of the others."""
    from kaname.hardware.power.devices import KINDS
    from kaname.hardware.power.simulator import simulate, write

    for at in range(BOARDS):
        made = simulate(
            KINDS["board"], seed=seed * 1000 + at, seconds=BOARD_SECONDS, fs=1000,
            device=f"board-{at + 1:02}", anomalies=0.06 if at == 0 else 0.0, periods=at == 0,
        )  # fmt: skip
        write(made, folder, "npz")


def _register(session: Session) -> None:
    """What the telescope monitors, and two organisations that lie beside and in it."""
    from kaname.knowledge.organisations import Organisations
    from kaname.knowledge.sensor_records import Sensor
    from kaname.knowledge.sensors import Sensors
    from kaname.telescope.organisations.definition import define
    from kaname.telescope.simulator import DARKNET

    sensors = session.knowledge.part(Sensors)
    if any(one.name == TELESCOPE for one in sensors.sensors()):
        return
    sensors.put_sensor(Sensor(name=TELESCOPE, tlp=session.settings.tlp, created=now_us()))
    for prefix in DARKNET:
        sensors.monitor(TELESCOPE, prefix)
    session.knowledge.part(Organisations).put([define(one) for one in ORGANISATIONS])


def _share(session: Session, seed: int) -> None:
    """What others told in the last week: feeds, honeypots and endpoints of a sharing centre."""
    from kaname.intelligence.fusion.scenario import scenario
    from kaname.intelligence.service import deliver

    start = floor(now_us(), DAY) - WEEK
    week = scenario(seed, background=SHARED_BACKGROUND, start=start)
    note(say("cli.demo.sharing", count=len(week.observations)))
    deliver(session.settings.data, session.knowledge, week.observations, session.bus)


def _analyse(session: Session) -> None:
    from kaname.analysis.runner import catch_up
    from kaname.knowledge import FindingQuery
    from kaname.telescope.registered import RegisteredParameters

    settings = session.settings
    params = RegisteredParameters(settings.analyses, session.knowledge, settings.data)
    with progress_bar() as show_progress:
        catch_up(session.lake, session.knowledge, session.bus, progress=show_progress,
                 params=params)  # fmt: skip
    session.fuse(session.bus)
    page = session.knowledge.findings(FindingQuery(sort="-severity", limit=10))
    if session.as_json:
        put_json({"findings": page.total})
        return
    show(session, page.items)
    note(say("cli.demo.found", total=page.total))
    if page.items:
        note(say("cli.demo.next", ident=page.items[0].id, data=session.settings.data))
