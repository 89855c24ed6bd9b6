"""What people and their machines did: the proxy's log, and events of the workstations."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kaname.traffic.scenario.cast import SECOND, Cast, Person

__all__ = ["write_endpoints", "write_proxy"]


def write_proxy(path: Path, cast: Cast) -> int:
    """Write squid's native access log; gives the number of lines."""
    lines = sorted([*_pages(cast), *_fallen(cast)])
    with path.open("w", encoding="utf-8") as out:
        for at, person, code, size, url in lines:
            out.write(
                f"{at // SECOND}.{at % SECOND // 1000:03} {120:6} {person.address} "
                f"TCP_MISS/{code} {size} GET {url} {person.name} HIER_DIRECT/203.0.113.130 "
                "text/html\n"
            )
    return len(lines)


def _pages(cast: Cast) -> Iterator[tuple[int, Person, int, int, str]]:
    chance = cast.chance("pages")
    for person in cast.people:
        for at in cast.office(chance, 80):
            url = f"http://{chance.choice(cast.sites)}/{chance.randrange(999)}.html"
            yield at, person, 200, chance.randrange(2_000, 90_000), url


def _fallen(cast: Cast) -> Iterator[tuple[int, Person, int, int, str]]:
    yield cast.clicked, cast.victim, 200, 18_204, cast.lure_url
    file = f"http://{cast.lure_domain}/account/viewer.exe"
    yield cast.clicked + 40 * SECOND, cast.victim, 200, 402_116, file


def write_endpoints(path: Path, cast: Cast) -> int:
    """Write Sysmon events as Winlogbeat ships them, a JSON object a line."""
    events = sorted([*_work(cast), *_infection(cast)], key=lambda each: (each[0], each[1].name))
    with path.open("w", encoding="utf-8") as out:
        for number, (at, person, code, data) in enumerate(events, 1):
            out.write(json.dumps(_event(number, at, person, code, data)) + "\n")
    return len(events)


def _event(number: int, at: int, person: Person, code: int, data: dict[str, str]) -> dict[str, Any]:
    moment = dt.datetime.fromtimestamp(at / SECOND, dt.UTC)
    return {
        "@timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "event": {"code": str(code), "provider": "Microsoft-Windows-Sysmon", "kind": "event"},
        "host": {"name": person.host},
        "winlog": {
            "channel": "Microsoft-Windows-Sysmon/Operational",
            "provider_name": "Microsoft-Windows-Sysmon",
            "computer_name": f"{person.host}.corp.example",
            "event_id": str(code),
            "record_id": number,
            "event_data": {
                "UtcTime": f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}",
                "User": f"CORP\\{person.name}",
                **data,
            },
        },
    }


def _work(cast: Cast) -> Iterator[tuple[int, Person, int, dict[str, str]]]:
    chance = cast.chance("work")
    programs = ("EXCEL.EXE", "WINWORD.EXE", "chrome.exe", "OUTLOOK.EXE", "notepad.exe")
    for person in cast.people:
        for at in cast.office(chance, 12):
            image = f"C:\\Program Files\\{chance.choice(programs)}"
            yield at, person, 1, _process(image, image, "C:\\Windows\\explorer.exe")


def _infection(cast: Cast) -> Iterator[tuple[int, Person, int, dict[str, str]]]:
    home = f"C:\\Users\\{cast.victim.name}"
    file, hidden = f"{home}\\Downloads\\viewer.exe", f"{home}\\AppData\\Roaming\\svhost32.exe"
    at = cast.clicked + 70 * SECOND
    yield at, cast.victim, 1, _process(file, file, "C:\\Program Files\\chrome.exe")
    yield at + 4 * SECOND, cast.victim, 1, _process(hidden, f"{hidden} -q", file)
    yield (
        at + 110 * SECOND,
        cast.victim,
        3,
        {
            "Image": hidden,
            "Protocol": "tcp",
            "SourceIp": cast.victim.address,
            "SourcePort": "50123",
            "DestinationIp": cast.controller,
            "DestinationPort": "443",
        },
    )


def _process(image: str, line: str, parent: str) -> dict[str, str]:
    return {
        "Image": image,
        "CommandLine": line,
        "ParentImage": parent,
        "ProcessId": "4312",
        "ParentProcessId": "2208",
        "Hashes": "SHA256=" + "5a" * 32,
    }
