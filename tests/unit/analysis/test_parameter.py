"""Parameters: ranges are enforced, mistakes are named."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from kaname.analysis.parameter import Parameter, settle
from kaname.model.errors import SettingError

WHOLE = Parameter("top", 10, 1, 100, "sources", "top", "上位")
REAL = Parameter("share", 0.5, 0.0, 1.0, "", "share", "割合")
CHOICE = Parameter("mode", "fast", None, None, "", "mode", "方式", choices=("fast", "exact"))
FILE = Parameter("names", "", None, None, "file", "names", "名前", file=True)


def test_what_is_not_given_has_its_default() -> None:
    assert settle("a.b", (WHOLE, REAL), {"share": 0.25}) == {"top": 10, "share": 0.25}


def test_text_of_a_command_line_becomes_the_type() -> None:
    assert settle("a.b", (WHOLE, REAL), {"top": "7", "share": "1"}) == {"top": 7, "share": 1.0}


@pytest.mark.parametrize("edge", [1, 100])
def test_both_ends_of_the_range_fit(edge: int) -> None:
    assert WHOLE.read(edge) == edge


@pytest.mark.parametrize(
    ("parameter", "value"),
    [(WHOLE, 0), (WHOLE, 101), (WHOLE, 1.5), (WHOLE, "ten"), (WHOLE, None), (REAL, "nan"),
     (REAL, 1.01), (CHOICE, "slow"), (CHOICE, 3)],
)  # fmt: skip
def test_what_does_not_fit_is_an_error_that_says_what_would(
    parameter: Parameter, value: Any
) -> None:
    with pytest.raises(SettingError) as caught:
        parameter.read(value)
    assert parameter.name in str(caught.value)
    assert parameter.expected in str(caught.value)


def test_an_unknown_name_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(SettingError, match="did you mean top"):
        settle("a.b", (WHOLE, REAL), {"tops": 3})


def test_a_file_counts_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(b"abc")
    assert FILE.content({"names": str(path)}) == hashlib.sha256(b"abc").hexdigest()
    assert FILE.content({"names": ""}) == ""
    with pytest.raises(SettingError, match="names"):
        FILE.content({"names": str(tmp_path / "missing")})
