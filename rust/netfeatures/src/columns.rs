//! Where features go: a column each of those that were asked for, and their ranks.

use std::collections::HashMap;
use std::sync::Mutex;

/// Bits of a value that its rank looks at: sign, exponent and eleven of the fraction. Values
/// that agree in them share a rank, so that noise in the last places orders nothing.
const KEPT: u32 = 20;
/// Up to here sorting is cheaper than counting.
const FEW: usize = 1 << 15;

/// The columns asked for, one behind the other in one block.
pub struct Columns<'a> {
    places: HashMap<&'a str, usize>,
    slots: Vec<Mutex<&'a mut [f32]>>,
    rows: usize,
}

impl<'a> Columns<'a> {
    /// `block` has `rows` values for each of `names`.
    pub fn new(names: &'a [String], rows: usize, block: &'a mut [f32]) -> Self {
        let places = names.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
        let mut slots = Vec::with_capacity(names.len());
        let mut rest = block;
        for _ in names {
            let (column, after) = rest.split_at_mut(rows);
            slots.push(Mutex::new(column));
            rest = after;
        }
        Self { places, slots, rows }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Whether a feature or its rank was asked for.
    pub fn wants(&self, name: &str) -> bool {
        self.place(name).is_some() || self.place(&ranked(name)).is_some()
    }

    /// Whether any of these was asked for.
    pub fn want_any<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> bool {
        names.into_iter().any(|name| self.wants(name.as_ref()))
    }

    /// Fill a feature, and its rank, where they were asked for.
    ///
    /// # Panics
    ///
    /// Where another thread died in the midst of filling the same column.
    pub fn put(&self, name: &str, value: impl Fn(usize) -> f32) {
        let (raw, rank) = (self.place(name), self.place(&ranked(name)));
        let fill = |column: &mut [f32]| {
            for (at, slot) in column.iter_mut().enumerate() {
                *slot = value(at);
            }
        };
        match (raw, rank) {
            (None, None) => {}
            (Some(raw), None) => fill(&mut self.slots[raw].lock().unwrap()),
            (None, Some(rank)) => {
                let mut column = vec![0.0; self.rows];
                fill(&mut column);
                ranks(&column, &mut self.slots[rank].lock().unwrap());
            }
            (Some(raw), Some(rank)) => {
                let mut column = self.slots[raw].lock().unwrap();
                fill(&mut column);
                ranks(&column, &mut self.slots[rank].lock().unwrap());
            }
        }
    }
}

/// The name of the rank of a feature.
pub fn ranked(name: &str) -> String {
    format!("{name}_rank")
}

/// A number that orders as the value does.
fn key(value: f32) -> u32 {
    let bits = (value + 0.0).to_bits(); // minus zero is zero
    let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    ordered >> (32 - KEPT)
}

/// The share of cells below each, and half of those that are equal: 0 to 1.
pub fn ranks(values: &[f32], into: &mut [f32]) {
    let all = values.len().max(1) as f64;
    if values.len() <= FEW {
        let mut sorted: Vec<(u32, u32)> =
            values.iter().enumerate().map(|(at, value)| (key(*value), at as u32)).collect();
        sorted.sort_unstable();
        let mut below = 0;
        for same in sorted.chunk_by(|one, other| one.0 == other.0) {
            let rank = (below as f64 + same.len() as f64 / 2.0) / all;
            for (_, at) in same {
                into[*at as usize] = rank as f32;
            }
            below += same.len();
        }
        return;
    }
    let mut counts = vec![0u32; 1 << KEPT];
    for value in values {
        counts[key(*value) as usize] += 1;
    }
    let mut table = vec![0f32; 1 << KEPT];
    let mut below = 0u32;
    for (count, slot) in counts.iter().zip(&mut table) {
        if *count > 0 {
            *slot = ((f64::from(below) + f64::from(*count) / 2.0) / all) as f32;
            below += count;
        }
    }
    values.iter().zip(into).for_each(|(value, slot)| *slot = table[key(*value) as usize]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_count_those_below_and_half_of_the_equal() {
        let mut found = [0.0; 4];
        ranks(&[3.0, 1.0, 1.0, -2.0], &mut found);
        assert!((found[0] - 0.875).abs() < 1e-6);
        assert!((found[1] - 0.5).abs() < 1e-6);
        assert!((found[3] - 0.125).abs() < 1e-6);
    }

    #[test]
    fn counting_and_sorting_agree() {
        let values: Vec<f32> = (0..FEW + 7).map(|i| ((i * 7919) % 1000) as f32 - 300.0).collect();
        let mut found = vec![0.0; values.len()];
        ranks(&values, &mut found);
        let below = values.iter().filter(|v| **v < 5.0).count() as f64;
        let equal = values.iter().filter(|v| (**v - 5.0).abs() < 0.1).count() as f64;
        let at = values.iter().position(|v| (*v - 5.0).abs() < 0.1).unwrap();
        let expected = (below + equal / 2.0) / values.len() as f64;
        assert!((f64::from(found[at]) - expected).abs() < 1e-6);
    }
}
