"""What the mail server received: letters, a spam run, and one lure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from kaname.traffic.scenario.cast import HOUR, SECOND, Cast, Person

__all__ = ["write"]

_SUBJECTS = ("会議のご案内", "Re: 見積書", "出張報告", "Minutes of Monday", "昼食どうですか")


def write(path: Path, cast: Cast) -> int:
    """Write an mbox (RFC 4155); gives the number of messages."""
    letters = sorted([*_letters(cast), *_spam(cast), _lure(cast)], key=lambda each: each[0])
    with path.open("wb") as out:
        for at, sender, message in letters:
            when = dt.datetime.fromtimestamp(at / SECOND, dt.UTC)
            out.write(f"From {sender} {when:%a %b %d %H:%M:%S %Y}\n".encode())
            body = message.as_bytes(policy=policy.SMTP.clone(linesep="\n"))
            out.write(body.replace(b"\nFrom ", b"\n>From ") + b"\n")
    return len(letters)


def _message(
    at: int, sender: str, hop: tuple[str, str], person: Person, subject: str, text: str
) -> EmailMessage:
    """A message that the house's server took from ``hop`` (name, address)."""
    when = format_datetime(dt.datetime.fromtimestamp(at / SECOND, dt.UTC))
    message = EmailMessage(policy=policy.SMTP)
    message["Return-Path"] = f"<{sender}>"
    message["Received"] = (
        f"from {hop[0]} ({hop[0]} [{hop[1]}]) by mx.corp.example with ESMTP id {at:x}; {when}"
    )
    message["From"], message["To"], message["Subject"] = sender, person.mailbox, subject
    message["Date"], message["Message-ID"] = when, f"<{at:x}.{person.name}@{hop[0]}>"
    message.set_content(text)
    return message


def _letters(cast: Cast) -> Iterator[tuple[int, str, EmailMessage]]:
    chance = cast.chance("letters")
    for at in cast.office(chance, 60):
        person, sender = (
            chance.choice(cast.people),
            f"{chance.choice(cast.people).name}@partner.example",
        )
        words = " ".join(chance.choice(cast.sites).split(".")[1] for _ in range(40))
        hop = ("mail.partner.example", "203.0.113.25")
        yield at, sender, _message(at, sender, hop, person, chance.choice(_SUBJECTS), words)


def _spam(cast: Cast) -> Iterator[tuple[int, str, EmailMessage]]:
    """One text with numbers changed, from many hosts, to one shop."""
    chance = cast.chance("spam")
    for n in range(18):
        at = cast.start + 2 * HOUR + n * 40 * SECOND
        hop = (f"dsl-{chance.randrange(999)}.pool.example", f"192.0.2.{chance.randrange(1, 255)}")
        sender = f"offer{chance.randrange(9999)}@{cast.spam_domain}"
        text = (
            f"Dear customer, order {chance.randrange(99999)} today and save "
            f"{chance.randrange(50, 90)} %.\n"
            f"Only this week: http://{cast.spam_domain}/buy?{chance.randrange(10**6)}\n"
            "Best quality, fast delivery, no questions asked.\n"
        )
        subject = f"Save {chance.randrange(50, 90)} % on all orders {chance.randrange(999)}"
        yield at, sender, _message(at, sender, hop, chance.choice(cast.people), subject, text)


def _lure(cast: Cast) -> tuple[int, str, EmailMessage]:
    sender = f"support@{cast.lure_domain}"
    text = (
        "お客様の口座で不審な取引が確認されました。24 時間以内に本人確認をお願いいたします。\n"
        f"{cast.lure_url}\n"
    )
    hop = (f"mail.{cast.lure_domain}", cast.lure_address)
    subject = "【重要】口座の利用制限のお知らせ"
    return cast.mailed, sender, _message(cast.mailed, sender, hop, cast.victim, subject, text)
