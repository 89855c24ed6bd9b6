"""What an audience is handed does not depend on anything that is marked above it.

10,000 random histories: the bytes exported with and without the evidence above the
audience's marking (observations, verdicts, ties, lists, listings that sources copied) are
identical, and each tenth is verified offline.
"""

import json
import random

from kaname.intelligence.records import Item
from kaname.intelligence.score import Context, Copying, Listed, Match, Tie, derive, shipped
from kaname.intelligence.score.bundle import Outcome, evidence_extension, verify
from kaname.intelligence.score.context import is_visible
from kaname.intelligence.score.evidence import prepared
from kaname.intelligence.score.explanation import explain, plain
from kaname.model.instant import DAY, parse_us
from kaname.model.marking import Tlp
from kaname.model.records import Artifact, ArtifactKind, Pap

HISTORIES = 10_000
VERIFIED = 10  # of so many exports one is derived again
NOW = parse_us("2026-03-01T00:00:00Z")
GROUPS = ("", "", "", "finance", "health")
SAID = (
    ("scan", "src"), ("download", "src"), ("download", "payload"), ("listing", "listed"),
    ("mail", "from"), ("resolution", "answer"), ("process-network", "dst"), ("report", "subject"),
    ("finding", "attacker"), ("finding", "benign"), ("verdict", "subject"),
)  # fmt: skip
SOURCES = ("a", "b", "c", "d")
KINDS = (ArtifactKind.IP, ArtifactKind.DOMAIN, ArtifactKind.HASH)
MARKS = {
    "finding": [("severity:high", "label:telescope.label.mirai", "technique:T1595")],
    "verdict": [("malicious",), ("benign",), ("unsure",)],
}


def marking(rng):
    group = rng.choice(GROUPS)
    return {"tlp": rng.choice(tuple(Tlp)), "groups": (group,) if group else ()}


def an_item(rng, number):
    kind, role = rng.choice(SAID)
    return Item(
        id=f"obs-{number}", source=rng.choice(SOURCES), kind=kind, role=role,
        at=NOW - rng.randrange(40 * DAY), org=rng.choice(("x", "y")), pap=rng.choice(tuple(Pap)),
        weight=rng.choice((0.3, 0.9, 1.0)), finding=f"finding-{number}" * (kind == "finding"),
        behaviours=rng.choice(MARKS.get(kind, [(), ("c2",)])), **marking(rng),
    )  # fmt: skip


def a_tie(rng, number):
    return Tie(
        kind=rng.choice(("campaign", "contact", "actor")), id=f"tie-{number}", name="name",
        strength=rng.choice((0.5, 1.0)), observed=NOW - DAY, evidence=(f"obs-t{number}",),
        count=1, digest=f"{number:064x}", **marking(rng),
    )  # fmt: skip


def a_match(rng, number):
    return Match(
        list=f"list-{number}", name="List", category=rng.choice(("popular", "shared")),
        weight=rng.choice((0.3, 1.5)), version="1", **marking(rng),
    )  # fmt: skip


def a_history(rng):
    lists = [a_match(rng, n) for n in range(rng.randrange(3))]
    return {
        "artifact": Artifact(rng.choice(KINDS), "198.51.100.7"),
        "items": [an_item(rng, n) for n in range(rng.randrange(1, 9))],
        "ties": [a_tie(rng, n) for n in range(rng.randrange(3))],
        "matches": lists,
        "lists": [Listed(one.list, "1", one.tlp, one.groups) for one in lists],
        "listings": [
            (rng.choice(SOURCES), n % 3, rng.randrange(DAY), marking(rng)) for n in range(6)
        ],
        "copier": (*rng.sample(SOURCES, 2), marking(rng)),
    }  # fmt: skip


def seen_of(history, clearance, groups):
    """The history as if nothing above the audience had ever been."""

    def seen(things):
        return [one for one in things if is_visible(one.tlp, one.groups, clearance, groups)]

    def marked(parts):
        return is_visible(parts[-1]["tlp"], parts[-1]["groups"], clearance, groups)

    below = {name: seen(history[name]) for name in ("items", "ties", "matches", "lists")}
    below["listings"] = [one for one in history["listings"] if marked(one)]
    below["copier"] = history["copier"] if marked(history["copier"]) else None
    return history | below


def exported(history, clearance, groups):
    copying = Copying()
    for source, number, at, marks in history["listings"]:
        copying.add(source, f"ip:{number}", NOW - at, **marks)
    if history["copier"]:
        first, second, marks = history["copier"]
        for number in range(12):  # enough for Wilson's lower end to be above 0.6
            copying.add(first, f"ip:c{number}", NOW, **marks)
            copying.add(second, f"ip:c{number}", NOW + 1, **marks)
    context = Context(
        copying=copying, lists=tuple(history["lists"]),
        matches=lambda *_: history["matches"], ties=lambda *_: history["ties"],
    )  # fmt: skip
    artifact, items = history["artifact"], history["items"]
    indicator = derive(artifact, items, context, NOW, clearance, groups)
    if indicator is None:
        return None
    ready = prepared(items, clearance, groups, NOW, context.finding)
    basis = context.basis(artifact, ready, clearance, groups)
    parts = (indicator, ready, basis, shipped())
    return json.dumps([
        evidence_extension(*parts, at=NOW),
        plain(explain(*parts, NOW, "ja")),
    ], default=str)  # fmt: skip


def test_nothing_above_a_marking_shows_below_it():
    rng = random.Random(20260301)
    given = differing = 0
    for _ in range(HISTORIES):
        history = a_history(rng)
        clearance, groups = rng.choice(tuple(Tlp)), frozenset(rng.sample(("finance", "health"), 1))
        below = seen_of(history, clearance, groups)
        whole = exported(history, clearance, groups)
        assert whole == exported(below, clearance, groups)
        given += whole is not None
        differing += below != history
        if whole is not None and given % VERIFIED == 0:
            line = {"type": "indicator", "explanation": json.loads(whole)[0]}
            (verdict,) = verify(json.dumps(line).encode())
            assert verdict.outcome is Outcome.UNSIGNED, verdict
    assert given > HISTORIES / 10
    assert differing > HISTORIES / 2
