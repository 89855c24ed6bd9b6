from __future__ import annotations

import subprocess
import sys

import pytest
from tests.contract.servers import Nats
from tests.contract.test_bus import nothing, numbers, publish, take

from kaname.bus import GAP, Retention, open_bus
from kaname.model.errors import UnavailableError

PUBLISH = """
import sys
from kaname.bus import open_bus
with open_bus(sys.argv[1]) as bus:
    for number in range(int(sys.argv[2]), int(sys.argv[3])):
        bus.publish("findings.changed", {"n": number})
"""
HANDLE_AND_DIE = """
import os, sys
from kaname.bus import open_bus
bus = open_bus(sys.argv[1])
durable = bus.subscribe("findings.*", durable="analysis")
for count, message in enumerate(durable):
    if count == 7:
        os.kill(os.getpid(), 9)
    durable.ack(message)
"""


def run(program: str, *arguments: str) -> int:
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    return subprocess.run(command, timeout=60, check=False).returncode


def test_everything_is_there_after_a_restart(lasting_bus_url: str) -> None:
    with open_bus(lasting_bus_url) as bus:
        durable = bus.subscribe("findings.*", durable="analysis")
        cursors = publish(bus, 1, 2, 3)
        for message in take(durable, 2):
            durable.ack(message)
    with open_bus(lasting_bus_url) as bus:
        assert bus.cursor == cursors[-1]
        durable = bus.subscribe("findings.*", durable="analysis")
        assert numbers(take(durable, 1)) == [3]
        assert numbers(take(bus.subscribe(">", cursor=cursors[0]), 2)) == [2, 3]
        assert publish(bus, 4)[0] > cursors[-1]


def test_a_handler_that_is_killed_gets_the_message_again(lasting_bus_url: str) -> None:
    with open_bus(lasting_bus_url) as bus:
        bus.subscribe("findings.*", durable="analysis").close()
        publish(bus, *range(20))
    assert run(HANDLE_AND_DIE, lasting_bus_url) == -9
    with open_bus(lasting_bus_url) as bus:
        durable = bus.subscribe("findings.*", durable="analysis")
        assert numbers(take(durable, 13)) == list(range(7, 20))
        assert nothing(durable)


def test_messages_of_another_process_arrive(lasting_bus_url: str) -> None:
    with open_bus(lasting_bus_url) as bus:
        live = bus.subscribe("findings.*")
        assert run(PUBLISH, lasting_bus_url, "0", "30") == 0
        assert numbers(take(live, 30)) == list(range(30))


def test_processes_that_publish_at_once_lose_nothing(lasting_bus_url: str) -> None:
    command = [sys.executable, "-W", "error", "-c", PUBLISH, lasting_bus_url]
    started = [subprocess.Popen([*command, str(n), str(n + 50)]) for n in (0, 50, 100)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    with open_bus(lasting_bus_url) as bus:
        found = numbers(take(bus.subscribe("findings.*", cursor=0), 150))
        assert sorted(found) == list(range(150))


def test_what_is_beyond_the_retention_goes_and_a_replay_says_so(lasting_bus_url: str) -> None:
    with open_bus(lasting_bus_url, retention=Retention(size=50_000)) as bus:
        for number in range(100):
            bus.publish("findings.changed", {"n": number, "text": "x" * 1000})
        bus.trim()
        gap, first = take(bus.subscribe("findings.*", cursor=0), 2)
        assert gap.topic == GAP
        assert gap.body == {"skipped": first.body["n"], "exact": False}
        assert 30 < first.body["n"] < 80  # half of 100 kB had to go


def test_old_messages_go(lasting_bus_url: str) -> None:
    with open_bus(lasting_bus_url) as bus:
        publish(bus, *range(5))
        last = bus.cursor
    with open_bus(lasting_bus_url, retention=Retention(age=0)) as bus:
        gap = take(bus.subscribe(">", cursor=0), 1)[0]
        assert (gap.topic, gap.cursor, gap.body["skipped"]) == (GAP, last, 5)
        assert publish(bus, 5)[0] > last


def test_retention_spares_what_a_durable_has_yet_to_see(lasting_bus_url: str) -> None:
    with open_bus(lasting_bus_url) as bus:
        durable = bus.subscribe("findings.*", durable="analysis")
        publish(bus, 1, 2, 3)
        durable.ack(take(durable, 1)[0])
        publish(bus, *range(5), topic="health")
    with open_bus(lasting_bus_url, retention=Retention(age=0, size=0)) as bus:
        durable = bus.subscribe("findings.*", durable="analysis")
        found = take(durable, 2)
        assert numbers(found) == [2, 3]
        for message in found:
            durable.ack(message)
        bus.trim()
        replay = take(bus.subscribe(">", cursor=0), 1)
        assert replay[0].topic == GAP


@pytest.mark.server
def test_a_server_that_stops_and_comes_back_loses_nothing(nats_server: Nats) -> None:
    with open_bus(f"{nats_server.url}/stopping", patience=2) as bus:
        live = bus.subscribe("findings.*")
        publish(bus, 1)
        assert numbers(take(live, 1)) == [1]
        nats_server.halt()
        try:
            with pytest.raises(UnavailableError):
                publish(bus, 2)
            with pytest.raises(UnavailableError):
                open_bus(f"{nats_server.url}/stopping", patience=2)
        finally:
            nats_server.start()
        assert run(PUBLISH, f"{nats_server.url}/stopping", "3", "6") == 0
        found = numbers([m for m in take_through(live, 3) if m.body["n"] >= 3])
        assert found == [3, 4, 5]


def take_through(subscription, count):
    """Messages numbered 3 and up, waiting through errors of the outage."""
    found = []
    for _ in range(60):
        try:
            message = subscription.get(1)
        except UnavailableError:
            continue
        if message is not None and message.body["n"] >= 3:
            found.append(message)
        if len(found) == count:
            break
    return found
