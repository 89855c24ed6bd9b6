"""What a watch may say, and the one spelling of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from kaname._native import MatcherBuilder
from kaname.knowledge.watch_records import Delivery, Purpose, Watch, WatchKind, watch_id
from kaname.model.artifact import canonical
from kaname.model.errors import UsageError
from kaname.model.instant import now_us
from kaname.model.marking import Tlp, join
from kaname.model.records import ArtifactKind

__all__ = ["define", "key_of"]

_SHORTEST_KEYWORD = 3  # "ip" would meet everything
_LONGEST = 2_000
_TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")


def define(
    kind: WatchKind,
    value: str,
    *,
    owner: str,
    purpose: Purpose = Purpose.WATCH,
    note: str = "",
    tlp: Tlp = Tlp.GREEN,
    delivery: Delivery | None = None,
    at: int | None = None,
) -> Watch:
    """A watch with its value in the spelling in which it is compared.

    What is ours is marked TLP:AMBER+STRICT at least.

    Raises:
        UsageError: the value is none of that kind, or the delivery is not usable.
    """
    text = value.strip()
    spelled = _SPELLING[kind](text) if 0 < len(text) <= _LONGEST else None
    if spelled is None:
        raise UsageError("intelligence.error.watch_value", kind=kind, found=value[:200])
    if purpose is Purpose.SUPPRESS and kind in _NO_LIST:
        raise UsageError("intelligence.error.watch_suppress", kind=kind)
    if purpose is Purpose.OWN:
        tlp = join((tlp, Tlp.AMBER_STRICT))
    return Watch(
        id=watch_id(owner, purpose, kind, spelled),
        owner=owner,
        kind=kind,
        value=spelled,
        purpose=purpose,
        note=note,
        created=now_us() if at is None else at,
        tlp=tlp,
        delivery=_usable(delivery or Delivery()),
    )


def key_of(kind: ArtifactKind, value: str) -> str:
    """An artifact as texts and hits name it."""
    return f"{kind.value}:{value}"


def _of(kind: ArtifactKind) -> Callable[[str], str | None]:
    return lambda text: canonical(kind, text)


def _keyword(text: str) -> str | None:
    return text if len(text) >= _SHORTEST_KEYWORD or not text.isascii() else None


def _expression(text: str) -> str | None:
    """``text``, if it compiles within the limits and does not match everything."""
    builder = MatcherBuilder()
    builder.rule(1)
    builder.add("expression", [text])
    matcher, faults = builder.build()
    return None if faults or matcher.find("") else text


def _points(text: str) -> str | None:
    return str(int(text)) if text.isdecimal() and 1 <= int(text) <= 100 else None


def _technique(text: str) -> str | None:
    return text.upper() if _TECHNIQUE.fullmatch(text.upper()) else None


def _artifact(text: str) -> str | None:
    name, _, value = text.partition(":")
    if name not in set(ArtifactKind):
        return None
    kind = ArtifactKind(name)
    spelled = canonical(kind, value)
    return None if spelled is None else key_of(kind, spelled)


_SPELLING: dict[WatchKind, Callable[[str], str | None]] = {
    WatchKind.IP: _of(ArtifactKind.IP),
    WatchKind.PREFIX: _of(ArtifactKind.PREFIX),
    WatchKind.DOMAIN: _of(ArtifactKind.DOMAIN),
    WatchKind.HASH: _of(ArtifactKind.HASH),
    WatchKind.MAIL: _of(ArtifactKind.MAIL),
    WatchKind.URL: _of(ArtifactKind.URL),
    WatchKind.KEYWORD: _keyword,
    WatchKind.REGEX: _expression,
    WatchKind.SCORE: _points,
    WatchKind.TECHNIQUE: _technique,
    WatchKind.RELATION: _artifact,
}
_NO_LIST = frozenset({WatchKind.SCORE, WatchKind.TECHNIQUE, WatchKind.RELATION})


def _usable(delivery: Delivery) -> Delivery:
    """The delivery, if notices could go there.

    Raises:
        UsageError: the URL is not http or https, or mail has no server or sender.
    """
    if delivery.webhook:
        parts = urlsplit(delivery.webhook)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError("intelligence.error.watch_webhook", found=delivery.webhook)
    host, _, port = delivery.smtp.rpartition(":")
    if delivery.mail and not (host and port.isdecimal() and delivery.sender):
        raise UsageError("intelligence.error.watch_mail")
    if any(set("\r\n") & set(text) for text in (*delivery.mail, delivery.sender)):
        raise UsageError("intelligence.error.watch_mail")
    return delivery
