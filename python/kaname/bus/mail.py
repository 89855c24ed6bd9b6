"""Handing a mail to a mail server: encrypted and signed in as its settings say, once."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from kaname.model.errors import SettingError

__all__ = ["FAILURES", "MailServer", "send"]

FAILURES = (OSError, smtplib.SMTPException)
"""What `send` raises when it did not work and may work later."""

_PATIENCE = 10.0
_SECURITY = ("auto", "starttls", "tls", "none")
_KNOWN = ("smtp", "sender", "user", "password", "security", "ca")


@dataclass(frozen=True)
class MailServer:
    """A mail server at ``host`` and ``port``, and as whom mail is sent.

    ``security``: ``tls`` from the first byte, ``starttls`` or nothing at all, ``auto``
    STARTTLS where the server offers it, ``none`` never. ``ca`` is a file of certificates
    that are trusted besides those of the system.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "auto"
    ca: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> MailServer | None:
        """The server that the setting ``mail`` describes; None where it is empty.

        Raises:
            SettingError: a key is unknown, missing or unfit.
        """
        if not given:
            return None
        unknown = sorted(set(given) - set(_KNOWN))
        host, _, port = str(given.get("smtp", "")).rpartition(":")
        security = str(given.get("security", "auto"))
        sender = str(given.get("sender", ""))
        if unknown or not host or not port.isdecimal() or security not in _SECURITY:
            raise SettingError("bus.error.mail", found=", ".join(unknown or given))
        if "@" not in sender or any(ord(sign) < 32 for sign in sender):
            raise SettingError("bus.error.mail_sender", found=sender)
        user, ca = (str(given.get(name, "")) for name in ("user", "ca"))
        return cls(host, int(port), sender, user, _secret(given), security, ca)


def _secret(given: Mapping[str, Any]) -> str:
    """The password; ``file:/path`` stands for the content of a file."""
    found = str(given.get("password", ""))
    if not found.startswith("file:"):
        return found
    path = Path(found.removeprefix("file:")).expanduser()
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingError("bus.error.mail_password", path=path, reason=error) from None


def send(server: MailServer, message: EmailMessage, *, timeout: float = _PATIENCE) -> None:
    """Hand ``message`` to the server.

    Raises:
        smtplib.SMTPException: it is refused, or not encrypted as it must be.
        OSError: nobody answers, or with a certificate that is not trusted.
    """
    with _connected(server, timeout) as link:
        if server.user:
            _check_encrypted(server, link)
            link.login(server.user, server.password)
        link.send_message(message)


def _connected(server: MailServer, timeout: float) -> smtplib.SMTP:
    if server.security == "tls":
        trust = _trust(server)
        return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=trust)
    link = smtplib.SMTP(server.host, server.port, timeout=timeout)
    with contextlib.ExitStack() as undo:
        undo.callback(link.close)
        link.ehlo()
        offered = link.has_extn("starttls")
        if server.security == "starttls" or (server.security == "auto" and offered):
            link.starttls(context=_trust(server))
            link.ehlo()
        undo.pop_all()
    return link


def _check_encrypted(server: MailServer, link: smtplib.SMTP) -> None:
    """A password goes in the clear only where the settings say ``none``."""
    if server.security != "none" and not isinstance(link.sock, ssl.SSLSocket):
        raise smtplib.SMTPNotSupportedError("STARTTLS is not offered: no password is sent")


def _trust(server: MailServer) -> ssl.SSLContext:
    """With ``auto`` and no password any certificate: the alternative is no protection at all."""
    context = ssl.create_default_context()
    if server.ca:
        context.load_verify_locations(server.ca)
    if server.security == "auto" and not (server.ca or server.user):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
