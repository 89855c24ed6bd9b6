//! Sequence numbers: what did not arrive, what arrived twice or late.

use serde::{Deserialize, Serialize};

use crate::account::Stream;

/// Datagrams that a repetition is looked for in.
const REMEMBERED: usize = 32;
/// A step forward of more than this is another count, not a loss.
const MOST_LOST: i32 = 1 << 24;
/// A step back of more than this is another count, not a late datagram.
const MOST_LATE: i32 = 1 << 16;

/// The numbers of one observation domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    expected: Option<u32>,
    #[serde(skip)]
    recent: Vec<(u32, u64)>,
    #[serde(skip)]
    next: usize,
}

impl Sequence {
    /// Whether a datagram with this number and this content came before.
    pub fn repeats(&mut self, sequence: u32, data: &[u8]) -> bool {
        let seen = (sequence, digest(data));
        if self.recent.contains(&seen) {
            return true;
        }
        if self.recent.len() < REMEMBERED {
            self.recent.push(seen);
        } else {
            self.recent[self.next] = seen;
            self.next = (self.next + 1) % REMEMBERED;
        }
        false
    }

    /// Takes the number of a datagram that counts for `count`; without it the next number
    /// cannot be told.
    pub fn account(&mut self, sequence: u32, count: Option<u32>, stream: &mut Stream) {
        let next = count.map(|count| sequence.wrapping_add(count));
        let Some(expected) = self.expected else {
            self.expected = next;
            return;
        };
        let step = sequence.wrapping_sub(expected) as i32;
        if (-MOST_LATE..0).contains(&step) {
            stream.reordered += 1;
            stream.lost = stream.lost.saturating_sub(u64::from(count.unwrap_or(0)));
            return;
        }
        if (0..MOST_LOST).contains(&step) {
            stream.lost += u64::from(step.cast_unsigned());
        } else {
            stream.restarted += 1;
        }
        self.expected = next;
    }
}

/// Content in 64 bits, to tell repetitions among neighbours.
fn digest(data: &[u8]) -> u64 {
    let mix =
        |held: u64, word: u64| (held ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    let words = data.chunks_exact(8);
    let rest = words.remainder().iter().fold(0, |held, byte| held << 8 | u64::from(*byte));
    let whole = words.fold(data.len() as u64, |held, word| {
        mix(held, u64::from_le_bytes(word.try_into().unwrap_or_default()))
    });
    mix(whole, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(numbers: &[(u32, u32)]) -> Stream {
        let (mut sequence, mut stream) = (Sequence::default(), Stream::default());
        for (number, count) in numbers {
            sequence.account(*number, Some(*count), &mut stream);
        }
        stream
    }

    #[test]
    fn gaps_are_losses_across_the_wrap() {
        assert_eq!(after(&[(u32::MAX - 9, 10), (5, 3), (8, 1)]).lost, 5);
    }

    #[test]
    fn a_late_datagram_is_no_loss() {
        let stream = after(&[(0, 10), (20, 10), (10, 10), (30, 10)]);
        assert_eq!((stream.lost, stream.reordered, stream.restarted), (0, 1, 0));
    }

    #[test]
    fn a_count_that_begins_anew_is_no_loss() {
        let stream = after(&[(1_000_000, 10), (0, 10), (10, 10)]);
        assert_eq!((stream.lost, stream.reordered, stream.restarted), (0, 0, 1));
    }
}
