"""Media types of TAXII 2.1: what a client accepts, and what it sends (TAXII 2.1, 1.6.8)."""

from __future__ import annotations

from kaname.intelligence.taxii.refusals import TaxiiError

__all__ = ["MEDIA_TYPE", "check_accept", "check_content_type"]

MEDIA_TYPE = "application/taxii+json;version=2.1"
_NAME = "application/taxii+json"
_ANY = frozenset({"*/*", "application/*"})


def check_accept(header: str) -> None:
    """Refuse a client that takes no TAXII 2.1.

    ``*/*`` and no header at all take everything (RFC 9110, 12.5.1), and a type without a
    version takes any version.

    Raises:
        TaxiiError: 406.
    """
    offers = [_parsed(offer) for offer in header.split(",") if offer.strip()]
    if not offers:
        return
    for name, parameters in offers:
        if parameters.get("q") in {"0", "0.0", "0.00", "0.000"}:
            continue
        if name in _ANY or (name == _NAME and parameters.get("version", "2.1") == "2.1"):
            return
    raise TaxiiError(406, "accept", found=header[:200], wanted=MEDIA_TYPE)


def check_content_type(header: str) -> None:
    """Refuse content that is not TAXII 2.1.

    Raises:
        TaxiiError: 415.
    """
    name, parameters = _parsed(header)
    if name != _NAME or parameters.get("version", "2.1") != "2.1":
        raise TaxiiError(415, "content_type", found=header[:200], wanted=MEDIA_TYPE)


def _parsed(value: str) -> tuple[str, dict[str, str]]:
    name, *rest = (part.strip() for part in value.split(";"))
    pairs = (part.partition("=") for part in rest)
    return name.lower(), {key.strip().lower(): text.strip(' "') for key, _, text in pairs}
