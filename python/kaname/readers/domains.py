"""Domain names: the one spelling of the lake, and registered domains.

The registered domain of a name is its public suffix and one label more, by the Public
Suffix List (publicsuffix.org; ICANN and private sections), which is compiled into the
native core: no network, no file, and the same answer wherever the same version runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname._native import canonical_name, registered_domain, registered_domains

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["canonical", "registered", "registered_all"]


def canonical(name: str) -> str:
    r"""``name`` as the lake spells it.

    Lower case, without the root dot, Unicode as A-labels (RFC 5890), odd bytes of a label,
    dots and backslashes among them, as ``\DDD`` (RFC 1035, 5.1).
    """
    return canonical_name(name)


def registered(name: str) -> str | None:
    """The registered domain of ``name``, however it is spelled.

    None for public suffixes themselves, single labels, addresses and what is no name.
    """
    return registered_domain(name)


def registered_all(names: pa.Array) -> pa.StringArray:
    """`registered` of each of ``names``, an array of any kind of strings; nulls stay null."""
    import pyarrow as pa

    found: pa.StringArray = pa.array(registered_domains(names.cast(pa.string())))
    return found
