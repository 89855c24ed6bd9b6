from __future__ import annotations

import io

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from kaname.intelligence.reports import of_text, read
from kaname.intelligence.reports.document import MOST_BYTES
from kaname.model.errors import InputError

JAPANESE = "通信先は198[.]51[.]100[.]7です。マルウェアは難読化されていた。"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp", "utf-16", "utf-16-le"]
)
def test_encodings_of_japanese_text_are_told_apart(encoding: str) -> None:
    document = read(JAPANESE.encode(encoding), "a.txt")
    assert document.text == JAPANESE
    assert document.language == "ja"


def test_a_page_gives_its_text_and_nothing_of_its_scripts() -> None:
    page = (
        "<!doctype html><html><head><title>Report &amp; more</title><style>x</style></head>"
        "<body><script>var a='evil.example';</script><h1>Head</h1><p>See evil<wbr>.example</p>"
        "<table><tr><td>a</td><td>b</td></tr></table></body></html>"
    )
    document = read(page.encode(), "a.html")
    assert document.title == "Report & more"
    assert "var a" not in document.text
    assert "See evil.example" in document.text
    assert document.text.startswith("Head\n")
    assert "a | b" in document.text


def test_a_page_that_names_its_encoding_is_believed() -> None:
    page = f'<html><head><meta charset="Shift_JIS"></head><body><p>{JAPANESE}</p></body></html>'
    assert JAPANESE in read(page.encode("cp932"), "a.html").text


def test_sentences_of_both_languages_cut_their_text_out() -> None:
    text = (
        "It connects to 198.51.100[.]7, e.g. at night. Then it sleeps (v. 2.1).\n\n"
        "* First item\n* Second item\n\n最後です。次の文！終わり"
    )
    for language, expected in (("en", 4), ("ja", 3)):
        from kaname.intelligence.reports.sentences import spans

        found = [text[a:b] for a, b in spans(text, language)]
        assert all(piece == piece.strip() and piece for piece in found)
        assert len(found) >= expected
    english = of_text("One. Two is e.g. this. Three!", "a").sentences
    assert [one.text for one in english] == ["One.", "Two is e.g. this.", "Three!"]
    japanese = of_text("一つ目です。「二つ目。」と言った。三つ目", "a").sentences
    assert next(one.text for one in japanese) == "一つ目です。"


def test_a_pdf_is_read_by_its_text_layer() -> None:
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(300, 300)
    stream = DecodedStreamObject()
    stream.set_data(b"BT /F1 12 Tf 10 100 Td (C2 is hxxp://evil[.]example/a) Tj ET")
    page[NameObject("/Contents")] = writer._add_object(stream)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    out = io.BytesIO()
    writer.write(out)
    assert "hxxp://evil[.]example/a" in read(out.getvalue(), "a.pdf").text
    for cut in (out.getvalue()[:200], b"%PDF-1.7\n" + b"\x00" * 500):
        with pytest.raises(InputError):
            read(cut, "a.pdf")


@pytest.mark.parametrize(
    "data",
    [b"", b"  \n", b"PK\x03\x04zip", b"\x7fELF", b"x" * (MOST_BYTES + 1)],
    ids=["empty", "blank", "zip", "elf", "large"],
)
def test_what_is_no_report_is_refused_with_one_error(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data, "a.txt")


def test_hostile_pages_cost_no_more_than_their_length() -> None:
    for piece in ("<div>", "<a href='", "&#", "<!--", "<![CDATA[", "</p>", "<script>"):
        try:
            read(("<html>" + piece * 50_000).encode(), "a.html")
        except InputError:
            continue
