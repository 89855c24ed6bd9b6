"""What others may read of findings: the addresses of a telescope hidden behind pseudonyms.

Whoever knows which addresses are unused keeps clear of them, and the telescope is blind. So
nothing that is handed out names one: not a finding's words and values, not the rows shown
as evidence, not the SQL behind them, and no digest that could be tried out. An address is
hidden if it lies in a prefix that is registered as dark; of a finding of the telescope,
every destination is, whatever is registered. What cannot be rewritten for certain is left
out.

The score of an indicator is not made of any of this, so it is derived and signed as ever.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from kaname.model.address import IPv4_LOW, from_text, to_text
from kaname.model.pseudonym import Pseudonyms
from kaname.model.records import Artifact, ArtifactKind, Evidence, Finding, Indicator, Role
from kaname.writers.frame import FindingOf
from kaname.writers.shield_sql import SEALED, destinations, rewritten

__all__ = ["Shield", "is_of_telescope"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_TELESCOPE = "telescope."
_DESTINATIONS = ("dst", "block", "destination", "target", "dark")  # names of columns and values
_KEPT = 256  # findings
_PLACES = (ArtifactKind.IP, ArtifactKind.PREFIX)
# What may be an address or a prefix in a text; `_hidden` looks closer.
_TOKEN = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?=[0-9A-Fa-f]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]{2,39}"
    r"(?:\d{1,3}(?:\.\d{1,3}){3})?)(?:/\d{1,3})?(?![\w:]|\.\d)"
)


def is_of_telescope(finding: Finding) -> bool:
    """Whether it was made of what unused addresses received."""
    return finding.analysis.startswith(_TELESCOPE)


class Shield:
    """Hides ``dark`` prefixes, and the destinations of the telescope's findings."""

    def __init__(self, pseudonyms: Pseudonyms, dark: Iterable[str] = ()) -> None:
        self._pseudonyms = pseudonyms
        self._dark = [ipaddress.ip_network(one, strict=False) for one in sorted(set(dark))]

    def passes(self, indicator: Indicator) -> bool:
        """Whether ``indicator`` may leave: it is of no address that is dark."""
        artifact = indicator.artifact
        return artifact.kind not in _PLACES or not self.is_dark(artifact.value)

    def is_dark(self, text: str) -> bool:
        """Whether an address or a prefix lies in, or holds, one that is registered as dark."""
        try:
            asked = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return False
        return any(one.version == asked.version and one.overlaps(asked) for one in self._dark)

    def finding_of(self, behind: FindingOf) -> FindingOf:
        """``behind``, as others may read what it gives.

        A finding may carry thousands of indicators that come one after the other: those
        asked for last are kept.
        """
        return functools.lru_cache(maxsize=_KEPT)(lambda key: self.finding(behind(key)))

    def finding(self, finding: Finding) -> Finding:
        """``finding`` without the addresses that are to stay unknown."""
        known = self._known(finding)
        hide = functools.partial(self.text, known=known)
        return msgspec.structs.replace(
            finding,
            artifacts=tuple(self._artifact(one, known) for one in finding.artifacts),
            values=_replaced(finding.values, hide),
            params=_replaced(finding.params, hide),
            reasons=tuple((key, _replaced(values, hide)) for key, values in finding.reasons),
            evidence=self._evidence(finding, known),
        )

    def text(self, text: str, known: frozenset[str] = frozenset()) -> str:
        """``text`` with a pseudonym for each dark address, and for each of ``known``."""
        return _TOKEN.sub(lambda found: self._token(found[0], known), text)

    def pseudonym(self, text: str) -> str:
        """The pseudonym of an address or a prefix, whether it is known to be dark or not."""
        if "/" in text:
            return self._pseudonyms.prefix(text)
        return self._pseudonyms.address(text)

    def _token(self, token: str, known: frozenset[str]) -> str:
        try:
            network = ipaddress.ip_network(token, strict=False)
        except ValueError:
            return token
        if str(network.network_address) in known or token in known or self.is_dark(token):
            return self.pseudonym(token)
        return token

    def _known(self, finding: Finding) -> frozenset[str]:
        """Addresses that ``finding`` itself shows to be destinations."""
        if not is_of_telescope(finding):
            return frozenset()
        found = set(destinations(finding.evidence.query))
        found |= {
            one.value
            for one in finding.artifacts
            if one.kind in _PLACES and one.role is Role.TARGET
        }
        for name, value in _named(finding.values, *finding.evidence.sample):
            found |= set(_addresses(value)) if name.startswith(_DESTINATIONS) else set()
        return frozenset(found)

    def _artifact(self, artifact: Artifact, known: frozenset[str]) -> Artifact:
        if artifact.kind not in _PLACES:
            return artifact
        value = self._token(artifact.value, known)
        return (
            artifact if value == artifact.value else Artifact(artifact.kind, value, artifact.role)
        )

    def _evidence(self, finding: Finding, known: frozenset[str]) -> Evidence:
        """The query rewritten, the rows by pseudonyms, and the digest sealed.

        Over a few rows of which all but one address is shown, a plain digest could be tried
        with every address. The sealed one can be made again by whoever has the key.
        """
        evidence = finding.evidence
        query = rewritten(evidence.query, self._word, of_telescope=is_of_telescope(finding))
        query = self.text(query, known)
        sample = tuple(self._row(row, known) for row in evidence.sample)
        if not is_of_telescope(finding) and (query, sample) == (evidence.query, evidence.sample):
            return msgspec.structs.replace(evidence, sources=())
        digest = SEALED + self._pseudonyms.seal(evidence.digest)
        return msgspec.structs.replace(
            evidence, query=query, sample=sample, digest=digest, sources=()
        )

    def _row(self, row: dict[str, Any], known: frozenset[str]) -> dict[str, Any]:
        """A row of evidence; a block keeps its zeros at the end."""
        hide = functools.partial(self.text, known=known)
        return {
            name: self._block(value) if name == "block" else _replaced(value, hide)
            for name, value in row.items()
        }

    def _block(self, value: object) -> object:
        try:
            long = 120 if ":" in str(value) else 24
            return self._pseudonyms.prefix(f"{value}/{long}").partition("/")[0]
        except ValueError:
            return None

    def _word(self, hi: int, lo: int, *, always: bool) -> tuple[int, int]:
        """The words of the pseudonym of an address in SQL; as they are if it is not hidden."""
        text = to_text(hi, lo)
        if not always and not self.is_dark(text):
            return hi, lo
        made = from_text(self.pseudonym(text))
        return made.hi, made.lo


def _replaced(value: Any, hide: Any) -> Any:
    """``value`` with all its texts put through ``hide``, at any depth."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, dict):
        return {name: _replaced(inner, hide) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_replaced(inner, hide) for inner in value)
    return value


def _named(*groups: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for group in groups:
        yield from group.items()


def _addresses(value: Any) -> Iterator[str]:
    """The addresses in a value: in a text, in a list of texts, or as a number of IPv4."""
    if isinstance(value, str):
        for token in _TOKEN.findall(value):
            try:
                yield str(ipaddress.ip_network(token, strict=False).network_address)
            except ValueError:
                continue
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _addresses(one)
    elif isinstance(value, int) and IPv4_LOW <= value < IPv4_LOW + (1 << 32):
        yield to_text(0, value)
