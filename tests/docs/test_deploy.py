"""What `deploy/` holds fits the program: settings, variables, units, services."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
from tests.docs.manual import ROOT
from tests.docs.test_commands import known_options, resolve

from kaname.model.settings import SETTINGS, Settings

DEPLOY = ROOT / "deploy"
VARIABLES = {f"KANAME_{setting.name.upper()}" for setting in SETTINGS}


def _compose() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml")
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def test_example_settings_are_all_accepted(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "kaname.toml", tmp_path / "kaname.toml")
    settings = Settings.load(environment={"XDG_CONFIG_HOME": str(tmp_path)}, folder=tmp_path)
    assert settings.sensor == "tokyo-1"
    assert settings.retention_days == {"flowtuples": 400, "packets": 14}


def test_lines_that_are_commented_out_name_settings_too() -> None:
    text = (DEPLOY / "kaname.toml").read_text("utf-8")
    offered = set(re.findall(r"^# (\w+) = ", text, re.MULTILINE))
    assert offered <= {setting.name for setting in SETTINGS}


@pytest.mark.parametrize(
    "name", ["kaname.service", "kaname-care.service", "compose.yaml", "Containerfile"]
)
def test_variables_are_settings(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    assert set(re.findall(r"KANAME_[A-Z_]+", text)) <= VARIABLES


def test_compose_refers_only_to_what_it_defines() -> None:
    compose = _compose()
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service.get("depends_on", [])) <= set(compose["services"]), name
        for volume in service.get("volumes", []):
            place = volume.split(":")[0]
            assert place.startswith(".") or place in compose["volumes"], volume


def test_compose_serves_on_loopback_and_keeps_secrets_out_of_variables() -> None:
    nexus = _compose()["services"]["nexus"]
    assert all(port.startswith("127.0.0.1:") for port in nexus["ports"])
    assert nexus["environment"]["KANAME_KNOWLEDGE"].startswith("file:")


def test_what_the_image_builds_from_exists() -> None:
    build = _compose()["services"]["nexus"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()


@pytest.mark.parametrize(
    "name",
    [
        "kaname.service",
        "kaname-care.service",
        "kaname-care.timer",
        "kaname-mirror.service",
        "kaname-mirror.timer",
    ],
)
def test_units_are_ones_that_systemd_takes(name: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not here")
    for unit in DEPLOY.glob("kaname*"):
        # systemd wants the program to be there; it is where the manual installs it.
        text = unit.read_text("utf-8").replace("/opt/kaname/bin/kaname", "/bin/true")
        (tmp_path / unit.name).write_text(text, "utf-8")
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / name)],
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "kaname" in line]
    assert (done.returncode, complaints) == (0, [])


def test_commands_that_units_run_exist() -> None:
    for unit in DEPLOY.glob("kaname*.service"):
        for call in re.findall(r"^ExecStart=(.+)$", unit.read_text("utf-8"), re.MULTILINE):
            command, rest = resolve(call.split())
            assert not isinstance(command, click.Group), call
            words = {word for word in rest if not word.startswith("${")}
            assert words <= known_options(command), call
