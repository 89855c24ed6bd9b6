"""TLS as it is spoken: observed versions and suites that the TLS guideline does not admit.

An inventory says what a server would accept; handshakes say what was agreed on, also with
servers that nobody may scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection, among
from kaname.cryptography.concerns import year_of
from kaname.cryptography.inventory.item import make
from kaname.cryptography.policy.judge import Judge, Verdict
from kaname.cryptography.policy.tables import Policy
from kaname.cryptography.statements import TABLES, one_of, policy_of, rows_of
from kaname.model.address import to_text
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role, Severity

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Handshakes", "protocol_of"]

Row = dict[str, Any]
_LABELS: Final = {"version": "old_tls", "cipher": "weak_suite"}
_SHORT: Final = re.compile(r"(?i)(ssl|tls)[ v_]*([1-3])(?:[._]?([0-3]))?")
_SURE, _UNVERIFIED = 0.95, 0.75
_HOSTS, _NAMED = 20, 5

_DOC = AnalysisDoc(
    en=(
        "Judges the TLS versions and cipher suites of observed handshakes by the TLS guideline's "
        "three types. Servers that agreed on what no type admits, or only the security exception "
        "type does, are reported, each by itself or all together where there are many."
    ),
    ja=(
        "観測した TLS ハンドシェイクのバージョンと暗号スイートを、TLS 暗号設定ガイドラインの "
        "3 つの型で判定します。どの型でも認められない、またはセキュリティ例外型でのみ認められる"
        "接続をしたサーバーを報告します。多い場合は 1 件にまとめます。"
    ),
    references=("CRYPTREC GL-3001-3.0.1", "RFC 8996", "RFC 9325"),
    limitations_en=(
        "Suricata's events name no cipher suite: only their versions are judged.",
        "Groups, and so post-quantum key agreement, are not in the table of handshakes.",
        "Handshakes that failed are left out; where it is not told they count as complete.",
    ),
    limitations_ja=(
        "Suricata のイベントには暗号スイートがないため、バージョンのみを判定します。",
        "グループ(耐量子の鍵共有を含む)はハンドシェイクの表にありません。",
        "失敗したハンドシェイクは除きます。成否の記録がないものは成立したとみなします。",
    ),
)


class _Weak(NamedTuple):
    """A version or suite that a server agreed on, with its verdict."""

    row: Row
    value: str
    verdict: Verdict


class Handshakes:
    """See `_DOC`."""

    name: ClassVar[str] = "cryptography.handshakes"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("tls",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    techniques: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[tuple[str, ...]] = tuple(_LABELS.values())
    parameters: ClassVar[tuple[Parameter, ...]] = (
        TABLES,
        Parameter("servers", 20, 1, 100_000, "servers", "servers that get a finding each; with "
                  "more of them there is one for all",
                  "サーバーごとに報告する上限(超えると 1 件にまとめる)"),
    )  # fmt: skip

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about what one sensor saw in one day."""
        policy = policy_of(context)
        first, last = policy.years
        judge = Judge(policy, min(max(year_of(context.window.start), first), last))
        for column, label in _LABELS.items():
            found = list(_weak(context.tables["tls"], column, judge))
            for own, many in _apart(found, context.number("servers")):
                yield _draft(context, column, label, own, policy, many=many)


def protocol_of(version: str) -> str | None:
    """A version as sensors write it (``TLSv12``, ``TLS 1.2``, ``TLSv1``) as ``TLSv1.2``."""
    found = _SHORT.fullmatch(version.strip())
    if found is None:
        return None
    name, major, minor = found[1].upper(), found[2], found[3]
    return f"{name}v{major}" if name == "SSL" else f"{name}v{major}.{minor or 0}"


def _us(column: ir.TimestampValue) -> ir.IntegerValue:
    import ibis

    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    return column.delta(epoch, unit="microsecond").cast("int64")


def _weak(rows: ir.Table, column: str, judge: Judge) -> Iterator[_Weak]:
    """Servers with what they agreed on that the guideline does not admit, in their order."""
    value = rows[column]
    whole = rows.filter(rows.established.fill_null(True) & value.notnull())
    keys = ["dst_hi", "dst_lo", "dport"]
    found = (
        whole.mutate(value=value.cast("string"), us=_us(whole.ts))
        .group_by([*keys, "value"])
        .agg(n=lambda t: t.count(), first=lambda t: t.us.min(), last=lambda t: t.us.max())
        .to_pyarrow()
        .to_pylist()
    )
    verdicts: dict[str, Verdict | None] = {}
    for row in sorted(found, key=lambda row: tuple(row[key] for key in (*keys, "value"))):
        said = row["value"]
        if said not in verdicts:
            verdicts[said] = _verdict(said, column, judge)
        if (verdict := verdicts[said]) is not None:
            yield _Weak(row, said, verdict)


def _verdict(said: str, column: str, judge: Judge) -> Verdict | None:
    """The verdict on what the guideline does not admit; None where it does, or knows nothing."""
    if column == "version":
        protocol = protocol_of(said)
        if protocol is None:
            return None
        item = make("protocol", "", protocol, None, "tls")
    elif said.startswith(("TLS_", "SSL_")):
        item = make("cipher-suite", "", said, None, "tls", details={"suite": said})
    else:
        return None
    verdict = judge.verdict(item)
    return verdict if verdict.tls_types in {(), ("exception",)} else None


def _apart(found: Sequence[_Weak], most: int) -> Iterator[tuple[list[_Weak], bool]]:
    servers: dict[tuple[int, int, int], list[_Weak]] = {}
    for one in found:
        key = (one.row["dst_hi"], one.row["dst_lo"], one.row["dport"])
        servers.setdefault(key, []).append(one)
    if len(servers) > most:
        yield list(found), True
    else:
        for own in servers.values():
            yield own, False


def _draft(
    context: Context, column: str, label: str, own: Sequence[_Weak], policy: Policy, *, many: bool
) -> Draft:
    hosts = list(dict.fromkeys((one.row["dst_hi"], one.row["dst_lo"]) for one in own))
    servers = {(one.row["dst_hi"], one.row["dst_lo"], one.row["dport"]) for one in own}
    values = sorted({one.value for one in own})
    first = own[0]
    shown = ", ".join(values[:_NAMED]) + (f" (+{len(values) - _NAMED})" if values[_NAMED:] else "")
    forbidden = any(not one.verdict.tls_types for one in own)
    verified = all(one.verdict.verified for one in own)
    reasons = dict.fromkeys(
        (f"cryptography.reason.{reason.key}", tuple(reason.values.items()))
        for one in own
        for reason in one.verdict.reasons[:1]
    )
    return Draft(
        label=label,
        subject=("all",) if many else (to_text(*hosts[0]), first.row["dport"]),
        first_seen=min(one.row["first"] for one in own),
        last_seen=max(one.row["last"] for one in own),
        severity=Severity.MEDIUM if forbidden else Severity.LOW,
        confidence=_SURE if verified else _UNVERIFIED,
        artifacts=tuple(
            Artifact(ArtifactKind.IP, to_text(*host), Role.MISCONFIGURED) for host in hosts[:_HOSTS]
        ),
        message=f"cryptography.{label}_many" if many else f"cryptography.{label}",
        values={
            "server": to_text(*hosts[0]),
            "port": first.row["dport"],
            "servers": len(servers),
            "handshakes": sum(one.row["n"] for one in own),
            "what": shown,
            "year": year_of(context.window.start),
        },
        reasons=(
            *((key, dict(values)) for key, values in list(reasons)[:_NAMED]),
            ("cryptography.reason.editions", {"documents": _named(policy)}),
        ),
        evidence=_evidence(context, column, own, many=many),
    )


def _named(policy: Policy) -> str:
    return next(one.named for one in policy.versions if one.document == policy.tls.document)


def _evidence(context: Context, column: str, own: Sequence[_Weak], *, many: bool) -> Selection:
    condition = [one_of(column, (one.value for one in own)), "coalesce(established, true)"]
    if not many:
        row = own[0].row
        condition += [among("dst", [(row["dst_hi"], row["dst_lo"])]), f"dport = {row['dport']}"]
    keys = (
        ("ip(dst_hi, dst_lo)", "server"), ("dport", "port"),
        ("coalesce(version, '')", "version"), ("coalesce(cipher, '')", "cipher"),
    )  # fmt: skip
    return Selection("tls", rows_of(context, *condition), keys, (("count(*)", "handshakes"),))
