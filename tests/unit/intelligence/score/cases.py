"""Observations for tests of the score."""

from kaname.intelligence.records import Item
from kaname.intelligence.score import Basis, Match, Tie
from kaname.model.instant import DAY, parse_us
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind

NOON = parse_us("2026-03-01T12:00:00Z")
HOST = Artifact(ArtifactKind.IP, "198.51.100.7")
NAME = Artifact(ArtifactKind.DOMAIN, "evil.test")


def item(number, kind="scan", role="src", *, source="darknet", days=0.0, **more):
    given = {"tlp": Tlp.GREEN, "org": "isac"} | more
    return Item(
        id=f"obs-{number:04}", source=source, kind=kind, role=role,
        at=NOON - round(days * DAY), **given,
    )  # fmt: skip


def download(number, **more):
    return item(number, "download", "src", **({"source": "honeypot"} | more))


def listing(number, source="feed-A", **more):
    return item(number, "listing", "listed", **({"source": source} | more))


def finding(number, *, severity="medium", label="telescope.label.mirai", **more):
    marks = (f"severity:{severity}", f"label:{label}", "technique:T1595", *more.pop("marks", ()))
    given = {"role": "attacker", "source": "telescope", "weight": 0.9} | more
    return item(number, "finding", behaviours=marks, finding=f"finding-{number:04}", **given)


def verdict(number, opinion, *, analyst="hanako", **more):
    return item(number, "verdict", "subject", source=analyst, behaviours=(opinion,), **more)


def tie(kind="campaign", *, strength=1.0, tlp=Tlp.GREEN, **more):
    given = {"id": f"{kind}-1", "name": "SAKURA", "observed": NOON, "groups": ()} | more
    return Tie(
        kind=kind, strength=strength, evidence=("obs-9001",), count=1,
        digest="0" * 64, tlp=tlp, **given,
    )  # fmt: skip


def match(category="popular", weight=1.5, **more):
    given = {"list": "top", "name": "Top sites", "version": "7"} | more
    return Match(category=category, weight=weight, **given)


def basis(**more):
    return Basis(**({"lists": 24, "lists_version": "v1"} | more))
