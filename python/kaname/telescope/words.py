"""Values of a finding's texts that read the same in every language."""

from __future__ import annotations

__all__ = ["estimated_rate", "service"]

_PROTOCOLS = {
    "udp": "udp",
    "udp_answer": "udp",
}
_ICMP = ("echo", "icmp_error", "icmp_answer")


def service(family: str, port: int) -> str:
    """``23/tcp``, ``53/udp``, ``icmp 3/1``."""
    if family in _ICMP:
        return f"icmp {port // 256}/{port % 256}"
    if family == "other":
        return "ip"
    return f"{port}/{_PROTOCOLS.get(family, 'tcp')}"


def estimated_rate(packets: int, seconds: int, addresses: int) -> float:
    """Packets per second to the whole IPv4 Internet, if this is a fair sample of it.

    ``seconds`` below a minute count as one, since flowtuples tell minutes apart.
    """
    return round(packets / max(60, seconds) * 2**32 / max(1, addresses), 3)
