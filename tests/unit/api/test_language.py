from __future__ import annotations

import pytest

from kaname.api.language import negotiate


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("ja", "ja"),
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("fr, ja;q=0.3, en;q=0.2", "ja"),  # French is not ours, Japanese is preferred of ours
        ("JA;q=1.0", "ja"),
        ("ja;q=0", "en"),  # q=0 means "not this" (RFC 9110, 12.4.2)
        ("ja;q=nonsense", "en"),
        ("*", "en"),
        (",;,,=;q", "en"),
    ],
)
def test_the_preferred_of_our_languages_wins(header, expected):
    assert negotiate(header) == expected
