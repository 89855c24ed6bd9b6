"""Plain lists to `feeds`: one entry a line, hosts files, filters of ad blockers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.feeds.entries import columns, of_value, type_of
from kaname.readers.feeds.naming import feed_name, label_of, made_at
from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.lines import lines
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PlainFeedReader", "value_in"]

ENOUGH = 3  # entries that a list has at least, to be told from arbitrary text
SHARE = 0.9  # of lines that are entries of one kind

_COMMENT = re.compile(r"\s*(?:[#!;]|//|\[[A-Z]|$)")
_TRAILING = re.compile(r"\s+(?:[#;].*|\d+)?\s*$")
_FILTER = re.compile(r"\|\|([^\s/^$|]+)\^(?:\$[\w,=~.|-]+)?$")
_HOSTS = re.compile(r"(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(\S+)$")
_LOCAL = {"localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0"}  # noqa: S104


class PlainFeedReader(Reader):
    """Plain lists. Options ``feed``, ``label``, ``confidence``, ``time``: of all entries."""

    name: ClassVar[str] = "feed_list"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("feeds",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Lists with an entry a line: URLs (OpenPhish), domains, addresses, prefixes, hashes, "
            "mail addresses; hosts files; domain filters of ad blockers. Comments are passed "
            "over. At least nine of ten lines must be entries of one kind for a text to be taken "
            "for a list."
        ),
        ja=(
            "1 行 1 項目のリストを読みます。URL(OpenPhish)、ドメイン、アドレス、プレフィックス、"
            "ハッシュ、メールアドレス、hosts ファイル、広告ブロッカーのドメインフィルターに"
            "対応し、コメントは読み飛ばします。行の 9 割以上が同じ種類の項目であるときだけ"
            "リストと判定します。"
        ),
        formats=("plain list", "hosts file", "Adblock filter list"),
        references=(
            "https://openphish.com/",
            "man 5 hosts",
            "https://help.adblockplus.org/hc/en-us/articles/360062733293",
        ),
        limitations_en=(
            "The name of the feed and its label come from the file's name unless they are given.",
            "Entries get the time of the file, or of the option `time`.",
            "Of ad blockers' filters only those of whole domains are entries.",
        ),
        limitations_ja=(
            "フィード名とラベルは、指定がなければファイル名から決めます。",
            "時刻はファイルの時刻またはオプション `time` です。",
            "広告ブロッカーのフィルターはドメイン全体を対象とするものだけを読みます。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """Nine of ten lines are entries of one kind."""
        whole = len(head) < 1 << 16
        text = head.decode(errors="replace")
        candidates = text.splitlines() if whole else text.splitlines()[:-1]
        told = [line for line in candidates if not _COMMENT.match(line)][:2000]
        values = [value for line in told if (value := value_in(line) or "") not in _LOCAL]
        kinds = Counter(map(type_of, values))
        kinds.pop(None, None)
        most = max(kinds.values(), default=0)
        return 40 if most >= ENOUGH and most >= SHARE * len(values) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row an entry.

        Raises:
            InputError: the source cannot be opened or read.
            CancelledError: somebody asked to stop.
        """
        rows, feed, ts = Rows("feeds", self.name, job), feed_name(job), made_at(job)
        label = str(job.options.get("label") or label_of(feed))
        confidence = job.options.get("confidence")
        for offset, line in lines(job):
            if _COMMENT.match(line):
                continue
            value = value_in(line)
            if value in _LOCAL:
                continue
            entry = of_value(value, label=label) if value else None
            if entry is None:
                job.report.bad(offset, "malformed", "no entry", line.encode()[:64])
                continue
            entry.confidence = int(confidence) if confidence is not None else None
            job.report.count("entry")
            rows.add(row_in_src=offset, **columns(entry, feed, ts))
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def value_in(line: str) -> str | None:
    """The value that a line is about, without the syntax around it."""
    plain = _TRAILING.sub("", line.strip() + " ").strip()
    for syntax in (_FILTER, _HOSTS):
        found = syntax.match(plain)
        if found:
            return found.group(1)
    return plain or None
