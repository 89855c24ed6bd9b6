"""Mailboxes cut into messages."""

from __future__ import annotations

import gzip

import pytest
from tests.unit.readers.reading import read_bytes

from kaname.readers.mail import mailbox
from kaname.readers.mail.reader import MailReader

MESSAGE = "From: a@a.example\nTo: b@b.example\nSubject: number %d\n\nHello\n"
SEPARATOR = "From A@a.example Mon Jan  1 12:00:00 2024\n"


def mbox(count, end="\n"):
    text = "".join(SEPARATOR + MESSAGE % n + "\n" for n in range(count))
    return text.replace("\n", end).encode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_message_of_an_mbox_with_its_offset(tmp_path, end):
    data = mbox(50, end)
    rows, report = read_bytes(MailReader(), tmp_path, data)
    assert [row["subject"] for row in rows] == [f"number {n}" for n in range(50)]
    assert [row["row_in_src"] for row in rows] == [len(mbox(n, end)) for n in range(50)]
    assert {row["env_from"] for row in rows} == {"a@a.example"}
    # the separator's time, since there is neither Received nor Date
    assert {row["ts"] for row in rows} == {1_704_110_400_000_000}
    assert report.counters == {"message": 50}


def test_text_that_begins_with_from_is_no_separator(tmp_path):
    body = "From here on it is quoted.\n\nFrom now on\n>From the start 12:00\n"
    data = SEPARATOR + MESSAGE % 1 + body + "\n" + SEPARATOR + MESSAGE % 2
    rows, _ = read_bytes(MailReader(), tmp_path, data)
    assert [row["subject"] for row in rows] == ["number 1", "number 2"]


def test_separators_across_pieces_are_found(tmp_path):
    # pieces of decompressed bytes end anywhere
    body = "x" * 2000 + "\n"
    data = "".join(SEPARATOR + MESSAGE % n + body + "\n" for n in range(1500)).encode()
    rows, _ = read_bytes(MailReader(), tmp_path, gzip.compress(data, 1))
    assert [row["subject"] for row in rows] == [f"number {n}" for n in range(1500)]


def test_a_message_without_end_is_let_go_and_the_next_one_read(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_BYTES", 1 << 20)
    long = SEPARATOR + MESSAGE % 1 + "x" * (3 << 20) + "\n\n"
    data = SEPARATOR + MESSAGE % 0 + "\n" + long + SEPARATOR + MESSAGE % 2
    rows, report = read_bytes(MailReader(), tmp_path, data)
    assert [row["subject"] for row in rows] == ["number 0", "number 2"]
    assert report.counters == {"message": 2, "too_long": 1}


def test_a_single_message_that_is_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(mailbox, "MOST_BYTES", 1 << 20)
    rows, report = read_bytes(MailReader(), tmp_path, MESSAGE % 1 + "x" * (2 << 20))
    assert rows == []
    assert report.counters == {"too_long": 1}
