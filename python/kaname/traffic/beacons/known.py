"""Services that are asked at regular times by design: clocks, updates, notifications.

Ports are those of protocols whose clients keep a rhythm of their own. Names are registered
domains of updaters, telemetry and push services of common systems, from the vendors'
public lists of endpoints that a firewall must allow. Both are a start; a site adds its own.
"""

from __future__ import annotations

__all__ = ["PORTS", "periodic"]

# DNS, DHCP, NTP, NetBIOS, SNMP, BGP, syslog, DHCPv6, RIP, SSDP, STUN, mDNS, LLMNR
PORTS = (53, 67, 68, 123, 137, 138, 161, 162, 179, 514, 520, 546, 547, 1900, 3478, 5353, 5355)

_NAMES = frozenset(
    [
        "adobe.com",
        "amazonalexa.com",
        "amazontrust.com",
        "apple.com",
        "avast.com",
        "canonical.com",
        "centos.org",
        "cloudflareclient.com",
        "debian.org",
        "digicert.com",
        "dropbox.com",
        "drweb.com",
        "eset.com",
        "fedoraproject.org",
        "firefox.com",
        "github.com",
        "globalsign.com",
        "google.com",
        "googleapis.com",
        "gstatic.com",
        "icloud.com",
        "kaspersky.com",
        "letsencrypt.org",
        "lencr.org",
        "live.com",
        "mcafee.com",
        "microsoft.com",
        "mozilla.com",
        "mozilla.net",
        "mozilla.org",
        "msftconnecttest.com",
        "msftncsi.com",
        "msn.com",
        "ntp.org",
        "office.com",
        "office365.com",
        "opensuse.org",
        "redhat.com",
        "sentry.io",
        "skype.com",
        "slack.com",
        "snapcraft.io",
        "sophos.com",
        "symantec.com",
        "teams.com",
        "trendmicro.com",
        "ubuntu.com",
        "verisign.com",
        "windows.com",
        "windowsupdate.com",
        "zoom.us",
    ]
)


def periodic(name: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether ``name`` is a known periodic service or below one."""
    labels = name.split(".")
    return any(".".join(labels[at:]) in _NAMES | more for at in range(len(labels)))
