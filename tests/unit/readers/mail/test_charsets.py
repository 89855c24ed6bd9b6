"""Charsets of mail, well declared, wrongly declared, and not at all."""

from __future__ import annotations

import pytest

from kaname.readers.mail.charsets import body_text, header_text

JAPANESE = "重要なお知らせ①"
PLAIN = "重要なお知らせ"


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("ISO-2022-JP", "iso2022_jp", PLAIN),
        ("Shift_JIS", "cp932", JAPANESE),
        ("x-sjis", "cp932", JAPANESE),
        ("EUC-JP", "euc_jp", PLAIN),
        ("GB2312", "gb18030", "代开发票㐂"),  # a character that GB 2312 does not have
        ("gbk", "gbk", "发票"),
        ("big5", "big5", "發票"),
        ("ks_c_5601-1987", "cp949", "긴급"),
        ("iso-8859-1", "cp1252", "“soon”"),
        ("UTF-8", "utf-8", JAPANESE),
    ],
)
def test_declared_charsets_and_their_supersets(charset, codec, text):
    assert body_text(text.encode(codec), charset) == (text, charset.lower())


@pytest.mark.parametrize("codec", ["iso2022_jp", "cp932", "euc_jp", "utf-8"])
@pytest.mark.parametrize("declared", [None, "x-unknown", "us-ascii", "base64", "\0"])
def test_unknown_and_missing_charsets_are_guessed(codec, declared):
    text = "お客様の口座が停止されました。至急ご確認ください。"
    assert body_text(text.encode(codec), declared)[0] == text


def test_a_wrong_charset_is_noticed():
    text = "至急ご確認ください"
    assert body_text(text.encode(), "iso-2022-jp") == (text, "utf-8")
    assert body_text(text.encode("iso2022_jp"), "utf-8")[0] == text


def test_what_is_no_text_at_all_still_gives_some():
    text, _ = body_text(b"\xff\xfe\x81 abc", "utf-8")
    assert "abc" in text


# RFC 2047, section 8, and RFC 2231, section 5
EXAMPLES = {
    "=?ISO-8859-1?Q?a?=": "a",
    "=?ISO-8859-1?Q?a?= b": "a b",
    "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=": "ab",
    "=?ISO-8859-1?Q?a?=\r\n  =?ISO-8859-1?Q?b?=": "ab",
    "=?ISO-8859-1?Q?a_b?=": "a b",
    "=?ISO-8859-1?Q?Andr=E9?= Pirard": "André Pirard",
    "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=": "If you can read this yo",
    "=?US-ASCII*EN?Q?Keith_Moore?=": "Keith Moore",
    "=?iso-2022-jp?B?GyRCPUVNVxsoQg==?=": "重要",
    "=?utf-8?B?6Ye=?= =?utf-8?B?jeimgQ==?=": None,  # a word cut inside a character
    "plain": "plain",
    "=?utf-8?B?????=": None,
}


@pytest.mark.parametrize("raw", EXAMPLES)
def test_encoded_words(raw):
    expected = EXAMPLES[raw]
    found = header_text(raw)
    assert isinstance(found, str)
    assert expected is None or found == expected


def test_a_character_cut_between_two_words_is_put_together():
    whole = "重要".encode()
    import base64

    words = [base64.b64encode(part).decode() for part in (whole[:4], whole[4:])]
    assert header_text(" ".join(f"=?utf-8?B?{word}?=" for word in words)) == "重要"


def test_bare_bytes_in_a_header_have_the_charset_of_the_body():
    raw = "発票".encode("cp932").decode("ascii", "surrogateescape")
    assert header_text(raw, "shift_jis") == "発票"
