"""Country and origin of addresses: what published files say is what is found."""

from __future__ import annotations

import gzip
import io
import ipaddress
import tarfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.lake.network_build import Tables, gather, write
from kaname.lake.network_sources import Row, reader_of
from kaname.lake.networks import Attribution, Networks, Origin, Source
from kaname.model.address import IPv4_LOW, from_text
from kaname.model.errors import InputError, UsageError

# As in the packages' README: one range twice written, as text and as numbers.
COUNTRY = "1.0.0.0,1.0.0.255,AU\n1.0.1.0,1.0.3.255,CN\n2001:200::,2001:200:ffff:ffff::,JP\n"
COUNTRY_NUMBERS = (
    "16777216,16777471,AU\n16777472,16778239,CN\n"
    "42540528726795050063891204319802818560,42540528806022045138430265240347934720,JP\n"
)
ORIGIN = '1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\n1.0.4.0,1.0.7.255,38803,Gtelecom\n'
# RIR statistics exchange format: 768 addresses are no prefix, /22 of IPv6 is one.
DELEGATED = (
    "2|apnic|20260801|3|19830613|20260731|+1000\n"
    "apnic|*|ipv4|*|2|summary\n"
    "apnic|CN|ipv4|1.0.1.0|768|20110414|allocated|A92E1062\n"
    "apnic|JP|ipv6|2001:200::|35|19990813|assigned|A91A7381\n"
    "apnic|AU|asn|4608|1|20260101|allocated|A9\n"
    "apnic||ipv4|1.9.0.0|256||available|\n"
)
PFX2AS = "1.0.0.0\t24\t13335\n1.0.0.0\t16\t7_8\n2001:db8::\t32\t64496,64497\n"
PREFIXES = "# ours\n192.0.2.0/24,AS64496,Example,jp\nnonsense\n"


def _tables(folder: Path, *files: tuple[str, str]) -> Networks:
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")
    made = gather([folder / name for name, _ in files]).encode()
    write(folder / "data" / "networks" / "networks.bin", made)
    return Networks.open(folder / "data")


def _columns(*addresses: str) -> tuple[np.ndarray, np.ndarray]:
    words = [from_text(address) for address in addresses]
    return np.array([hi for hi, _ in words]), np.array([lo for _, lo in words])


@pytest.mark.parametrize("text", [COUNTRY, COUNTRY_NUMBERS])
def test_addresses_as_text_and_as_numbers_say_the_same(tmp_path: Path, text: str) -> None:
    tables = _tables(tmp_path, ("country.csv", text))
    asked = ("1.0.0.0", "1.0.0.255", "1.0.1.0", "1.0.4.0", "2001:200::1", "2001:201::")
    codes, names = tables.countries(*_columns(*asked))
    assert [names[code] for code in codes] == ["AU", "AU", "CN", "", "JP", ""]


def test_an_origin_has_prefix_number_name_and_country(tmp_path: Path) -> None:
    tables = _tables(tmp_path, ("c.csv", COUNTRY), ("o.csv", ORIGIN))
    assert tables.origin("1.0.0.7") == Origin("1.0.0.0/24", 13335, "Cloudflare, Inc.", "AU")
    assert tables.origin("1.0.6.1") == Origin("1.0.4.0/22", 38803, "Gtelecom", "")
    # 1.0.1.0 to 1.0.3.255 is no prefix: the largest inside that holds the address is told
    assert tables.origin("1.0.1.9") == Origin("1.0.1.0/24", 0, "", "CN")
    assert tables.origin("1.0.3.9") == Origin("1.0.2.0/23", 0, "", "CN")
    assert tables.origin("9.9.9.9") == Origin()
    assert tables.asns(*_columns("1.0.0.1", "9.9.9.9", "1.0.7.255")).tolist() == [13335, 0, 38803]


def test_registry_statistics_count_addresses_and_name_lengths(tmp_path: Path) -> None:
    tables = _tables(tmp_path, ("delegated-apnic-latest", DELEGATED))
    asked = ("1.0.1.0", "1.0.3.255", "1.0.4.0", "2001:200::", "2001:200:1fff:ffff::", "1.9.0.0")
    codes, names = tables.countries(*_columns(*asked))
    assert [names[code] for code in codes] == ["CN", "CN", "", "JP", "JP", ""]
    (source,) = tables.about.sources
    assert (source.name, source.version, source.rows) == ("apnic statistics", "20260801", 2)
    assert source.passed_over == 4  # the header, the summary, an AS, what is not given out


def test_the_smaller_prefix_counts_and_the_first_of_several_origins(tmp_path: Path) -> None:
    tables = _tables(tmp_path, ("pfx2as.txt", PFX2AS), ("own.csv", PREFIXES))
    found = tables.asns(*_columns("1.0.0.9", "1.0.1.9", "2001:db8::1", "192.0.2.1"))
    assert found.tolist() == [13335, 7, 64496, 64496]
    assert tables.origin("1.0.9.9").prefix == "1.0.0.0/16"
    assert tables.origin("192.0.2.1") == Origin("192.0.2.0/24", 64496, "Example", "JP")


def test_a_package_says_its_version_and_whom_to_name(tmp_path: Path) -> None:
    package = '{"name": "@ip-location-db/asn", "version": "9.1"}'
    with tarfile.open(tmp_path / "asn-9.1.tgz", "w:gz") as archive:
        for name, text in (
            ("package/package.json", package),
            ("package/asn-ipv4.csv", "1.0.0.0,1.0.0.255,1,Wrong\n"),
            ("package/asn-ipv4-num.csv", "16777216,16777471,13335,Right\n"),
            ("package/README.md", "# no table"),
            ("../../outside.csv", "1.0.1.0,1.0.1.255,2,Outside\n"),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    tables = gather([tmp_path / "asn-9.1.tgz"])
    assert tables.names == {13335: "Right", 2: "Outside"}
    assert sorted(path.name for path in tmp_path.parent.glob("*.csv")) == []
    assert {source.version for source in tables.sources} == {"9.1"}
    named = {one.text for source in tables.sources for one in source.attributions}
    assert any("DB-IP" in text for text in named)
    assert any("RouteViews" in text for text in named)


def test_packed_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "routeviews.pfx2as.gz"
    path.write_bytes(gzip.compress(PFX2AS.encode()))
    assert len(gather([path]).origin.ranges) == 3


def test_without_a_table_everything_works_and_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kaname.lake.networks.BUILT_IN", tmp_path / "none.bin")
    tables = Networks.open(tmp_path)
    codes, names = tables.countries(*_columns("1.1.1.1", "::1"))
    assert not tables
    assert (codes.tolist(), names) == ([0, 0], [""])
    assert tables.asns(*_columns("1.1.1.1", "::1")).tolist() == [0, 0]
    assert (tables.origin("1.1.1.1"), tables.version, tables.attributions) == (Origin(), "", ())


@pytest.mark.parametrize("damage", ["cut", "changed", "other", "empty"])
def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, damage: str) -> None:
    _tables(tmp_path, ("c.csv", COUNTRY))
    path = tmp_path / "data" / "networks" / "networks.bin"
    whole = path.read_bytes()
    path.write_bytes(
        {
            "cut": whole[:-1],
            "changed": whole[:40] + bytes([whole[40] ^ 1]) + whole[41:],
            "other": b"PK\x03\x04" + bytes(100),
            "empty": b"",
        }[damage]
    )
    with pytest.raises(InputError, match="kaname data update"):
        Networks.open(tmp_path / "data")


def test_new_tables_are_seen_without_a_restart(tmp_path: Path) -> None:
    assert _tables(tmp_path, ("c.csv", "1.0.0.0,1.0.0.255,AU\n")).origin("1.0.0.1").country == "AU"
    again = _tables(tmp_path, ("c.csv", "1.0.0.0,1.0.0.255,NZ\n1.0.2.0,1.0.2.255,NZ\n"))
    assert again.origin("1.0.0.1").country == "NZ"


def test_what_is_no_table_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader,\nhello\n", encoding="utf-8")
    with pytest.raises(InputError, match="Dear reader"):
        gather([tmp_path / "letter.txt"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError):
        gather([tmp_path / "empty"])


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(COUNTRY, encoding="utf-8")
    assert gather([tmp_path / "c.csv"]).encode() == gather([tmp_path / "c.csv"]).encode()


def test_sources_keep_what_they_ask_for(tmp_path: Path) -> None:
    tables = Tables()
    asked = (Attribution("Somebody", "https://example.org"),)
    source = Source(name="x", version="1", licence="CC-BY-4.0", attributions=asked)
    tables.add([Row(IPv4_LOW, IPv4_LOW, "JP")], source)
    write(tmp_path / "networks" / "networks.bin", tables.encode())
    found = Networks.open(tmp_path)
    assert found.attributions == asked
    assert found.version == "x 1"


_FOUR = st.integers(0, (1 << 32) - 1)
_PREFIX = st.tuples(_FOUR, st.integers(8, 32), st.integers(1, 70_000))


@given(st.lists(_PREFIX, max_size=30), st.lists(_FOUR, min_size=1, max_size=20))
def test_every_address_gets_the_longest_prefix(
    prefixes: list[tuple[int, int, int]], addresses: list[int]
) -> None:
    """Against ipaddress, by the definition of the longest match."""
    networks = [
        (ipaddress.ip_network((first, length), strict=False), asn)
        for first, length, asn in prefixes
    ]
    tables = Tables()
    reader = reader_of("1.0.0.0\t8\t1")
    assert reader is not None
    lines = [f"{n.network_address}\t{n.prefixlen}\t{asn}" for n, asn in networks]
    tables.add(reader(lines), Source(name="p", version="1"))
    from kaname._native import NetworkTables

    found = Networks(None, Networks.open(Path("/nowhere")).about, NetworkTables(tables.encode()))
    edges = [int(n.network_address) for n, _ in networks]
    asked = [ipaddress.IPv4Address(a) for a in (*addresses, *edges)]
    lo = np.array([IPv4_LOW | int(a) for a in asked])
    expected = []
    for address in asked:
        holding = [(n.prefixlen, asn) for n, asn in networks if address in n]
        longest = max((length for length, _ in holding), default=0)
        expected.append(next((asn for length, asn in holding if length == longest), 0))
    assert found.asns(np.zeros(len(lo), np.int64), lo).tolist() == expected


@given(st.text(max_size=200))
def test_any_line_is_read_or_passed_over(text: str) -> None:
    for form in ("1.0.0.0,1.0.0.1,JP", "1.0.0.0,1.0.0.1,7,x", "1.0.0.0/8,7", "1\t2\t3", "|" * 6):
        reader = reader_of(form)
        assert reader is not None
        for row in reader(text.splitlines(keepends=True)):
            assert row is None or 0 <= row.first <= row.last < 1 << 128
