//! Walking rows down the trees: answers for many rows, and what each feature adds for one.

use std::thread;

use crate::cuts::Cuts;
use crate::forest::Forest;
use crate::rows::Rows;

/// Rows that go down a tree together, as bins of their columns, which the cache holds. A node
/// parts all rows that come to it at once: it is looked up once for all of them, and no row
/// waits for another's memory.
const TILE: usize = 8192;
/// So few rows go on one by one.
const FEW: u32 = 2;

/// When the first trees settle a row: after `trees` of them an answer below `below` stands,
/// and the others are not asked. Nearly all cells of a design are beyond suspicion at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Early {
    pub trees: usize,
    pub below: f32,
}

/// A place among the thresholds of a column.
trait Bin: Copy + Default + Send {
    fn of(bin: usize) -> Self;
    fn is_at_most(self, bin: u16) -> bool;
}

impl Bin for u8 {
    fn of(bin: usize) -> Self {
        bin as Self
    }

    #[inline]
    fn is_at_most(self, bin: u16) -> bool {
        self <= bin as Self
    }
}

impl Bin for u16 {
    fn of(bin: usize) -> Self {
        bin as Self
    }

    #[inline]
    fn is_at_most(self, bin: u16) -> bool {
        self <= bin
    }
}

impl Forest {
    /// The average answer for each row; `None` where rows have other columns than the trees.
    pub fn score(&self, rows: &Rows<'_>, early: Option<Early>, threads: usize) -> Option<Vec<f32>> {
        if rows.columns() != self.columns && !rows.is_empty() {
            return None;
        }
        let most = self.cuts.iter().map(Cuts::count).max().unwrap_or(0);
        let bytes = u8::try_from(most).is_ok();
        let part = if bytes { Self::part::<u8> } else { Self::part::<u16> };
        let mut answers = vec![0.0; rows.len()];
        let share = rows.len().div_ceil(threads.max(1)).max(1);
        thread::scope(|scope| {
            for (at, some) in answers.chunks_mut(share).enumerate() {
                scope.spawn(move || part(self, rows, at * share, early, some));
            }
        });
        Some(answers)
    }

    fn part<B: Bin>(
        &self,
        rows: &Rows<'_>,
        first: usize,
        early: Option<Early>,
        answers: &mut [f32],
    ) {
        let early = early.filter(|early| early.trees > 0 && early.trees < self.trees());
        let (ask, rest) = self.roots.split_at(early.map_or(self.trees(), |early| early.trees));
        let mut walk = Walk::<B>::new(self);
        let mut tile = rows.tile();
        let mut open: Vec<u16> = Vec::with_capacity(TILE);
        for (at, part) in answers.chunks_mut(TILE).enumerate() {
            rows.fill(&mut tile, first + at * TILE, part.len());
            for column in 0..self.columns {
                walk.take(column, tile.column(column));
            }
            walk.sums.fill(0.0);
            open.clear();
            open.extend(0..part.len() as u16);
            walk.add(ask, &mut open);
            for (answer, sum) in part.iter_mut().zip(&walk.sums) {
                *answer = (sum / ask.len() as f64) as f32;
            }
            let Some(early) = early else { continue };
            let limit = f64::from(early.below) * ask.len() as f64;
            open.retain(|&row| walk.sums[usize::from(row)] >= limit);
            walk.add(rest, &mut open);
            for &row in &open {
                let row = usize::from(row);
                part[row] = (walk.sums[row] / self.trees() as f64) as f32;
            }
        }
    }

    /// What each column adds to the answer for one row: the changes of the nodes' values
    /// along the paths, averaged over the trees, and what the forest says of no row at all.
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
        let trees = self.trees() as f64;
        for one in &mut added {
            *one /= trees;
        }
        Some((added, base / trees))
    }
}

/// Rows of a tile on their way.
struct Walk<'f, B> {
    forest: &'f Forest,
    /// `TILE` bins for each column.
    bins: Vec<B>,
    sums: Vec<f64>,
    spare: Vec<u16>,
    /// Nodes that some rows still have to go to, and how many.
    waiting: Vec<(u32, u32)>,
}

impl<'f, B: Bin> Walk<'f, B> {
    fn new(forest: &'f Forest) -> Self {
        Self {
            forest,
            bins: vec![B::default(); TILE * forest.columns],
            sums: vec![0.0; TILE],
            spare: vec![0; TILE],
            waiting: Vec::new(),
        }
    }

    fn take(&mut self, column: usize, values: &[f32]) {
        let cuts = &self.forest.cuts[column];
        if cuts.count() > 0 {
            cuts.bins(values, &mut self.bins[column * TILE..], B::of);
        }
    }

    /// Add the answers of the trees at `roots` for `rows`, which come out in another order.
    fn add(&mut self, roots: &[u32], rows: &mut [u16]) {
        if rows.is_empty() {
            return;
        }
        for &root in roots {
            let (mut at, mut count) = (root, rows.len() as u32);
            let mut from = 0;
            loop {
                let some = &mut rows[from..from + count as usize];
                let node = self.forest.nodes[at as usize];
                if count > FEW && node.left != at {
                    let column = &self.bins[usize::from(node.feature) * TILE..][..TILE];
                    let low = part(some, &mut self.spare, |row| {
                        column[usize::from(row)].is_at_most(node.bin)
                    });
                    match low as u32 {
                        0 => at = node.left + 1,
                        low if low == count => at = node.left,
                        low => {
                            self.waiting.push((node.left + 1, count - low));
                            (at, count) = (node.left, low);
                        }
                    }
                    continue;
                }
                for &row in &*some {
                    let leaf = self.leaf(at, row);
                    self.sums[usize::from(row)] += f64::from(self.forest.values[leaf as usize]);
                }
                from += some.len();
                let Some(next) = self.waiting.pop() else { break };
                (at, count) = next;
            }
        }
    }

    /// The leaf that a row comes to from a node.
    #[inline]
    fn leaf(&self, mut at: u32, row: u16) -> u32 {
        loop {
            let node = self.forest.nodes[at as usize];
            if node.left == at {
                return at;
            }
            let bin = self.bins[usize::from(node.feature) * TILE + usize::from(row)];
            at = node.left + u32::from(!bin.is_at_most(node.bin));
        }
    }
}

/// Set the rows that go left before the others; how many they are.
#[inline]
fn part(rows: &mut [u16], spare: &mut [u16], left: impl Fn(u16) -> bool) -> usize {
    let spare = &mut spare[..rows.len()];
    // Each row is written to both ends, and the end that it belongs to moves on.
    let (mut low, mut high) = (0, rows.len());
    for &row in &*rows {
        let goes = usize::from(left(row));
        spare[low] = row;
        spare[high - 1] = row;
        low += goes;
        high -= 1 - goes;
    }
    rows.copy_from_slice(spare);
    low
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
    fn answers_are_averages_of_leaves() {
        let rows = Rows::new(4, &[Block::Rows(&ROWS)]).unwrap();
        let expected = [0.375, 0.625, 0.75, 0.75];
        for threads in [0, 1, 2, 7] {
            assert_eq!(forest().score(&rows, None, threads).unwrap(), expected);
        }
    }

    #[test]
    fn every_row_is_answered_wherever_tiles_end() {
        for count in [0, 1, 2, 3, TILE - 1, TILE, TILE + 1, 2 * TILE + 7] {
            let block: Vec<f32> = (0..count).flat_map(|row| [0.0, (row % 2) as f32]).collect();
            let found = forest()
                .score(&Rows::new(count, &[Block::Rows(&block)]).unwrap(), None, 2)
                .unwrap();
            let expected: Vec<f32> =
                (0..count).map(|row| if row % 2 == 0 { 0.375 } else { 0.625 }).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_first_trees_settle_what_is_below_the_limit() {
        let rows = Rows::new(4, &[Block::Rows(&ROWS)]).unwrap();
        let early = Some(Early { trees: 1, below: 0.75 });
        assert_eq!(forest().score(&rows, early, 1).unwrap(), [0.25, 0.625, 0.75, 0.75]);
    }

    /// What a node says of a row, read from the arrays as a file has them.
    fn slowly(arrays: &Arrays<'_>, row: &[f32], trees: usize) -> f32 {
        let (mut sum, mut root) = (0.0, 0);
        for size in &arrays.sizes[..trees] {
            let mut at = 0;
            while arrays.left[root + at] != 0 {
                let value = row[usize::from(arrays.feature[root + at])];
                let right = value > arrays.threshold[root + at] || value.is_nan();
                at = arrays.left[root + at] as usize + usize::from(right);
            }
            sum += f64::from(arrays.value[root + at]);
            root += *size as usize;
        }
        (sum / trees as f64) as f32
    }

    /// Trees as they are grown on noise, over rows with few values and with many; the second
    /// forest cuts a column at more places than a byte counts.
    #[test]
    fn bins_decide_as_the_values_do() {
        let mut state = 1_u64;
        let mut next = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888);
            (state >> 33) as u32
        };
        for (depth, coarse) in [(6, 8), (12, 1 << 20)] {
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
            let early = Early { trees: 3, below: 0.5 };
            let found = forest.score(&rows, Some(early), 2).unwrap();
            for (row, found) in table.chunks(3).zip(found) {
                let first = slowly(&arrays, row, 3);
                let settled = f64::from(first) < f64::from(early.below) - 1e-6;
                let all = slowly(&arrays, row, 8);
                assert!(found == if settled { first } else { all } || (first - 0.5).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn contributions_add_up() {
        let (added, base) = forest().contributions(&[2.1, 0.6]).unwrap();
        assert!((base - 0.5).abs() < 1e-7);
        assert!((added[1] - 0.15).abs() < 1e-7);
        assert!((added[0] - 0.1).abs() < 1e-7);
        assert!(forest().contributions(&[1.0]).is_none());
    }

    #[test]
    fn rows_of_other_columns_are_refused() {
        assert!(forest().score(&Rows::new(1, &[Block::Rows(&[1.0])]).unwrap(), None, 1).is_none());
    }
}
