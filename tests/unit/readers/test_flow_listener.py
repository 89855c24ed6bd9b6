"""Flow exports as they arrive: the decoder of a socket."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kaname._native import NativeError
from kaname.model.address import IPv4_LOW, to_text
from kaname.model.marking import Tlp
from kaname.readers.flow_listener import FlowLiveDecoder, NetflowListener, SflowListener
from kaname.readers.frame import ReadJob
from kaname.readers.listening import Datagram, Decoder, Listener, listener_called

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake"
SENDER = IPv4_LOW | 0xC0000201
NOW = 1_700_000_000_000_000


def payloads(path: Path) -> list[bytes]:
    """What the frames of a capture of UDP over IPv4 and Ethernet carry."""
    data, at, found = path.read_bytes(), 24, []
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at + 8)
        found.append(data[at + 16 + 42 : at + 16 + size])
        at += 16 + size
    return found


def datagrams(path: Path, sender: int = SENDER) -> list[Datagram]:
    return [Datagram(data, 0, sender, 40_000, NOW) for data in payloads(path)]


def taken(decoder: FlowLiveDecoder, *, last: bool = False) -> tuple[list[dict[str, Any]], ReadJob]:
    job = ReadJob(path=None, sensor="live", tlp=Tlp.GREEN, batch=9)
    batches = [batch for _, batch in decoder.take(job, last=last)]
    return (pa.Table.from_batches(batches).to_pylist() if batches else []), job


ASR9K = DATA / "netflow" / "netflow9_cisco_asr9k.pcap"


def test_the_listeners_are_what_the_runner_expects() -> None:
    for name, kind in (("netflow", NetflowListener), ("sflow", SflowListener)):
        listener = listener_called(name)
        assert isinstance(listener, kind)
        assert isinstance(listener, Listener)
        assert isinstance(listener.decoder(), Decoder)


def test_templates_outlive_a_batch() -> None:
    decoder = FlowLiveDecoder()
    *templates, data = datagrams(ASR9K)
    decoder.push(templates)
    assert taken(decoder)[0] == []
    decoder.push([data])
    assert decoder.held == 21  # flows that tshark lists in the last frame
    rows, job = taken(decoder)
    assert [row["row_in_src"] for row in rows] == list(range(21))
    assert {(row["sensor"], row["tlp"], row["batch"]) for row in rows} == {("live", "green", 9)}
    assert {to_text(r["exporter_hi"], r["exporter_lo"]) for r in rows} == {"192.0.2.1"}
    assert (job.report.records, job.report.counters) == (21, {"flows": 21})
    assert decoder.held == 0


def test_a_restart_goes_on_with_what_was_remembered() -> None:
    before, after = FlowLiveDecoder(), FlowLiveDecoder()
    *templates, data = datagrams(ASR9K)
    before.push(templates)
    after.restore(before.snapshot())
    after.push([data])
    assert after.held == 21
    with pytest.raises(NativeError):
        after.restore(b"no snapshot")


def test_templates_are_those_of_the_sender() -> None:
    decoder = FlowLiveDecoder()
    *templates, data = datagrams(ASR9K)
    decoder.push([*templates, data._replace(sender_lo=SENDER + 1)])
    rows, job = taken(decoder, last=True)
    assert rows == []
    assert job.report.counters["no_template"] == 1
    assert job.report.bad_records == 0


def test_strange_datagrams_are_counted_and_losses_noted() -> None:
    decoder = FlowLiveDecoder()
    record = bytes(48)
    v5 = [struct.pack(">HHIIIIHH", 5, 1, 0, 1_700_000_000, 0, n, 0, 0) + record for n in (1, 2, 9)]
    decoder.push([Datagram(data, 0, SENDER, 1, NOW) for data in [*v5, b"hello", v5[2]]])
    rows, job = taken(decoder)
    assert len(rows) == 3
    assert job.report.counters == {"flows": 3, "duplicate": 1, "other": 1}
    assert job.report.records == 5
    assert job.report.notes["lost"] == 6
    (stream,) = decoder.streams()
    assert (stream["exporter"], stream["lost"], stream["duplicates"]) == ("192.0.2.1", 6, 1)


def test_samples_arrive_like_flows() -> None:
    decoder = SflowListener().decoder()
    decoder.push(datagrams(DATA / "sflow" / "ndpi-sflow.pcap"))
    rows, job = taken(decoder)
    assert [row["sampling"] for row in rows] == [2048]
    assert job.report.counters == {"flows": 1, "counter_samples": 8}
