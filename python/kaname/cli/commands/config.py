"""`kaname config ...`: what the settings are, and where each came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kaname.cli.frame import Session, command, group
from kaname.cli.output import put_json, put_table
from kaname.cli.speech import say
from kaname.model.settings import SETTINGS, Setting

__all__ = ["config", "show"]

config = group("config", {"show": "kaname.cli.commands.config:show"})


@command("config show")
def show(session: Session) -> None:
    """Show every setting."""
    rows = [(s, _shown(session, s), str(session.settings.origins[s.name])) for s in SETTINGS]
    if session.as_json:
        put_json(
            {
                s.name: {"value": value, "origin": origin, "en": s.en, "ja": s.ja}
                for s, value, origin in rows
            }
        )
        return
    put_table(
        tuple(say(f"cli.head.{h}") for h in ("name", "value", "origin", "about")),
        ((s.name, value, origin, getattr(s, session.language)) for s, value, origin in rows),
        empty="",
    )


def _shown(session: Session, setting: Setting) -> Any:
    value = getattr(session.settings, setting.name)
    if setting.secret and value:
        return "***"
    if isinstance(value, Path):
        return str(value)
    return [str(path) for path in value] if isinstance(value, tuple) else value
