"""The SQL of addresses against Python's ipaddress."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kaname.lake.engine import connect, make_macros

MAPPED = 0xFFFF << 32
# Words that make runs of zeros, sign bits and the edges of ::ffff:0:0/96 frequent.
WORDS = st.one_of(st.sampled_from([0, 0, 0, 1, 0x7FFF, 0x8000, 0xFFFF]), st.integers(0, 0xFFFF))
SIX = st.lists(WORDS, min_size=8, max_size=8).map(
    lambda words: sum(word << 16 * (7 - place) for place, word in enumerate(words))
)
EDGES = st.sampled_from([0, 1, MAPPED - 1, MAPPED, MAPPED + 1, MAPPED | 0xFFFFFFFF, MAPPED + 2**32])
VALUES = st.one_of(SIX, EDGES, st.integers(0, 2**32 - 1).map(lambda v: MAPPED | v))


@pytest.fixture(scope="module")
def database() -> Iterator[Any]:
    connection = connect(memory_mb=256)
    make_macros(connection)
    yield connection
    connection.close()


def signed(word: int) -> int:
    return word - 2**64 if word >= 2**63 else word


def words(value: int) -> tuple[int, int]:
    return signed(value >> 64), signed(value % 2**64)


def text(value: int) -> str:
    six = ipaddress.IPv6Address(value)
    return str(six.ipv4_mapped or six)


def ask(database: Any, expression: str, rows: list[tuple[Any, ...]]) -> list[Any]:
    values = ", ".join(
        "(" + ", ".join(f"'{v}'" if isinstance(v, str) else f"({v})::BIGINT" for v in row) + ")"
        for row in rows
    )
    names = ", ".join("abc"[: len(rows[0])])
    sql = f"SELECT {expression} FROM (VALUES {values}) AS v({names})"  # noqa: S608
    return [row[0] for row in database.sql(sql).fetchall()]


relaxed = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(st.lists(VALUES, min_size=1, max_size=60))
def test_ip_writes_addresses_as_python_does(database, values):
    found = ask(database, "ip(a, b)", [words(value) for value in values])
    assert found == [text(value) for value in values]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[int, str, bool]:
    """An address, a prefix near it or not, and whether Python says that it is inside."""
    value = draw(VALUES)
    base = draw(st.one_of(st.just(value), VALUES))
    four = base >> 32 == 0xFFFF and draw(st.booleans())
    if four:
        net: Any = ipaddress.ip_network((base & 0xFFFFFFFF, draw(st.integers(0, 32))), strict=False)
        inside = value >> 32 == 0xFFFF and ipaddress.IPv4Address(value & 0xFFFFFFFF) in net
    else:
        net = ipaddress.ip_network(
            (ipaddress.IPv6Address(base), draw(st.integers(0, 128))), strict=False
        )
        inside = ipaddress.IPv6Address(value) in net
    return value, str(net), inside


@relaxed
@given(st.lists(pairs(), min_size=1, max_size=60))
def test_in_net_agrees_with_python(database, cases):
    rows = [(*words(value), net) for value, net, _ in cases]
    assert ask(database, "in_net(a, b, c)", rows) == [inside for _, _, inside in cases]


@pytest.mark.parametrize(
    "net",
    [
        "",
        "x",
        "1.2.3/8",
        "1.2.3.256",
        "1.2.3.4/33",
        "1:2:3/16",
        ":::/1",
        "12345::/16",
        "g::",
        "1::2::3",
        ":1:2:3:4:5:6:7:8",
    ],
)
def test_what_is_no_prefix_is_an_error(database, net):
    import duckdb

    with pytest.raises(duckdb.Error):
        ask(database, "in_net(a, b, c)", [(0, 1, net)])


@pytest.mark.parametrize(
    ("net", "inside"),
    [
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::ffff:192.0.2.7", True),
        ("::ffff:0:0/96", True),
    ],
)
def test_lone_addresses_and_dotted_tails(database, net, inside):
    value = MAPPED | int(ipaddress.IPv4Address("192.0.2.7"))
    assert ask(database, "in_net(a, b, c)", [(*words(value), net)]) == [inside]
