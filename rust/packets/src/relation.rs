//! Relations between the header fields of a probe and where it goes: one bit each.
//!
//! A stateless scanner has to recognise the answers to its probes, so it derives a field
//! of the probe from the destination. Mirai and masscan are known for theirs; the list
//! here is of such relations in general, so that a tool nobody has listed can be found by
//! the relation that all of its probes satisfy. Sources: Mirai `scanner.c` (seq = dst),
//! masscan `src/templ-pkt.c` (id = dst ^ port ^ seq), zmap `src/probe_modules`.
//!
//! Probes are TCP SYNs, UDP requests and echo requests over IPv4; what is no probe is not
//! judged. An absolute relation says something of one packet. A relative one says that a
//! value computed from field and destination is the same as in the first probe of the
//! same packet type by this source in this minute. That first probe is neutral: it
//! neither sets nor clears a relative bit, as [`crate::fingerprint::SAME_SEQ`] has it.
//! Neutral is also a relative bit with the destination that holds because the destination
//! is the first one again, or retransmissions would look like a tool. Where the value is
//! constant because an absolute relation holds, only that one is set.

use crate::packet::{Packet, mark};
use crate::ptype;

/// A relation, and how rarely it holds by chance: once in `2^exponent` packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    pub name: &'static str,
    pub exponent: u8,
    pub relative: bool,
}

const fn absolute(name: &'static str, exponent: u8) -> Relation {
    Relation { name, exponent, relative: false }
}

const fn relative(name: &'static str, exponent: u8) -> Relation {
    Relation { name, exponent, relative: true }
}

/// All relations; the index is the bit. `seq`, `id`, `sport`, `dport`, `dst` are header
/// fields; `swapped` reverses the bytes, `low` and `high` are halves, `folded` is the one
/// half exclusive-or the other.
pub const RELATIONS: [Relation; 31] = [
    absolute("seq_is_dst", 32),
    absolute("seq_is_dst_swapped", 32),
    absolute("seq_is_dst_inverted", 32),
    absolute("seq_is_dst_swapped_inverted", 32),
    absolute("seq_is_dst_halves_swapped", 32),
    absolute("seq_is_dst_rotated_8", 32),
    absolute("seq_is_dst_rotated_24", 32),
    absolute("seq_is_dst_xor_dport", 32),
    absolute("seq_is_dst_plus_dport", 32),
    absolute("seq_is_ports", 32),
    absolute("seq_low_is_dst_low", 16),
    absolute("seq_high_is_dst_high", 16),
    absolute("seq_high_is_dport", 16),
    absolute("seq_low_is_dport", 16),
    absolute("id_is_dst_low", 16),
    absolute("id_is_dst_high", 16),
    absolute("id_is_dst_low_swapped", 16),
    absolute("id_is_dst_folded", 16),
    absolute("id_is_dst_xor_dport", 16),
    absolute("id_is_dst_xor_dport_xor_seq", 16),
    absolute("id_is_dport", 16),
    absolute("id_is_seq_low", 16),
    absolute("sport_is_dst_low", 16),
    absolute("sport_is_dst_folded", 16),
    absolute("sport_is_dport", 16),
    relative("seq_xor_dst", 32),
    relative("seq_minus_dst", 32),
    relative("seq_xor_dst_swapped", 32),
    relative("id_constant", 16),
    relative("id_xor_dst_low", 16),
    relative("sport_xor_dst_low", 16),
];

/// Value of the column `inv_all` for a row that was not judged; bits never make it.
pub const UNJUDGED: i32 = -1;

const ABSOLUTE: u32 = 25;
const OF_SEQ: u32 = bits_of(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 19, 21, 25, 26, 27]);
const OF_PORTS: u32 = bits_of(&[7, 8, 9, 12, 13, 18, 19, 20, 22, 23, 24, 30]);
const ALL: u32 = (1 << RELATIONS.len()) - 1;
const ID_CONSTANT: u32 = 1 << 28;

const fn bits_of(places: &[u32]) -> u32 {
    let mut bits = 0;
    let mut at = 0;
    while at < places.len() {
        bits |= 1 << places[at];
        at += 1;
    }
    bits
}

/// The relations that packets of this kind can have; 0 for what is no probe over IPv4.
#[inline]
#[must_use]
pub fn judged(packet: &Packet) -> u32 {
    if packet.has(mark::IPV6) {
        return 0;
    }
    match packet.ptype {
        ptype::TCP_SYN => ALL,
        ptype::UDP if packet.has(mark::PORTS) => ALL & !OF_SEQ,
        ptype::ICMP_ECHO_REQUEST => ALL & !OF_SEQ & !OF_PORTS,
        _ => 0,
    }
}

/// Absolute relations of a packet, whatever its kind.
#[inline]
#[must_use]
pub fn of_packet(packet: &Packet) -> u32 {
    let Packet { seq, dst, .. } = *packet;
    let (dport, sport) = (u32::from(packet.port), u32::from(packet.sport));
    let words = [
        dst,
        dst.swap_bytes(),
        !dst,
        !dst.swap_bytes(),
        dst.rotate_left(16),
        dst.rotate_left(8),
        dst.rotate_left(24),
        dst ^ dport,
        dst.wrapping_add(dport),
        sport << 16 | dport,
    ];
    of_words(seq, words) | of_halves(packet)
}

#[inline]
fn of_words(seq: u32, words: [u32; 10]) -> u32 {
    let held = words.iter().enumerate();
    held.fold(0, |bits, (place, word)| bits | u32::from(*word == seq) << place)
}

/// The relations of 16 bits: bits 10 to 24.
#[inline]
fn of_halves(packet: &Packet) -> u32 {
    let Packet { seq, dst, ip_id: id, sport, port: dport, .. } = *packet;
    let (seq_low, seq_high) = (seq as u16, (seq >> 16) as u16);
    let (low, high) = (dst as u16, (dst >> 16) as u16);
    let pairs = [
        (seq_low, low),
        (seq_high, high),
        (seq_high, dport),
        (seq_low, dport),
        (id, low),
        (id, high),
        (id, low.swap_bytes()),
        (id, low ^ high),
        (id, low ^ dport),
        (id, low ^ dport ^ seq_low),
        (id, dport),
        (id, seq_low),
        (sport, low),
        (sport, low ^ high),
        (sport, dport),
    ];
    let held = pairs.iter().enumerate();
    held.fold(0, |bits, (place, (one, other))| bits | u32::from(one == other) << (10 + place))
}

/// Relative relations of a packet that is not the first: those that hold, and those that
/// it neither sets nor clears.
#[inline]
#[must_use]
pub fn compare(packet: &Packet, first: &Packet) -> (u32, u32) {
    let of = |each: &Packet| {
        let (Packet { seq, dst, .. }, low) = (*each, each.dst as u16);
        let words = [seq ^ dst, seq.wrapping_sub(dst), seq ^ dst.swap_bytes()];
        (words, [each.ip_id, each.ip_id ^ low, each.sport ^ low])
    };
    let ((words, halves), (first_words, first_halves)) = (of(packet), of(first));
    // A constant of no or all bits makes it an absolute relation, which has a bit of its own.
    let own = |place: usize| !matches!(words[place], 0 | u32::MAX);
    let held = [
        words[0] == first_words[0] && own(0),
        words[1] == first_words[1] && own(1),
        words[2] == first_words[2] && own(2),
        halves[0] == first_halves[0],
        halves[1] == first_halves[1] && halves[1] != 0,
        halves[2] == first_halves[2] && halves[2] != 0,
    ];
    let places = held.iter().zip(ABSOLUTE..);
    let bits = places.fold(0, |bits, (held, place)| bits | u32::from(*held) << place);
    if packet.dst == first.dst { (bits & ID_CONSTANT, bits & !ID_CONSTANT) } else { (bits, 0) }
}

/// Bits of all relative relations: what the first packet is neutral to.
pub const RELATIVE: u32 = ALL & !((1 << ABSOLUTE) - 1);

#[cfg(test)]
mod tests;
