//! Thresholds of a column as whole numbers: a value needs only to be told from its neighbours.
//!
//! Trees are grown between few bins, so the nodes of a whole forest cut a column at a few
//! hundred places at most. A value's bin (how many of these it is above) decides every
//! comparison as the value itself does, and takes a quarter of its room.

/// As many places of a table at most: it stays in the cache beside what it is asked for.
const TABLE: u32 = 2048;
/// Stands for "as many steps as the column has".
const FAR: usize = usize::MAX;

/// A number that orders as the value does; not for what is no number.
#[inline]
fn key(value: f32) -> u32 {
    let bits = (value + 0.0).to_bits(); // minus zero is zero
    bits ^ ((bits as i32 >> 31) as u32 | 1 << 31)
}

/// The thresholds of one column, ascending.
#[derive(Clone, Debug)]
pub struct Cuts {
    /// Behind them, infinity as often as the last steps may look too far.
    at: Vec<f32>,
    count: usize,
    /// How many cuts are surely below a value, by the high bits of its key from `from` on.
    table: Vec<u16>,
    from: u32,
    shift: u32,
    /// Half of the cuts that a place of the table leaves open, rounded up to a power of two.
    step: usize,
}

impl Cuts {
    /// Out of finite thresholds in any order.
    pub fn new(mut at: Vec<f32>) -> Self {
        for cut in &mut at {
            *cut += 0.0; // minus zero is zero
        }
        at.sort_unstable_by(f32::total_cmp);
        at.dedup();
        let count = at.len();
        let (low, high) = match (at.first(), at.last()) {
            (Some(first), Some(last)) => (key(*first), key(*last)),
            _ => (key(0.0), key(0.0)),
        };
        let mut shift = 0;
        while (high - low) >> shift >= TABLE {
            shift += 1;
        }
        // Place 0 is for keys below the first cut's, the last for those above the last's. No
        // key of a finite number is below 2^23, so that there is room.
        let from = low - (1 << shift);
        let places = ((high - from) >> shift) + 2;
        let end = |place: u32| u64::from(from) + (u64::from(place + 1) << shift);
        let mut table = vec![0_u16];
        let (mut sure, mut open) = (0, 0);
        for place in 1..places {
            let next = at.partition_point(|cut| u64::from(key(*cut)) < end(place));
            table.push(sure as u16);
            open = open.max(next - sure);
            sure = next;
        }
        let step = if open == 0 { 0 } else { (open + 1).next_power_of_two() / 2 };
        at.resize(count + 2 * step.max(1), f32::INFINITY);
        Self { at, count, table, from, shift, step }
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// The threshold that ends a bin.
    pub fn end(&self, bin: u16) -> f32 {
        self.at[usize::from(bin)]
    }

    /// How many thresholds a value is above, all of them where it is no number.
    pub fn bin(&self, value: f32) -> usize {
        if value.is_nan() { self.count } else { self.found::<FAR>(value) }
    }

    /// The bins of many values.
    pub fn bins<B>(&self, values: &[f32], into: &mut [B], as_bin: impl Fn(usize) -> B) {
        if values.iter().any(|value| value.is_nan()) {
            for (slot, &value) in into.iter_mut().zip(values) {
                *slot = as_bin(self.bin(value));
            }
            return;
        }
        // The steps of nearly all columns, for each of which the loop is unrolled.
        match self.step {
            0 => self.each::<0, B>(values, into, as_bin),
            1 => self.each::<1, B>(values, into, as_bin),
            2 => self.each::<2, B>(values, into, as_bin),
            4 => self.each::<4, B>(values, into, as_bin),
            _ => self.each::<FAR, B>(values, into, as_bin),
        }
    }

    fn each<const STEP: usize, B>(
        &self,
        values: &[f32],
        into: &mut [B],
        as_bin: impl Fn(usize) -> B,
    ) {
        for (slot, &value) in into.iter_mut().zip(values) {
            *slot = as_bin(self.found::<STEP>(value));
        }
    }

    #[inline]
    fn found<const STEP: usize>(&self, value: f32) -> usize {
        let place = (key(value).saturating_sub(self.from) >> self.shift) as usize;
        let mut bin = usize::from(self.table[place.min(self.table.len() - 1)]);
        let mut step = if STEP == FAR { self.step } else { STEP };
        while step > 0 {
            bin += step * usize::from(value > self.at[bin + step - 1]);
            step /= 2;
        }
        bin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slowly(cuts: &[f32], value: f32) -> usize {
        cuts.iter().filter(|cut| value > **cut || value.is_nan()).count()
    }

    #[test]
    fn a_bin_counts_the_thresholds_below() {
        let odd = [
            f32::NEG_INFINITY,
            f32::MIN,
            -1.0,
            -1e-40,
            -0.0,
            0.0,
            1e-40,
            0.5,
            0.75,
            1.0,
            1e30,
            f32::MAX,
            f32::INFINITY,
            f32::NAN,
            -f32::NAN,
        ];
        let mut state = 7_u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            f32::from_bits((state >> 32) as u32)
        };
        for count in [0, 1, 2, 3, 17, 250, 3000] {
            let even = (0..count).map(|at| at as f32 / 64.0 - 1.0);
            let wild = (0..count).map(|_| random()).filter(|cut| cut.is_finite()).collect();
            for cuts in [even.collect::<Vec<_>>(), wild] {
                let made = Cuts::new(cuts.clone());
                let mut apart: Vec<f32> = cuts.iter().map(|cut| cut + 0.0).collect();
                apart.sort_by(f32::total_cmp);
                apart.dedup();
                assert_eq!(made.count(), apart.len());
                let near = apart.iter().flat_map(|cut| [cut.next_down(), *cut, cut.next_up()]);
                for value in near.chain(odd).chain((0..500).map(|_| random())) {
                    assert_eq!(made.bin(value), slowly(&apart, value), "{value} {cuts:?}");
                }
                for (bin, cut) in apart.iter().enumerate() {
                    assert_eq!(made.end(bin as u16).to_bits(), cut.to_bits());
                }
            }
        }
    }
}
