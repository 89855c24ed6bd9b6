//! Scoring rows by all trees, and what each feature adds for one.
//!
//! Rows do not go down trees: each inner node says of all rows at once which leaves they
//! cannot come to any more, and the first leaf that is left is theirs (Lucchese et al.,
//! "QuickScorer", SIGIR 2015). That asks more nodes than a walk would, but it asks them of
//! many rows side by side, and no row waits for another's memory.

use std::thread;

use crate::forest::{Ends, Forest};
use crate::rows::Rows;

/// Rows whose bins the cache holds while all trees look at them.
const TILE: usize = 1024;

impl Forest {
    /// What the trees add up to for each row; `None` where rows have other columns than the
    /// trees.
    pub fn score(&self, rows: &Rows<'_>, threads: usize) -> Option<Vec<f32>> {
        if rows.columns() != self.columns && !rows.is_empty() {
            return None;
        }
        let mut answers = vec![0.0; rows.len()];
        let share = rows.len().div_ceil(threads.max(1)).max(1);
        thread::scope(|scope| {
            for (at, some) in answers.chunks_mut(share).enumerate() {
                scope.spawn(move || self.part(rows, at * share, some));
            }
        });
        Some(answers)
    }

    fn part(&self, rows: &Rows<'_>, first: usize, answers: &mut [f32]) {
        let mut tile = rows.tile();
        let mut bins = vec![0_u8; TILE * self.columns];
        let mut open = vec![0_u32; TILE];
        let mut sums = vec![0.0_f64; TILE];
        for (at, part) in answers.chunks_mut(TILE).enumerate() {
            rows.fill(&mut tile, first + at * TILE, part.len());
            for (column, cuts) in self.cuts.iter().enumerate().filter(|(_, one)| one.count() > 0) {
                cuts.bins(tile.column(column), &mut bins[column * TILE..], |bin| bin as u8);
            }
            sums.fill(0.0);
            let mut start = Ends { splits: 0, leaves: 0 };
            for &end in &self.ends {
                open.fill(u32::MAX);
                for split in &self.splits[start.splits..end.splits] {
                    let column = &bins[usize::from(split.feature) * TILE..][..TILE];
                    for (open, &bin) in open.iter_mut().zip(column) {
                        // All bits where the row goes left, none where it goes right.
                        let left = u32::from(bin > split.bin).wrapping_sub(1);
                        *open &= split.right | left;
                    }
                }
                let leaves = &self.leaves[start.leaves..end.leaves];
                for (sum, open) in sums.iter_mut().zip(&open).take(part.len()) {
                    *sum += f64::from(leaves[open.trailing_zeros() as usize]);
                }
                start = end;
            }
            for (answer, sum) in part.iter_mut().zip(&sums) {
                *answer = *sum as f32;
            }
        }
    }

    /// What each column adds to the answer for one row: the changes of the nodes' values
    /// along the paths, and what the forest says of no row at all.
    /// All of it adds up to the answer (Saabas 2014). `None` for a row of another length.
    pub fn contributions(&self, row: &[f32]) -> Option<(Vec<f64>, f64)> {
        if row.len() != self.columns {
            return None;
        }
        let (mut added, mut base) = (vec![0.0; self.columns], 0.0);
        for &root in &self.roots {
            let mut at = root as usize;
            base += f64::from(self.values[at]);
            while self.nodes[at].left as usize != at {
                let node = self.nodes[at];
                let end = self.cuts[usize::from(node.feature)].end(node.bin);
                let left = row[usize::from(node.feature)] <= end;
                let next = node.left as usize + usize::from(!left);
                added[usize::from(node.feature)] +=
                    f64::from(self.values[next]) - f64::from(self.values[at]);
                at = next;
            }
        }
        Some((added, base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Arrays;
    use crate::rows::Block;

    /// x1 <= 0.5: 0.25, else (x0 <= 2: 0.75, else 1.0); and a tree that always says 0.5.
    fn forest() -> Forest {
        let arrays = Arrays {
            sizes: &[5, 1],
            feature: &[1, 0, 0, 0, 0, 0],
            threshold: &[0.5, 0.0, 2.0, 0.0, 0.0, 0.0],
            left: &[1, 0, 3, 0, 0, 0],
            value: &[0.5, 0.25, 0.8, 0.75, 1.0, 0.5],
        };
        Forest::new(2, &arrays).unwrap()
    }

    const ROWS: [f32; 8] = [9.0, 0.5, 2.0, 0.6, 2.1, 0.6, f32::NAN, f32::NAN];

    #[test]
    fn answers_are_sums_of_leaves() {
        let rows = Rows::new(4, &[Block::Rows(&ROWS)]).unwrap();
        let expected = [0.75, 1.25, 1.5, 1.5];
        for threads in [0, 1, 2, 7] {
            assert_eq!(forest().score(&rows, threads).unwrap(), expected);
        }
    }

    #[test]
    fn every_row_is_answered_wherever_tiles_end() {
        for count in [0, 1, 2, 3, TILE - 1, TILE, TILE + 1, 2 * TILE + 7] {
            let block: Vec<f32> = (0..count).flat_map(|row| [0.0, (row % 2) as f32]).collect();
            let found =
                forest().score(&Rows::new(count, &[Block::Rows(&block)]).unwrap(), 2).unwrap();
            let expected: Vec<f32> =
                (0..count).map(|row| if row % 2 == 0 { 0.75 } else { 1.25 }).collect();
            assert_eq!(found, expected);
        }
    }

    /// What a node says of a row, read from the arrays as a file has them.
    fn slowly(arrays: &Arrays<'_>, row: &[f32]) -> f32 {
        let (mut sum, mut root) = (0.0, 0);
        for size in arrays.sizes {
            let mut at = 0;
            while arrays.left[root + at] != 0 {
                let value = row[usize::from(arrays.feature[root + at])];
                let right = value > arrays.threshold[root + at] || value.is_nan();
                at = arrays.left[root + at] as usize + usize::from(right);
            }
            sum += f64::from(arrays.value[root + at]);
            root += *size as usize;
        }
        sum as f32
    }

    /// Trees as they are grown on noise, over rows with few values and with many.
    #[test]
    fn bins_decide_as_the_values_do() {
        let mut state = 1_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888);
            (state >> 33) as u32
        };
        for (depth, coarse) in [(0, 8), (3, 8), (5, 1 << 20)] {
            let (mut sizes, mut feature, mut threshold) = (Vec::new(), Vec::new(), Vec::new());
            let (mut left, mut value) = (Vec::new(), Vec::new());
            for _ in 0..8 {
                let size = (1 << (depth + 1)) - 1;
                sizes.push(size);
                for place in 0..size {
                    feature.push((next() % 3) as u16);
                    threshold.push((next() % coarse) as f32 / coarse as f32);
                    left.push(if place < size / 2 { 2 * place + 1 } else { 0 });
                    value.push((next() % 1000) as f32 / 1000.0);
                }
            }
            let arrays = Arrays {
                sizes: &sizes,
                feature: &feature,
                threshold: &threshold,
                left: &left,
                value: &value,
            };
            let forest = Forest::new(3, &arrays).unwrap();
            let table: Vec<f32> = (0..3 * 9000)
                .map(|_| match next() % 50 {
                    0 => f32::NAN,
                    1 => f32::INFINITY,
                    2 => -0.0,
                    _ => (next() % coarse) as f32 / coarse as f32,
                })
                .collect();
            let rows = Rows::new(9000, &[Block::Rows(&table)]).unwrap();
            let found = forest.score(&rows, 2).unwrap();
            for (row, found) in table.chunks(3).zip(found) {
                assert_eq!(found, slowly(&arrays, row));
            }
        }
    }

    #[test]
    fn contributions_add_up() {
        let (added, base) = forest().contributions(&[2.1, 0.6]).unwrap();
        assert!((base - 1.0).abs() < 1e-7);
        assert!((added[1] - 0.3).abs() < 1e-7);
        assert!((added[0] - 0.2).abs() < 1e-7);
        assert!(forest().contributions(&[1.0]).is_none());
    }

    #[test]
    fn rows_of_other_columns_are_refused() {
        assert!(forest().score(&Rows::new(1, &[Block::Rows(&[1.0])]).unwrap(), 1).is_none());
    }
}
