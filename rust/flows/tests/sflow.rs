//! sFlow v5 by hand-built datagrams, after "sFlow Version 5" (sflow.org, 2004).

mod built;

use built::{EXPORT_US, column, count, decode, numbers, words};
use kaname_flows::account::{Note, Outcome};

const AGENT: u32 = 0xc000_0207;
const MAPPED: i64 = 0xffff << 32;

/// A structure: format, length, body padded to words.
fn structure(format: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let mut out = [words(&[format, padded as u32]), body.to_vec()].concat();
    out.resize(8 + padded, 0);
    out
}

fn datagram(sequence: u32, samples: &[Vec<u8>]) -> Vec<u8> {
    let head = words(&[5, 1, AGENT, 3, sequence, 1000, samples.len() as u32]);
    [head, samples.concat()].concat()
}

/// Ethernet with a tag of VLAN 77, IPv4, TCP SYN from port 1234 to 443; 60 bytes of IP.
fn frame() -> Vec<u8> {
    let tagged = [vec![0; 12], vec![0x81, 0, 0, 77, 8, 0]].concat();
    let ip = words(&[0x4500_003c, 0, 0x4006_0000, 0xc633_6407, 0xcb00_7109]);
    let tcp = words(&[0x04d2_01bb, 1, 0, 0x5002_0000, 0]);
    [tagged, ip, tcp].concat()
}

fn raw(protocol: u32, header: &[u8]) -> Vec<u8> {
    let head = words(&[protocol, 82, 4, header.len() as u32]);
    structure(1, &[head, header.to_vec()].concat())
}

fn sample(sequence: u32, records: &[Vec<u8>]) -> Vec<u8> {
    let head = words(&[sequence, 9, 512, 1000, 0, 5, 6, records.len() as u32]);
    structure(1, &[head, records.concat()].concat())
}

#[test]
fn a_sample_with_switch_and_gateway_has_all_its_columns() {
    let switch = structure(1001, &words(&[10, 0, 20, 0]));
    // next hop, own AS, source AS, its peer, a path of one sequence of two, no communities
    let gateway = words(&[1, 0x0a00_0001, 64500, 64501, 64502, 1, 2, 2, 64503, 64504, 0, 100]);
    let records = [raw(1, &frame()), switch, structure(1003, &gateway)];
    let (decoder, rows) = decode(&[datagram(1, &[sample(1, &records)])]);
    let expected = [
        ("ts", EXPORT_US),
        ("src_lo", MAPPED | 0xc633_6407),
        ("dst_lo", MAPPED | 0xcb00_7109),
        ("sport", 1234),
        ("dport", 443),
        ("proto", 6),
        ("tcp_bits", 2),
        ("packets", 1),
        ("octets", 60),
        ("sampling", 512),
        ("in_if", 5),
        ("out_if", 6),
        ("vlan", 10),
        ("src_as", 64501),
        ("dst_as", 64504),
        ("exporter_lo", MAPPED | i64::from(AGENT)),
        ("obs_domain", 3),
    ];
    for (name, value) in expected {
        assert_eq!(numbers(&rows, name), [value], "{name}");
    }
    assert_eq!(decoder.out.report.records(), 1);
}

#[test]
fn expanded_samples_tell_the_format_of_an_interface_apart() {
    let records = raw(1, &frame());
    let head = words(&[1, 0, 9, 100, 1, 0, 0, 70_000, 1, 0, 1]);
    let expanded = structure(3, &[head, records].concat());
    let (_, rows) = decode(&[datagram(1, &[expanded])]);
    assert_eq!(numbers(&rows, "in_if"), [70_000]);
    assert_eq!(column(&rows, "out_if"), [None]); // format 1: discarded
    assert_eq!(numbers(&rows, "vlan"), [77]);
}

#[test]
fn records_of_ip_stand_in_for_a_header() {
    let source = 0x2001_0db8_u128 << 96 | 1;
    let ends = [source.to_be_bytes(), (source + 1).to_be_bytes()].concat();
    let ipv6 = [words(&[1280, 17]), ends, words(&[53, 4000, 0, 0])].concat();
    let ipv4 = words(&[40, 6, 1, 2, 80, 90, 0x12, 0]);
    let samples = [sample(1, &[structure(4, &ipv6)]), sample(2, &[structure(3, &ipv4)])];
    let (_, rows) = decode(&[datagram(1, &samples)]);
    assert_eq!(numbers(&rows, "octets"), [1280, 40]);
    assert_eq!(numbers(&rows, "src_hi"), [0x2001_0db8 << 32, 0]);
    assert_eq!(numbers(&rows, "sport"), [53, 80]);
    assert_eq!(numbers(&rows, "tcp_bits"), [0, 0x12]);
}

#[test]
fn what_is_no_ip_and_counters_are_counted() {
    let arp = [vec![0; 12], vec![8, 6], vec![0; 28]].concat();
    let samples = [sample(1, &[raw(1, &arp)]), structure(2, &[0; 20]), structure(4, &[0; 20])];
    let (decoder, rows) = decode(&[datagram(1, &samples)]);
    assert_eq!(rows.num_rows(), 0);
    assert_eq!(count(&decoder.out.report, Outcome::NotFlow), 1);
    assert_eq!(count(&decoder.out.report, Outcome::Counter), 2);
}

#[test]
fn datagrams_and_samples_that_are_missing_are_counted() {
    let one = |number, sequence| datagram(number, &[sample(sequence, &[raw(1, &frame())])]);
    let (decoder, _) = decode(&[one(1, 10), one(2, 11), one(5, 17)]);
    assert_eq!(decoder.out.report.notes[Note::Lost as usize], 2);
    assert_eq!(decoder.out.report.notes[Note::SamplesLost as usize], 5);
}

#[test]
fn samples_before_a_cut_are_kept() {
    let samples: Vec<_> = (1..=5).map(|number| sample(number, &[raw(1, &frame())])).collect();
    let (whole, length) = (datagram(1, &samples), samples[0].len());
    for end in 28..=whole.len() {
        let (decoder, rows) = decode(&[whole[..end].to_vec()]);
        assert_eq!(rows.num_rows(), (end - 28) / length, "{end} of {} bytes", whole.len());
        assert_eq!(decoder.out.report.damaged, end < whole.len());
    }
}
