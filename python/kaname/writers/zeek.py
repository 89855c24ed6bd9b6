r"""Files of Zeek's intelligence framework: tab-separated, an indicator a line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from kaname.model.instant import format_us
from kaname.model.messages import text
from kaname.model.records import ArtifactKind, Indicator
from kaname.writers.blocking import blockable, host_of, network
from kaname.writers.entry import Entry, entries
from kaname.writers.frame import EvidenceOf, FindingOf, Sink, WriterDoc, unexplained

__all__ = ["ZeekWriter"]

_FIELDS = ("indicator", "indicator_type", "meta.source", "meta.desc", "meta.url")
_TEXT_TYPES = {
    ArtifactKind.MAIL: "Intel::EMAIL",
    ArtifactKind.HASH: "Intel::FILE_HASH",
    ArtifactKind.FILE: "Intel::FILE_NAME",
    ArtifactKind.AGENT: "Intel::SOFTWARE",
}
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
# What Zeek's ASCII reader would take for structure; it reads \xHH as the byte.
_STRUCTURE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]")


class ZeekWriter:
    """The input file of ``Intel::read_files``."""

    name: ClassVar[str] = "zeek"
    media_type: ClassVar[str] = "text/tab-separated-values; charset=utf-8"
    suffix: ClassVar[str] = ".intel"
    doc: ClassVar[WriterDoc] = WriterDoc(
        en="An input file of Zeek's intelligence framework (Intel::read_files): addresses,"
        " subnets, domains, URLs, mail addresses, hashes, file names and user agents.",
        ja="Zeek の Intelligence Framework(Intel::read_files)の入力ファイル。アドレス、"
        "サブネット、ドメイン、URL、メールアドレス、ハッシュ値、ファイル名、ユーザーエージェント。",
        references=("https://docs.zeek.org/en/master/frameworks/intel.html",),
        limitations_en=(
            (
                "Zeek knows no end of validity in the file: write it anew, or set"
                " Intel::item_expiration."
            ),
            "URLs are written without their scheme, because Zeek matches them so.",
        ),
        limitations_ja=(
            (
                "ファイルに有効期限の欄はありません。定期的に書き直すか、"
                "Intel::item_expiration を設定してください。"
            ),
            "Zeek の照合に合わせ、URL はスキームなしで書き出します。",
        ),
    )

    def write(
        self,
        indicators: Iterable[Indicator],
        findings: FindingOf,
        out: Sink,
        *,
        language: str,
        at: int,
        evidence: EvidenceOf = unexplained,  # noqa: ARG002 - a line has no room for it
    ) -> int:
        """See `kaname.writers.frame.Writer`."""
        out.write(("#fields\t" + "\t".join(_FIELDS) + "\n").encode())
        count = 0
        for entry in entries(blockable(indicators, at), findings, lambda _: at):
            typed = _typed(entry.indicator)
            if typed is not None:
                cells = (*typed, "kaname", _description(entry, language), "-")
                out.write(("\t".join(map(_escaped, cells)) + "\n").encode())
                count += 1
        return count


def _typed(indicator: Indicator) -> tuple[str, str] | None:
    """(value as Zeek compares it, type); None when Zeek has no type for it."""
    artifact = indicator.artifact
    if found := network(indicator):
        single = found.prefixlen == found.max_prefixlen
        return (str(found[0]), "Intel::ADDR") if single else (str(found), "Intel::SUBNET")
    if name := host_of(indicator):
        return name, "Intel::DOMAIN"
    if artifact.kind is ArtifactKind.URL:
        return _SCHEME.sub("", artifact.value, count=1), "Intel::URL"
    kind = _TEXT_TYPES.get(artifact.kind)
    return None if kind is None or not artifact.value else (artifact.value, kind)


def _description(entry: Entry, language: str) -> str:
    until = format_us(entry.indicator.valid_until)
    score = text("writers.text.score", language, score=entry.score, until=until)
    return f"{entry.title(language)} | {score} | {entry.indicator.tlp.label} {entry.indicator.id}"


def _escaped(cell: str) -> str:
    if cell in ("-", "(empty)") or cell.startswith("#"):
        return "-" if cell == "-" else f"\\x{ord(cell[0]):02x}{cell[1:]}"
    return _STRUCTURE.sub(lambda found: _bytes(found[0]), cell)


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode())
