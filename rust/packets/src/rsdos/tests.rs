//! Attacks whose numbers are worked out by hand from the rules.

use super::{Attack, Detector};
use crate::packet::{Decoded, Packet, Quoted, mark};
use crate::ptype;

/// An aligned interval begins here (1,200,000,000 = 20,000,000 x 60).
const T0: i64 = 1_200_000_000;
const VICTIM: u32 = 0xc000_0201;
const DARK: u32 = 0xc612_0000;

/// Watches SYN-ACKs (two flags) of the victim at these seconds after `T0`.
fn answers(detector: &mut Detector, seconds: impl IntoIterator<Item = i64>) {
    for second in seconds {
        tcp(detector, second, 18);
    }
}

fn tcp(detector: &mut Detector, second: i64, bits: u16) {
    let mut packet = Packet {
        src: VICTIM,
        dst: DARK + second as u32 % 7,
        proto: 6,
        sport: 80,
        length: 44,
        ptype: ptype::TCP_OTHER,
        ..Packet::default()
    };
    let mut decoded = Decoded::at(&mut packet);
    decoded.detail.tcp_bits = bits;
    decoded.detail.dport = 1000 + second as u16 % 5;
    detector.see((T0 + second) * 1_000_000, &decoded);
}

/// Any packet: it does nothing but move time on.
fn other(detector: &mut Detector, second: i64) {
    let mut packet = Packet { proto: 17, ptype: ptype::UDP_ANSWER, ..Packet::default() };
    detector.see((T0 + second) * 1_000_000, &Decoded::at(&mut packet));
}

fn icmp(detector: &mut Detector, second: i64, kind: u16, inner: Option<(u8, u32)>) {
    let mut packet = Packet {
        src: 0x0a00_0001,
        dst: DARK,
        proto: 1,
        port: kind << 8 | 1,
        length: 56,
        ptype: if kind == 0 { ptype::ICMP_ECHO_REPLY } else { ptype::ICMP_OTHER },
        ..Packet::default()
    };
    if let Some((proto, _)) = inner {
        packet.marks = mark::VICTIM;
        (packet.victim, packet.victim_proto) = (VICTIM, proto);
    }
    let mut decoded = Decoded::at(&mut packet);
    let src = inner.map_or(0, |(_, src)| src);
    decoded.detail.quoted = Quoted { src, sport: 4000, dport: 53 };
    detector.see((T0 + second) * 1_000_000, &decoded);
}

fn counts(attacks: &[Attack]) -> Vec<(i64, u8, u64, u32)> {
    let short = |a: &Attack| (a.ts_us / 1_000_000 - T0, a.proto, a.packets, a.most_ppm);
    attacks.iter().map(short).collect()
}

#[test]
fn a_vector_is_reported_once_it_has_rate_packets_and_duration() {
    let mut detector = Detector::default();
    answers(&mut detector, (0..30).map(|n| 1 + 2 * n)); // 30 packets until second 59
    other(&mut detector, 60);
    assert_eq!(detector.take(), []); // only 58 s
    answers(&mut detector, [61]);
    other(&mut detector, 120);
    // The rate is the highest so far; 61 - 1 = 60 s.
    let attack = Attack {
        ts_us: (T0 + 60) * 1_000_000,
        victim: VICTIM,
        proto: 6,
        offset: 0,
        first_us: (T0 + 1) * 1_000_000,
        last_us: (T0 + 61) * 1_000_000,
        packets: 31,
        octets: 31 * 44,
        most_ppm: 30,
        mismatches: 0,
        destinations: 7,
        attack_ports: 5,
        target_ports: 1,
        attack_port: 1001,
        target_port: 80,
    };
    assert_eq!(detector.take(), [attack]);
}

#[test]
fn windows_slide_over_the_end_of_an_interval() {
    let mut detector = Detector::default();
    // 15 until second 58 and 15 from second 60 on: 30 in the window from 30 to 90.
    answers(&mut detector, (0..15).map(|n| 30 + 2 * n));
    answers(&mut detector, (0..15).map(|n| 60 + 2 * n));
    answers(&mut detector, [95]);
    other(&mut detector, 120);
    assert_eq!(counts(&detector.take()), [(60, 6, 31, 30)]);
    // From 35 to 93 there are 30 within 60 s as well, but no window begins at 35.
    let mut detector = Detector::default();
    answers(&mut detector, (0..30).map(|n| 35 + 2 * n));
    answers(&mut detector, [96]);
    other(&mut detector, 120);
    assert_eq!(detector.take(), []);
}

#[test]
fn a_rate_below_the_bound_is_no_attack() {
    let mut detector = Detector::default();
    for minute in 0..10 {
        answers(&mut detector, (0..29).map(|n| 60 * minute + 2 * n));
    }
    detector.finish();
    assert_eq!(detector.take(), []);
}

#[test]
fn the_last_interval_is_reported_at_the_end_of_the_capture() {
    let mut detector = Detector::default();
    answers(&mut detector, 0..65);
    detector.finish();
    assert_eq!(counts(&detector.take()), [(60, 6, 65, 60)]);
}

#[test]
fn a_vector_without_a_packet_in_an_interval_is_forgotten() {
    let mut detector = Detector::default();
    answers(&mut detector, 0..100);
    answers(&mut detector, 180..300); // none from 120 to 179
    other(&mut detector, 300);
    let found = counts(&detector.take());
    // anew from second 180: at its end the first interval of it has lasted 59 s only
    assert_eq!(found, [(60, 6, 100, 60), (240, 6, 120, 60)]);
}

#[test]
fn errors_count_for_the_victim_that_they_quote() {
    let mut detector = Detector::default();
    for second in 0..70 {
        icmp(&mut detector, second, 3, Some((6, DARK)));
        icmp(&mut detector, second, 11, Some((17, DARK + u32::from(second < 8))));
        icmp(&mut detector, second, 3, Some((47, DARK))); // what is neither of three
        icmp(&mut detector, second, 0, None);
        icmp(&mut detector, second, 8, None); // an echo request
    }
    detector.finish();
    let attacks = detector.take();
    assert_eq!(counts(&attacks), [(60, 1, 70, 60), (60, 6, 70, 60), (60, 17, 70, 60)]);
    assert_eq!(attacks.iter().map(|a| a.mismatches).collect::<Vec<_>>(), [0, 0, 8]);
    let victims: Vec<_> = attacks.iter().map(|attack| attack.victim).collect();
    assert_eq!(victims, [0x0a00_0001, VICTIM, VICTIM]);
    assert_eq!((attacks[1].attack_port, attacks[1].target_port), (4000, 53));
    assert_eq!((attacks[0].attack_port, attacks[0].target_port), (1, 0));
}

#[test]
fn distinct_numbers_are_counted_however_many() {
    let mut set = super::Distinct::One(0);
    for value in (0..1000).chain(0..1000) {
        set.add(value * 7 % 1000);
        set.add(value);
    }
    assert_eq!(set.len(), 1000);
    let mut few = super::Distinct::One(5);
    for value in [5, 6, 5, 7] {
        few.add(value);
    }
    assert_eq!(few.len(), 3);
}

#[test]
fn answers_are_told_by_their_flags() {
    let reported = |bits: u16| {
        let mut detector = Detector::default();
        (0..70).for_each(|second| tcp(&mut detector, second, bits));
        detector.finish();
        detector.take().len()
    };
    // SYN-ACK, SYN-ACK-ECE, RST, RST-ACK; SYN, ACK, FIN-ACK
    assert_eq!([18, 82, 4, 20].map(reported), [1, 1, 1, 1]);
    assert_eq!([2, 16, 17].map(reported), [0, 0, 0]);
}

#[test]
fn late_packets_do_not_count_and_a_clock_set_back_begins_anew() {
    let mut detector = Detector::default();
    answers(&mut detector, 0..70);
    answers(&mut detector, [59, 30]); // late
    other(&mut detector, 120);
    assert_eq!(counts(&detector.take()), [(60, 6, 70, 60)]);
    answers(&mut detector, -3600..-3530);
    detector.finish();
    assert_eq!(counts(&detector.take()), [(-3540, 6, 70, 60)]);
}

#[test]
fn a_jump_of_a_thousand_years_ends_one_interval() {
    let mut detector = Detector::default();
    answers(&mut detector, 0..70);
    other(&mut detector, 31_557_600_000);
    assert_eq!(counts(&detector.take()), [(60, 6, 70, 60)]);
    assert!(detector.vectors.is_empty());
}

#[test]
fn time_alone_ends_an_interval() {
    let mut detector = Detector::default();
    answers(&mut detector, 0..70);
    detector.end_before((T0 + 119) * 1_000_000);
    assert_eq!(detector.take(), []);
    detector.end_before((T0 + 120) * 1_000_000);
    assert_eq!(counts(&detector.take()), [(60, 6, 70, 60)]);
}
