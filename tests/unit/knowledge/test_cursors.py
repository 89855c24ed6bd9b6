from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.knowledge.cursors import Int64, decode, encode
from kaname.model.errors import UsageError

WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False, allow_infinity=False)


@given(WHOLE, REAL, st.text())
def test_a_cursor_gives_back_the_very_values(whole: int, real: float, text: str) -> None:
    found = decode(encode("-score", whole, real, text), "-score", Int64, float, str)
    assert found == (whole, real, text)


@given(st.text())
def test_any_text_that_is_no_cursor_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        decode(text, "-score", Int64, str)


@pytest.mark.parametrize(
    "content",
    [
        b'["-updated",1,"x"]',
        b'["-score",1]',
        b'["-score",1,"x","y"]',
        b'["-score",1.5,"x"]',
        b'["-score",true,"x"]',
        b'["-score",9223372036854775808,"x"]',
        b'["-score",1,null]',
        b'{"-score":1}',
    ],
)
def test_a_cursor_that_somebody_made_up_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        decode(base64.urlsafe_b64encode(content).decode(), "-score", Int64, str)
