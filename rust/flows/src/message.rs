//! What a datagram brings along, and what its header says about all of its records.

use crate::times::Clock;

/// A datagram of an exporter.
#[derive(Clone, Copy, Debug)]
pub struct Export<'a> {
    pub data: &'a [u8],
    /// The sender, IPv4 as `::ffff:a.b.c.d`.
    pub exporter: u128,
    /// When it arrived, in microseconds since 1970.
    pub received_us: i64,
    /// Where `data` stands in the source; without it rows are numbered.
    pub base: Option<u64>,
}

/// What holds for all records of a message.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Index in [`crate::rows::KINDS`]: the number of a protocol.
    pub kind: i8,
    pub exporter: u128,
    pub domain: i64,
    pub clock: Clock,
    /// Told by the header: one of how many packets.
    pub sampling: Option<i32>,
    pub base: Option<u64>,
    /// Number of the next row, where rows are numbered.
    pub number: u64,
    pub received_us: i64,
}
