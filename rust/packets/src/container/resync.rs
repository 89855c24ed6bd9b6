//! Finding the next whole record behind damage.

use crate::wire::{be16, u8_at};

/// Answer of a search that may need bytes that are not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// A record begins here.
    Found(usize),
    /// No record begins before this place; it needs more bytes to be judged.
    Waiting(usize),
}

/// Whether `data` looks like a frame with an IPv4 header whose checksum is right.
pub fn holds_ipv4(link: u32, data: &[u8]) -> bool {
    let (network, _) = crate::link::network(link, data);
    let crate::link::Network::V4(at) = network else {
        return false;
    };
    let Some(first) = u8_at(data, at) else {
        return false;
    };
    let header = usize::from(first & 15) * 4;
    if first >> 4 != 4 || header < 20 {
        return false;
    }
    let mut words = (0..header).step_by(2).map(|word| be16(data, at + word));
    let sum = words.try_fold(0u32, |sum, word| Some(sum + u32::from(word?)));
    sum.is_some_and(|sum| (sum & 0xffff) + (sum >> 16) == 0xffff)
}
