//! Streams made here, by dnstap.proto and the description of Frame Streams.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use kaname_packets::rows::Labels;

use super::{CONTENT_TYPE, Decoder, NotDnstap, Outcome, is_dnstap};

const CLIENT_QUERY: u8 = 5;
const CLIENT_RESPONSE: u8 = 6;

fn control(kind: u8, typed: bool) -> Vec<u8> {
    let mut body = vec![0, 0, 0, kind];
    if typed {
        body.extend([0, 0, 0, 1, 0, 0, 0, CONTENT_TYPE.len() as u8]);
        body.extend(CONTENT_TYPE);
    }
    let mut frame = vec![0, 0, 0, 0, 0, 0, 0, body.len() as u8];
    frame.extend(body);
    frame
}

fn bytes(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut field = vec![tag << 3 | 2];
    assert!(value.len() < 128 * 128);
    if value.len() > 127 {
        field.push(value.len() as u8 | 0x80);
        field.push((value.len() >> 7) as u8);
    } else {
        field.push(value.len() as u8);
    }
    field.extend(value);
    field
}

fn dns(id: u8, response: bool) -> Vec<u8> {
    let head = [0, id, if response { 0x81 } else { 1 }, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    [&head[..], b"\x01a\x07example\x00\x00\x01\x00\x01"].concat()
}

/// A data frame: kind, seconds of the query, seconds of the response.
fn frame(kind: u8, id: u8, asked: Option<u8>, told: Option<u8>) -> Vec<u8> {
    let mut message = vec![1 << 3, kind, 2 << 3, 1, 3 << 3, 3];
    message.extend(bytes(4, &[192, 0, 2, 1]));
    message.extend(bytes(5, &[198, 51, 100, 53]));
    message.extend([6 << 3, 0xE8, 0x07]); // port 1000
    message.extend([7 << 3, 53]);
    for (number, seconds) in [(8u8, asked), (12, told)] {
        if let Some(seconds) = seconds {
            message.extend([number << 3, seconds]);
            message.extend([(number + 1) << 3 | 5, 0x88, 0x13, 0, 0]); // 5000 ns
        }
    }
    let response = kind.is_multiple_of(2);
    message.extend(bytes(if response { 14 } else { 10 }, &dns(id, response)));
    let mut data = bytes(1, b"ns\"1");
    data.extend(bytes(14, &message));
    data.extend([15 << 3, 1]);
    [&(data.len() as u32).to_be_bytes()[..], &data].concat()
}

fn read(stream: &[u8], size: usize) -> (Decoder, Vec<RecordBatch>) {
    let mut decoder = Decoder::new(None);
    for piece in stream.chunks(size) {
        decoder.push(0, piece).expect("dnstap");
    }
    decoder.close(0);
    let rows = decoder.take(&Labels::default(), true);
    (decoder, rows)
}

fn outcome(decoder: &Decoder, outcome: Outcome) -> u64 {
    decoder.account().outcomes[outcome as usize]
}

#[test]
fn a_query_and_its_response_are_one_row() {
    let stream = [
        control(2, true),
        frame(CLIENT_QUERY, 1, Some(100), None),
        frame(CLIENT_RESPONSE, 1, Some(100), Some(103)),
        control(3, false),
    ];
    let (_, rows) = read(&stream.concat(), usize::MAX);
    let batch = &rows[0];
    assert_eq!(batch.num_rows(), 1);
    assert_eq!(batch["rtt_us"].as_primitive::<Int64Type>().value(0), 3_000_000);
    assert_eq!(batch["row_in_src"].as_primitive::<Int64Type>().value(0), 42);
    assert_eq!(batch["src_lo"].as_primitive::<Int64Type>().value(0), 0xFFFF_C000_0201);
    let transport = batch["transport"].as_dictionary::<Int8Type>();
    let names = transport.values().as_string::<i32>();
    assert_eq!(names.value(transport.keys().value(0) as usize), "tls");
    assert_eq!(
        batch["ext"].as_string::<i32>().value(0),
        r#"{"dnstap":"CLIENT","identity":"ns\"1"}"#
    );
}

/// BIND may be told to write responses only; they say when the query came.
#[test]
fn a_response_alone_knows_its_travel_time() {
    let stream = [control(2, true), frame(CLIENT_RESPONSE, 1, Some(100), Some(103))];
    let (_, rows) = read(&stream.concat(), usize::MAX);
    assert_eq!(rows[0]["rtt_us"].as_primitive::<Int64Type>().value(0), 3_000_000);
    assert!(rows[0]["req_len"].is_null(0));
    let stream = [control(2, true), frame(CLIENT_RESPONSE, 1, None, Some(103))];
    let (_, rows) = read(&stream.concat(), usize::MAX);
    assert!(rows[0]["rtt_us"].is_null(0));
}

/// fstrm, "Frame Streams control frames": READY is answered by ACCEPT, STOP by FINISH.
#[test]
fn a_sender_is_answered() {
    let mut decoder = Decoder::new(None);
    assert_eq!(decoder.push(1, &control(4, true)), Ok(control(1, true)));
    assert_eq!(decoder.push(1, &control(2, true)), Ok(vec![]));
    assert_eq!(decoder.push(1, &frame(CLIENT_QUERY, 1, Some(1), None)), Ok(vec![]));
    assert_eq!(decoder.push(1, &control(3, false)), Ok(control(5, false)));
    assert_eq!(outcome(&decoder, Outcome::Dns), 1);
}

#[test]
fn other_streams_are_refused() {
    let other = [&[0, 0, 0, 0, 0, 0, 0, 18, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 6][..], b"text:x"];
    assert_eq!(Decoder::new(None).push(0, &other.concat()), Err(NotDnstap));
    assert_eq!(Decoder::new(None).push(0, b"GET / HTTP/1.1\r\n"), Err(NotDnstap));
    assert!(is_dnstap(&control(2, true)) && is_dnstap(&control(4, true)));
    assert!(!is_dnstap(&other.concat()) && !is_dnstap(b"") && !is_dnstap(&control(3, false)));
}

#[test]
fn one_damaged_frame_costs_itself() {
    let good = |id| frame(CLIENT_QUERY, id, Some(100), None);
    let mut bad = good(2);
    bad[4] = 0xFF; // no field begins so
    let mut long = good(3);
    long[1] = 0x7F; // a length beyond all measure
    let stream = [control(2, true), good(1), bad, good(4), long, good(5), good(6)].concat();
    for size in [1, 13, stream.len()] {
        let (decoder, rows) = read(&stream, size);
        assert_eq!(rows[0].num_rows(), 4, "pieces of {size}");
        assert_eq!(outcome(&decoder, Outcome::Dns), 4);
        assert_eq!(outcome(&decoder, Outcome::MalformedFrame), 2);
        assert!(decoder.account().damaged);
        assert_eq!(decoder.account(), read(&stream, usize::MAX).0.account());
    }
}

#[test]
fn a_cut_anywhere_is_told_and_cuts_do_not_show() {
    let frames: Vec<_> = (0..5).map(|id| frame(CLIENT_QUERY, id, Some(100 + id), None)).collect();
    let stream = [control(2, true), frames.concat()].concat();
    let (_, whole) = read(&stream, usize::MAX);
    for at in 42..stream.len() {
        let (decoder, rows) = read(&stream[..at], 11);
        let kept: usize = rows.iter().map(RecordBatch::num_rows).sum();
        assert_eq!(kept as u64, outcome(&decoder, Outcome::Dns));
        let inside = (at - 42) % frames[0].len() > 0;
        assert_eq!(outcome(&decoder, Outcome::CutFrame), u64::from(inside), "cut at {at}");
        if kept > 0 {
            assert_eq!(rows[0], whole[0].slice(0, kept));
        }
    }
}
