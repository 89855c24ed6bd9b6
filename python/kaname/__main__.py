"""``python -m kaname``."""

from __future__ import annotations

from kaname.cli.main import run

run()
