"""`kaname up`: the whole nexus in one process."""

from __future__ import annotations

from kaname.cli.frame import Session, command, option

__all__ = ["up"]


@command("up", settings=("listen", "watch", "sensor", "tlp"))
@option("--listen", metavar="HOST:PORT", key="listen")
@option("--watch", metavar="DIR", key="watch_up")
@option("--sensor", metavar="NAME", key="sensor")
@option("--tlp", metavar="LEVEL", key="tlp")
@option("--browser/--no-browser", default=True, key="browser")
def up(session: Session, *, browser: bool, **_settled: str | None) -> None:
    """Serve API and console, watch folders, analyse as data arrive."""
    from kaname.nexus.service import Nexus

    Nexus(session.settings).run(open_browser=browser)
