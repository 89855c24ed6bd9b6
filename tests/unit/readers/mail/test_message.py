"""Messages as rows: the shared mails by hand, and messages built part by part."""

from __future__ import annotations

import email.policy
import hashlib
import io
import json
import zipfile
from email.message import EmailMessage

import pytest
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.readers.mail.authentication import results
from kaname.readers.mail.language import language
from kaname.readers.mail.reader import MailReader

POLICY = email.policy.SMTP


def shared(number):
    rows, report = read(MailReader(), DATA / f"mail/mail_test_{number}.eml")
    assert report.counters == {"message": 1}
    return rows[0]


def test_chinese_spam():
    # read off the file: the subject is GB 2312 in base64, the body says GB2312 but is UTF-8
    row = shared(12)
    assert row["subject"] == "代开各地增值税发票"
    assert (row["from_name"], row["from_addr"]) == ("张先生", "baoguan@hotmail.com")
    assert (row["src"], row["helo"], row["rdns"]) == ("96.202.181.20", "hotmail.com", None)
    assert row["ts"] == 1_526_185_943_000_000  # 13 May 2018 04:32:23 UTC, of Received
    assert (row["lang"], row["size"]) == ("zh", 795)
    assert row["rcpt"] == ["root@localhost", "danglüe@email.com"]


def test_spam_through_qmail():
    row = shared(8)
    assert (row["src"], row["rdns"]) == ("198.23.142.158", "host.colocrossing.com")
    assert row["helo"] == "04d930f1.moneytrack.top"
    assert [hop["trusted"] for hop in json.loads(row["hops"])] == [True, True, False]
    assert row["url_regdoms"] == ["moneytrack.top"]
    assert row["msgid"] == "3615343813390903615122237013831979@lyeo00hp.moneytrack.top"
    assert row["lang"] == "en"


def test_phishing_through_a_relay_that_may_be_trusted():
    row = shared(17)
    assert (row["src"], row["from_dom"], row["auth"]) == ("200.57.129.98", "bbva.mx", "spf=none")
    assert row["subject"] == "Transferencia Interbancaria Banca en Línea"
    rows, _ = read(MailReader(), DATA / "mail/mail_test_17.eml", trusted="200.57.129.0/24")
    assert (rows[0]["src"], rows[0]["helo"]) == ("152.228.133.10", "vps-051e4cda.vps.ovh.net")


def test_an_inline_image_is_an_attachment():
    row = shared(14)
    digest = hashlib.sha256(b"PNG here").hexdigest()
    assert row["attach_sha256"] == [digest]
    assert json.loads(row["attach"]) == [{"mime": "image/png", "sha256": digest, "len": 8}]


def test_a_display_name_that_pretends_to_be_an_address():
    row = shared(19)
    assert (row["from_name"], row["from_addr"]) == ("alice@example.com", "bob@example.com")
    assert row["rcpt"] == ["charlie@example.com", "dave@example.com", "frank@example.com"]


def made(**headers) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["From"] = "Sender <s@s.example>"
    message["To"] = "r@r.example"
    for name, value in headers.items():
        message[name] = value
    return message


@pytest.mark.parametrize("charset", ["iso-2022-jp", "shift_jis", "euc-jp", "utf-8"])
def test_japanese_bodies(tmp_path, charset):
    message = made(Subject="件名")
    text = "いつもご利用ありがとうございます。\nhttps://evil.example.jp/ をご確認ください。\n"
    message.set_content(text, charset=charset)
    rows, _ = read_bytes(MailReader(), tmp_path, message.as_bytes())
    assert (rows[0]["charset"], rows[0]["lang"], rows[0]["subject"]) == (charset, "ja", "件名")
    assert rows[0]["urls"] == ["https://evil.example.jp/"]


def test_links_of_html_and_the_text_that_is_seen(tmp_path):
    message = made()
    message.set_content("plain http://plain.example/", subtype="plain")
    message.add_alternative("<a href='http://real.example/'>http://shown.example/</a>", "html")
    rows, _ = read_bytes(MailReader(), tmp_path, message.as_bytes())
    assert rows[0]["urls"] == [
        "http://plain.example/",
        "http://real.example/",
        "http://shown.example/",
    ]
    assert rows[0]["url_regdoms"] == ["plain.example", "real.example", "shown.example"]


def archive(names) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        for name in names:
            target.writestr(name, b"x")
    return packed.getvalue()


def test_attachments_archives_and_messages_inside(tmp_path):
    data = archive(["invoice.pdf.exe", "読んで.txt"])
    inner = made(Subject="inner")
    inner.set_content("see http://inner.example/")
    inner.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="a.pdf")
    message = made(Subject="outer")
    message.set_content("hello")
    message.add_attachment(data, maintype="application", subtype="zip", filename="請求書.zip")
    message.add_attachment(inner)
    rows, _ = read_bytes(MailReader(), tmp_path, message.as_bytes())
    attached = json.loads(rows[0]["attach"])
    assert attached[0] == {
        "name": "請求書.zip",
        "mime": "application/zip",
        "sha256": hashlib.sha256(data).hexdigest(),
        "len": len(data),
        "files": ["invoice.pdf.exe", "読んで.txt"],
        "encrypted": False,
    }
    assert [each["mime"] for each in attached[1:]] == ["message/rfc822", "application/pdf"]
    assert attached[2]["sha256"] == hashlib.sha256(b"%PDF").hexdigest()
    assert rows[0]["urls"] == ["http://inner.example/"]


def test_a_name_in_pieces(tmp_path):
    # RFC 2231, section 3 and 4
    data = (
        b"From: a@a.example\nSubject: x\nContent-Type: application/x; name*0*=utf-8''%E8%AB%8B;\n"
        b' name*1*=%E6%B1%82; name*2=".exe"\n\nbody'
    )
    rows, _ = read_bytes(MailReader(), tmp_path, data)
    assert json.loads(rows[0]["attach"])[0]["name"] == "請求.exe"


def test_nesting_without_end_is_refused(tmp_path):
    deep = b"Content-Type: message/rfc822\n\n" * 400 + b"Subject: x\n\nbody"
    rows, report = read_bytes(
        MailReader(), tmp_path, b"From: a@a.example\nTo: b@b.example\n" + deep
    )
    assert rows == []
    assert report.counters == {"too_deep": 1}


def test_ten_thousand_parts_cost_no_more_than_a_thousand(tmp_path):
    part = b"--x\nContent-Type: application/x\n\na\n"
    data = b"From: a@a.example\nSubject: s\nContent-Type: multipart/mixed; boundary=x\n\n"
    rows, _ = read_bytes(MailReader(), tmp_path, data + part * 10_000 + b"--x--\n")
    assert len(json.loads(rows[0]["attach"])) == 999


def test_an_archive_that_is_none(tmp_path):
    message = made()
    message.add_attachment(b"PK\x03\x04" + b"\xff" * 50, maintype="a", subtype="zip", filename="z")
    rows, _ = read_bytes(MailReader(), tmp_path, message.as_bytes())
    assert "files" not in json.loads(rows[0]["attach"])[0]


def test_a_trap_may_be_named(tmp_path):
    rows, _ = read_bytes(MailReader(), tmp_path, made(Subject="x").as_bytes(), trap="pot-1")
    assert rows[0]["trap"] == "pot-1"


# RFC 8601, appendix B.3 and B.5
AUTHENTICATION = {
    "example.com; spf=pass smtp.mailfrom=example.net": "spf=pass",
    "example.com; auth=pass (cram-md5) smtp.auth=s@x; spf=pass smtp.mailfrom=x": "spf=pass",
    'a.org; dkim=pass reason="good" header.i=@x; dkim=fail header.i=@y; dmarc=fail (p=x)': (
        "dkim=pass dkim=fail dmarc=fail"
    ),
    "foo.example.net (foobar) 1 (baz);\r\n dkim (I like it) / 1 (One) = (wait) fail": None,
    "example.org 1; none": None,
}


@pytest.mark.parametrize("header", AUTHENTICATION)
def test_results_of_authentication(header):
    assert results([header], []) == AUTHENTICATION[header]


def test_received_spf_speaks_when_the_other_does_not():
    assert results([], ["softfail (x) client-ip=1"]) == "spf=softfail"
    assert results([], ["custom_header"]) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ご確認をお願いいたします", "ja"),
        ("您好我公司可代开各类增值税发票", "zh"),
        ("계정이 정지되었습니다 확인하세요", "ko"),
        ("Здравствуйте, ваш счёт закрыт", "ru"),
        ("the you and your for this with are from", "en"),
        ("die und der sie ist nicht mit ihre wir", "de"),
        ("ok", None),
    ],
)
def test_languages(text, code):
    assert language(text) == code


@pytest.mark.parametrize(
    ("head", "score"),
    [
        (b"From: a\nSubject: b\n\nx", 80),
        (b"From a@b Mon Jan  1 12:00:00 2024\nFrom: a\nTo: b\n\n", 85),
        (b"GET / HTTP/1.1\nHost: a\n", 0),
        (b"key: value\nother: value\n", 0),
        (b"Subject: only one\n\nx", 0),
        (b"HTTP/1.1 200 OK\nDate: x\nContent-Type: y\n", 0),
        (b"2024-01-01 12:00:00 from: to: subject:\n", 0),
        (b"", 0),
    ],
)
def test_what_is_a_mail(head, score):
    assert MailReader().detect(head, "x.eml") == score
