"""Messages that belong together: spam and phishing campaigns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from kaname.analysis.frame import AnalysisDoc, Context, Draft, Parameter
from kaname.analysis.selection import Selection
from kaname.model.address import to_text
from kaname.model.instant import DAY
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.traffic.campaigns.clusters import clusters, identity
from kaname.traffic.campaigns.features import Message, message
from kaname.traffic.names.evidence import condition, listed, messages
from kaname.traffic.names.listing import listing
from kaname.traffic.names.reduction import gathered, micros, within
from kaname.traffic.names.suffixes import Suffixes

__all__ = ["MailCampaigns"]

_LINK, _ATTACHMENT = "T1566.002", "T1566.001"
_NAMED = 100  # URLs, hashes and relays that a finding names, each
_SENDERS = 3  # domains or networks of senders from which on it is no one's newsletter
_POOL = 5  # unsigned relays of one network
_COLUMNS = (
    "src_hi", "src_lo", "from_addr", "from_dom", "helo", "rdns", "subject", "urls",
    "url_regdoms", "attach", "attach_sha256", "body_simhash", "auth", "trap", "batch",
    "row_in_src",
)  # fmt: skip

_DOC = AnalysisDoc(
    en=(
        "Finds messages that one sender made: they link to the same domain, carry the same "
        "attachment or nearly the same body, or have the same shape of subject, file name "
        "and relay."
    ),
    ja=(
        "同じ送り手が作ったとみられるメールをまとめます。リンク先ドメイン、添付ファイル、"
        "ほぼ同じ本文、または件名・ファイル名・送信ホスト名の型の一致を手掛かりにします。"
    ),
    references=(
        "M. Charikar, Similarity Estimation Techniques from Rounding Algorithms, STOC 2002",
        "G. S. Manku et al., Detecting Near-Duplicates for Web Crawling, WWW 2007",
        "C. Kanich et al., Spamalytics, CCS 2008 (campaigns by templates)",
    ),
    limitations_en=(
        "Links through shorteners and shared hosting bind no messages; bodies may.",
        "Bodies of a few words differ in many bits of their simhash and stay apart.",
        "A campaign that changes link, subject, body and relay on one day gets a new name.",
    ),
    limitations_ja=(
        "短縮 URL や共有ホスティングへのリンクではまとめません(本文ではまとめることがあります)。",
        "数語しかない本文は simhash の差が大きく、別々になります。",
        "リンク・件名・本文・送信元を同じ日にすべて変えたキャンペーンは別の名前になります。",
    ),
)


class MailCampaigns:
    """See `_DOC`. One finding for each group, whatever sensors received it."""

    name: ClassVar[str] = "mail.campaigns"
    version: ClassVar[int] = 1
    doc: ClassVar[AnalysisDoc] = _DOC
    tables: ClassVar[tuple[str, ...]] = ("mail",)
    period: ClassVar[int] = DAY
    lookback: ClassVar[int] = 0
    across: ClassVar[bool] = True
    techniques: ClassVar[tuple[str, ...]] = (_LINK, _ATTACHMENT)
    labels: ClassVar[tuple[str, ...]] = ("mail_campaign", "bulk_mail")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "messages",
            5,
            2,
            1_000_000,
            "messages",
            "messages that make a campaign",
            "キャンペーンとみなすメールの数",
        ),
        Parameter(
            "ignore",
            "",
            None,
            None,
            "suffixes",
            "further domains that anybody may link to, with blanks between",
            "誰もがリンクするドメインの追加(空白区切り)",
        ),
    )

    def run(self, context: Context) -> Iterable[Draft]:
        """Statements about the messages that all sensors received in one day."""
        found = mails(context)
        for group in clusters(found):
            if len(group) >= context.number("messages"):
                yield _draft(context, [found[place] for place in group])


def mails(context: Context) -> list[Message]:
    """The messages of the window, in an order that depends on them only."""
    rows = within(context.tables["mail"], context.window)
    rows = rows.select(*_COLUMNS, at=micros(rows.ts))
    shared = Suffixes.ordinary(context.text("ignore"), listing("shared_hosts"), listing("carriers"))
    return [message(row, shared) for row in gathered(rows, "at", "batch", "row_in_src")]


def _draft(context: Context, members: Sequence[Message]) -> Draft:
    domains = {m.domain for m in members}
    failed = sum(m.failed for m in members)
    bad = _is_campaign(members)
    risky = any(m.risky for m in members)
    name = identity(members)
    return Draft(
        label="mail_campaign" if bad else "bulk_mail",
        subject=(name,),
        first_seen=members[0].ts,
        last_seen=members[-1].ts,
        severity=_severity(bad=bad, risky=risky, linked=any(m.strong for m in members)),
        confidence=round(0.98 * len(members) / (len(members) + 2) * (1 if bad else 0.6), 4),
        artifacts=tuple(_artifacts(members, bad=bad)),
        techniques=tuple(_techniques(members)) if bad else (),
        message=f"traffic.finding.{'mail_campaign' if bad else 'bulk_mail'}",
        values={
            "campaign": name,
            "n": len(members),
            "senders": len({m.sender for m in members}),
            "domains": len(domains),
            "relays": len({m.relay for m in members}),
            "subject": Counter(m.subject for m in members).most_common(1)[0][0],
        },
        reasons=tuple(_reasons(members, failed)),
        evidence=_evidence(context, members),
    )


def _is_campaign(members: Sequence[Message]) -> bool:
    """Whether it is more than the bulk mail of one honest sender.

    It is when a trap got it, when authentication failed for half of it, when it comes from
    several domains or networks, or from many hosts of one without being signed.
    """
    half = len(members) / 2
    networks = {(m.relay[0], m.relay[1] >> 8) for m in members}
    spread = max(len({m.domain for m in members}), len(networks)) >= _SENDERS
    unsigned = sum(m.passed for m in members) < half
    pool = unsigned and len({m.relay for m in members}) >= _POOL
    trapped = any(m.trapped for m in members)
    return trapped or spread or pool or sum(m.failed for m in members) >= half


def _severity(*, bad: bool, risky: bool, linked: bool) -> Severity:
    if not bad:
        return Severity.INFO
    if risky:
        return Severity.HIGH
    return Severity.MEDIUM if linked else Severity.LOW


def _techniques(members: Sequence[Message]) -> Iterable[str]:
    if any(m.urls for m in members):
        yield _LINK
    if any(m.hashes for m in members):
        yield _ATTACHMENT


def _artifacts(members: Sequence[Message], *, bad: bool) -> Iterable[Artifact]:
    """Links and attachments of the campaign; a relay may be a victim itself."""
    role = Role.ATTACKER if bad else Role.UNKNOWN
    own = {key[1] for m in members for key in m.strong if key[0] == "domain"}
    urls = Counter(url for m in members for url in m.urls if any(d in url for d in own))
    hashes = Counter(h for m in members for h in m.hashes)
    relays = Counter(m.relay for m in members if m.relay != (0, 0))
    for domain in sorted(own)[:_NAMED]:
        yield Artifact(ArtifactKind.DOMAIN, domain, role)
    for url, _ in _commonest(urls):
        yield Artifact(ArtifactKind.URL, url, role)
    for value, _ in _commonest(hashes):
        yield Artifact(ArtifactKind.HASH, value, role)
    for relay, _ in _commonest(relays):
        yield Artifact(ArtifactKind.IP, to_text(*relay), Role.UNKNOWN)


def _commonest(counts: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_NAMED]


def _reasons(members: Sequence[Message], failed: int) -> Iterable[tuple[str, dict[str, Any]]]:
    keys = Counter(key for m in members for key in {*m.strong, *m.weak})
    seen: set[str] = set()
    for (kind, value), count in sorted(keys.items(), key=lambda item: (-item[1], item[0])):
        if count > 1 and kind not in seen:
            seen.add(kind)
            yield f"traffic.reason.campaign_{kind}", {"n": count, "value": value[:80]}
    bodies = Counter(m.simhash for m in members if m.simhash)
    if bodies and len(bodies) < len(members):
        shared = sum(count for count in bodies.values() if count > 1)
        yield "traffic.reason.campaign_body", {"n": shared, "bodies": len(bodies)}
    if failed:
        yield "traffic.reason.campaign_auth", {"n": failed}


def _evidence(context: Context, members: Sequence[Message]) -> Selection:
    """Rows with the keys and subjects of the group."""
    senders = listed("from_addr", (m.sender for m in members))
    subjects = listed("subject", (m.subject for m in members))
    first, last = members[0].ts, members[-1].ts
    span = f"epoch_us(ts) BETWEEN {first} AND {last}"
    return messages(condition(context.window, "", span, senders, subjects))
