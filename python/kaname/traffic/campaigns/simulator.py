"""Labelled mail: campaigns by an own model of those who send them, newsletters, and people.

Nothing of the clustering is used here. A campaign keeps some things and changes others, as
campaigns do: links rotate below one domain, files are packed anew under a pattern of names,
a text has slots, and botnets send from hosts of many networks. Bodies are written out and
then fingerprinted by the reader of mail, so near texts are as near as in real mail.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from kaname.model.instant import DAY
from kaname.readers.mail.simhash import simhash
from kaname.traffic.names.listing import listing
from kaname.traffic.names.seeded import seeded

__all__ = ["KINDS", "START", "mail"]

START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
_WORDS = listing("words")
Row = dict[str, Any]


class _Campaign:
    """What one campaign keeps; ``kind`` says what binds its messages."""

    def __init__(self, number: int, kind: str, seed: int) -> None:
        self.label = f"{kind}-{number}"
        self.random = seeded(f"mail/{seed}/{self.label}")
        self._kind = kind
        self.subject = " ".join(self._words(5)).capitalize()
        self.body = self._words(self.random.randint(80, 200))
        self.domain = "".join(self._words(2)) + self.random.choice((".top", ".click", ".com"))
        self.file = "_".join(self._words(2))
        self.payload = self._hash()

    def message(self) -> Row:
        """One message."""
        return {**self._common(), **_KINDS[self._kind](self)}

    def _common(self) -> Row:
        r = self.random
        sender = "".join(self._words(2)) + r.choice((".com", ".net", ".jp", ".br"))
        host = f"{'-'.join(str(r.randrange(256)) for _ in range(4))}.dyn.{sender}"
        return {
            "ts": START + r.randrange(DAY),
            "src": ".".join(str(r.randint(1, 223)) for _ in range(4)),
            "from_addr": f"{r.choice(_WORDS)}{r.randrange(99)}@{sender}",
            "from_dom": sender,
            "helo": host,
            "subject": f"{self.subject} #{r.randrange(10**6)}",
            "body_simhash": self.text(0),
            "size": r.randint(2000, 60_000),
            "msgid": self.label,
        }

    def text(self, slots: int) -> int:
        """The fingerprint of the body with ``slots`` words changed."""
        words = list(self.body)
        for _ in range(slots):
            words[self.random.randrange(len(words))] = self.random.choice(_WORDS)
        return simhash(" ".join(words))

    def fresh(self) -> int:
        """The fingerprint of a body that was never sent before."""
        return simhash(" ".join(self._words(self.random.randint(60, 200))))

    def attached(self, name: str, payload: str) -> Row:
        """The columns of one attachment."""
        return {
            "attach": json.dumps([{"name": name, "mime": "application/zip", "sha256": payload}]),
            "attach_sha256": [payload],
        }

    def new_hash(self) -> str:
        """The hash of a file that was packed anew."""
        return self._hash()

    def _hash(self) -> str:
        return hashlib.sha256(self.random.randbytes(16)).hexdigest()

    def _words(self, count: int) -> list[str]:
        return self.random.choices(_WORDS, k=count)


def _links(c: _Campaign) -> Row:
    """Rotating hosts below one domain, a new body each time."""
    url = f"https://{c.random.choice(_WORDS)}.{c.domain}/{c.random.getrandbits(40):x}"
    urls = [url, "https://www.google.com/maps"]
    return {"urls": urls, "url_regdoms": [c.domain, "google.com"], "body_simhash": c.fresh(),
            "subject": " ".join(c.random.choices(_WORDS, k=4))}  # fmt: skip


def _file(c: _Campaign) -> Row:
    """One file under many names and subjects."""
    name = f"{c.random.choice(_WORDS)}.zip"
    return {**c.attached(name, c.payload), "body_simhash": c.fresh(),
            "subject": " ".join(c.random.choices(_WORDS, k=4))}  # fmt: skip


def _packed(c: _Campaign) -> Row:
    """A file packed anew each time, named and announced by a pattern."""
    name = f"{c.file}_{c.random.randrange(10**6):06d}.xlsm"
    return {**c.attached(name, c.new_hash()), "body_simhash": c.fresh()}


def _text(c: _Campaign) -> Row:
    """The same text with slots, from everywhere, under many subjects."""
    return {"body_simhash": c.text(c.random.choice((0, 0, 1, 1, 2))),
            "subject": " ".join(c.random.choices(_WORDS, k=4))}  # fmt: skip


def _newsletter(c: _Campaign) -> Row:
    """Bulk mail of one honest sender: not a campaign, and one group all the same."""
    return {
        "from_addr": f"news@{c.domain}",
        "from_dom": c.domain,
        "src": "198.51.100.7",
        "helo": f"mta.{c.domain}",
        "urls": [f"https://{c.domain}/news"],
        "url_regdoms": [c.domain],
        "auth": "spf=pass dkim=pass dmarc=pass",
        "body_simhash": c.fresh(),
    }


_KINDS: dict[str, Callable[[_Campaign], Row]] = {
    "links": _links,
    "file": _file,
    "packed": _packed,
    "text": _text,
    "newsletter": _newsletter,
}
KINDS = tuple(_KINDS)


def _person(number: int, random: Random) -> Row:
    """A message of its own."""
    words = random.choices(_WORDS, k=random.randint(30, 150))
    sender = f"{random.choice(_WORDS)}{number}.example"
    return {
        "ts": START + random.randrange(DAY),
        "src": "192.0.2.25",
        "from_addr": f"{random.choice(_WORDS)}@{sender}",
        "from_dom": sender,
        "helo": f"mail.{sender}",
        "subject": " ".join(words[:4]),
        "body_simhash": simhash(" ".join(words)),
        "size": random.randint(900, 9000),
        "msgid": f"person-{number}",
    }


def mail(campaigns: int, each: int, people: int, seed: int) -> Iterator[Row]:
    """Rows of ``mail``: ``campaigns`` of each kind, about ``each`` messages long, and people.

    The label is in the column ``msgid``.
    """
    for number in range(campaigns):
        for kind in KINDS:
            campaign = _Campaign(number, kind, seed)
            for _ in range(campaign.random.randint(each // 2, each * 2)):
                yield campaign.message()
    random = seeded(f"people/{seed}")
    for number in range(people):
        yield _person(number, random)
