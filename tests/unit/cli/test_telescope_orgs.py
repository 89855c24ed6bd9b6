"""The commands of organisations, as typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.contract.api.observations import flowtuple, observe

from kaname.cli.main import run
from kaname.knowledge import Knowledge
from kaname.lake import Lake
from kaname.model.instant import now_us

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> Typed:
    monkeypatch.chdir(tmp_path)

    def typed(*words: str) -> tuple[int, str, str]:
        argv = ["kaname", "--data", str(tmp_path / "data"), "telescope", "orgs", *words]
        monkeypatch.setattr("sys.argv", argv)
        with pytest.raises(SystemExit) as ended:
            run()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return typed


ADD = ("add", "alpha", "--name", "Alpha", "--live", "192.0.2.0/24", "--lang", "en")


def test_an_organisation_is_added_shown_and_removed(typed: Typed) -> None:
    assert typed(*ADD, "--webhook", "http://127.0.0.1:9/x")[0] == 0
    code, out, _ = typed("list", "--json")
    (one,) = json.loads(out)["organisations"]
    assert (code, one["id"], one["live"]) == (0, "alpha", ["192.0.2.0/24"])
    assert "secret" not in one
    assert len(json.loads(typed("show", "alpha", "--secret", "--json")[1])["secret"]) == 64
    assert typed("remove", "alpha")[0] == 0
    code, _, err = typed("remove", "alpha", "--lang", "en")
    assert (code, "alpha" in err) == (1, True)


def test_what_is_unfit_is_a_wrong_usage(typed: Typed) -> None:
    code, _, err = typed("add", "alpha", "--live", "192.0.2.1/24", "--lang", "en")
    assert code == 2
    assert "live is 192.0.2.1/24; expected 192.0.2.0/24" in err
    assert typed(*ADD)[0] == 0
    code, _, err = typed("add", "beta", "--live", "192.0.2.0/24", "--lang", "en")
    assert code == 1
    assert "alpha (live)" in err


def test_a_registry_goes_out_and_comes_back(typed: Typed, tmp_path: Path) -> None:
    typed(*ADD, "--webhook", "http://127.0.0.1:9/x", "--dark", "192.0.2.128/25")
    secret = json.loads(typed("show", "alpha", "--secret", "--json")[1])["secret"]
    for form in ("toml", "json", "csv"):
        path = tmp_path / f"registry.{form}"
        path.write_text(typed("export", "--format", form)[1], encoding="utf-8")
        assert secret not in path.read_text()
        assert typed("import", str(path), "--replace")[0] == 0
        one = json.loads(typed("show", "alpha", "--secret", "--json")[1])
        assert (one["dark"], one["secret"]) == (["192.0.2.128/25"], secret)
    assert typed("import", "nothing.toml")[0] == 1
    assert typed("import", str(tmp_path / "registry.csv"), "--format", "json")[0] == 1


def test_alerts_are_listed_and_decided(typed: Typed, tmp_path: Path) -> None:
    typed(*ADD)
    minute = now_us() // 60_000_000 * 60_000_000
    with Lake.open(tmp_path / "data") as lake:
        row = flowtuple(minute, src="192.0.2.7", dst="198.18.0.1", port=23)
        observe(lake, [row], sensor="darknet")
    assert typed("digest")[0] == 0
    (alert,) = json.loads(typed("alerts", "--json")[1])["alerts"]
    assert (alert["host"], alert["kind"], alert["state"]) == ("192.0.2.7", "external", "open")
    assert typed("ack", alert["id"], "--note", "ticket 17")[0] == 0
    (after,) = json.loads(typed("alerts", "--state", "acknowledged", "--json")[1])["alerts"]
    assert (after["by"], after["note"]) == ("command line", "ticket 17")
    assert typed("reject", alert["id"])[0] == 0
    assert typed("reject", "alert-none")[0] == 1
    with Knowledge.open(f"sqlite:///{tmp_path}/data/knowledge.sqlite") as knowledge:
        actions = [entry.action for entry in knowledge.audit_log().items]
    assert {"organisation.put", "alert.acknowledged", "alert.false_positive"} <= set(actions)


def test_a_suppression_needs_something_to_suppress(typed: Typed) -> None:
    typed(*ADD)
    assert typed("suppress", "alpha")[0] == 2
    assert typed("suppress", "alpha", "--port", "53", "--kind", "misconfig")[0] == 0
    shown = json.loads(typed("show", "alpha", "--json")[1])
    assert shown["suppressions"] == [{"port": 53, "kind": "misconfig"}]
    assert typed("suppress", "alpha", "--clear")[0] == 0
    assert "suppressions" not in json.loads(typed("show", "alpha", "--json")[1])


def test_a_test_notice_without_contacts_or_server_says_so(typed: Typed) -> None:
    typed(*ADD)
    assert typed("test-notice", "alpha")[0] == 2
    typed(*ADD, "--mail", "csirt@alpha.example")
    code, out, _ = typed("test-notice", "alpha", "--json")
    (notice,) = json.loads(out)["notices"]
    assert (code, notice["state"]) == (1, "failed")
    assert "mail server" in notice["error"]
