"""The SQL behind a report: the same counts over a period's packets, by one thing or another.

Every count of hosts is one of different source addresses within what it is counted by,
never a sum of counts of shorter times. What is counted "without survey scans" leaves out
the packets of sources that were labelled so on that day.

A period may hold more sources than fit into memory. So the rows are taken in slices of
source addresses, each source in one slice as a whole: counts of different sources add up.
"""

# ruff: noqa: S608 - only instants, quoted names and whole numbers are put in

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kaname.model.address import from_text
from kaname.model.instant import DAY, format_us
from kaname.telescope.families import FAMILIES
from kaname.telescope.reports.period import Period

__all__ = ["Counting", "Survey", "quoted"]


def quoted(text: str) -> str:
    """A string literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def _instant(instant: int) -> str:
    return f"TIMESTAMPTZ '{format_us(instant)}'"


@dataclass(frozen=True, slots=True)
class Survey:
    """Who is left out: what the table ``source_days`` calls a survey, or named sources.

    In the table a label is that of a source's packets of one family on one day; of named
    sources all packets are left out.
    """

    in_days: bool
    sources: tuple[str, ...] = ()

    def sql(self, start: int, end: int) -> str:
        """A SELECT of those that count as surveys: src_hi, src_lo, and day and family if known."""
        if self.in_days:
            return (
                "SELECT DISTINCT CAST(ts AS DATE) AS day, src_hi, src_lo, family\n"
                f"  FROM source_days WHERE ts >= {_instant(start)} AND ts < {_instant(end)}\n"
                "    AND label = 'survey'"
            )
        by_high: dict[int, list[int]] = {}
        for hi, lo in sorted(from_text(one) for one in self.sources):
            by_high.setdefault(hi, []).append(lo)
        if not by_high:
            return "SELECT 0::BIGINT AS src_hi, 0::BIGINT AS src_lo WHERE false"
        return "\n  UNION ALL ".join(
            f"SELECT {hi}::BIGINT AS src_hi, unnest([{_listed(lows)}]::BIGINT[]) AS src_lo"
            for hi, lows in by_high.items()
        )


@dataclass(frozen=True, slots=True)
class Counting:
    """Makes the statements of one report. ``sensor`` empty: of all sensors.

    ``slices`` is how many parts the sources of flowtuples are taken in, ``day_slices`` those
    of the table ``source_days``. ``without_survey``: survey scans are left out of everything.
    ``days_before``: the table has the period before as well.
    """

    period: Period
    survey: Survey
    sensor: str = ""
    without_survey: bool = False
    days_before: bool = False
    slices: int = 1
    day_slices: int = 1

    def whole(self) -> str:
        """Packets and hosts of the period and of the one before it."""
        keys = {"late": f"ts >= {_instant(self.period.start)}"}
        return self._counted(keys, since=self.period.before, days=self.days_before)

    def over_time(self) -> str:
        """The same by hour or by day."""
        width = self.period.bin
        keys = {"bin": f"epoch_us(ts) - epoch_us(ts) % {width}"}
        return self._counted(keys, days=width == DAY)

    def services(self) -> str:
        """By the port that was asked for, over TCP (SYN) and UDP (requests)."""
        return self._counted(
            {"ptype": "ptype", "port": "port"}, where="ptype IN ('tcp_syn', 'udp')"
        )

    def services_before(self, ports: Iterable[tuple[str, int]]) -> str:
        """The same in the period before, of ``ports`` (packet type, port) only."""
        return self._counted(
            {"ptype": "ptype", "port": "port"},
            where=_any_port(ports),
            since=self.period.before,
            until=self.period.start,
        )

    def services_over_time(self, ports: Iterable[tuple[str, int]]) -> str:
        """Of ``ports`` by hour or by day."""
        width = self.period.bin
        keys = {"ptype": "ptype", "port": "port", "bin": f"epoch_us(ts) - epoch_us(ts) % {width}"}
        return self._counted(keys, where=_any_port(ports))

    def packet_types(self) -> str:
        """By packet type."""
        return self._counted({"ptype": "ptype"})

    def families(self) -> str:
        """By what the packets show of the program that sent them (marks, options)."""
        return self._counted({"family": "family"}, days=True)

    def sensors(self) -> str:
        """By sensor."""
        return self._counted({"sensor": "sensor"}, days=True)

    def extents(self) -> str:
        """What each sensor shows of itself: blocks (/24) that received anything, and when."""
        where = self._where("", self.period.start, self.period.end)
        return (
            "SELECT sensor, count(DISTINCT dst_lo // 256) FILTER (dst_hi = 0) AS blocks,\n"
            "  epoch_us(min(ts)) AS first, epoch_us(max(ts)) AS last,\n"
            "  count(DISTINCT epoch_us(ts) // 3600000000) AS hours\n"
            f"FROM flowtuples WHERE {where} GROUP BY sensor ORDER BY sensor"
        )

    def sources(self) -> str:
        """One row a source: its packets, and those that are no survey scan."""
        return (
            f"{self._seen(self.period.start, self.period.end, '', days=True)}\n"
            "SELECT src_hi, src_lo, CAST(sum(packets) AS BIGINT) AS packets,\n"
            f"  {_REST} AS rest\nFROM seen GROUP BY src_hi, src_lo ORDER BY src_hi, src_lo"
        )

    def labels(self) -> str:
        """By the label of the day, from the table of sources."""
        own = "label <> 'survey'" if self.without_survey else ""
        where = self._where(own, self.period.start, self.period.end)
        return (
            "SELECT label, CAST(sum(packets) AS BIGINT) AS packets, count(*) AS hosts FROM (\n"
            "  SELECT label, src_hi, src_lo, sum(packets) AS packets FROM source_days\n"
            f"  WHERE {where} GROUP BY label, src_hi, src_lo)\n"
            "GROUP BY label ORDER BY label"
        )

    @staticmethod
    def slice(sql: str, number: int, of: int) -> str:
        """``sql`` over one of ``of`` slices; a report shows the SQL of the whole."""
        if of == 1:
            return sql
        return sql.replace("WHERE ts >=", f"WHERE abs(src_lo) % {of} = {number} AND ts >=")

    def _where(self, where: str, since: int, until: int) -> str:
        parts = [f"ts >= {_instant(since)} AND ts < {_instant(until)}"]
        if self.sensor:
            parts.append(f"sensor = {quoted(self.sensor)}")
        return " AND ".join([*parts, where] if where else parts)

    def _seen(self, since: int, until: int, where: str, *, days: bool = False) -> str:
        """The rows of a time with ``surveyed``: whether they are of a survey.

        ``days``: by source and day are fine enough, where the table is there.
        """
        own, family = "flowtuples", f",\n    {_FAMILY} AS family"
        if days and self.survey.in_days:
            own, family = "source_days", ""
        exact = (
            "\n    AND survey.family = seen_rows.family"
            "\n    AND survey.day = CAST(seen_rows.ts AS DATE)"
            if self.survey.in_days
            else ""
        )
        return (
            f"WITH survey AS ({self.survey.sql(since, until)}),\n"
            "seen AS (SELECT seen_rows.*, survey.src_lo IS NOT NULL AS surveyed FROM (\n"
            f"  SELECT *{family}\n"
            f"  FROM {own}\n"
            f"  WHERE {self._where(where, since, until)}) AS seen_rows\n"
            "  LEFT JOIN survey ON survey.src_hi = seen_rows.src_hi\n"
            f"    AND survey.src_lo = seen_rows.src_lo{exact}"
            f"{_LEFT_OUT if self.without_survey else ''})"
        )

    def _counted(
        self,
        keys: dict[str, str],
        *,
        where: str = "",
        since: int | None = None,
        until: int | None = None,
        days: bool = False,
    ) -> str:
        begin = self.period.start if since is None else since
        end = self.period.end if until is None else until
        named = ", ".join(f"{expression} AS {name}" for name, expression in keys.items())
        plain = ", ".join(keys)
        return (
            f"{self._seen(begin, end, where, days=days)}\n"
            f"SELECT {plain}, CAST(sum(packets) AS BIGINT) AS packets, count(*) AS hosts,\n"
            "  CAST(sum(rest) AS BIGINT) AS packets_rest,\n"
            "  count(*) FILTER (rest > 0) AS hosts_rest\n"
            f"FROM (SELECT {named}, src_hi, src_lo, sum(packets) AS packets,\n"
            f"    {_REST} AS rest\n"
            f"  FROM seen GROUP BY {plain}, src_hi, src_lo)\n"
            f"GROUP BY {plain} ORDER BY {plain}"
        )


_LEFT_OUT = "\n  WHERE survey.src_lo IS NULL"
_FAMILY = (
    "CASE "
    + " ".join(f"WHEN {one.sql} THEN '{one.name}'" for one in FAMILIES)
    + " ELSE 'other' END"
)
_REST = "CAST(coalesce(sum(packets) FILTER (NOT surveyed), 0) AS BIGINT)"


def _any_port(ports: Iterable[tuple[str, int]]) -> str:
    by_type: dict[str, list[int]] = {}
    for ptype, port in sorted(set(ports)):
        by_type.setdefault(ptype, []).append(port)
    parts = [
        f"(ptype = {quoted(ptype)} AND port IN ({_listed(some)}))"
        for ptype, some in by_type.items()
    ]
    return f"({' OR '.join(parts)})" if parts else "false"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
