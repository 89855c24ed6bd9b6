"""One message as a row of `mail`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

import msgspec

from kaname.model.address import Prefix
from kaname.readers.mail.addresses import domain_of, mailboxes
from kaname.readers.mail.attachments import Attachment, attachment, content, filename
from kaname.readers.mail.authentication import results
from kaname.readers.mail.bodies import read_html
from kaname.readers.mail.charsets import body_text, header_text
from kaname.readers.mail.hops import Hop, first_untrusted, hops, instant
from kaname.readers.mail.language import language
from kaname.readers.mail.mailbox import Raw
from kaname.readers.mail.simhash import simhash
from kaname.readers.urls import distinct, domains, in_text

__all__ = ["Content", "TooDeepError", "row"]

MOST_PARTS = 1000
MOST_DEPTH = 32
LONGEST_TEXT = 1 << 20


class TooDeepError(Exception):
    """Parts are nested deeper than anybody means them."""


@dataclass(slots=True)
class Content:
    """What the parts of a message hold."""

    text: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)  # of HTML, where there is no plain text
    urls: list[str] = field(default_factory=list)
    attached: list[Attachment] = field(default_factory=list)
    charset: str | None = None
    parts: int = 0

    @property
    def body(self) -> str:
        """The plain text, or else what a reader sees of the HTML."""
        plain = "\n".join(self.text).strip()
        return plain or "\n".join(self.seen).strip()


def row(raw: Raw, trusted: Sequence[Prefix]) -> dict[str, Any]:
    """Columns of the message; empty when it has no header at all.

    Raises:
        TooDeepError: its parts are nested deeper than `MOST_DEPTH`.
    """
    message = _parsed(raw.data)
    if not message.keys():
        return {}
    headers = _Headers(message)
    found = Content()
    _walk(message, found)
    way = hops(map(_plain, headers.all("received")))
    return {
        "ts": _time(way, headers, raw),
        "row_in_src": raw.offset,
        "size": len(raw.data),
        **_origin(way, trusted),
        **_envelope(headers, raw, found.charset),
        **_body(found),
        "auth": results(headers.all("authentication-results"), headers.all("received-spf")),
        "ext": _rest(headers, found.charset),
    }


def _parsed(data: bytes) -> Message:
    """The message, if its parts are not nested deeper than `MOST_DEPTH`."""
    try:
        message = message_from_bytes(data)
    except RecursionError:
        raise TooDeepError from None
    level, depth = [message], 0
    while level:
        depth += 1
        if depth > MOST_DEPTH:
            raise TooDeepError
        level = [inner for part in level for inner in _inner(part)]
    return message


class _Headers:
    """Headers by name, undecoded."""

    def __init__(self, message: Message) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._values.setdefault(name.lower(), []).append(str(value))

    def all(self, name: str) -> list[str]:
        return self._values.get(name, [])

    def first(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


def _plain(header: str) -> str:
    """Text without the surrogates that stand for bytes beyond ASCII."""
    return header.encode("utf-8", "surrogateescape").decode(errors="backslashreplace")


def _walk(part: Message, found: Content) -> None:
    """Parts in their order; nested messages count as attachments and are looked into."""
    found.parts += 1
    if found.parts > MOST_PARTS:
        return
    if part.is_multipart():
        if part.get_content_type() == "message/rfc822":
            found.attached.append(attachment(part))
        for inner in _inner(part):
            _walk(inner, found)
    elif _is_body(part):
        _take_text(part, found)
    else:
        found.attached.append(attachment(part))


def _inner(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (inner for inner in payload if isinstance(inner, Message))


def _is_body(part: Message) -> bool:
    shown = part.get_content_disposition() != "attachment"
    return shown and part.get_content_maintype() == "text" and not filename(part)


def _take_text(part: Message, found: Content) -> None:
    charset = part.get_param("charset")
    name = charset if isinstance(charset, str) else charset[2] if charset else None
    text, used = body_text(content(part)[:LONGEST_TEXT], name)
    found.charset = found.charset or used
    if part.get_content_subtype() != "html":
        found.text.append(text)
        found.urls += in_text(text)
        return
    page = read_html(text)
    found.seen.append(page.text)
    found.urls += [*page.urls, *in_text(page.text)]


def _time(way: Sequence[Hop], headers: _Headers, raw: Raw) -> int:
    """When it arrived: the receiver's own header, the mailbox, at last what the sender says."""
    said = way[0].ts if way else None
    for ts in (said, instant(raw.date or ""), instant(headers.first("date") or "")):
        if ts:
            return ts
    return 0


def _origin(way: Sequence[Hop], trusted: Sequence[Prefix]) -> dict[str, Any]:
    place = first_untrusted(way, trusted)
    hop = way[place] if place is not None else None
    told = [
        {
            "by": each.by,
            "helo": each.helo,
            "rdns": each.rdns,
            "ip": each.ip,
            "with": each.protocol,
            "ts": each.ts,
            # What the receiver's own servers wrote, the hop into them included.
            "trusted": place is None or at <= place,
        }
        for at, each in enumerate(way)
    ]
    return {
        "src": hop.ip if hop else None,
        "helo": hop.helo if hop else None,
        "rdns": hop.rdns if hop else None,
        "hops": msgspec.json.encode(told).decode() if told else None,
    }


def _envelope(headers: _Headers, raw: Raw, charset: str | None) -> dict[str, Any]:
    sender = next(iter(mailboxes(headers.first("from") or "", charset)), None)
    path = next(iter(mailboxes(headers.first("return-path") or "", charset)), None)
    names = ("delivered-to", "x-original-to", "to", "cc")
    lists = (mailboxes(text, charset) for name in names for text in headers.all(name))
    recipients = [each.address for boxes in lists for each in boxes if each.address]
    return {
        "from_addr": sender.address if sender else "",
        "from_dom": domain_of(sender.address) if sender else "",
        "from_name": (sender.name if sender else None) or None,
        "env_from": path.address if path else raw.sender,
        "rcpt": distinct(recipients) or None,
        "subject": header_text(headers.first("subject") or "", charset),
        "msgid": _msgid(headers),
    }


def _msgid(headers: _Headers) -> str | None:
    text = header_text(headers.first("message-id") or "").strip().strip("<>")
    return text or None


def _body(found: Content) -> dict[str, Any]:
    urls = distinct(found.urls)
    body = found.body
    attached = [
        {name: value for name, value in _fields(each) if value is not None}
        for each in found.attached
    ]
    return {
        "urls": urls or None,
        "url_regdoms": domains(urls) or None,
        "attach": msgspec.json.encode(attached).decode() if attached else None,
        "attach_sha256": distinct(each.sha256 for each in found.attached) or None,
        "lang": language(body),
        "charset": found.charset,
        "body_simhash": simhash(body),
    }


def _fields(each: Attachment) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(each, name)) for name in Attachment.__slots__)


def _rest(headers: _Headers, charset: str | None) -> dict[str, Any]:
    """Headers that campaigns are told by and that have no column."""
    wanted = ("date", "reply-to", "x-mailer", "user-agent", "list-unsubscribe", "sender")
    found = ((name, headers.first(name)) for name in wanted)
    return {name: header_text(value, charset)[:1000] for name, value in found if value}
