"""What a notice says: as a mail, and as a document for a webhook.

The addresses that received the packets are in none of it, unless they are the
organisation's own: an unused address that is known is of no use to anybody. In a subject
stands nothing of what was met, since it is on every screen on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import msgspec

from kaname.knowledge.organisation_records import Alert, Notice, NoticeReason
from kaname.model.instant import SECOND, format_us
from kaname.model.marking import Tlp, join
from kaname.model.messages import text
from kaname.telescope.organisations.stix import bundle
from kaname.telescope.organisations.wording import reason, word

__all__ = ["describe", "document", "mail", "summary", "title"]

_ZONES = {"ja": "JST", "en": "UTC"}
_DETAILED = 10  # alerts of a mail that are told at length; the others get a line


def summary(notice: Notice) -> dict[str, Any]:
    """What the console is told: enough to look it up, with the marking in ``tlp``."""
    return {
        "notice": notice.key,
        "reason": notice.reason.value,
        "organisation": notice.organisation.id,
        "name": notice.organisation.name("en"),
        "alerts": [alert.id for alert in notice.alerts],
        "hosts": [alert.host for alert in notice.alerts],
        "kinds": sorted({alert.kind.value for alert in notice.alerts}),
        "tlp": _marking(notice).value,
    }


def document(notice: Notice) -> bytes:
    """The body of a webhook: JSON, the same bytes whenever it is sent again."""
    language = notice.organisation.language
    name = notice.organisation.name(language)
    found = {
        "type": f"organisation.{notice.reason.value}",
        "key": notice.key,
        "organisation": {"id": notice.organisation.id, "name": name},
        "tlp": _marking(notice).label,
        "created": format_us(notice.created),
        "language": language,
        "alerts": [
            describe(alert, language, name) | {"growth": growth}
            for alert, growth in zip(notice.alerts, notice.growth, strict=True)
        ],
        "stix": bundle(notice),
    }
    return msgspec.json.encode(found)


def describe(alert: Alert, language: str, name: str) -> dict[str, Any]:
    """An alert of the organisation ``name`` in one language, ready for JSON."""
    return {
        "id": alert.id,
        "host": alert.host,
        "kind": alert.kind.value,
        "title": title(alert, language, name),
        "text": _text(alert, language, name),
        "first": format_us(alert.opened),
        "last": format_us(alert.last),
        "packets": alert.packets,
        "destinations": alert.destinations,
        "services": list(alert.services),
        "label": alert.label,
        "probability": alert.confidence,
        "reasons": [
            {
                "code": key.rpartition(".")[2],
                "values": values,
                "text": reason(key, values, language),
            }
            for key, values in alert.reasons
        ],
        "samples": list(alert.samples),
        "check": text(f"telescope.organisation.check.{alert.kind.value}", language),
    }


def mail(notice: Notice, sender: str) -> EmailMessage:
    """The mail to the one address of a notice: a text, and the same as STIX."""
    language = notice.organisation.language
    message = EmailMessage()
    message["From"] = sender
    message["To"] = notice.target
    message["Subject"] = _subject(notice)
    message["Date"] = _date(notice.created)
    # The same whenever it is sent again, so that who gets it twice keeps one.
    message["Message-ID"] = f"<{notice.key}@{sender.rpartition('@')[2].strip('<> ')}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines, please
    message["X-Kaname-Notice"] = notice.key
    message["Content-Language"] = language
    message.set_content("\n".join(_lines(notice)), charset="utf-8")
    message.add_attachment(
        msgspec.json.encode(bundle(notice)),
        maintype="application",
        subtype="stix+json",
        filename=f"{notice.key}.json",
        params={"version": "2.1"},
    )
    return message


def _date(instant: int) -> str:
    return format_datetime(datetime.fromtimestamp(instant // SECOND, UTC))


def _marking(notice: Notice) -> Tlp:
    return join((notice.organisation.tlp, *(alert.tlp for alert in notice.alerts)))


def _subject(notice: Notice) -> str:
    language = notice.organisation.language
    key = f"telescope.organisation.subject.{notice.reason.value}"
    name = notice.organisation.name(language)
    said = text(key, language, n=len(notice.alerts), organisation=name)
    return f"[{_marking(notice).label}] kaname: {said}"


def _lines(notice: Notice) -> Iterator[str]:
    language = notice.organisation.language
    name = notice.organisation.name(language)
    marking = _marking(notice).label
    yield text(
        f"telescope.organisation.opening.{notice.reason.value}",
        language,
        organisation=name,
        n=len(notice.alerts),
    )
    for number, (alert, growth) in enumerate(zip(notice.alerts, notice.growth, strict=True)):
        yield ""
        if number < _DETAILED and notice.reason is not NoticeReason.DIGEST:
            yield from _whole(alert, language, name)
        else:
            yield _line(alert, growth, language, name)
    yield ""
    yield "-- "
    yield text("telescope.organisation.closing", language, tlp=marking, key=notice.key)


def _whole(alert: Alert, language: str, name: str) -> Iterator[str]:
    yield f"■ {title(alert, language, name)}"
    yield _text(alert, language, name)
    yield ""
    values = {
        "first": _moment(alert.opened, language),
        "last": _moment(alert.last, language),
        "packets": alert.packets,
        "services": ", ".join(alert.services),
        "label": word(alert.label, language),
        "p": alert.confidence,
        "id": alert.id,
    }
    yield text("telescope.organisation.facts", language, **values)
    yield ""
    yield text("telescope.organisation.why", language)
    yield from (f"- {reason(key, values, language)}" for key, values in alert.reasons)
    if alert.samples:
        yield ""
        yield text("telescope.organisation.samples", language)
        yield from ("  " + _sample(row) for row in alert.samples)
    yield ""
    yield text("telescope.organisation.check", language)
    yield text(f"telescope.organisation.check.{alert.kind.value}", language)


def _line(alert: Alert, growth: int, language: str, name: str) -> str:
    values = {
        "growth": growth,
        "packets": alert.packets,
        "last": _moment(alert.last, language),
        "id": alert.id,
    }
    return f"- {title(alert, language, name)}: " + text(
        "telescope.organisation.growth", language, **values
    )


def _sample(row: dict[str, Any]) -> str:
    return "  ".join(f"{name}={value}" for name, value in row.items())


def _moment(instant: int, language: str) -> str:
    zone = _ZONES[language]
    shown = format_us(instant, zone=zone)
    return f"{shown[:10]} {shown[11:19]} {zone}"


def _values(alert: Alert, language: str, name: str) -> dict[str, Any]:
    return {
        "organisation": name,
        "host": alert.host,
        "packets": alert.packets,
        "destinations": alert.destinations,
        "services": ", ".join(alert.services),
        "label": word(alert.label, language),
    }


def title(alert: Alert, language: str, name: str) -> str:
    """One line: what a host of the organisation ``name`` did."""
    return text(
        f"telescope.organisation.{alert.kind.value}.title",
        language,
        **_values(alert, language, name),
    )


def _text(alert: Alert, language: str, name: str) -> str:
    return text(
        f"telescope.organisation.{alert.kind.value}.text",
        language,
        **_values(alert, language, name),
    )
