//! Damaged datagrams: nothing panics, the counters add up, whole records are kept.

mod built;

use built::{EXPORT_US, EXPORTER, decode, ipfix, numbers, push, set, shorts, template, v9, words};
use kaname_flows::account::Outcome;
use kaname_flows::decoder::Decoder;
use kaname_flows::rows::Labels;

const FIELDS: [(u16, u16); 6] = [(8, 4), (12, 4), (1, 8), (22, 4), (21, 4), (4, 1)];
const LENGTH: usize = 25;

fn record(octets: u8) -> Vec<u8> {
    [words(&[octets.into(), 2, 0, octets.into(), 1, 2]), vec![17]].concat()
}

fn records() -> Vec<u8> {
    (1..=10).flat_map(record).collect()
}

fn known() -> Vec<u8> {
    template(300, &FIELDS)
}

fn outcomes_add_up(decoder: &mut Decoder) {
    decoder.finish();
    let rows = decoder.take_rows().into_batch(&Labels::default());
    let report = &decoder.out.report;
    assert_eq!(report.outcomes[Outcome::Flow as usize], rows.num_rows() as u64);
    assert_eq!(report.records(), report.outcomes.iter().sum::<u64>());
    assert_eq!(decoder.out.waiting, 0);
}

#[test]
fn records_before_a_cut_are_kept() {
    for (head, whole) in [
        (20 + 4, v9(0, 1, 7, &[set(300, &records())])),
        (16 + 4, ipfix(1, 7, &[set(300, &records())])),
    ] {
        let netflow = whole[1] == 9;
        let templates = if netflow {
            v9(0, 0, 7, &[set(0, &known())])
        } else {
            ipfix(1, 7, &[set(2, &known())])
        };
        for length in 0..=whole.len() {
            let (mut decoder, rows) = decode(&[templates.clone(), whole[..length].to_vec()]);
            let expected = length.saturating_sub(head) / LENGTH;
            assert_eq!(rows.num_rows(), expected, "{length} of {} bytes", whole.len());
            let octets = numbers(&rows, "octets");
            assert_eq!(octets, (1..=expected as i64).collect::<Vec<_>>());
            let cut = decoder.out.report.damaged;
            // Up to three bytes behind the last set are taken for padding of NetFlow v9.
            let padding = netflow && (head - 4..head).contains(&length);
            assert_eq!(cut, length > 1 && length < whole.len() && !padding, "{length}");
            decoder.finish();
            assert_eq!(decoder.out.waiting, 0);
        }
    }
}

#[test]
fn mutations_neither_panic_nor_lose_count() {
    let options = [shorts(&[400, 4, 8]), shorts(&[1, 4, 48, 1, 50, 2])].concat();
    let sampler = [words(&[0]), vec![1, 0, 100]].concat();
    let message = v9(
        5000,
        1,
        7,
        &[set(0, &known()), set(1, &options), set(400, &sampler), set(300, &records())],
    );
    let variable = [shorts(&[301, 3]), shorts(&[8, 4, 12, 4, 96, 0xffff])].concat();
    let names = [words(&[1, 2]), vec![3, b'd', b'n', b's']].concat().repeat(8);
    let other =
        ipfix(1, 7, &[set(2, &variable), set(2, &known()), set(301, &names), set(300, &records())]);
    let mut state = 1u64;
    let mut draw = move || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) as usize
    };
    for _ in 0..500 {
        let mut decoder = Decoder::new(true, 16);
        for original in [&message, &other, &message] {
            let mut data = original.clone();
            for _ in 0..=draw() % 6 {
                let at = draw() % data.len();
                data[at] = [0, 1, 0xff, draw() as u8][draw() % 4];
            }
            data.truncate(data.len() - draw() % 2 * (draw() % data.len()));
            push(&mut decoder, &data, EXPORTER, EXPORT_US);
        }
        outcomes_add_up(&mut decoder);
    }
}

#[test]
fn lengths_that_lead_nowhere_end_the_message() {
    for sets in [
        vec![shorts(&[300, 0])],
        vec![shorts(&[300, 3])],
        vec![set(0, &shorts(&[300, 0xffff]))],
        vec![set(0, &template(300, &[(8, 0), (12, 0)]))],
        vec![set(0, &template(255, &FIELDS))],
        vec![set(17, &[0; 8])],
    ] {
        let (decoder, rows) = decode(&[v9(0, 1, 7, &sets)]);
        assert_eq!(rows.num_rows(), 0);
        assert_eq!(decoder.out.report.outcomes[Outcome::Malformed as usize], 1, "{sets:?}");
    }
}

#[test]
fn what_is_no_export_is_not_taken() {
    let mut decoder = Decoder::new(true, 16);
    for data in [b"".as_slice(), b"\0", b"GET / HTTP/1.1", b"\0\0\0\x04"] {
        let export = kaname_flows::message::Export {
            data,
            exporter: EXPORTER,
            received_us: EXPORT_US,
            base: None,
        };
        assert!(!decoder.push(&export));
    }
    assert_eq!(decoder.out.report.records(), 0);
}
