"""Rows gathered one by one fit their table, with defaults, whatever one value looks like."""

from __future__ import annotations

import ipaddress
import json

import pytest

from kaname.lake.parquet import conform
from kaname.lake.tables import table
from kaname.model.marking import Tlp
from kaname.readers.columns import address_words, addresses
from kaname.readers.frame import ReadJob
from kaname.readers.rows import Rows


def job() -> ReadJob:
    return ReadJob(path=None, sensor="gate", tlp=Tlp.AMBER, batch=7)


def words(text: str) -> tuple[int, int]:
    """By the standard library: IPv4 as IPv4-mapped, both words signed."""
    address = ipaddress.ip_address(text)
    value = int(address) | (0xFFFF << 32 if address.version == 4 else 0)
    return tuple(
        int.from_bytes(part, signed=True)
        for part in (value.to_bytes(16)[:8], value.to_bytes(16)[8:])
    )


@pytest.mark.parametrize(
    "name", ["flows", "dns", "tls", "user_events", "alerts", "mail", "endpoint"]
)
def test_a_row_with_nothing_but_its_time_fits_every_table(name):
    rows = Rows(name, "test", job())
    rows.add(ts=1_700_000_000_000_000, row_in_src=5)
    _, batch = rows.take()
    fitted = conform(batch, table(name))
    row = fitted.to_pylist()[0]
    assert (row["sensor"], row["kind"], row["tlp"], row["batch"]) == ("gate", "test", "amber", 7)
    assert (row["src_hi"], row["src_lo"], row["ext"]) == (0, 0, None)


def test_values_arrive_as_they_were_given():
    made = job()
    rows = Rows("dns", "test", made)
    rows.add(ts=10**15, row_in_src=1, src="192.0.2.7", dst="2001:db8::1", qname="a.example",
             answers=["1.2.3.4"], rcode=3, edns_do=True,
             state="both", ext={"view": "in"})  # fmt: skip
    rows.add(ts=2 * 10**15, row_in_src=2, qname="b.example")
    _, batch = rows.take()
    first, second = batch.to_pylist()
    assert (first["src_hi"], first["src_lo"]) == words("192.0.2.7")
    assert (first["dst_hi"], first["dst_lo"]) == words("2001:db8::1")
    assert (first["answers"], first["rcode"], first["edns_do"]) == (["1.2.3.4"], 3, True)
    assert json.loads(first["ext"]) == {"view": "in"}
    assert (second["qname"], second["rcode"], second["answers"]) == ("b.example", None, None)
    assert (made.report.first_us, made.report.last_us) == (10**15, 2 * 10**15)
    assert made.report.rows == 2


def test_a_value_that_does_not_fit_becomes_the_default_and_is_noted():
    made = job()
    rows = Rows("flows", "test", made)
    rows.add(ts=10**15, row_in_src=0, src="300.1.1.1", sport="x", octets=2**70, app="h\ud800")
    rows.add(ts=10**15, row_in_src=1, src="192.0.2.1", sport=53, octets=9, app="dns")
    _, batch = rows.take()
    bad, good = batch.to_pylist()
    assert (bad["src_lo"], bad["sport"], bad["octets"], bad["app"]) == (0, 0, 0, "h\\ud800")
    assert (good["sport"], good["octets"], good["app"]) == (53, 9, "dns")
    assert made.report.notes == {"bad_value": 3, "bad_address": 1}


def test_a_column_that_the_table_lacks_is_a_mistake_of_the_reader():
    rows = Rows("dns", "test", job())
    rows.add(ts=1, row_in_src=0, no_such=1)
    with pytest.raises(KeyError):
        rows.take()


@pytest.mark.parametrize(
    "text", ["192.0.2.0", "255.255.255.255", "::1", "fe80::1", "ffff::ffff", "::ffff:192.0.2.1"]
)
def test_addresses_are_those_of_the_standard_library(text):
    assert address_words(text) == words(text)


def test_addresses_as_logs_write_them():
    hi, lo, bad = addresses(["fe80::1%eth0", "[::1]", "-", "", None, "nope", "1.2.3"])
    assert list(zip(hi.to_pylist(), lo.to_pylist(), strict=True)) == [
        words("fe80::1"), words("::1"), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0),
    ]  # fmt: skip
    assert bad == 2
