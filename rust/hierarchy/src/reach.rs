//! How long a prefix around each key may be and still carry enough.
//!
//! A pair of prefixes carries no more than either of its sides, so a flow cannot be part of
//! a heavy pair at prefixes longer than these. Knowing that spares nearly all of the work
//! of the search, and changes nothing of what it finds.

use crate::threshold::{Count, Threshold};
use crate::word::Word;

/// For each key the length of its longest prefix that reaches the threshold by itself.
pub fn reach<W: Word>(keys: &[W], counts: &[Count], bits: u8, threshold: Threshold) -> Vec<u8> {
    let mut order: Vec<(W, u32)> = keys.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut sums = Vec::with_capacity(order.len() + 1);
    let mut sum = Count::default();
    sums.push(sum);
    for (_, row) in &order {
        sum += counts[*row as usize];
        sums.push(sum);
    }
    let mut lengths = vec![0; keys.len()];
    let mut walk = Walk { order: &order, sums: &sums, bits, threshold, lengths: &mut lengths };
    walk.descend(0, order.len(), 0);
    lengths
}

struct Walk<'a, W> {
    order: &'a [(W, u32)],
    sums: &'a [Count],
    bits: u8,
    threshold: Threshold,
    lengths: &'a mut [u8],
}

impl<W: Word> Walk<'_, W> {
    /// The keys of `from..to` share a prefix of `depth` bits that reaches the threshold.
    fn descend(&mut self, from: usize, to: usize, depth: u8) {
        if from == to {
            return;
        }
        if depth == self.bits {
            return self.fill(from, to, depth);
        }
        let zero = self.order[from].0.prefix(depth);
        let half = &self.order[from..to];
        let split = from + half.partition_point(|(key, _)| key.prefix(depth + 1) == zero);
        for (low, high) in [(from, split), (split, to)] {
            let mut sum = self.sums[high];
            sum -= self.sums[low];
            if low < high && self.threshold.reached(sum) {
                self.descend(low, high, depth + 1);
            } else {
                self.fill(low, high, depth);
            }
        }
    }

    fn fill(&mut self, from: usize, to: usize, depth: u8) {
        for (_, row) in &self.order[from..to] {
            self.lengths[*row as usize] = depth;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reach;
    use crate::threshold::{Count, Threshold};

    #[test]
    fn a_prefix_reaches_as_far_as_it_carries_enough() {
        let keys = [0x0a00_0001, 0x0a00_0001, 0x0a00_0002, 0xc000_0201_u32];
        let one = Count { octets: 10, packets: 1 };
        let half = Threshold::of(Count { octets: 40, packets: 4 }, 50, 1);
        // two packets come from 10.0.0.1, a third from its /30, one from elsewhere
        assert_eq!(reach(&keys, &[one; 4], 32, half), [32, 32, 30, 0]);
    }

    #[test]
    fn every_length_is_counted_alike() {
        let keys: Vec<u32> = (0..256_u32).map(|n| n << 24).collect();
        let one = Count { octets: 1, packets: 1 };
        let whole = Count { octets: 256, packets: 256 };
        let lengths = reach(&keys, &[one; 256], 32, Threshold::of(whole, 25, 1));
        assert!(lengths.iter().all(|length| *length == 2));
    }
}
