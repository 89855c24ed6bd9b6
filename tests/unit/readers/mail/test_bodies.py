"""What a reader sees of HTML, and where it leads."""

from __future__ import annotations

import pytest

from kaname.readers.mail.bodies import read_html


def test_text_that_is_seen_and_text_that_is_not():
    page = read_html(
        "<html><head><title>no</title><style>p{}</style></head><body><p>Dear&nbsp;you,</p>"
        "<script>var x = '<p>no</p>';</script><div>click <b>here</b></div><!-- no --></body>"
    )
    assert page.text == "Dear you,\nclick here"


def test_links_of_all_kinds():
    page = read_html(
        '<a href="https://a.example/x?y=1&amp;z=2">bank.example</a> <img src=//b.example/p.gif>'
        '<form action="http://c.example/post"></form><a href="mailto:x@y">m</a>'
        '<meta http-equiv=refresh content="0; URL=http://d.example/">'
        '<a href="http://e.exa\r\n mple/">broken</a><a href="javascript:alert(1)">j</a>'
    )
    assert page.urls == [
        "https://a.example/x?y=1&z=2",
        "http://b.example/p.gif",
        "http://c.example/post",
        "http://d.example/",
        "http://e.example/",
    ]


@pytest.mark.parametrize(
    "broken",
    [
        "<![if !x]><p>seen",
        "<!DOCTYPE [<!ENTITY",
        "<p" * 10_000,
        "<a href=",
        "</style><p>",
        "<![CDATA[",
    ],
)
def test_broken_html_ends_somewhere(broken):
    assert isinstance(read_html(broken).text, str)
