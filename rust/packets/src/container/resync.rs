//! Finding the next whole record behind damage.

use crate::link::{Network, network};
use crate::wire::{be16, u8_at};

/// Answer of a search that may need bytes that are not there yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// A record begins here.
    Found(usize),
    /// No record begins before this place; it needs more bytes to be judged.
    Waiting(usize),
}

/// Bytes that a frame needs for its IPv4 datagram, if it has one whose header checksum
/// is right.
pub fn ipv4_end(link: u32, data: &[u8]) -> Option<usize> {
    let (Network::V4(at), _) = network(link, data) else { return None };
    let first = u8_at(data, at)?;
    let header = usize::from(first & 15) * 4;
    if first >> 4 != 4 || header < 20 {
        return None;
    }
    let mut words = (0..header).step_by(2).map(|word| be16(data, at + word));
    let sum = words.try_fold(0u32, |sum, word| Some(sum + u32::from(word?)))?;
    let right = (sum & 0xffff) + (sum >> 16) == 0xffff;
    right.then_some(at + usize::from(be16(data, at + 2)?))
}
