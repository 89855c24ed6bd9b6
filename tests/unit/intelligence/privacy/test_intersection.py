from __future__ import annotations

import pytest

from kaname.intelligence.privacy.intersection import Client, Server
from kaname.model.errors import InputError

OURS = [f"ip:10.0.{n >> 8}.{n & 255}" for n in range(300)]
THEIRS = [f"ip:10.0.{n >> 8}.{n & 255}" for n in range(250, 400)] + ["domain:例え.example"]


def test_both_learn_what_they_share_and_no_more() -> None:
    server, client = Server.new(), Client.new()
    setup = server.setup(OURS, len(THEIRS))
    request = client.request(THEIRS)
    assert client.shared(setup, server.respond(request)) == sorted(set(OURS) & set(THEIRS))
    assert b"10.0." not in setup + request


def test_a_setup_is_of_use_again_after_a_restart() -> None:
    server = Server.new()
    setup, key = server.setup(OURS, 10), server.key
    client = Client.new()
    response = Server.restored(key).respond(client.request(["ip:10.0.0.7", "ip:192.0.2.1"]))
    assert client.shared(setup, response) == ["ip:10.0.0.7"]


def test_other_bytes_are_refused() -> None:
    with pytest.raises(InputError):
        Server.new().respond(b"\xff\xff\xff")
