"""Selections over the tables that name things: DNS, mail, acts of users, feeds."""

from __future__ import annotations

from collections.abc import Iterable

from kaname.analysis.frame import ALL, Window
from kaname.analysis.selection import Selection, during, quoted

__all__ = [
    "carried",
    "condition",
    "listed",
    "listings",
    "messages",
    "programs",
    "questions",
    "updates",
    "visits",
]

_COUNTED = (
    ("CAST(count(*) AS BIGINT)", "times"),
    ("min(ts)", "first"),
    ("max(ts)", "last"),
)


def condition(window: Window, sensor: str, *more: str) -> str:
    """The SQL condition of the window's rows of the sensor for which ``more`` hold.

    ``all``, or nothing, means every sensor.
    """
    own = [during(window.start, window.end)]
    if sensor not in {"", ALL}:
        own.append(f"sensor = {quoted(sensor)}")
    return "\n  AND ".join((*own, *more))


def listed(column: str, texts: Iterable[str]) -> str:
    """The condition that ``column`` is one of ``texts``."""
    return f"{column} IN ({', '.join(quoted(text) for text in sorted(set(texts))) or 'NULL'})"


def questions(where: str) -> Selection:
    """Rows of ``dns``: one a client, name, type and outcome."""
    keys = (
        ("ip(src_hi, src_lo)", "client"),
        ("qname", "qname"),
        ("qtype", "qtype"),
        ("rcode", "rcode"),
    )
    return Selection("dns", where, keys, _COUNTED)


def carried(where: str) -> Selection:
    """Rows of ``dns``: one a minute and type, with what the names and answers could hold."""
    keys = (
        ("time_bucket(INTERVAL 1 MINUTE, ts)", "minute"),
        ("ip(src_hi, src_lo)", "client"),
        ("regdom", "domain"),
        ("qtype", "qtype"),
    )
    sums = (
        ("CAST(count(*) AS BIGINT)", "questions"),
        ("CAST(count(DISTINCT qname) AS BIGINT)", "names"),
        ("CAST(sum(length(qname)) AS BIGINT)", "name_octets"),
        ("CAST(sum(res_len) AS BIGINT)", "answer_octets"),
        ("min(qname)", "example"),
    )
    return Selection("dns", where, keys, sums)


def listings(where: str) -> Selection:
    """Rows of ``feeds``: one an entry."""
    keys = (("feed", "feed"), ("value", "value"), ("label", "label"))
    return Selection("feeds", where, keys, _COUNTED)


def messages(where: str) -> Selection:
    """Rows of ``mail``: one a sender and subject."""
    keys = (
        ("from_addr", "sender"),
        ("subject", "subject"),
        ("ip(src_hi, src_lo)", "relay"),
        ("array_to_string(url_regdoms, ' ')", "domains"),
    )
    return Selection("mail", where, keys, _COUNTED)


def programs(where: str) -> Selection:
    """Rows of ``endpoint``: one a program and parent on a host."""
    keys = (
        ("host", "host"),
        ("event_class", "event"),
        ("user", "account"),
        ("image", "image"),
        ("parent_image", "parent"),
        ("cmdline", "command"),
    )
    return Selection("endpoint", where, keys, _COUNTED)


def updates(where: str) -> Selection:
    """Rows of ``routes``: one a prefix, origin and path."""
    keys = (
        ("ts", "at"),
        ("op", "op"),
        ("ip(prefix_hi, prefix_lo) || '/' || plen", "prefix"),
        ("origin_as", "origin"),
        ("path", "path"),
    )
    return Selection("routes", where, keys, (("CAST(count(*) AS BIGINT)", "peers"),))


def visits(where: str) -> Selection:
    """Rows of ``user_events``: one a client and URL."""
    keys = (
        ("ip(src_hi, src_lo)", "client"),
        ("user", "account"),
        ("url", "url"),
        ("result", "result"),
    )
    return Selection("user_events", where, keys, _COUNTED)
