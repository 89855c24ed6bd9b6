"""Whatever the values and however they are defanged: they are found, where they stand."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kaname.intelligence.reports import extract
from kaname.model.artifact import canonical, guess, refang
from kaname.model.records import ArtifactKind

_LABEL = st.from_regex(r"[a-z][a-z0-9]{2,12}", fullmatch=True)
_DOMAIN = st.builds(lambda a, b: f"{a}.{b}.example", _LABEL, _LABEL)
_IP = st.builds(
    lambda a, b, c: f"{a}.{b}.100.{c}",
    st.integers(11, 99),
    st.integers(0, 255),
    st.integers(1, 254),
)
_URL = st.builds(lambda d, p: f"http://{d}/{p}", _DOMAIN, _LABEL)
_MAIL = st.builds(lambda a, d: f"{a}@{d}", _LABEL, _DOMAIN)
_DOTS = (
    "[.]",
    "(.)",
    "{.}",
    "[dot]",
    "(dot)",
    "[.",
    ".]",
    " [.] ",
    "[DOT]",
    "\\.",
    "［．］",
    "<.>",
)
_ATS = ("[at]", "(at)", "[@]", " (at) ", "[AT]", "＠", "（アット）")
_SCHEMES = (
    "hxxp://",
    "hXXp://",
    "h**p://",
    "http[:]//",
    "meow://",
    "hxxp[://]",
    "ttp://",
    "hxtp://",
)
_WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in map(chr, range(0x21, 0x7F))})


@given(_DOMAIN | _IP, st.sampled_from(_DOTS))
def test_dots_come_back(value: str, dot: str) -> None:
    assert refang(value.replace(".", dot)).replace("．", ".") == value


@given(_MAIL, st.sampled_from(_ATS), st.sampled_from(_DOTS[:6]))
def test_addresses_of_mail_come_back(value: str, at: str, dot: str) -> None:
    assert canonical(ArtifactKind.MAIL, value.replace("@", at).replace(".", dot)) == value


@given(_URL, st.sampled_from(_SCHEMES), st.sampled_from(_DOTS[:5]))
def test_urls_come_back(value: str, scheme: str, dot: str) -> None:
    shown = scheme + value.removeprefix("http://").replace(".", dot)
    assert canonical(ArtifactKind.URL, shown) == value
    assert guess(shown) == (ArtifactKind.URL, value)


@given(
    st.one_of(_DOMAIN, _IP, _URL, _MAIL),
    st.sampled_from(("[.]", "(.)", "[dot]")),
    st.sampled_from(
        (("see ", " there"), ("通信先は", "です。"), ("「", "」"), ("(", ")."), ("|", "|"))
    ),
    st.booleans(),
)
def test_values_are_found_where_they_stand(
    value: str, dot: str, around: tuple[str, str], wide: bool
) -> None:
    shown = value.translate(_WIDE) if wide else value.replace(".", dot)
    text = around[0] + shown + around[1]
    found = extract(text)
    assert found[0].value == value
    assert found[0].shown == shown == text[found[0].start : found[0].end]


@settings(max_examples=300)
@given(
    st.text(max_size=200) | st.text(alphabet="ab1.:/@[]()hxtp\\-_% 。．ＡＢ日本\u200b", max_size=80)
)
def test_any_text_is_read(text: str) -> None:
    for one in extract(text):
        assert text[one.start : one.end] == one.shown
        assert canonical(one.kind, one.value) == one.value


@given(st.text(max_size=60))
@example("0/1")
def test_a_canonical_form_is_its_own(text: str) -> None:
    for kind in ArtifactKind:
        value = canonical(kind, text)
        assert value is None or canonical(kind, value) == value
