"""Attachments: what they are called, what they are, their digest, what an archive lists."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from email.message import Message

from kaname.readers.mail.charsets import header_text

__all__ = ["Attachment", "attachment", "content", "filename"]

MOST_NAMES = 100
_ZIP = b"PK\x03\x04"
_ENCRYPTED = 1


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment; ``files`` are the names in it, when it is a ZIP archive."""

    name: str | None
    mime: str
    sha256: str
    len: int
    files: list[str] | None = None
    encrypted: bool | None = None


def filename(part: Message) -> str | None:
    """The name of a part (RFC 2183; RFC 2231 and RFC 2047 encodings)."""
    try:
        raw = part.get_filename()
    except (UnicodeError, ValueError, TypeError, LookupError):
        return None
    return header_text(raw)[:255] if raw else None


def content(part: Message) -> bytes:
    """The decoded bytes of a part; of a nested message its own bytes."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        try:
            return inner.as_bytes() if isinstance(inner, Message) else b""
        except (UnicodeError, ValueError, LookupError, AttributeError, KeyError):
            return b""
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, UnicodeError):
        payload = None
    return payload if isinstance(payload, bytes) else b""


def attachment(part: Message) -> Attachment:
    """The part as an attachment."""
    data = content(part)
    files, encrypted = _listed(data)
    return Attachment(
        name=filename(part),
        mime=part.get_content_type().encode("ascii", "backslashreplace").decode(),
        sha256=hashlib.sha256(data).hexdigest(),
        len=len(data),
        files=files,
        encrypted=encrypted,
    )


def _listed(data: bytes) -> tuple[list[str] | None, bool | None]:
    """Names in a ZIP archive and whether any file is encrypted; nothing is unpacked."""
    if not data.startswith(_ZIP):
        return None, None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, UnicodeError):
        return None, None
    names = [entry.filename[:255] for entry in entries[:MOST_NAMES]]
    return names, any(entry.flag_bits & _ENCRYPTED for entry in entries)
