"""What a match with a list means, and how much it speaks against an indicator.

A weight is in logits: 0.7 halves the odds, 2.3 makes them a tenth, 6.9 a thousandth. It
never deletes: an address of a content network that delivers a payload stays above the
threshold, a private address does not.

===============  ======  ===============================================================
category         weight  why
===============  ======  ===============================================================
suppression      8.0     somebody of this organisation said so, by name
unroutable       7.0     it means another thing in every network (RFC 6890), or nobody
nothing          7.0     the digest of no bytes, or of bytes found everywhere
suffix           7.0     a registry's suffix is millions of domains, not one
own              4.0     what is ours is attacked or abused; it is not the attacker
resolver         3.5     everybody asks it: it is in all captures
service          3.0     crawlers, mail and update services that all hosts talk to
researcher       2.5     they publish indicators, and scan and fetch what is malicious
sinkhole         2.0     a former C2 in the hands of defenders: the victim matters
false-positive   2.5     the list's author saw it reported wrongly
popular          1.5     wrong reports are likely, yet popular sites are abused as well
shared           1.0     a content network or cloud: thousands of owners, some bad
parking          1.0     for sale now; what it was before is another matter
known            1.0     known, without being harmless
shortener        0.7     says nothing of where it leads
documentation    0.5     reserved for examples (RFC 5737) and benchmarks (RFC 2544)
disposable       0.3     used by people who hide, not all of them bad
dynamic          0.3     hosted under a common name; its owner can be anybody
===============  ======  ===============================================================
"""

from __future__ import annotations

from typing import Final

__all__ = ["WEIGHTS", "category_of"]

WEIGHTS: Final[dict[str, float]] = {
    "suppression": 8.0,
    "unroutable": 7.0,
    "nothing": 7.0,
    "suffix": 7.0,
    "own": 4.0,
    "resolver": 3.5,
    "service": 3.0,
    "researcher": 2.5,
    "false-positive": 2.5,
    "sinkhole": 2.0,
    "popular": 1.5,
    "shared": 1.0,
    "parking": 1.0,
    "known": 1.0,
    "shortener": 0.7,
    "documentation": 0.5,
    "disposable": 0.3,
    "dynamic": 0.3,
}

# Words of names that the published lists have; the first that is found decides.
_WORDS: tuple[tuple[str, str], ...] = (
    ("empty files", "nothing"),
    ("false-positives", "nothing"),
    ("false positives", "nothing"),
    ("rfc 1918", "unroutable"),
    # Examples and benchmarks are in it, too; what is unroutable in it is built in.
    ("rfc 5735", "documentation"),
    ("rfc 5771", "unroutable"),
    ("rfc 6598", "unroutable"),
    ("rfc 6761", "unroutable"),
    ("multicast", "unroutable"),
    ("bogon", "unroutable"),
    ("link local", "unroutable"),
    ("loopback", "unroutable"),
    ("documentation", "documentation"),
    ("rfc 3849", "documentation"),
    ("tlds", "suffix"),
    ("dynamic dns", "dynamic"),
    ("public dns", "resolver"),
    ("resolver", "resolver"),
    ("sinkhole", "sinkhole"),
    ("parking", "parking"),
    ("shortener", "shortener"),
    ("link in bio", "shortener"),
    ("disposable", "disposable"),
    ("malware analysis", "researcher"),
    ("security provider", "researcher"),
    ("scanner", "researcher"),
    ("googlebot", "service"),
    ("crawler", "service"),
    ("smtp", "service"),
    ("captive portal", "service"),
    ("ocsp", "service"),
    ("crl", "service"),
    ("office 365", "service"),
    ("windows update", "service"),
    ("cloudflare", "shared"),
    ("fastly", "shared"),
    ("akamai", "shared"),
    ("amazon", "shared"),
    ("azure", "shared"),
    ("google cloud", "shared"),
    ("cdn", "shared"),
    ("vpn", "shared"),
    ("tranco", "popular"),
    ("top ", "popular"),
    ("alexa", "popular"),
    ("majestic", "popular"),
    ("bank", "popular"),
    ("university", "popular"),
)

_MISP = {"false_positive": "false-positive", "known": "known"}


def category_of(name: str, said: str | None = None) -> str:
    """The category of a list by what it says itself, or by words of its name.

    ``said`` is one of ours, or one of MISP's two ("known", "false_positive").
    """
    if said in WEIGHTS and said not in _MISP:
        return str(said)
    lowered = name.lower()
    found = next((category for word, category in _WORDS if word in lowered), None)
    return found or _MISP.get(said or "", "known")
