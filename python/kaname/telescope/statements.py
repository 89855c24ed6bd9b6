"""Drafts about sources: one for each of the busiest of a label, one for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kaname.analysis.frame import Draft
from kaname.analysis.selection import Selection, among, flowtuples
from kaname.model.address import to_text
from kaname.model.instant import SECOND
from kaname.model.packets import RELATION_BITS, RELATIONS
from kaname.model.records import Artifact, ArtifactKind, Role, Severity
from kaname.telescope.detail import Detail, details
from kaname.telescope.families import FAMILIES, any_of
from kaname.telescope.invariants import family_name
from kaname.telescope.kinds import KINDS
from kaname.telescope.labels import LABELS, SURE, Ints, Labelled
from kaname.telescope.picture import Picture
from kaname.telescope.reasons import Case, Reason, because
from kaname.telescope.survey import SurveyList
from kaname.telescope.words import estimated_rate, service

__all__ = ["Statements"]

# A victim that answers so many packets per second (estimated) is worth more than a glance.
_HIGH_RATE, _MEDIUM_RATE = 100_000.0, 10_000.0
_FEW_FOR_RATE = 25  # packets below which no rate is taken seriously (as corsaro's RSDoS)
_SOURCE_COUNT = ("CAST(count(DISTINCT (src_hi, src_lo)) AS BIGINT)", "sources")


class Statements:
    """Says what was found about the activities of one picture."""

    def __init__(
        self, picture: Picture, labelled: Labelled, survey: SurveyList, survey_ports: int
    ) -> None:
        self._picture = picture
        self._labelled = labelled
        self._activities = labelled.activities
        self._survey = survey
        self._survey_ports = survey_ports

    def all(self, top: int, gathered: int) -> Iterator[Draft]:
        """Drafts label by label: ``top`` singly, the rest in one that names ``gathered``."""
        chosen = {name: self._labelled.where(name) for name in LABELS}
        single = {name: found[: 0 if name == "unsure" else top] for name, found in chosen.items()}
        keys = [self._key(p) for positions in single.values() for p in positions]
        known = details(self._picture.rest, keys)
        for name, positions in chosen.items():
            for position in single[name]:
                yield self._single(name, int(position), known[self._key(position)])
            rest = positions[len(single[name]) :]
            if len(rest):
                yield self._many(name, rest, gathered)

    def families(self, named: int) -> Iterator[Draft]:
        """A draft for each learned relation: who has it, on which ports, since when."""
        a = self._activities
        names = [LABELS.index(name) for name in ("bot_unnamed", "tool_unnamed")]
        for relation, positions in self._labelled.invariants.families().items():
            own = positions[np.isin(self._labelled.codes[positions], names)]
            if len(own):
                order = np.lexsort((a["src_lo"][own], -a["packets"][own]))
                yield self._family(relation, own[order], named)

    def _family(self, relation: int, positions: Ints, named: int) -> Draft:
        a, found = self._activities, self._labelled.invariants
        sources = list(dict.fromkeys(self._key(p)[:2] for p in positions))
        ports = np.unique(a["top"][positions] & 0xFFFF).tolist()
        kinds = tuple(sorted({FAMILIES[f].name for f in a["family"][positions].tolist()}))
        name, kind = family_name(relation), KINDS["new_family"]
        proven = int(np.count_nonzero(~found.shared[positions]))
        condition = self._picture.condition(
            any_of(kinds), among("src", sources[:named]), *self._picture.outside_crowds()
        )
        return Draft(
            label="new_family",
            subject=(name,),
            first_seen=int(a["first"][positions].min()) * SECOND,
            last_seen=int(a["last"][positions].max()) * SECOND,
            severity=kind.severity,
            confidence=round(1 - 2.0 ** -float(min(40.0, found.bits[positions].max())), 4),
            artifacts=tuple(_ip(to_text(*source), kind.role) for source in sources[:named]),
            techniques=kind.techniques,
            message="telescope.new_family",
            values={
                "family": name,
                "relation": RELATIONS[relation],
                "n": len(sources),
                "packets": int(a["packets"][positions].sum()),
                "ports": len(ports),
                "named_ports": ", ".join(str(port) for port in ports[:10]),
            },
            reasons=(
                (
                    "telescope.reason.family",
                    {
                        "relation": RELATIONS[relation],
                        "bits": RELATION_BITS[relation],
                        "proven": proven,
                        "shared": len(positions) - proven,
                    },
                ),
            ),
            evidence=flowtuples(condition, by_source=True),
        )

    def few(self, least: int) -> Iterator[Draft]:
        """The sources that sent less than ``least`` packets: how many, by packet type."""
        rows = self._picture.rest
        quiet = rows.group_by("src_hi", "src_lo").aggregate(
            packets=rows.packets.sum(), first=rows["at"].min(), last=rows["at"].max()
        )
        quiet = quiet.filter(quiet.packets < least)
        seen = quiet.aggregate(
            n=quiet.count(),
            packets=quiet.packets.sum().cast("int64"),
            first=quiet["first"].min(),
            last=quiet["last"].max(),
        )
        row = seen.to_pyarrow().to_pylist()[0]
        if not row["n"]:
            return
        yield Draft(
            label="few_packets",
            subject=("few",),
            first_seen=row["first"] * SECOND,
            last_seen=row["last"] * SECOND,
            severity=Severity.INFO,
            confidence=1.0,
            artifacts=(),
            message="telescope.few_packets",
            values={"n": row["n"], "packets": row["packets"], "least": least},
            reasons=(("telescope.reason.few", {"least": least}),),
            evidence=self._few_evidence(least),
            spoofable=True,
        )

    def _few_evidence(self, least: int) -> Selection:
        own = self._picture.condition(*self._picture.outside_crowds())
        # literals only: two instants, the quoted sensor, and a whole number
        quiet = f"SELECT (src_hi, src_lo) FROM flowtuples WHERE {own}"  # noqa: S608
        sources = (
            f"(src_hi, src_lo) IN ({quiet} GROUP BY src_hi, src_lo HAVING sum(packets) < {least})"
        )
        kinds = (("ptype", "kind"), ("port", "port"))
        sums = (_SOURCE_COUNT, ("CAST(sum(packets) AS BIGINT)", "packets"))
        return Selection("flowtuples", f"{own}\n  AND {sources}", kinds, sums)

    def _key(self, position: int | np.int64) -> tuple[int, int, int]:
        hi, lo, family = (self._activities[n][position] for n in ("src_hi", "src_lo", "family"))
        return int(hi), int(lo), int(family)

    def _single(self, name: str, position: int, detail: Detail) -> Draft:
        hi, lo, family = self._key(position)
        kind = KINDS[name]
        case = Case(
            self._labelled, position, detail, self._picture.extent, self._survey, self._survey_ports
        )
        values = self._values(case, FAMILIES[family].name)
        condition = self._picture.condition(
            among("src", [(hi, lo)]), FAMILIES[family].sql, *self._picture.outside_crowds()
        )
        return Draft(
            label=name,
            subject=(to_text(hi, lo), FAMILIES[family].name),
            first_seen=case.number("first") * SECOND,
            last_seen=case.number("last") * SECOND,
            severity=self._severity(name, values["rate"], values["packets"]),
            confidence=round(float(self._labelled.confidence[position]), 4),
            artifacts=self._artifacts(name, case),
            techniques=kind.techniques,
            spoofable=kind.spoofable,
            message=f"telescope.{name}",
            values=values,
            reasons=because(name, case),
            evidence=flowtuples(condition, source=to_text(hi, lo)),
        )

    def _values(self, case: Case, family: str) -> dict[str, Any]:
        packets = case.number("packets")
        span = case.number("last") - case.number("first")
        top = case.number("top")
        return {
            "source": to_text(case.number("src_hi"), case.number("src_lo")),
            "packets": packets,
            "destinations": case.detail.destinations,
            "ports": case.number("ports"),
            "service": service(family, top & 0xFFFF),
            "share": round(100 * (top >> 16) / packets, 1),
            "sessions": case.number("sessions"),
            "seconds": span,
            "rate": estimated_rate(packets, span, self._picture.extent.addresses),
        }

    def _artifacts(self, name: str, case: Case) -> tuple[Artifact, ...]:
        source = to_text(case.number("src_hi"), case.number("src_lo"))
        role = self._role(name, case.position)
        victim = case.detail.victim
        if name == "backscatter_icmp" and victim is not None and to_text(*victim) != source:
            # a router speaks for the victim behind it
            return (_ip(to_text(*victim), Role.VICTIM), _ip(source, Role.REFLECTOR))
        return (_ip(source, role),)

    def _role(self, name: str, position: int) -> Role:
        listed = name == "survey" and self._labelled.entry[position] >= 0
        return Role.BENIGN if listed else KINDS[name].role

    def _severity(self, name: str, rate: float, packets: int) -> Severity:
        if KINDS[name].role is Role.VICTIM and packets >= _FEW_FOR_RATE:
            if rate >= _HIGH_RATE:
                return Severity.HIGH
            return Severity.MEDIUM if rate >= _MEDIUM_RATE else Severity.LOW
        return KINDS[name].severity

    def _many(self, name: str, positions: Ints, most: int) -> Draft:
        named = positions[:most]
        kind, a = KINDS[name], self._activities
        families = tuple(sorted({FAMILIES[f].name for f in a["family"][positions].tolist()}))
        sources = [self._key(p)[:2] for p in named]
        roles = [self._role(name, int(p)) for p in named]
        condition = self._picture.condition(
            any_of(families), among("src", sources), *self._picture.outside_crowds()
        )
        return Draft(
            label=name,
            subject=("rest",),
            first_seen=int(a["first"][positions].min()) * SECOND,
            last_seen=int(a["last"][positions].max()) * SECOND,
            severity=kind.severity,
            confidence=round(float(np.median(self._labelled.confidence[positions])), 4),
            artifacts=tuple(
                _ip(to_text(*source), role) for source, role in zip(sources, roles, strict=True)
            ),
            techniques=kind.techniques,
            spoofable=kind.spoofable,
            message=f"telescope.many.{name}",
            values={
                "n": len(positions),
                "named": len(named),
                "packets": int(a["packets"][positions].sum()),
            },
            reasons=self._shared_reasons(name, positions),
            evidence=flowtuples(condition, by_source=True),
        )

    def _shared_reasons(self, name: str, positions: Ints) -> tuple[Reason, ...]:
        """What holds of every source of a gathering."""
        sure, packets = self._labelled.confidence[positions], self._activities["packets"][positions]
        values = {"low": round(float(sure.min()), 4), "high": round(float(sure.max()), 4)}
        rule = "no_rule" if name == "unsure" else "same_rule"
        volume = {"low": int(packets.min()), "high": int(packets.max())}
        return (
            (f"telescope.reason.{rule}", values | {"limit": SURE}),
            ("telescope.reason.volumes", volume),
        )


def _ip(text: str, role: Role) -> Artifact:
    return Artifact(ArtifactKind.IP, text, role)
