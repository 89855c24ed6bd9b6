"""Writing the whole day, with what is true of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from kaname.model.errors import StoreAccessError, UsageError
from kaname.traffic.scenario import flows, mail, names, people, routing, warnings
from kaname.traffic.scenario.cast import DAY, Cast

__all__ = ["FILES", "ScenarioReport", "write"]

# Names are as sensors rotate their files; nothing is told by them.
FILES: dict[str, Callable[[Path, Cast], int]] = {
    "unbound.log": names.write,
    "netflow.pcap": flows.write,
    "inbox.mbox": mail.write,
    "squid-access.log": people.write_proxy,
    "winlogbeat.ndjson": people.write_endpoints,
    "updates.mrt": routing.write_updates,
    "atlas.ndjson": routing.write_traces,
    "scan_ntpmonitor.csv": warnings.write_exposure,
    "phishing-urls.txt": warnings.write_list,
    "visit.har": warnings.write_visit,
    "eve.json": warnings.write_alerts,
}


class ScenarioReport(msgspec.Struct, frozen=True):
    """What was written: records by file, and the truth."""

    folder: str
    records: dict[str, int]
    truth: dict[str, str]
    seed: int
    start: int
    end: int


def write(folder: Path, *, seed: int, start: int) -> ScenarioReport:
    """Write the files of the day that begins at ``start`` (midnight UTC, microseconds).

    The truth lies beside the folder, so that the folder can be ingested as a whole. The
    same arguments give the same bytes.

    Raises:
        UsageError: a day does not begin at ``start``.
        StoreAccessError: a file cannot be written.
    """
    if start % DAY or start < 0:
        raise UsageError("traffic.error.scenario_start", start=start)
    cast = Cast(start, seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        records = {name: make(folder / name, cast) for name, make in FILES.items()}
        report = ScenarioReport(str(folder), records, _truth(cast), seed, start, start + DAY)
        beside = folder.with_name(f"{folder.name}.truth.json")
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
    except OSError as error:
        raise StoreAccessError(
            "traffic.error.scenario_write", path=folder, reason=error.strerror
        ) from error
    return report


def _truth(cast: Cast) -> dict[str, str]:
    """What analyses should come to, by what it is."""
    return {
        "generated_names": cast.victim.address,
        "beacon": f"{cast.victim.address} {cast.controller}",
        "tunnel": f"{cast.tunneller.address} {cast.tunnel_domain}",
        "scan": f"{cast.scanner.address} 445",
        "flood": f"{cast.web} ntp",
        "amplifier": cast.clock,
        "lookalike": cast.lure_domain,
        "spam_campaign": cast.spam_domain,
        "intrusion": cast.victim.address,
    }
