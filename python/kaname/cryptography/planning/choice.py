"""Which functions a service should use, ranked, with the reasons, so that it can be replayed.

Suites are all combinations of a key establishment, a signature and a packet cipher that the
profile admits. What the year of the horizon, the strength table or the latency rule out is
told with its reason; the rest is ranked by bytes, time, packets and strength, weighted by the
service. The same request, rules, policy and costs give the same answer to the byte; its
digest says so.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, TypeVar

import msgspec

from kaname.cryptography.planning.answer import (
    Answer,
    Because,
    ByKem,
    Ranked,
    Refused,
    Request,
    digest_of,
)
from kaname.cryptography.planning.ranking import first, ordered, weighted
from kaname.cryptography.planning.wire import by_kem, by_signature, taken
from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kaname.cryptography.planning.costs import Costs
    from kaname.cryptography.planning.rules import Aead, Kem, Profile, Rules, Service, Signature
    from kaname.cryptography.planning.wire import Exchange, Taken
    from kaname.cryptography.policy.tables import Policy

__all__ = ["Answer", "Because", "Ranked", "Refused", "Request", "choose"]

_T = TypeVar("_T")


def choose(rules: Rules, policy: Policy, request: Request, costs: Costs | None = None) -> Answer:
    """The ranked suites for ``request``.

    Raises:
        UsageError: the service or the profile is unknown, or the year is outside the tables.
    """
    service = rules.services.get(request.service)
    profile = rules.profiles.get(request.profile)
    if service is None:
        known = ", ".join(sorted(rules.services))
        raise UsageError("cryptography.error.service", service=request.service, known=known)
    if profile is None:
        known = ", ".join(sorted(rules.profiles))
        raise UsageError("cryptography.error.profile", profile=request.profile, known=known)
    first, last = policy.years
    if not first <= request.year <= last:
        raise UsageError("cryptography.error.year", year=request.year, first=first, last=last)
    asked = _filled(service, request)
    choosing = _Choosing(rules, policy, profile, request, asked, costs)
    ranked, refused = choosing.all()
    answer = Answer(
        request=request, rules=f"{rules.version} {rules.digest}",
        costs=None if costs is None else costs.digest, measured=costs,
        policy=tuple(f"{one.document} {one.digest}" for one in policy.versions),
        ranked=ranked, refused=refused, because=tuple(choosing.about(ranked)),
        by_kem=tuple(choosing.authenticated_by_kem()) if request.kemtls else (),
    )  # fmt: skip
    return msgspec.structs.replace(answer, digest=digest_of(answer))


def _filled(service: Service, request: Request) -> Service:
    """The service with what the request says otherwise."""
    own = {
        name: value
        for name in ("latency_ms", "mtu", "bandwidth_kbps")
        if (value := getattr(request, name)) is not None
    }
    told = [*own.values(), request.slowdown]
    if not all(0 < value < math.inf for value in told):
        raise UsageError("cryptography.error.limits")
    if own.get("mtu", service.mtu) <= service.headers or not 0 <= (request.rtt_ms or 0) < math.inf:
        raise UsageError("cryptography.error.limits")
    return msgspec.structs.replace(service, **own)


class _Choosing:
    """One choice under way."""

    def __init__(
        self,
        rules: Rules,
        policy: Policy,
        profile: Profile,
        request: Request,
        service: Service,
        costs: Costs | None,
    ) -> None:
        self.rules, self.policy, self.profile = rules, policy, profile
        self.request, self.service = request, service
        self.micros = {} if costs is None else costs.microseconds
        self.costs = costs
        self.horizon = request.year + request.lifetime + request.confidentiality
        self.end = request.year + request.lifetime

    def about(self, ranked: Sequence[Ranked]) -> Iterator[Because]:
        """What holds for the answer as a whole: why the first is first, and what it lacks."""
        if not ranked:
            yield Because("none-fits")
        yield from first(ranked)
        if not self.profile.verified:
            yield Because("profile-unverified", {"profile": self.profile.title})
        if self.costs is None:
            yield Because("no-costs")
        elif self.costs.device != self.request.device:
            yield Because("other-device", {"device": self.costs.device})
        if self.request.slowdown != 1 and self.costs is not None:
            yield Because("slower", {"factor": self.request.slowdown})
        if self.request.kemtls:
            yield Because("by-kem")
        if self.horizon > self.policy.years[1]:
            yield Because("beyond-tables", {"year": self.horizon, "last": self.policy.years[1]})

    def all(self) -> tuple[tuple[Ranked, ...], tuple[Refused, ...]]:
        """All suites that fit, the best first, and what was ruled out."""
        refused: list[Refused] = []
        kems = self._fit(self.rules.kems, self.profile.kems, self._kem, refused)
        signatures = self._fit(
            self.rules.signatures, self.profile.signatures, self._signature, refused
        )
        aeads = self._fit(self.rules.aeads, self.profile.aeads, self._aead, refused)
        suites = []
        for names in itertools.product(kems, signatures, aeads):
            one = self._suite(*names)
            if one.milliseconds > self.service.latency_ms:
                values: dict[str, str | int | float] = {
                    "took": one.milliseconds, "budget": self.service.latency_ms,
                }  # fmt: skip
                refused.append(Refused(" + ".join(names), Because("too-slow", values)))
            else:
                suites.append(one)
        weights = weighted(self.rules, self.service, self.request.device)
        return ordered(suites, self.rules, weights, self.micros), tuple(refused)

    def _fit(
        self,
        known: Mapping[str, _T],
        admitted: Sequence[str],
        judging: Callable[[str, _T], Because | None],
        refused: list[Refused],
    ) -> list[str]:
        """The names that the profile admits and that hold; the others go to ``refused``."""
        names = []
        for name, one in known.items():
            if name not in admitted:
                because: Because | None = Because("not-in-profile", {"profile": self.profile.title})
            else:
                because = judging(name, one)
            if because is None:
                names.append(name)
            else:
                refused.append(Refused(name, because))
        return names

    def _kem(self, _name: str, kem: Kem) -> Because | None:
        if kem.quantum == 0 and self.horizon > self.request.quantum_year:
            values: dict[str, str | int | float] = {
                "horizon": self.horizon, "year": self.request.quantum_year,
            }  # fmt: skip
            return Because("harvest", values)
        if self.profile.hybrid and kem.quantum and len(kem.parts) < 2:
            return Because("hybrid-needed", {"profile": self.profile.title})
        return self._strong(kem.strength, self.horizon, "processing")

    def _signature(self, _name: str, one: Signature) -> Because | None:
        if one.quantum == 0 and self.end > self.request.quantum_year:
            values: dict[str, str | int | float] = {
                "horizon": self.end, "year": self.request.quantum_year,
            }  # fmt: skip
            return Because("forged", values)
        return self._strong(one.strength, self.end, "new")

    def _aead(self, _name: str, one: Aead) -> Because | None:
        return self._strong(one.strength, self.horizon, "processing")

    def _strong(self, strength: int, year: int, use: str) -> Because | None:
        """The strength table's word for the last year in which it must hold."""
        asked = min(year, self.policy.years[1])
        for cell in self.policy.course(strength, use):
            held = cell.state in {"usable", "finish-migration"}
            if cell.first <= asked <= cell.last and not held:
                return Because("strength", {"bits": strength, "year": asked})
        return None

    def _until(self, strength: int) -> int | None:
        usable = [c.last for c in self.policy.course(strength, "new") if c.state == "usable"]
        return max(usable, default=None)

    def _suite(self, kem_name: str, signature_name: str, aead_name: str) -> Ranked:
        kem = self.rules.kems[kem_name]
        signature = self.rules.signatures[signature_name]
        aead = self.rules.aeads[aead_name]
        found = self._taken(by_signature(kem, signature_name, signature))
        strength = min(kem.strength, signature.strength, aead.strength)
        quantum = min(kem.quantum, signature.quantum)
        until = self._until(strength)
        return Ranked(
            kem=kem_name, signature=signature_name, aead=aead_name, score=0.0,
            octets=found.octets, packets=found.packets, trips=found.trips,
            milliseconds=found.milliseconds, microseconds=found.microseconds,
            strength=strength, quantum=quantum, until=until,
            because=tuple(self._because((kem_name, signature_name), found, strength)),
        )  # fmt: skip

    def _taken(self, exchange: Exchange) -> Taken:
        return taken(
            exchange, self.service, self.micros, slowdown=self.request.slowdown,
            rtt_ms=self.request.rtt_ms,
        )  # fmt: skip

    def authenticated_by_kem(self) -> Iterator[ByKem]:
        """KEMTLS for every admitted KEM and issuer, the fewest bytes first."""
        ignored: list[Refused] = []
        kems = self._fit(self.rules.kems, self.profile.kems, self._kem, ignored)
        issuers = self._fit(
            self.rules.signatures, self.profile.signatures, self._signature, ignored
        )
        found = []
        for kem, issuer in itertools.product(kems, issuers):
            own, signed = self.rules.kems[kem], self.rules.signatures[issuer]
            holder = next((part for part in own.parts if part.startswith("ML-KEM")), "")
            if holder not in self.rules.kems:
                continue  # KEMTLS as drafted encapsulates; an exchange of points does not
            one = self._taken(by_kem(own, holder, self.rules.kems[holder], issuer, signed))
            other = self._taken(by_signature(own, issuer, signed))
            found.append(
                ByKem(
                    kem=kem, holder=holder, issuer=issuer, octets=one.octets,
                    saved=other.octets - one.octets, packets=one.packets,
                    milliseconds=one.milliseconds, microseconds=one.microseconds,
                )
            )  # fmt: skip
        yield from sorted(found, key=lambda one: (one.octets, one.kem, one.issuer))

    def _because(self, names: tuple[str, str], found: Taken, strength: int) -> Iterator[Because]:
        yield Because(
            "wire",
            {"bytes": found.octets, "packets": found.packets, "mtu": self.service.mtu},
        )
        if found.trips > 1:
            yield Because("trips", {"trips": found.trips})
        until = self._until(strength)
        if until is None:
            yield Because("listed-not", {"bits": strength})
        else:
            yield Because("listed-until", {"bits": strength, "year": until})
        if len(self.rules.kems[names[0]].parts) > 1:
            yield Because("hybrid", {"kem": names[0]})
        for name in names:
            if name in self.profile.unseen:
                yield Because("unseen", {"name": name})
