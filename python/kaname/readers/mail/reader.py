"""Mail to `mail`: mailboxes and single messages, spam and what traps received."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from kaname.readers.frame import Reader, ReaderDoc, ReadJob
from kaname.readers.mail.hops import trusted_prefixes
from kaname.readers.mail.mailbox import is_mbox, messages
from kaname.readers.mail.message import TooDeepError, row
from kaname.readers.rows import Rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MailReader"]

_HEADER = re.compile(rb"([!-9;-~]{1,77}):(?:[ \t\r]|$)")
_KNOWN = frozenset(
    b"from to cc subject date received message-id return-path mime-version content-type "
    b"delivered-to x-original-to reply-to sender dkim-signature authentication-results "
    b"received-spf content-transfer-encoding x-mailer list-unsubscribe envelope-to".split()
)


class MailReader(Reader):
    """Messages. Options ``trusted``: own networks, commas between; ``trap``: a name."""

    name: ClassVar[str] = "mail"
    version: ClassVar[int] = 1
    tables: ClassVar[tuple[str, ...]] = ("mail",)
    doc: ClassVar[ReaderDoc] = ReaderDoc(
        en=(
            "Mailboxes (mbox) and single messages (eml, the files of a maildir) become a row a "
            "message. The source is the first hop that is not the receiver's own: private "
            "networks, and those of the option `trusted`, are passed over, and what stands "
            "below is the sender's word. Subject, names and bodies are decoded from the "
            "charsets of Japan, China and Korea, wrong and unknown ones included; URLs are taken "
            "from text and links; attachments have their SHA-256, archives their list of names, "
            "and the body a 64-bit simhash by which campaigns are told."
        ),
        ja=(
            "メールボックス(mbox)と単独のメール(eml、maildir 内のファイル)を 1 通 1 行に"
            "します。送信元は受信側のものでない最初のホップです。プライベートアドレスと"
            "オプション `trusted` のネットワークは通過したものとみなし、それより下の Received は"
            "送信者の自己申告として扱います。件名・氏名・本文は日中韓の文字コードから復号し、"
            "誤った文字コードや未知の文字コードにも対応します。URL は本文とリンクから取り出し、"
            "添付は SHA-256 とアーカイブ内のファイル名、本文はキャンペーン判別用の 64 ビット "
            "simhash を記録します。"
        ),
        formats=("mbox", "eml (RFC 5322)"),
        references=(
            "RFC 5322 (messages), RFC 5321 section 4.4 (trace), RFC 4155 (mbox)",
            "RFC 2045, RFC 2047, RFC 2231 (MIME), RFC 8601 (authentication results)",
            "M. Charikar, Similarity estimation techniques from rounding algorithms, STOC 2002",
        ),
        limitations_en=(
            "A message of more than 64 MiB is counted as `too_long`.",
            "One whose parts are nested deeper than 32 levels is counted as `too_deep`.",
            "Parts from the 1,001st on are not looked at.",
            "The time is that of the newest `Received` header, then of the mailbox, then `Date`.",
            "Text that HTML hides by style sheets counts as seen.",
            "Encrypted and signed (opaque) bodies are attachments; TNEF is not opened.",
            "Defanged URLs (`hxxp`) are left alone.",
            "Archives other than ZIP are not listed, and nothing is unpacked.",
        ),
        limitations_ja=(
            "64 MiB を超えるメールは `too_long` として数えます。",
            "32 段を超える入れ子は `too_deep` として数えます。",
            "1,001 番目以降のパートは読みません。",
            "時刻は最新の `Received`、メールボックス、`Date` の順に採ります。",
            "スタイルシートで隠された HTML の文字も表示されるものとして扱います。",
            "暗号化・不透明署名された本文は添付として扱い、TNEF は開きません。",
            "無害化された URL(`hxxp`)は取り出しません。",
            "ZIP 以外のアーカイブの一覧は作らず、展開も行いません。",
        ),
    )

    def detect(self, head: bytes, filename: str) -> int:  # noqa: ARG002 (part of the protocol)
        """A separator of mbox, then headers; or headers with two that mails have."""
        start = head.lstrip(b"\r\n")
        if is_mbox(start[:1024]):
            return 85 if _mail_headers(start.partition(b"\n")[2]) else 20
        return 80 if _mail_headers(start) else 0

    def read(self, job: ReadJob) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Yield a row a message.

        Raises:
            InputError: the source cannot be opened or read.
            UsageError: the option ``trusted`` is no list of prefixes.
            CancelledError: somebody asked to stop.
        """
        trusted = trusted_prefixes(str(job.options.get("trusted", "")))
        trap = str(job.options.get("trap", "")) or None
        rows = Rows("mail", self.name, job)
        for raw in messages(job):
            job.check()
            try:
                columns = row(raw, trusted)
            except TooDeepError:
                job.report.bad(raw.offset, "too_deep", "parts nested too deep", raw.data[:64])
                continue
            if not columns:
                job.report.bad(raw.offset, "malformed", "no header", raw.data[:64])
                continue
            job.report.count("message")
            rows.add(**columns, trap=trap)
            if rows.full:
                yield rows.take()
        yield from rows.rest()


def _mail_headers(head: bytes) -> bool:
    """Whether ``head`` begins with headers, two of which are those of mails."""
    known = set()
    for place, line in enumerate(head.split(b"\n")[:200]):
        if not line.strip():
            break
        if line[:1] in b" \t" and place:
            continue
        found = _HEADER.match(line)
        if found is None:
            return False
        known.add(found.group(1).lower())
    return len(known & _KNOWN) >= 2
