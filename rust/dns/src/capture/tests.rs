//! Captures made here: streams cut and shuffled, fragments, joins, cuts anywhere.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use kaname_packets::rows::Labels;

use super::account::{NOTES, OUTCOMES};
use super::{Capture, PORTS, Pushed, share};

const CLIENT: [u8; 4] = [192, 0, 2, 7];
const SERVER: [u8; 4] = [198, 51, 100, 53];
const START_US: u64 = 1_700_000_000_000_000;

/// A query for `name` of type A, or the response to it with one address.
fn message(id: u16, name: &str, response: bool) -> Vec<u8> {
    let mut data = id.to_be_bytes().to_vec();
    data.extend(if response { [0x81, 0x80] } else { [0x01, 0x00] });
    data.extend([0, 1, 0, u8::from(response), 0, 0, 0, 0]);
    for label in name.split('.') {
        data.push(label.len() as u8);
        data.extend(label.as_bytes());
    }
    data.extend([0, 0, 1, 0, 1]);
    if response {
        data.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 9]);
    }
    data
}

fn ipv4(proto: u8, response: bool, id: u16, place: u16, payload: &[u8]) -> Vec<u8> {
    let (src, dst) = if response { (SERVER, CLIENT) } else { (CLIENT, SERVER) };
    let mut data = vec![0x45, 0];
    data.extend((20 + payload.len() as u16).to_be_bytes());
    data.extend(id.to_be_bytes());
    data.extend(place.to_be_bytes());
    data.extend([64, proto, 0, 0]);
    data.extend(src);
    data.extend(dst);
    data.extend(payload);
    data
}

fn ports(response: bool) -> [u8; 4] {
    let (sport, dport) = if response { (53u16, 40_000u16) } else { (40_000, 53) };
    let ([a, b], [c, d]) = (sport.to_be_bytes(), dport.to_be_bytes());
    [a, b, c, d]
}

fn udp(response: bool, payload: &[u8]) -> Vec<u8> {
    let mut data = ports(response).to_vec();
    data.extend((8 + payload.len() as u16).to_be_bytes());
    data.extend([0, 0]);
    data.extend(payload);
    data
}

fn tcp(response: bool, seq: u32, bits: u8, payload: &[u8]) -> Vec<u8> {
    let mut data = ports(response).to_vec();
    data.extend(seq.to_be_bytes());
    data.extend([0, 0, 0, 0, 5 << 4, bits, 0xFF, 0xFF, 0, 0, 0, 0]);
    data.extend(payload);
    data
}

/// A capture of raw IP datagrams, each with its time in microseconds from the start.
fn capture(packets: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut data = Vec::new();
    for word in [0xA1B2_C3D4, 4 << 16 | 2, 0, 0, 65_535, 101] {
        data.extend(u32::to_le_bytes(word));
    }
    for (after_us, packet) in packets {
        let ts_us = START_US + after_us;
        for word in [ts_us / 1_000_000, ts_us % 1_000_000, packet.len() as u64, packet.len() as u64]
        {
            data.extend((word as u32).to_le_bytes());
        }
        data.extend(packet);
    }
    data
}

struct Read {
    rows: Vec<RecordBatch>,
    pushed: Pushed,
}

impl Read {
    fn new(data: &[u8], size: usize) -> Self {
        let mut pushed = Pushed::new(Capture::new(PORTS.to_vec()), Labels::default());
        let mut rows = Vec::new();
        for piece in data.chunks(size.max(1)) {
            rows.extend(pushed.push(piece).expect("a capture"));
        }
        rows.extend(pushed.finish().expect("a capture"));
        Self { rows, pushed }
    }

    fn of(packets: &[(u64, Vec<u8>)]) -> Self {
        Self::new(&capture(packets), usize::MAX)
    }

    /// Name, state and travel time of each row.
    fn summary(&self) -> Vec<(String, &'static str, Option<i64>)> {
        let mut found = Vec::new();
        for batch in &self.rows {
            let names = batch["qname"].as_string::<i32>();
            let states = batch["state"].as_dictionary::<arrow_array::types::Int8Type>();
            let rtts = batch["rtt_us"].as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                let state = ["query", "response", "both"][states.keys().value(row) as usize];
                let rtt = rtts.is_valid(row).then(|| rtts.value(row));
                found.push((names.value(row).to_owned(), state, rtt));
            }
        }
        found
    }

    fn outcome(&self, name: &str) -> u64 {
        let place = OUTCOMES.iter().position(|known| *known == name).expect("an outcome");
        self.pushed.capture.report().1.outcomes[place]
    }

    fn note(&self, name: &str) -> u64 {
        let place = NOTES.iter().position(|known| *known == name).expect("a note");
        self.pushed.capture.report().1.notes[place]
    }
}

fn both(name: &str, rtt_us: i64) -> (String, &'static str, Option<i64>) {
    (name.to_owned(), "both", Some(rtt_us))
}

fn query(after_us: u64, id: u16, name: &str) -> (u64, Vec<u8>) {
    (after_us, ipv4(17, false, 1, 0, &udp(false, &message(id, name, false))))
}

fn response(after_us: u64, id: u16, name: &str) -> (u64, Vec<u8>) {
    (after_us, ipv4(17, true, 1, 0, &udp(true, &message(id, name, true))))
}

#[test]
fn a_query_and_its_response_are_one_row() {
    let read = Read::of(&[query(0, 7, "Www.Example.com"), response(1500, 7, "www.exAMPLE.com")]);
    assert_eq!(read.summary(), [both("www.example.com", 1500)]);
    let batch = &read.rows[0];
    assert_eq!(batch["ts"].as_primitive::<TimestampMicrosecondType>().value(0), START_US as i64);
    assert_eq!(batch["row_in_src"].as_primitive::<Int64Type>().value(0), 24);
    assert_eq!(batch["rcode"].as_primitive::<Int16Type>().value(0), 0);
    assert_eq!(batch["sport"].as_primitive::<Int32Type>().value(0), 40_000);
    assert_eq!(batch["req_len"].as_primitive::<Int32Type>().value(0), 33);
    assert_eq!(batch["res_len"].as_primitive::<Int32Type>().value(0), 49);
    assert_eq!(batch["min_ttl"].as_primitive::<Int64Type>().value(0), 60);
    assert_eq!(batch["regdom"].as_string::<i32>().value(0), "example.com");
    let answers = batch["answers"].as_list::<i32>().value(0);
    assert_eq!(answers.as_string::<i32>().value(0), "203.0.113.9");
}

#[test]
fn only_what_belongs_together_is_joined() {
    let read = Read::of(&[
        query(0, 7, "a.example"),
        response(10, 8, "a.example"),        // another id
        response(20, 7, "b.example"),        // another name
        response(5_000_001, 7, "a.example"), // too late
    ]);
    let found = read.summary();
    let states: Vec<_> = found.iter().map(|(_, state, _)| *state).collect();
    assert_eq!(states, ["query", "response", "response", "response"]);
}

/// Of queries that are the same the oldest is answered first.
#[test]
fn repeated_queries_are_answered_in_their_order() {
    let read = Read::of(&[
        query(0, 7, "a.example"),
        query(1_000_000, 7, "a.example"),
        response(1_000_100, 7, "a.example"),
        response(1_000_300, 7, "a.example"),
        response(1_000_400, 7, "a.example"),
    ]);
    let response = ("a.example".to_owned(), "response", None);
    assert_eq!(read.summary(), [both("a.example", 1_000_100), both("a.example", 300), response]);
}

fn framed(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut stream = Vec::new();
    for message in messages {
        stream.extend((message.len() as u16).to_be_bytes());
        stream.extend(message);
    }
    stream
}

fn segment(after_us: u64, response: bool, seq: u32, bits: u8, data: &[u8]) -> (u64, Vec<u8>) {
    (after_us, ipv4(6, response, 1, 0, &tcp(response, seq, bits, data)))
}

/// RFC 7766, 6.2.1.1: several queries over one connection; their bytes come cut, twice, and
/// in another order, and sequence numbers wrap.
#[test]
fn segments_are_brought_in_order() {
    let asked = framed(&[message(1, "one.example", false), message(2, "two.example", false)]);
    let told = framed(&[message(1, "one.example", true), message(2, "two.example", true)]);
    let seq = u32::MAX - 10;
    let at = |offset: u32| seq.wrapping_add(1).wrapping_add(offset);
    let read = Read::of(&[
        segment(0, false, seq, 2, b""),
        segment(1, true, 500, 0x12, b""),
        segment(10, false, at(0), 16, &asked[..1]),
        segment(20, false, at(40), 16, &asked[40..]), // too early
        segment(30, false, at(1), 16, &asked[1..30]),
        segment(40, false, at(1), 16, &asked[1..30]), // again
        segment(50, false, at(20), 16, &asked[20..40]), // overlaps
        segment(60, true, 501, 16, &told),
        segment(70, true, 501 + told.len() as u32, 17, b""),
    ]);
    // the first question is whole at 50, as the second is
    assert_eq!(read.summary(), [both("one.example", 10), both("two.example", 10)]);
    assert_eq!(read.note("tcp_out_of_order"), 1);
    assert_eq!(read.note("tcp_retransmitted"), 2);
    assert_eq!((read.outcome("dns"), read.outcome("tcp_segment")), (2, 7));
}

#[test]
fn reading_goes_on_behind_a_gap() {
    let asked: Vec<_> = (0..3).map(|id| framed(&[message(id, "x.example", false)])).collect();
    let length = asked[0].len() as u32;
    let read = Read::of(&[
        segment(0, false, 99, 2, b""),
        segment(10, false, 100, 16, &asked[0]),
        // the second was not captured
        segment(20, false, 100 + 2 * length, 16, &asked[2]),
    ]);
    assert_eq!(read.summary().len(), 2);
    assert_eq!(read.note("tcp_gaps"), 1);
}

#[test]
fn a_connection_may_be_joined_in_the_middle() {
    let asked = framed(&[message(1, "x.example", false)]);
    let read = Read::of(&[
        segment(0, false, 1000, 16, b"the rest of something"),
        segment(10, false, 1021, 16, &asked),
    ]);
    assert_eq!(read.summary(), [("x.example".to_owned(), "query", None)]);
}

/// RFC 791, 3.2: offsets count eight bytes; fragments may come in any order.
#[test]
fn fragments_are_put_together() {
    let told = udp(true, &message(7, "fragmented.example.org", true));
    let part = |id, from: usize, to: usize, more: bool| {
        let place = (from / 8) as u16 | if more { 0x2000 } else { 0 };
        ipv4(17, true, id, place, &told[from..to])
    };
    let read = Read::of(&[
        query(0, 7, "fragmented.example.org"),
        (10, part(9, 24, told.len(), false)),
        (20, part(9, 0, 16, true)),
        (30, part(9, 16, 24, true)),
    ]);
    assert_eq!(read.summary(), [both("fragmented.example.org", 30)]);
    assert_eq!((read.outcome("fragment"), read.note("reassembled")), (2, 1));
}

/// What its first fragment tells of a datagram is kept, and RFC 5722: fragments that
/// overlap drop it.
#[test]
fn fragments_that_do_not_fit() {
    let told = udp(true, &message(7, "a.example", true));
    let part = |id, from: usize, to: usize, more: bool| {
        let place = (from / 8) as u16 | if more { 0x2000 } else { 0 };
        ipv4(17, true, id, place, &told[from..to])
    };
    let lost = Read::of(&[(0, part(1, 0, 40, true))]);
    assert_eq!(lost.summary(), [("a.example".to_owned(), "response", None)]);
    assert_eq!(lost.note("fragments_lost"), 1);
    let overlap = Read::of(&[(0, part(1, 0, 40, true)), (1, part(1, 32, told.len(), false))]);
    assert!(overlap.summary().is_empty());
    assert_eq!(overlap.note("fragments_overlap"), 1);
}

#[test]
fn malformed_and_foreign_packets_are_counted() {
    let looped = [&[0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &[0xC0, 12, 0, 1, 0, 1]].concat();
    let mut elsewhere = udp(false, &message(1, "a.example", false));
    elsewhere[3] = 80;
    let read = Read::of(&[
        (0, ipv4(17, false, 1, 0, &udp(false, &looped))),
        (1, ipv4(17, false, 1, 0, &udp(false, b"short"))),
        (2, ipv4(17, false, 1, 0, &elsewhere)),
        (3, ipv4(1, false, 1, 0, &[8, 0, 0, 0, 0, 0, 0, 0])),
    ]);
    assert!(read.summary().is_empty());
    assert_eq!((read.outcome("malformed_dns"), read.outcome("not_dns")), (2, 2));
    let reasons: Vec<_> =
        read.pushed.capture.report().1.problems.iter().map(|p| p.reason.as_str()).collect();
    assert_eq!(reasons, ["pointer_loop", "message_short"]);
    assert!(!read.pushed.capture.report().0.damaged);
}

fn mixed() -> Vec<u8> {
    let told = udp(true, &message(3, "parts.example", true));
    let asked = framed(&[message(4, "stream.example", false)]);
    capture(&[
        query(0, 1, "a.example"),
        query(5, 3, "parts.example"),
        segment(10, false, 99, 2, b""),
        segment(20, false, 100, 16, &asked[..9]),
        (30, ipv4(17, true, 8, 0x2000, &told[..16])),
        response(40, 1, "a.example"),
        segment(50, false, 109, 16, &asked[9..]),
        (60, ipv4(17, true, 8, 2, &told[16..])),
        query(70, 2, "open.example"),
    ])
}

#[test]
fn how_the_bytes_are_cut_does_not_show() {
    let data = mixed();
    let whole = Read::new(&data, usize::MAX);
    let names: Vec<_> = whole.summary().into_iter().map(|(name, state, _)| (name, state)).collect();
    let expected = [
        ("a.example", "both"),
        ("parts.example", "both"),
        ("stream.example", "query"),
        ("open.example", "query"),
    ];
    assert_eq!(names, expected.map(|(name, state)| (name.to_owned(), state)));
    for size in [1, 7, 64, 100] {
        let cut = Read::new(&data, size);
        assert_eq!(cut.rows, whole.rows, "pieces of {size}");
        assert_eq!(cut.pushed.capture.report(), whole.pushed.capture.report());
    }
}

#[test]
fn the_state_is_carried_over_a_restart() {
    let data = mixed();
    let whole = Read::new(&data, usize::MAX);
    for at in 24..data.len() {
        let new = || Pushed::new(Capture::new(PORTS.to_vec()), Labels::default());
        let mut first = new();
        let mut rows = first.push(&data[..at]).expect("a capture");
        let mut second = new();
        second.restore(&first.snapshot().expect("plain")).expect("a snapshot");
        rows.extend(second.push(&data[at..]).expect("a capture"));
        rows.extend(second.finish().expect("a capture"));
        assert_eq!(rows, whole.rows, "cut at {at}");
    }
}

#[test]
fn a_cut_anywhere_loses_only_what_is_behind() {
    let data = mixed();
    for at in 24..data.len() {
        let read = Read::new(&data[..at], usize::MAX);
        let (framed, dns) = read.pushed.capture.report();
        let rows: usize = read.rows.iter().map(RecordBatch::num_rows).sum();
        assert!(rows <= 4);
        assert!(framed.records() + dns.outcomes.iter().sum::<u64>() <= 9);
    }
}

#[test]
fn captures_of_dns_are_told_from_others() {
    assert_eq!(share(&mixed()), 100);
    let web = capture(&[(
        0,
        ipv4(
            6,
            false,
            1,
            0,
            &[0, 80, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 16, 0, 0, 0, 0, 0, 0, b'x'],
        ),
    )]);
    assert_eq!(share(&web), 0);
    assert_eq!(share(b"no capture at all"), 0);
}
