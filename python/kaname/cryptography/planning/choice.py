"""Which functions a service should use, ranked, with the reasons, so that it can be replayed.

Suites are all combinations of a key establishment, a signature and a packet cipher that the
profile admits. What the year of the horizon, the strength table or the latency rule out is
told with its reason; the rest is ranked by bytes, time, packets and strength, weighted by the
service. The same request, rules, policy and costs give the same answer to the byte; its
digest says so.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from kaname.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kaname.cryptography.planning.costs import Costs
    from kaname.cryptography.planning.rules import Aead, Kem, Profile, Rules, Service, Signature
    from kaname.cryptography.policy.tables import Policy

__all__ = ["Answer", "Because", "Ranked", "Refused", "Request", "choose"]

_T = TypeVar("_T")
Device = Literal["server", "handset", "constrained"]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be protected. Of the rest that is None, the service class decides.

    ``lifetime``: years the service runs; ``confidentiality``: years what it carries stays
    secret afterwards; ``quantum_year``: from when a quantum computer is assumed.
    """

    service: str
    profile: str = "cryptrec"
    year: int
    lifetime: int = 10
    confidentiality: int = 10
    device: Device = "server"
    latency_ms: float | None = None
    mtu: int | None = None
    bandwidth_kbps: float | None = None
    quantum_year: int = 2035


class Because(msgspec.Struct, frozen=True):
    """A reason: the key of its text (``cryptography.because.<key>``) and what fills it."""

    key: str
    values: dict[str, str | int | float] = {}


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A suite that fits. ``score``: lower is better; ``microseconds``: None where unmeasured.

    ``octets``: what establishing a connection puts on the wire, both ways, headers left out.
    ``until``: the last year the strength table allows new use of its weakest part.
    """

    kem: str
    signature: str
    aead: str
    score: float
    octets: int
    packets: int
    milliseconds: float
    microseconds: float | None
    strength: int
    quantum: int
    until: int | None
    because: tuple[Because, ...]


class Refused(msgspec.Struct, frozen=True):
    """What was ruled out, and why."""

    name: str
    because: Because


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; ``digest`` is the SHA-256 of everything else in it."""

    request: Request
    rules: str
    policy: tuple[str, ...]
    costs: str | None
    ranked: tuple[Ranked, ...]
    refused: tuple[Refused, ...]
    because: tuple[Because, ...]
    digest: str = ""


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
        request=request, rules=rules.digest, costs=None if costs is None else costs.digest,
        policy=tuple(f"{one.document} {one.digest}" for one in policy.versions),
        ranked=ranked, refused=refused, because=tuple(choosing.about(fits=bool(ranked))),
    )  # fmt: skip
    told = msgspec.json.encode(answer, order="deterministic")
    return msgspec.structs.replace(answer, digest=hashlib.sha256(told).hexdigest())


def _filled(service: Service, request: Request) -> Service:
    """The service with what the request says otherwise."""
    own = {
        name: value
        for name in ("latency_ms", "mtu", "bandwidth_kbps")
        if (value := getattr(request, name)) is not None
    }
    if any(value <= 0 for value in own.values()) or own.get("mtu", 1280) <= service.headers:
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

    def about(self, *, fits: bool) -> Iterator[Because]:
        """What holds for the answer as a whole."""
        if not fits:
            yield Because("none-fits")
        if not self.profile.verified:
            yield Because("profile-unverified", {"profile": self.profile.title})
        if self.costs is None:
            yield Because("no-costs")
        elif self.costs.device != self.request.device:
            yield Because("other-device", {"device": self.costs.device})
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
        return self._order(suites), tuple(refused)

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
        # The answerer shows a key, its issuer's signature on it, and signs the exchange.
        answers = kem.answers + signature.key + 2 * signature.signature
        room = self.service.mtu - self.service.headers
        packets = math.ceil(kem.sends / room) + math.ceil(answers / room)
        micros = self._micros(kem, signature_name)
        octets = kem.sends + answers
        wire = octets + packets * self.service.headers
        milliseconds = wire * 8 / self.service.bandwidth_kbps + (micros or 0.0) / 1000
        strength = min(kem.strength, signature.strength, aead.strength)
        quantum = min(kem.quantum, signature.quantum)
        until = self._until(strength)
        return Ranked(
            kem=kem_name, signature=signature_name, aead=aead_name, score=0.0, octets=octets,
            packets=packets, milliseconds=round(milliseconds, 4), microseconds=micros,
            strength=strength, quantum=quantum, until=until,
            because=tuple(self._because((kem_name, signature_name), octets, packets, strength)),
        )  # fmt: skip

    def _because(
        self, names: tuple[str, str], octets: int, packets: int, strength: int
    ) -> Iterator[Because]:
        yield Because("wire", {"bytes": octets, "packets": packets, "mtu": self.service.mtu})
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

    def _micros(self, kem: Kem, signature: str) -> float | None:
        """What both sides compute, in microseconds; None when any part was not measured."""
        needed = [f"{signature} sign", f"{signature} verify", f"{signature} verify"]
        for part in kem.parts:
            if part.startswith("ML-KEM"):
                needed += [f"{part} generate", f"{part} encapsulate", f"{part} decapsulate"]
            else:
                needed += [f"{part} generate", f"{part} exchange"] * 2
        if any(name not in self.micros for name in needed):
            return None
        return round(sum(self.micros[name] for name in needed), 2)

    def _order(self, suites: list[Ranked]) -> tuple[Ranked, ...]:
        """By weighted sum of each aim over the best there is; equal scores by name."""
        if not suites:
            return ()
        weights = self.service.weights
        least = [min(s.octets for s in suites), min(s.packets for s in suites)]
        timed = [s.microseconds for s in suites if s.microseconds is not None]
        packet = {s.aead: self.micros.get(f"{s.aead} packet") for s in suites}
        quickest = min((cost for cost in packet.values() if cost), default=None)
        scored = []
        for suite in suites:
            score = weights.bytes * suite.octets / least[0]
            score += weights.packets * suite.packets / least[1]
            if len(timed) == len(suites):
                score += weights.time * (suite.microseconds or 0.0) / min(timed)
            cost = packet[suite.aead]
            if quickest is not None and cost is not None:
                score += weights.time * cost / quickest
            overhead = self.rules.aeads[suite.aead].overhead
            score += weights.bytes * overhead / 1000
            held = min(suite.strength, 256) + min(suite.quantum, 256) / 2
            score += weights.strength * 384 / max(held, 1)
            if len(self.rules.kems[suite.kem].parts) < 2:
                score += weights.hedge  # nothing holds should its one assumption fall
            scored.append(msgspec.structs.replace(suite, score=round(score, 6)))
        return tuple(sorted(scored, key=lambda s: (s.score, s.kem, s.signature, s.aead)))
