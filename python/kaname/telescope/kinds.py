"""What each label means to a defender: how much it matters, and who the source is."""

from __future__ import annotations

from dataclasses import dataclass

from kaname.model.records import Role, Severity

__all__ = ["KINDS", "SCANNING_BLOCKS", "Kind"]

# MITRE ATT&CK techniques
SCANNING_BLOCKS = "T1595.001"  # Active Scanning: Scanning IP Blocks
BOTNET = "T1584.005"  # Compromise Infrastructure: Botnet
DIRECT_FLOOD = "T1498.001"  # Network Denial of Service: Direct Network Flood
REFLECTION = "T1498.002"  # Network Denial of Service: Reflection Amplification


@dataclass(frozen=True, slots=True)
class Kind:
    """What a label says of the source that has it.

    ``spoofable``: the packets prove nothing about who sent them. That holds of answers and
    floods, and of UDP and ICMP, whose senders need no reply to have had their effect.
    """

    severity: Severity
    role: Role
    techniques: tuple[str, ...] = ()
    spoofable: bool = False


_SCAN = (SCANNING_BLOCKS,)

KINDS: dict[str, Kind] = {
    "mirai": Kind(Severity.MEDIUM, Role.ATTACKER, (SCANNING_BLOCKS, BOTNET)),
    "bot_unnamed": Kind(Severity.MEDIUM, Role.ATTACKER, (SCANNING_BLOCKS, BOTNET)),
    "new_family": Kind(Severity.MEDIUM, Role.ATTACKER, (SCANNING_BLOCKS, BOTNET)),
    "worm_scan": Kind(Severity.MEDIUM, Role.ATTACKER, _SCAN),
    "masscan": Kind(Severity.LOW, Role.ATTACKER, _SCAN),
    "zmap": Kind(Severity.LOW, Role.ATTACKER, _SCAN),
    "zmap4": Kind(Severity.LOW, Role.ATTACKER, _SCAN),
    "nmap": Kind(Severity.LOW, Role.ATTACKER, _SCAN),
    "tool_unnamed": Kind(Severity.LOW, Role.ATTACKER, _SCAN),
    "host_scan": Kind(Severity.LOW, Role.ATTACKER, _SCAN),
    "udp_scan": Kind(Severity.LOW, Role.ATTACKER, _SCAN, spoofable=True),
    "ping_scan": Kind(Severity.INFO, Role.ATTACKER, _SCAN, spoofable=True),
    "survey": Kind(Severity.INFO, Role.UNKNOWN, _SCAN),
    "backscatter_tcp": Kind(Severity.LOW, Role.VICTIM, (DIRECT_FLOOD,), spoofable=True),
    "backscatter_udp": Kind(Severity.LOW, Role.VICTIM, (DIRECT_FLOOD,), spoofable=True),
    "backscatter_icmp": Kind(Severity.LOW, Role.VICTIM, (DIRECT_FLOOD,), spoofable=True),
    "misconfig": Kind(Severity.INFO, Role.MISCONFIGURED, spoofable=True),
    "unsure": Kind(Severity.INFO, Role.UNKNOWN, spoofable=True),
}
