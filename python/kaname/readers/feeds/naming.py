"""What a feed is called and says of its entries when it does not tell itself."""

from __future__ import annotations

import re

from kaname.readers.frame import ReadJob
from kaname.readers.moments import iso_us

__all__ = ["feed_name", "label_of", "made_at"]

_ENDINGS = re.compile(r"\.(?:gz|xz|zst|txt|csv|json|xml|list|lst|hosts|ipset|netset|dat)$")
_LABELS = (
    ("phishing", re.compile(r"phish")),
    ("c2", re.compile(r"c2|c&c|cnc|botnet|feodo|command|sinkhole|sslbl")),
    ("malware", re.compile(r"malware|malicious|payload|urlhaus|bazaar|emerging|ransom|trojan")),
    ("spam", re.compile(r"spam|drop")),
    ("scanner", re.compile(r"scan|brute|attack")),
)


def feed_name(job: ReadJob) -> str:
    """The option ``feed``, or the file's name without its endings."""
    given = job.options.get("feed")
    if given:
        return str(given)
    name = job.path.name if job.path else "feed"
    while (shorter := _ENDINGS.sub("", name)) != name and shorter:
        name = shorter
    return name


def label_of(text: str) -> str:
    """The label that words of a publisher mean."""
    lower = text.lower()
    return next((label for label, words in _LABELS if words.search(lower)), "unknown")


def made_at(job: ReadJob) -> int:
    """The time of entries that have none: the option ``time``, or that of the file."""
    given = iso_us(str(job.options.get("time", "")))
    if given is not None:
        return given
    return int(job.path.stat().st_mtime) * 1_000_000 if job.path else 0
