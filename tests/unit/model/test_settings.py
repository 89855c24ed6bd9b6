"""Settings: which place wins, and what a mistake says."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.model.errors import SettingError
from kaname.model.marking import Tlp
from kaname.model.settings import SETTINGS, Settings


def load(tmp_path, *, flags=None, environment=None, toml=""):
    if toml:
        (tmp_path / "kaname.toml").write_text(toml, encoding="utf-8")
    home = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    return Settings.load(flags, environment=home | (environment or {}), folder=tmp_path)


def test_flags_beat_environment_beat_files_beat_defaults(tmp_path):
    config = tmp_path / "config" / "kaname"
    config.mkdir(parents=True)
    (config / "kaname.toml").write_text('sensor = "xdg"\ntlp = "red"\nthreads = 3\n')
    found = load(
        tmp_path,
        flags={"sensor": "flag", "tlp": None},
        environment={"KANAME_SENSOR": "env", "KANAME_TLP": "green"},
        toml='sensor = "cwd"\ntlp = "clear"\n',
    )
    assert (found.sensor, found.tlp, found.threads) == ("flag", Tlp.GREEN, 3)
    assert found.origins["sensor"].kind == "flag"
    assert str(found.origins["tlp"]) == "environment KANAME_TLP"
    assert found.origins["threads"].place == str(config / "kaname.toml")
    assert found.origins["listen"].kind == "default"


def test_an_unknown_name_is_an_error_that_names_the_nearest(tmp_path):
    with pytest.raises(SettingError, match=r'"senser".*"sensor"'):
        load(tmp_path, toml='senser = "a"')


@pytest.mark.parametrize(
    "toml",
    ['tlp = "purple"', "threads = 0", "threads = true", 'listen = "8750"', "analyses = 3",
     'language = "fr"', 'listen = "localhost:99999"', "not toml"],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(tmp_path, toml):
    with pytest.raises(SettingError):
        load(tmp_path, toml=toml)


def test_a_secret_comes_from_a_file_and_is_not_echoed(tmp_path):
    secret = tmp_path / "url"
    secret.write_text("postgresql+psycopg://kaname:hush@localhost/kaname\n")
    found = load(tmp_path, environment={"KANAME_KNOWLEDGE": f"file:{secret}"})
    assert found.knowledge_url == "postgresql+psycopg://kaname:hush@localhost/kaname"
    with pytest.raises(SettingError) as caught:
        load(tmp_path, environment={"KANAME_KNOWLEDGE": "file:/nonexistent/hush"})
    assert "hush" not in caught.value.render("en").split("expected")[0]


def test_stores_default_to_the_data_folder(tmp_path):
    found = load(tmp_path, flags={"data": "/srv/kaname"})
    assert found.data == Path("/srv/kaname")
    assert found.knowledge_url == "sqlite:////srv/kaname/knowledge.sqlite"
    assert found.bus_url == "journal:///srv/kaname/bus.sqlite"


def test_every_setting_is_a_field_and_described_in_both_languages(tmp_path):
    found = load(tmp_path)
    for setting in SETTINGS:
        assert hasattr(found, setting.name)
        assert setting.en.strip()
        assert setting.ja.strip()
        assert setting.en != setting.ja
