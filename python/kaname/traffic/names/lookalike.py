"""Which brand a domain imitates, and by what: dnstwist turned round.

dnstwist makes the thousands of names that could imitate one domain and asks for each;
here every domain that was seen is held against all brands at once. Candidates come from
dictionaries (skeletons, and words with one or two characters taken out, as SymSpell does),
so the cost of a domain does not grow with the number of brands.

Sources: dnstwist (the kinds of permutation); W. Garbe, SymSpell (delete keys); UTS 39.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kaname.traffic.names.brands import Brand
from kaname.traffic.names.edits import deletions, distance, edit
from kaname.traffic.names.listing import listing
from kaname.traffic.names.skeleton import readable, shown, skeleton

__all__ = ["Imitation", "Lookalikes"]

_ONE_EDIT, _TWO_EDITS = 6, 10  # letters that a brand must have for so many edits
_WORD = 5  # ... to be looked for inside a label without a hyphen
_TOKEN = 4  # ... between hyphens
_SUFFIX = 6  # ... to be taken for imitated by the same name below another suffix


@dataclass(frozen=True, slots=True)
class Imitation:
    """``domain`` imitates ``brand``; ``kind`` and ``change`` say how, 0 to 1 how surely."""

    domain: str
    brand: Brand
    kind: str
    change: str
    sure: float


class Lookalikes:
    """Brands, indexed so that a domain is looked up at once."""

    def __init__(self, brands: Sequence[Brand]) -> None:
        self._brands = brands
        self._own = {domain for brand in brands for domain in brand.domains}
        self._named: dict[str, list[Brand]] = defaultdict(list)
        self._skeletons: dict[str, list[Brand]] = defaultdict(list)
        self._deleted: dict[str, list[Brand]] = defaultdict(list)
        for brand in brands:
            self._named[brand.name].append(brand)
            self._skeletons[skeleton(brand.name)].append(brand)
            for key in deletions(brand.name, _depth(brand.name)):
                self._deleted[key].append(brand)
        self._lengths = sorted({len(brand.name) for brand in brands})
        self._lures = frozenset(listing("lures"))
        self._carriers = frozenset(listing("carriers"))
        self._words = frozenset(listing("words"))
        self._reach = max((len(brand.name) + _depth(brand.name) for brand in brands), default=0)

    def imitated(self, domain: str) -> Imitation | None:
        """The surest imitation that a registered domain is, if it is one."""
        if self._owned(domain):
            return None
        found = sorted(
            self._imitations(domain), key=lambda i: (-i.sure, -len(i.brand.name), i.brand.name)
        )
        return found[0] if found else None

    @property
    def domains(self) -> Sequence[str]:
        """All domains that are a brand's own."""
        return sorted(self._own)

    def embedded(self, host: str, domain: str) -> Imitation | None:
        """The brand whose own domain stands to the left of the registered ``domain``."""
        left = f".{host.removesuffix(domain).rstrip('.')}."
        if self._owned(domain) or domain in self._carriers:
            return None
        held = [own for own in self._own if f".{own}." in left]
        if not held:
            return None
        own = max(held, key=lambda name: (len(name), name))
        brand = min((b for b in self._brands if own in b.domains), key=lambda b: b.name)
        return Imitation(domain, brand, "embedded", host, 0.85)

    def all(self, domains: Iterable[str]) -> Iterator[Imitation]:
        """The imitations among ``domains``, in their order."""
        for domain in domains:
            found = self.imitated(domain)
            if found is not None:
                yield found

    def _owned(self, domain: str) -> bool:
        """Whether it is a brand's own, or one below it (the list of suffixes has some)."""
        label, _, above = domain.partition(".")
        if domain in self._own or above in self._own:
            return True
        return any(brand.owns(domain) for brand in self._named.get(label, ()))

    def _imitations(self, domain: str) -> Iterator[Imitation]:
        label, _, suffix = domain.partition(".")
        if label in self._named:
            yield from self._other_suffix(domain, label, suffix)
            return
        plain = readable(label)
        yield from self._alike(domain, label, plain)
        yield from self._edited(domain, plain)
        yield from self._dashed(domain, plain)
        yield from self._with_words(domain, plain)

    def _other_suffix(self, domain: str, label: str, suffix: str) -> Iterator[Imitation]:
        for brand in self._named.get(label, ()):
            hosted = suffix.partition(".")[2] in self._carriers or suffix in self._carriers
            if len(label) >= _SUFFIX and not hosted:
                yield Imitation(domain, brand, "suffix", f".{suffix}", 0.35)

    def _alike(self, domain: str, label: str, plain: str) -> Iterator[Imitation]:
        """Other characters, the same look."""
        foreign = plain != label
        for brand in self._skeletons.get(skeleton(label), ()):
            if brand.name == label or (len(brand.name) < _TOKEN and not foreign):
                continue
            if foreign:
                yield Imitation(domain, brand, "homoglyph", f"{brand.name} → {shown(label)}", 0.98)
            elif plain.replace("-", "") != brand.name.replace("-", ""):
                yield Imitation(domain, brand, "look", f"{brand.name} → {plain}", 0.85)

    def _edited(self, domain: str, plain: str) -> Iterator[Imitation]:
        if not _ONE_EDIT - 1 <= len(plain) <= self._reach or plain in self._words:
            return  # a word of its own imitates nobody
        depth = 1 if len(plain) < _TWO_EDITS - 2 else 2
        near = {b.name: b for key in deletions(plain, depth) for b in self._deleted.get(key, ())}
        for brand in near.values():
            allowed = _depth(brand.name)
            edits = distance(brand.name, plain, allowed)
            if 0 < edits <= allowed:
                kind, change = edit(brand.name, plain)
                yield Imitation(domain, brand, kind, change, 0.8 if edits == 1 else 0.6)

    def _dashed(self, domain: str, plain: str) -> Iterator[Imitation]:
        """Hyphens put in or left out."""
        joined = plain.replace("-", "")
        for brand in self._brands_called(joined, plain):
            yield Imitation(domain, brand, "hyphen", f"{brand.name} → {plain}", 0.82)

    def _brands_called(self, joined: str, plain: str) -> Iterator[Brand]:
        for brand in self._skeletons.get(skeleton(joined), ()):
            same = brand.name.replace("-", "") == joined
            if same and brand.name != plain and len(joined) >= _TOKEN:
                yield brand

    def _with_words(self, domain: str, plain: str) -> Iterator[Imitation]:
        """The brand with words that lure beside it."""
        for brand, rest in self._inside(plain):
            if rest and all(part in self._lures or part.isdigit() for part in rest):
                words = "+".join(rest)
                yield Imitation(domain, brand, "words", f"{brand.name} + {words}", 0.75)

    def _inside(self, plain: str) -> Iterator[tuple[Brand, list[str]]]:
        """Brands that ``plain`` holds, with the words that are left beside each."""
        tokens = [token for token in plain.split("-") if token]
        for place, token in enumerate(tokens):
            others = tokens[:place] + tokens[place + 1 :]
            for brand in self._named.get(token, ()):
                if len(token) >= _TOKEN and others:
                    yield brand, self._cut(others)
            for brand, left in self._edges(token):
                yield brand, self._cut([left, *others])
        for brand in self._hyphened(plain):
            rest = plain.replace(brand.name, "-", 1).split("-")
            yield brand, self._cut([part for part in rest if part])

    def _edges(self, token: str) -> Iterator[tuple[Brand, str]]:
        for length in self._lengths:
            if _WORD <= length < len(token):
                for brand in self._named.get(token[:length], ()):
                    yield brand, token[length:]
                for brand in self._named.get(token[-length:], ()):
                    yield brand, token[:-length]

    def _hyphened(self, plain: str) -> Iterator[Brand]:
        """Brands with a hyphen of their own that begin or end ``plain``."""
        for length in self._lengths:
            for part in {plain[:length], plain[-length:]}:
                if "-" in part and part != plain:
                    yield from self._named.get(part, ())

    def _cut(self, parts: Sequence[str]) -> list[str]:
        """``parts``, one that is two words of lure run together cut in two."""
        found: list[str] = []
        for part in parts:
            cut = next((n for n in range(2, len(part) - 1)
                        if part[:n] in self._lures and part[n:] in self._lures), 0)  # fmt: skip
            found += [part] if part in self._lures or not cut else [part[:cut], part[cut:]]
        return found


def _depth(name: str) -> int:
    """Edits within which something is taken for ``name``."""
    return (len(name) >= _ONE_EDIT) + (len(name) >= _TWO_EDITS)
