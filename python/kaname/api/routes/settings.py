"""Settings: each value and where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import get

from kaname.api.identity import analyst
from kaname.api.services import Injected
from kaname.api.shapes import SettingOut, Text
from kaname.model.settings import SETTINGS, Settings

__all__ = ["ROUTES"]


@get("/settings", guards=[analyst])
async def list_settings(services: Injected) -> list[SettingOut]:
    """All settings; secret ones show only whether they are set."""
    return [
        SettingOut(
            name=setting.name,
            value=_shown(services.settings, setting.name, secret=setting.secret),
            origin=str(services.settings.origins.get(setting.name, "default")),
            text=Text(en=setting.en, ja=setting.ja),
        )
        for setting in SETTINGS
    ]


def _shown(settings: Settings, name: str, *, secret: bool) -> Any:
    value = getattr(settings, name)
    if secret:
        return "***" if value else ""
    if isinstance(value, Path):
        return str(value)
    return [str(item) for item in value] if isinstance(value, tuple) else value


ROUTES = (list_settings,)
