"""Which class an event of Windows has, by the log that it is of and its number.

Numbers: Microsoft, "Appendix L: Events to Monitor" and the pages of Sysinternals Sysmon.
"""

from __future__ import annotations

__all__ = ["event_class"]

_SYSMON: dict[str, tuple[int, ...]] = {
    "process": (1, 5, 8, 10, 25),
    "file": (2, 9, 11, 15, 17, 18, 23, 26, 27, 28, 29),
    "network": (3,),
    "service": (4,),
    "module": (6, 7),
    "registry": (12, 13, 14),
    "dns": (22,),
}
_SECURITY: dict[str, tuple[int, ...]] = {
    "process": (4688, 4689, 4696),
    "network": (5031, *range(5150, 5160), 5447),
    "file": (4656, 4658, 4660, 4663, 5140, 5142, 5143, 5144, 5145),
    "registry": (4657,),
    "service": (4697, *range(4698, 4703)),
    "logon": (
        *(4624, 4625, 4626, 4627, 4634, 4647, 4648, 4649, 4672, 4675, 4740, 4964),
        *(4768, 4769, 4770, 4771, 4772, 4773, 4774, 4775, 4776, 4777, 4778, 4779),
        *(4800, 4801, 4802, 4803, 5378, 6272, 6273),
    ),
}
_OTHERS: dict[str, dict[str, tuple[int, ...]]] = {
    "Service Control Manager": {"service": (7000, 7009, 7030, 7031, 7034, 7035, 7036, 7040, 7045)},
    "Microsoft-Windows-PowerShell": {"process": (4103, 4104, 4105, 4106)},
    "PowerShell": {"process": (400, 403, 500, 501, 600, 800)},
    "Microsoft-Windows-TaskScheduler": {"service": (106, 118, 119, 140, 141, 200, 201)},
    "Microsoft-Windows-Windows Defender": {
        "alert": (1006, 1007, 1008, 1015, 1116, 1117, 1118, 1119, 5001)
    },
    "Microsoft-Windows-DNS-Client": {"dns": (3006, 3008, 3010, 3018, 3020)},
    "Microsoft-Windows-TerminalServices-LocalSessionManager": {"logon": (21, 23, 24, 25, 39, 40)},
    "Microsoft-Windows-TerminalServices-RemoteConnectionManager": {"logon": (1149,)},
    "OpenSSH": {"logon": (4,)},
}


def _by_number(classes: dict[str, tuple[int, ...]]) -> dict[int, str]:
    return {code: name for name, codes in classes.items() for code in codes}


_CLASSES = {
    "Microsoft-Windows-Sysmon": _by_number(_SYSMON),
    "Microsoft-Windows-Security-Auditing": _by_number(_SECURITY),
    **{provider: _by_number(classes) for provider, classes in _OTHERS.items()},
}


def event_class(provider: str, code: int, object_type: str | None) -> str:
    """The class of the event; accesses to objects are of the class of the object."""
    found = _CLASSES.get(provider, {}).get(code, "other")
    if found == "file" and object_type == "Key":
        return "registry"
    return found
