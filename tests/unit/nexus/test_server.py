from __future__ import annotations

import socket

import pytest

from kaname.model.errors import UnavailableError
from kaname.nexus.server import bind, split


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("127.0.0.1:8750", ("127.0.0.1", 8750)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_addresses_are_split(listen, expected):
    assert split(listen) == expected


def test_a_taken_port_is_named_with_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnavailableError) as caught:
            bind(listen)
    assert caught.value.key == "nexus.error.port_taken"
    assert listen in caught.value.render("ja")


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(UnavailableError) as caught:
        bind("192.0.2.1:0")  # TEST-NET-1 (RFC 5737) is nobody's
    assert caught.value.key == "nexus.error.address"


def test_any_free_port_can_be_had():
    with bind("127.0.0.1:0") as bound:
        assert bound.getsockname()[1] > 0
