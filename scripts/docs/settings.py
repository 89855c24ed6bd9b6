"""Page of the settings."""

from __future__ import annotations

from kaname.model.marking import Tlp
from kaname.model.settings import SETTINGS
from scripts.docs.markdown import cell, code, head, table
from scripts.words import language, say

__all__ = ["settings_page"]


def settings_page() -> str:
    """Every setting: its name in files, in the environment, its default, what it is for."""
    rows = (
        (
            code(setting.name),
            code(f"KANAME_{setting.name.upper()}"),
            code(_shown(setting.default)),
            cell(setting.ja if language() == "ja" else setting.en),
        )
        for setting in SETTINGS
    )
    return head("settings") + table(("name", "variable", "default", "about"), rows)


def _shown(default: object) -> str:
    if default is None:
        return say("docs.data_default")
    if isinstance(default, Tlp):
        return default.label.removeprefix("TLP:").lower()
    return "" if default in ("", (), {}) else str(default)
