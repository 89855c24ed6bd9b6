//! Walking rows down the trees: answers for many rows, and what each feature adds for one.

use std::thread;

use crate::forest::Forest;
use crate::rows::Rows;

/// Rows that are walked down a tree together. A tree then stays in the cache for a tile, and
/// walks of neighbouring rows do not wait for each other's memory.
const TILE: usize = 64;
/// Rows side by side in the inner loop.
const LANES: usize = 8;

/// When the first trees settle a row: after `trees` of them an answer below `below` stands,
/// and the others are not asked. Nearly all cells of a design are beyond suspicion at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Early {
    pub trees: usize,
    pub below: f32,
}

impl Forest {
    /// The average answer for each row; `None` where rows have other columns than the trees.
    pub fn score(&self, rows: &Rows<'_>, early: Option<Early>, threads: usize) -> Option<Vec<f32>> {
        if rows.columns() != self.columns && !rows.is_empty() {
            return None;
        }
        let mut answers = vec![0.0; rows.len()];
        let share = rows.len().div_ceil(threads.max(1)).next_multiple_of(TILE).max(TILE);
        thread::scope(|scope| {
            for (at, part) in answers.chunks_mut(share).enumerate() {
                scope.spawn(move || self.part(rows, at * share, early, part));
            }
        });
        Some(answers)
    }

    fn part(&self, rows: &Rows<'_>, first: usize, early: Option<Early>, answers: &mut [f32]) {
        let mut tile = vec![0.0; TILE * self.columns];
        let early = early.filter(|early| early.trees > 0 && early.trees < self.trees());
        let (ask, rest) = self.roots.split_at(early.map_or(self.trees(), |early| early.trees));
        for (at, part) in answers.chunks_mut(TILE).enumerate() {
            rows.fill(first + at * TILE, &mut tile[..part.len() * self.columns]);
            let mut sums = [0.0; TILE];
            let mut open: Vec<u32> = (0..part.len() as u32).collect();
            self.add(ask, &tile, &open, &mut sums);
            if let Some(early) = early {
                let limit = f64::from(early.below) * ask.len() as f64;
                open.retain(|&row| sums[row as usize] >= limit);
                self.add(rest, &tile, &open, &mut sums);
            }
            for (row, answer) in part.iter_mut().enumerate() {
                let settled = early.is_some() && !open.contains(&(row as u32));
                let trees = if settled { ask.len() } else { self.trees() };
                *answer = (sums[row] / trees as f64) as f32;
            }
        }
    }

    /// Add the answers of the trees at `roots` for the `open` rows of a tile.
    fn add(&self, roots: &[u32], tile: &[f32], open: &[u32], sums: &mut [f64; TILE]) {
        for &root in roots {
            for some in open.chunks(LANES) {
                let mut at = [root; LANES];
                while self.step(tile, some, &mut at) {}
                for (&row, &leaf) in some.iter().zip(&at) {
                    sums[row as usize] += f64::from(self.values[leaf as usize]);
                }
            }
        }
    }

    /// One level down for up to `LANES` rows; false once all are at leaves.
    fn step(&self, tile: &[f32], some: &[u32], at: &mut [u32; LANES]) -> bool {
        let mut moved = false;
        for (place, &row) in at.iter_mut().zip(some) {
            let node = self.nodes[*place as usize];
            if node.left != 0 {
                let value = tile[row as usize * self.columns + usize::from(node.feature)];
                // What is no number goes right, like what is above the threshold.
                let left = value <= node.threshold;
                *place = node.left + u32::from(!left);
                moved = true;
            }
        }
        moved
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
            while self.nodes[at].left != 0 {
                let node = self.nodes[at];
                let left = row[usize::from(node.feature)] <= node.threshold;
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
        for count in [0, 1, 63, 64, 65, 200] {
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
