//! One probe a relation, its fields worked out by hand for 198.18.1.2 (0xc6120102), port 23.

use super::{RELATIONS, RELATIVE, compare, judged, of_packet};
use crate::packet::{Packet, mark};
use crate::ptype;

const DST: u32 = 0xc612_0102;

fn probe(seq: u32, id: u16, sport: u16) -> Packet {
    Packet {
        dst: DST,
        seq,
        ip_id: id,
        sport,
        port: 23,
        ptype: ptype::TCP_SYN,
        marks: mark::PORTS | mark::SEQ,
        ..Packet::default()
    }
}

fn names(bits: u32) -> Vec<&'static str> {
    let held = RELATIONS.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
    held.map(|(_, relation)| relation.name).collect()
}

/// Values that satisfy nothing by themselves.
const SEQ: u32 = 0x7777_7777;
const ID: u16 = 0x9999;
const SPORT: u16 = 0xabcd;

#[test]
fn sequence_numbers_of_the_destination() {
    let cases: [(u32, &[&str]); 15] = [
        (0xc612_0102, &["seq_is_dst", "seq_low_is_dst_low", "seq_high_is_dst_high"]),
        (0x0201_12c6, &["seq_is_dst_swapped"]),
        (0x39ed_fefd, &["seq_is_dst_inverted"]),
        (0xfdfe_ed39, &["seq_is_dst_swapped_inverted"]),
        (0x0102_c612, &["seq_is_dst_halves_swapped"]),
        (0x1201_02c6, &["seq_is_dst_rotated_8"]),
        (0x02c6_1201, &["seq_is_dst_rotated_24"]),
        (0xc612_0115, &["seq_is_dst_xor_dport", "seq_high_is_dst_high"]),
        (0xc612_0119, &["seq_is_dst_plus_dport", "seq_high_is_dst_high"]),
        (0xabcd_0017, &["seq_is_ports", "seq_low_is_dport"]),
        (0x1234_0102, &["seq_low_is_dst_low"]),
        (0xc612_1234, &["seq_high_is_dst_high"]),
        (0x0017_1234, &["seq_high_is_dport"]),
        (0x1234_0017, &["seq_low_is_dport"]),
        (SEQ, &[]),
    ];
    for (seq, expected) in cases {
        assert_eq!(names(of_packet(&probe(seq, ID, SPORT))), expected, "{seq:08x}");
    }
}

#[test]
fn identifications_and_source_ports_of_the_destination() {
    let cases: [(u16, u16, &[&str]); 11] = [
        (0x0102, SPORT, &["id_is_dst_low"]),
        (0xc612, SPORT, &["id_is_dst_high"]),
        (0x0201, SPORT, &["id_is_dst_low_swapped"]),
        (0xc710, SPORT, &["id_is_dst_folded"]),
        (0x0115, SPORT, &["id_is_dst_xor_dport"]),
        (0x7662, SPORT, &["id_is_dst_xor_dport_xor_seq"]),
        (0x0017, SPORT, &["id_is_dport"]),
        (0x7777, SPORT, &["id_is_seq_low"]),
        (ID, 0x0102, &["sport_is_dst_low"]),
        (ID, 0xc710, &["sport_is_dst_folded"]),
        (ID, 23, &["sport_is_dport"]),
    ];
    for (id, sport, expected) in cases {
        assert_eq!(names(of_packet(&probe(SEQ, id, sport))), expected, "{id:04x} {sport:04x}");
    }
}

#[test]
fn relative_relations_compare_with_the_first_probe() {
    // 198.19.128.9; the first has seq 0x77777777.
    let other = |seq, id, sport| Packet { dst: 0xc613_8009, ..probe(seq, id, sport) };
    let first = probe(SEQ, ID, SPORT);
    // 0x77777777 ^ 0xc6120102 ^ 0xc6138009
    let cases: [(u32, u16, u16, &[&str]); 7] = [
        (0x7776_f67c, 1, 1, &["seq_xor_dst"]),
        // 0x77777777 - 0xc6120102 + 0xc6138009
        (0x7778_f67e, 1, 1, &["seq_minus_dst"]),
        // 0x77777777 ^ 0x020112c6 ^ 0x098013c6
        (0x7cf6_7677, 1, 1, &["seq_xor_dst_swapped"]),
        (1, ID, 1, &["id_constant"]),
        // 0x9999 ^ 0x0102 ^ 0x8009
        (1, 0x1892, 1, &["id_xor_dst_low"]),
        // 0xabcd ^ 0x0102 ^ 0x8009
        (1, 1, 0x2ac6, &["sport_xor_dst_low"]),
        (1, 1, 1, &[]),
    ];
    for (seq, id, sport, expected) in cases {
        let (bits, neutral) = compare(&other(seq, id, sport), &first);
        assert_eq!((names(bits), neutral), (expected.to_vec(), 0));
    }
}

#[test]
fn a_retransmission_is_neutral_to_what_it_cannot_but_satisfy() {
    let first = probe(SEQ, ID, SPORT);
    let (bits, neutral) = compare(&probe(SEQ, ID + 1, SPORT), &first);
    assert!(bits == 0, "{:?}", names(bits));
    let expected = ["seq_xor_dst", "seq_minus_dst", "seq_xor_dst_swapped", "sport_xor_dst_low"];
    assert_eq!(names(neutral), expected);
    let (bits, _) = compare(&probe(SEQ, ID, SPORT), &first);
    assert_eq!(names(bits), ["id_constant"]);
}

#[test]
fn an_absolute_relation_is_not_said_twice() {
    let other = |seq, id, sport| Packet { dst: 0xc613_8009, ..probe(seq, id, sport) };
    for (first, next) in [
        (probe(0xc612_0102, 0x0102, 0x0102), other(0xc613_8009, 0x8009, 0x8009)),
        (probe(0x39ed_fefd, 0x0102, 0x0102), other(0x39ec_7ff6, 0x8009, 0x8009)),
        (probe(0x0201_12c6, 0x0102, 0x0102), other(0x0980_13c6, 0x8009, 0x8009)),
    ] {
        assert_eq!(compare(&next, &first), (0, 0));
    }
}

#[test]
fn only_probes_over_ipv4_are_judged() {
    let of = |ptype, marks| judged(&Packet { ptype, marks, ..Packet::default() });
    let tcp = of(ptype::TCP_SYN, mark::PORTS | mark::SEQ);
    assert_eq!(names(tcp).len(), RELATIONS.len());
    let udp = of(ptype::UDP, mark::PORTS);
    assert!(names(udp).iter().all(|name| !name.contains("seq")));
    assert_eq!(names(tcp & !udp).iter().filter(|name| !name.contains("seq")).count(), 0);
    let echo = of(ptype::ICMP_ECHO_REQUEST, 0);
    let ported = |name: &&str| name.contains("seq") || name.contains("port");
    assert!(!names(echo).iter().any(ported));
    assert_eq!(names(udp & !echo).iter().filter(|name| !ported(name)).count(), 0);
    assert_eq!(of(ptype::TCP_SYN, mark::PORTS | mark::SEQ | mark::IPV6), 0);
    assert_eq!(of(ptype::TCP_SYNACK, mark::PORTS | mark::SEQ), 0);
    assert_eq!(of(ptype::UDP, 0), 0);
}

#[test]
fn relative_bits_are_those_that_the_table_says() {
    let said = RELATIONS.iter().enumerate().filter(|(_, relation)| relation.relative);
    assert_eq!(said.fold(0, |bits, (place, _)| bits | 1 << place), RELATIVE);
}
