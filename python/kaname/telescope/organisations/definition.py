"""What an organisation may say of itself, and the one spelling of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from kaname.knowledge.organisation_records import AlertKind, Organisation, Suppression
from kaname.model.address import Prefix, prefix
from kaname.model.errors import ConflictError, UsageError
from kaname.model.instant import format_us, parse_us
from kaname.model.marking import Tlp

__all__ = ["FIELDS", "check", "define", "described", "spelled"]

FIELDS = (
    "id", "name_en", "name_ja", "language", "live", "dark", "mail", "webhook", "secret",
    "suppressions", "valid_from", "valid_until", "tlp",
)  # fmt: skip
_SUPPRESSION = ("prefix", "port", "kind", "until", "note")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# Narrower than RFC 5321: nothing that a header or a command could be hidden in.
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LONGEST = 200
_MOST_PREFIXES = 10_000
_LANGUAGES = ("en", "ja")


def define(given: Mapping[str, Any]) -> Organisation:
    """The organisation that ``given`` describes, everything in its one spelling.

    Instants are ISO 8601; lists are lists, or texts separated by blanks or commas.

    Raises:
        UsageError: a field is unknown, missing or unfit; it says which, and what fits.
    """
    key = str(given.get("id", "")).strip().lower()
    if not _ID.fullmatch(key):
        raise _unfit(key, "id", given.get("id", ""), "a-z, 0-9, -")
    unknown = sorted(set(given) - set(FIELDS))
    if unknown:
        raise _unfit(key, unknown[0], given[unknown[0]], ", ".join(FIELDS))
    live, dark = _prefixes(key, "live", given), _prefixes(key, "dark", given)
    if not live and not dark:
        raise _unfit(key, "live", "", "192.0.2.0/24")
    return Organisation(
        id=key,
        name_en=_text(key, "name_en", given) or key,
        name_ja=_text(key, "name_ja", given),
        language=_language(key, given.get("language") or "en"),
        live=live,
        dark=dark,
        mail=tuple(_mail(key, one) for one in _list(given.get("mail"))),
        webhook=_webhook(key, str(given.get("webhook") or "")),
        secret=_text(key, "secret", given),
        suppressions=tuple(_suppression(key, one) for one in given.get("suppressions") or ()),
        valid_from=_instant(key, "valid_from", given),
        valid_until=_instant(key, "valid_until", given),
        tlp=Tlp.parse(given.get("tlp") or Tlp.AMBER),
    )


def described(one: Organisation, *, secrets: bool = False) -> dict[str, Any]:
    """What `define` makes ``one`` of; the secret only when it is asked for."""
    found: dict[str, Any] = {
        "id": one.id,
        "name_en": one.name_en,
        "name_ja": one.name_ja,
        "language": one.language,
        "tlp": one.tlp.value,
        "live": list(one.live),
        "dark": list(one.dark),
        "mail": list(one.mail),
        "webhook": one.webhook,
        "valid_from": _shown(one.valid_from),
        "valid_until": _shown(one.valid_until),
        "suppressions": [_suppression_shown(each) for each in one.suppressions],
    }
    if secrets and one.secret:
        found["secret"] = one.secret
    return {name: value for name, value in found.items() if value not in ("", [], None)}


def check(organisations: Sequence[Organisation]) -> None:
    """Refuse a registry in which a prefix has two owners, or is both used and unused.

    A prefix inside another is fine: the more specific one counts.

    Raises:
        ConflictError: naming the prefix and both.
    """
    owners: dict[str, list[tuple[Organisation, str]]] = {}
    for one in organisations:
        for use, prefixes in (("live", one.live), ("dark", one.dark)):
            for text in prefixes:
                _take(owners.setdefault(text, []), text, one, use)


def _take(owners: list[tuple[Organisation, str]], text: str, one: Organisation, use: str) -> None:
    for other, used in owners:
        if _meet(one, other):
            raise ConflictError(
                "telescope.error.organisation_prefix",
                prefix=text,
                first=f"{other.id} ({used})",
                second=f"{one.id} ({use})",
            )
    owners.append((one, use))


def _meet(one: Organisation, other: Organisation) -> bool:
    """Whether there is an instant at which both are valid."""
    begins = max(one.valid_from or 0, other.valid_from or 0)
    ends = [end for end in (one.valid_until, other.valid_until) if end is not None]
    return not ends or begins < min(ends)


def _unfit(key: str, field: str, found: Any, expected: str) -> UsageError:
    return UsageError(
        "telescope.error.organisation",
        id=key or "–",
        field=field,
        found=str(found)[:_LONGEST] or "–",
        expected=expected,
    )


def _text(key: str, field: str, given: Mapping[str, Any]) -> str:
    text = str(given.get(field) or "").strip()
    if len(text) > _LONGEST or any(ord(sign) < 32 or ord(sign) == 127 for sign in text):
        raise _unfit(key, field, text, f"<= {_LONGEST}")
    return text


def _list(given: Any) -> list[str]:
    parts: Iterable[Any] = re.split(r"[\s,;]+", given) if isinstance(given, str) else given or ()
    return list(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))


def _prefixes(key: str, field: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    texts = _list(given.get(field))
    if len(texts) > _MOST_PREFIXES:
        raise _unfit(key, field, len(texts), f"<= {_MOST_PREFIXES}")
    return tuple(dict.fromkeys(_prefix(key, field, text) for text in texts))


def _prefix(key: str, field: str, text: str) -> str:
    try:
        return spelled(prefix(text))
    except UsageError:
        raise _unfit(key, field, text, "192.0.2.0/24, 2001:db8::/32") from None


def spelled(given: Prefix) -> str:
    """A prefix as it is written everywhere: with its length, IPv4 as IPv4."""
    four = given.length >= 96 and given.first.hi == 0 and given.first.lo >> 32 == 0xFFFF
    return f"{given.first}/{given.length - 96 if four else given.length}"


def _language(key: str, given: Any) -> Any:
    if given not in _LANGUAGES:
        raise _unfit(key, "language", given, " | ".join(_LANGUAGES))
    return given


def _mail(key: str, text: str) -> str:
    if not _MAIL.fullmatch(text):
        raise _unfit(key, "mail", text, "name@example.org")
    return text


def _webhook(key: str, text: str) -> str:
    """A URL that notices can be sent to; a name or a password in it would be logged."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        raise _unfit(key, "webhook", text, "https://example.org/path") from None
    if not fits or parts.username or any(ord(sign) <= 32 for sign in text):
        raise _unfit(key, "webhook", text, "https://example.org/path")
    return text


def _instant(key: str, field: str, given: Mapping[str, Any]) -> int | None:
    found = given.get(field)
    if found is None or found == "":
        return None
    try:
        return found if isinstance(found, int) else parse_us(str(found))
    except UsageError:
        raise _unfit(key, field, found, "2026-04-01T00:00:00Z") from None


def _suppression(key: str, given: Any) -> Suppression:
    if not isinstance(given, Mapping) or set(given) - set(_SUPPRESSION):
        raise _unfit(key, "suppressions", given, ", ".join(_SUPPRESSION))
    port, kind, note = given.get("port"), given.get("kind") or None, str(given.get("note") or "")
    if port is not None and not (isinstance(port, int) and 0 <= port <= 65_535):
        raise _unfit(key, "suppressions.port", port, "0 – 65535")
    if kind is not None and kind not in _kinds():
        raise _unfit(key, "suppressions.kind", kind, " | ".join(_kinds()))
    text = str(given.get("prefix") or "").strip()
    return Suppression(
        prefix=_prefix(key, "suppressions.prefix", text) if text else "",
        port=port,
        kind=AlertKind(kind) if kind else None,
        until=_instant(key, "until", given),
        note=note[:_LONGEST],
    )


def _kinds() -> tuple[str, ...]:
    """The words for kinds of alerts."""
    return tuple(kind.value for kind in AlertKind)


def _suppression_shown(one: Suppression) -> dict[str, Any]:
    found: dict[str, Any] = {
        "prefix": one.prefix,
        "port": one.port,
        "kind": one.kind.value if one.kind else None,
        "until": _shown(one.until),
        "note": one.note,
    }
    return {name: value for name, value in found.items() if value not in ("", None)}


def _shown(instant: int | None) -> str | None:
    return None if instant is None else format_us(instant)
