//! Attacks seen by their backscatter, by the rules of CAIDA's corsaro3 (RSDoS).
//!
//! A victim of a flood with forged sources answers to the forged ones, some of which are
//! monitored. A vector is one victim under one transport protocol:
//!
//! * the sender of a TCP SYN-ACK or RST;
//! * of an ICMP error (types 3, 4, 5, 11, 12) the destination of the quoted IPv4 header,
//!   under its protocol, if that is ICMP, TCP or UDP; a quoted source other than the
//!   receiver of the error is a mismatch;
//! * the sender of other answers of ICMP (types 0, 14, 16, 18) and of errors without a
//!   whole quoted header, under ICMP.
//!
//! UDP itself is ignored, and so is IPv6. Intervals are 60 s long and aligned; every packet
//! of the capture moves time on, and a packet from before the running interval is not
//! counted. At the end of an interval a vector that had a packet in it is reported if it has
//! had at least [`LEAST_PACKETS`] packets over [`LEAST_US`] and at least [`LEAST_RATE`] in
//! some 60 s (windows begin at multiples of 10 s); a vector without a packet is forgotten.
//! Counts are those since the vector began.
//!
//! These are the rules of `libcorsaro/plugins/corsaro_dos.c` and `corsarotrace.c` at
//! 9e899da with one thread. Where a clock jumps back by more than three intervals, corsaro3
//! counts nothing until the old time is reached again; here counting begins anew. It knows
//! no bound of what it holds; here [`MOST_VECTORS`] are watched at a time.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::packet::{Decoded, mark};
use crate::ptype;

pub const LEAST_PACKETS: u64 = 25;
pub const LEAST_US: i64 = 60 * SECOND_US;
pub const LEAST_RATE: u32 = 30;
pub const MOST_VECTORS: usize = 2_000_000;

const SECOND_US: i64 = 1_000_000;
const INTERVAL_US: i64 = 60 * SECOND_US;
const SLIDE_US: i64 = 10 * SECOND_US;
/// Slides in a window, and in an interval.
const SLIDES: usize = 6;
/// Slides of the interval before that a window of this one can begin in.
const BEFORE: usize = SLIDES - 1;
const FARTHEST_BACK_US: i64 = 3 * INTERVAL_US;

const SYN_ACK: u16 = 2 | 16;
const RST: u16 = 4;
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// What is reported of a vector at the end of an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attack {
    /// Start of the interval.
    pub ts_us: i64,
    pub victim: u32,
    pub proto: u8,
    /// Offset of the record of the first packet.
    pub offset: u64,
    pub first_us: i64,
    pub last_us: i64,
    pub packets: u64,
    pub octets: u64,
    /// Most packets within 60 s, so far.
    pub most_ppm: u32,
    /// ICMP errors whose quoted source is not their receiver.
    pub mismatches: u64,
    /// Monitored addresses that got a packet.
    pub destinations: u64,
    /// Ports that the attack seems to come from, and those it goes to.
    pub attack_ports: u64,
    pub target_ports: u64,
    /// The ports of the first packet.
    pub attack_port: u16,
    pub target_port: u16,
}

/// Watches all packets of a capture, in its order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Detector {
    /// The running interval; it is empty before the first packet.
    start_us: i64,
    end_us: i64,
    #[serde(serialize_with = "sorted", deserialize_with = "from_sorted")]
    vectors: HashMap<Key, Box<Vector>>,
    #[serde(skip)]
    attacks: Vec<Attack>,
}

/// Transport protocol and victim.
type Key = (u8, u32);

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Vector {
    offset: u64,
    first_us: i64,
    /// The latest time at the end of an interval, and that of the last packet.
    last_us: i64,
    latest_us: i64,
    packets: u64,
    octets: u64,
    mismatches: u64,
    most_ppm: u32,
    /// Packets per slide: the end of the interval before, then this one.
    slides: [u32; BEFORE + SLIDES],
    /// The slide that is being counted in.
    slide: u8,
    attack_port: u16,
    target_port: u16,
    destinations: Distinct,
    attack_ports: Distinct,
    target_ports: Distinct,
}

/// A set of numbers that mostly has one, or few.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Distinct {
    One(u32),
    Few(Vec<u32>),
    #[serde(serialize_with = "ascending")]
    Many(HashSet<u32, Mixed>),
}

/// Numbers up to which looking at each is quicker than a hash.
const FEW: usize = 32;

/// A cheap hash: these numbers are ports, or addresses of the telescope, so that nobody can
/// choose many that collide.
type Mixed = BuildHasherDefault<Mix>;

#[derive(Clone, Copy, Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        let mixed = (self.0 ^ u64::from(value)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

impl Distinct {
    fn add(&mut self, value: u32) {
        match self {
            Self::One(known) if *known == value => {}
            Self::One(known) => *self = Self::Few(vec![*known, value]),
            Self::Few(known) if known.contains(&value) => {}
            Self::Few(known) if known.len() < FEW => known.push(value),
            Self::Few(known) => {
                *self = Self::Many(known.drain(..).chain([value]).collect());
            }
            Self::Many(known) => {
                known.insert(value);
            }
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Few(known) => known.len() as u64,
            Self::Many(known) => known.len() as u64,
        }
    }
}

/// What a packet says of an attack.
struct Answer {
    key: Key,
    attack_port: u16,
    target_port: u16,
    mismatch: bool,
}

impl Detector {
    /// Takes the next packet of the capture; false when its victim is one too many.
    #[inline]
    pub fn see(&mut self, time_us: i64, decoded: &Decoded) -> bool {
        if time_us >= self.end_us || time_us < self.start_us {
            let second = time_us - time_us.rem_euclid(SECOND_US);
            if !self.move_to(second) {
                return true;
            }
        }
        let packet = &decoded.packet;
        let may_answer = match packet.proto {
            TCP => decoded.detail.tcp_bits & (16 | RST) != 0,
            ICMP => packet.ptype != ptype::ICMP_ECHO_REQUEST,
            _ => false,
        };
        if may_answer
            && !packet.has(mark::IPV6)
            && let Some(answer) = read(decoded)
        {
            return self.count(time_us, decoded, &answer);
        }
        true
    }

    /// Makes the running interval the one of that second; false for a packet that is late.
    #[cold]
    fn move_to(&mut self, second_us: i64) -> bool {
        if self.end_us == 0 || second_us < self.start_us - FARTHEST_BACK_US {
            self.finish();
            self.start_us = second_us;
        } else if second_us < self.start_us {
            return false;
        } else {
            self.end_interval();
            if second_us >= self.end_us + INTERVAL_US {
                self.vectors.clear(); // a whole interval without a packet
            }
            self.start_us = second_us - second_us.rem_euclid(INTERVAL_US);
        }
        self.end_us = second_us - second_us.rem_euclid(INTERVAL_US) + INTERVAL_US;
        true
    }

    /// Ends the running interval: the capture has ended.
    pub fn finish(&mut self) {
        self.end_interval();
        self.vectors.clear();
        (self.start_us, self.end_us) = (0, 0);
    }

    /// Ends the running interval if it was over before that time, when nothing arrives.
    pub fn end_before(&mut self, time_us: i64) {
        if self.end_us != 0 && self.end_us <= time_us {
            self.end_interval();
            (self.start_us, self.end_us) = (self.end_us, self.end_us + INTERVAL_US);
        }
    }

    fn end_interval(&mut self) {
        let start_us = self.start_us;
        let known = self.attacks.len();
        self.vectors.retain(|key, vector| {
            let seen = vector.latest_us >= start_us;
            if seen && vector.end_interval() {
                self.attacks.push(vector.report(*key, start_us));
            }
            seen
        });
        let order = |attack: &Attack| (attack.proto, attack.victim);
        self.attacks[known..].sort_unstable_by_key(order);
    }

    fn count(&mut self, time_us: i64, decoded: &Decoded, answer: &Answer) -> bool {
        let packet = &decoded.packet;
        let aligned = self.end_us - INTERVAL_US;
        if self.vectors.len() >= MOST_VECTORS && !self.vectors.contains_key(&answer.key) {
            return false;
        }
        let vector = self
            .vectors
            .entry(answer.key)
            .and_modify(|vector| vector.add(packet.dst, answer))
            .or_insert_with(|| Box::new(Vector::new(time_us, packet.offset, packet.dst, answer)));
        vector.packets += 1;
        vector.octets += u64::from(packet.length);
        vector.mismatches += u64::from(answer.mismatch);
        vector.latest_us = time_us;
        vector.slide = vector.slide.max(BEFORE as u8 + ((time_us - aligned) / SLIDE_US) as u8);
        vector.slides[usize::from(vector.slide)] += 1;
        true
    }

    /// What was reported since the last call.
    pub fn take(&mut self) -> Vec<Attack> {
        std::mem::take(&mut self.attacks)
    }

    /// Whether a state that was read can be gone on with.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let slides = BEFORE..BEFORE + SLIDES;
        (0..=INTERVAL_US).contains(&(self.end_us - self.start_us))
            && self.vectors.values().all(|vector| slides.contains(&usize::from(vector.slide)))
    }
}

impl Vector {
    fn new(time_us: i64, offset: u64, dst: u32, answer: &Answer) -> Self {
        Self {
            offset,
            first_us: time_us,
            last_us: i64::MIN,
            latest_us: time_us,
            packets: 0,
            octets: 0,
            mismatches: 0,
            most_ppm: 0,
            slides: [0; BEFORE + SLIDES],
            slide: BEFORE as u8,
            attack_port: answer.attack_port,
            target_port: answer.target_port,
            destinations: Distinct::One(dst),
            attack_ports: Distinct::One(u32::from(answer.attack_port)),
            target_ports: Distinct::One(u32::from(answer.target_port)),
        }
    }

    fn add(&mut self, dst: u32, answer: &Answer) {
        self.destinations.add(dst);
        self.attack_ports.add(u32::from(answer.attack_port));
        self.target_ports.add(u32::from(answer.target_port));
    }

    /// Brings its account up to date; whether it is an attack.
    fn end_interval(&mut self) -> bool {
        self.last_us = self.last_us.max(self.latest_us);
        for window in self.slides.windows(SLIDES) {
            self.most_ppm = self.most_ppm.max(window.iter().sum());
        }
        self.slides.copy_within(SLIDES.., 0);
        self.slides[BEFORE..].fill(0);
        self.slide = BEFORE as u8;
        self.most_ppm >= LEAST_RATE
            && self.packets >= LEAST_PACKETS
            && self.last_us - self.first_us >= LEAST_US
    }

    fn report(&self, (proto, victim): Key, ts_us: i64) -> Attack {
        Attack {
            ts_us,
            victim,
            proto,
            offset: self.offset,
            first_us: self.first_us,
            last_us: self.last_us,
            packets: self.packets,
            octets: self.octets,
            most_ppm: self.most_ppm,
            mismatches: self.mismatches,
            destinations: self.destinations.len(),
            attack_ports: self.attack_ports.len(),
            target_ports: self.target_ports.len(),
            attack_port: self.attack_port,
            target_port: self.target_port,
        }
    }
}

fn read(decoded: &Decoded) -> Option<Answer> {
    let packet = &decoded.packet;
    if packet.ptype == ptype::FRAGMENT {
        return None;
    }
    if packet.proto == TCP {
        let bits = decoded.detail.tcp_bits;
        let answers = bits & RST != 0 || bits & SYN_ACK == SYN_ACK;
        return answers.then_some(Answer {
            key: (TCP, packet.src),
            attack_port: decoded.detail.dport,
            target_port: packet.sport,
            mismatch: false,
        });
    }
    let (kind, code) = (packet.port >> 8, packet.port & 0xff);
    match kind {
        3 | 4 | 5 | 11 | 12 if packet.has(mark::VICTIM) => read_quoted(decoded),
        0 if packet.ptype != ptype::ICMP_ECHO_REPLY => None, // not even the type was captured
        0 | 3 | 4 | 5 | 11 | 12 | 14 | 16 | 18 => Some(Answer {
            key: (ICMP, packet.src),
            attack_port: code,
            target_port: kind,
            mismatch: false,
        }),
        _ => None,
    }
}

fn read_quoted(decoded: &Decoded) -> Option<Answer> {
    let packet = &decoded.packet;
    let quoted = decoded.detail.quoted;
    let victim = if packet.victim == 0 { packet.src } else { packet.victim };
    let known = matches!(packet.victim_proto, ICMP | TCP | UDP);
    known.then_some(Answer {
        key: (packet.victim_proto, victim),
        attack_port: quoted.sport,
        target_port: quoted.dport,
        mismatch: quoted.src != 0 && quoted.src != packet.dst,
    })
}

fn sorted<S: Serializer>(vectors: &HashMap<Key, Box<Vector>>, out: S) -> Result<S::Ok, S::Error> {
    let mut all: Vec<_> = vectors.iter().collect();
    all.sort_unstable_by_key(|(key, _)| **key);
    all.serialize(out)
}

fn ascending<S: Serializer>(values: &HashSet<u32, Mixed>, out: S) -> Result<S::Ok, S::Error> {
    let mut all: Vec<_> = values.iter().collect();
    all.sort_unstable();
    all.serialize(out)
}

fn from_sorted<'de, D: Deserializer<'de>>(input: D) -> Result<HashMap<Key, Box<Vector>>, D::Error> {
    Vec::<(Key, Box<Vector>)>::deserialize(input).map(|all| all.into_iter().collect())
}

#[cfg(test)]
mod tests;
