//! Growing extremely randomised trees (Geurts, Ernst and Wehenkel, Machine Learning 63, 2006).
//!
//! At each node some features are drawn, for each of them one cut, and the best of these cuts
//! by Gini impurity is taken. Values are put into at most 256 bins first, so that a column of
//! a hundred thousand rows stays in the cache while it is cut; cuts are drawn between bins,
//! evenly over what there is rather than over what the numbers span. All rows grow each tree.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::rows::Rows;

/// Marks a leaf in `Grown::feature`.
pub const LEAF: u16 = u16::MAX;
const CHUNK: usize = 256;

/// How trees are grown.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    pub trees: usize,
    /// Features that a node chooses from, those not counted that are constant there.
    pub tries: usize,
    /// Rows in a leaf, at least.
    pub leaf: usize,
    pub seed: u64,
}

/// Trees, level by level: the k-th inner node of a tree has its children at 2k + 1 and 2k + 2.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grown {
    pub sizes: Vec<u32>,
    /// `LEAF` for a leaf.
    pub feature: Vec<u16>,
    /// Of inner nodes: at most goes left.
    pub threshold: Vec<f32>,
    /// The weighted share of true rows, in 65,535ths.
    pub value: Vec<u16>,
}

/// Rows to learn from.
#[derive(Clone, Copy, Debug)]
pub struct Lesson<'a> {
    pub rows: &'a Rows<'a>,
    /// By row: its weight, negative where it is not what is looked for.
    pub weight: &'a [f32],
    /// By column, ascending: a value belongs to the first edge that it does not exceed, or
    /// behind them all. At most 255 each.
    pub edges: &'a [&'a [f32]],
}

/// Grow trees; the same lesson and seed give the same trees, on any number of threads.
///
/// None where the lesson has no rows, or its parts do not fit each other.
pub fn grow(lesson: &Lesson<'_>, growth: Growth, threads: usize) -> Option<Grown> {
    let fits = lesson.weight.len() == lesson.rows.len()
        && lesson.edges.len() == lesson.rows.columns()
        && lesson.edges.len() < usize::from(LEAF)
        && lesson.edges.iter().all(|edges| edges.len() < 256)
        && !lesson.rows.is_empty();
    if !fits {
        return None;
    }
    let bins = Bins::new(lesson);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= growth.trees {
            return;
        }
        let tree = Tree::grow(&bins, lesson.weight, growth, number as u64);
        done.lock().unwrap_or_else(PoisonError::into_inner).push((number, tree));
    };
    thread::scope(|scope| {
        for _ in 1..threads.max(1) {
            scope.spawn(work);
        }
        work();
    });
    let mut trees = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    trees.sort_unstable_by_key(|(number, _)| *number);
    let mut grown = Grown::default();
    for (_, tree) in &trees {
        tree.append(lesson.edges, &mut grown);
    }
    Some(grown)
}

/// The bin of every value, column after column.
struct Bins {
    columns: Vec<Vec<u8>>,
}

impl Bins {
    fn new(lesson: &Lesson<'_>) -> Self {
        let (count, width) = (lesson.rows.len(), lesson.edges.len());
        let mut columns = vec![vec![0; count]; width];
        let mut tile = lesson.rows.tile();
        for first in (0..count).step_by(CHUNK) {
            let some = CHUNK.min(count - first);
            lesson.rows.fill(&mut tile, first, some);
            for (column, edges) in lesson.edges.iter().enumerate() {
                let slots = &mut columns[column][first..first + some];
                for (slot, &value) in slots.iter_mut().zip(tile.column(column)) {
                    // What is no number is above all edges, as it is when trees are walked.
                    *slot = edges.partition_point(|edge| value.is_nan() || value > *edge) as u8;
                }
            }
        }
        Self { columns }
    }
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `limit`, evenly enough for what is far below 2^32.
    fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }
}

#[derive(Clone, Copy)]
struct Node {
    /// `LEAF`, or the column that is cut.
    feature: u16,
    /// The last bin that goes left.
    bin: u8,
    value: u16,
    /// Place of the left child, the right one behind it.
    left: u32,
}

struct Tree {
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Cut {
    feature: u16,
    bin: u8,
    worth: f64,
}

/// Weights on one side of a cut.
#[derive(Clone, Copy, Default)]
struct Side {
    rows: usize,
    good: f64,
    bad: f64,
}

impl Side {
    fn of(weights: &[f32]) -> Self {
        let mut side = Self { rows: weights.len(), ..Self::default() };
        for &weight in weights {
            side.add(weight);
        }
        side
    }

    fn add(&mut self, weight: f32) {
        if weight > 0.0 {
            self.good += f64::from(weight);
        } else {
            self.bad -= f64::from(weight);
        }
    }

    fn rest(&self, part: &Self) -> Self {
        Self { rows: self.rows - part.rows, good: self.good - part.good, bad: self.bad - part.bad }
    }

    /// The higher, the purer: weight less Gini impurity, but for a constant.
    fn purity(&self) -> f64 {
        let all = self.good + self.bad;
        if all > 0.0 { (self.good * self.good + self.bad * self.bad) / all } else { 0.0 }
    }

    fn share(&self) -> u16 {
        let all = (self.good + self.bad).max(f64::MIN_POSITIVE);
        (self.good / all * 65_535.0).round().clamp(0.0, 65_535.0) as u16
    }
}

impl Tree {
    fn grow(bins: &Bins, weight: &[f32], growth: Growth, number: u64) -> Self {
        let mut chance = Chance(growth.seed ^ number.wrapping_mul(0xA076_1D64_78BD_642F));
        chance.next();
        let mut rows: Vec<u32> = (0..weight.len() as u32).collect();
        let mut weights = weight.to_vec();
        let mut features: Vec<u16> = (0..bins.columns.len() as u16).collect();
        let mut tree = Self { nodes: vec![Node { feature: LEAF, bin: 0, value: 0, left: 0 }] };
        let mut open = vec![(0, 0, rows.len())];
        while let Some((place, from, to)) = open.pop() {
            let whole = Side::of(&weights[from..to]);
            tree.nodes[place].value = whole.share();
            if whole.rows < 2 * growth.leaf || whole.good <= 0.0 || whole.bad <= 0.0 {
                continue;
            }
            let part = (&rows[from..to], &weights[from..to]);
            let Some(cut) = draw(bins, part, &whole, growth, &mut features, &mut chance) else {
                continue;
            };
            let column = &bins.columns[usize::from(cut.feature)];
            let middle = from
                + split(&mut rows[from..to], &mut weights[from..to], |row| {
                    column[row as usize] <= cut.bin
                });
            let left = tree.nodes.len();
            let leaf = Node { feature: LEAF, bin: 0, value: 0, left: 0 };
            tree.nodes.extend([leaf, leaf]);
            let node = &mut tree.nodes[place];
            (node.feature, node.bin, node.left) = (cut.feature, cut.bin, left as u32);
            open.extend([(left + 1, middle, to), (left, from, middle)]);
        }
        tree
    }

    /// Write the nodes level by level.
    fn append(&self, edges: &[&[f32]], grown: &mut Grown) {
        let mut level = vec![0];
        while !level.is_empty() {
            let mut below = Vec::new();
            for place in level {
                let node: Node = self.nodes[place];
                grown.feature.push(node.feature);
                grown.value.push(node.value);
                if node.feature != LEAF {
                    grown.threshold.push(edges[usize::from(node.feature)][usize::from(node.bin)]);
                    below.extend([node.left as usize, node.left as usize + 1]);
                }
            }
            level = below;
        }
        grown.sizes.push(self.nodes.len() as u32);
    }
}

/// The best of the cuts that are drawn; none where nothing can be cut.
fn draw(
    bins: &Bins,
    (rows, weights): (&[u32], &[f32]),
    whole: &Side,
    growth: Growth,
    features: &mut [u16],
    chance: &mut Chance,
) -> Option<Cut> {
    let mut best: Option<Cut> = None;
    let mut tries = growth.tries.max(1);
    for drawn in 0..features.len() {
        let other = drawn + chance.below(features.len() - drawn);
        features.swap(drawn, other);
        let feature = features[drawn];
        let column = &bins.columns[usize::from(feature)];
        let (low, high) = rows.iter().fold((u8::MAX, 0), |(low, high), &row| {
            let bin = column[row as usize];
            (bin.min(low), bin.max(high))
        });
        if low >= high {
            continue;
        }
        let bin = low + chance.below(usize::from(high - low)) as u8;
        let left = side(column, rows, weights, bin);
        let right = whole.rest(&left);
        if left.rows >= growth.leaf && right.rows >= growth.leaf {
            let worth = left.purity() + right.purity();
            if best.is_none_or(|best| worth > best.worth) {
                best = Some(Cut { feature, bin, worth });
            }
        }
        tries -= 1;
        if tries == 0 {
            break;
        }
    }
    best
}

/// What lies at or below `bin`. Without branches: cuts are drawn, so none can be foreseen.
fn side(column: &[u8], rows: &[u32], weights: &[f32], bin: u8) -> Side {
    let (mut count, mut good, mut bad) = (0, 0.0, 0.0);
    for (&row, &weight) in rows.iter().zip(weights) {
        let here = column[row as usize] <= bin;
        count += usize::from(here);
        let weight = if here { weight } else { 0.0 };
        good += f64::from(weight.max(0.0));
        bad -= f64::from(weight.min(0.0));
    }
    Side { rows: count, good, bad }
}

/// Put what goes left before what goes right; how many go left.
fn split(rows: &mut [u32], weights: &mut [f32], left: impl Fn(u32) -> bool) -> usize {
    let mut middle = 0;
    for at in 0..rows.len() {
        if left(rows[at]) {
            rows.swap(at, middle);
            weights.swap(at, middle);
            middle += 1;
        }
    }
    middle
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Block;

    const GROWTH: Growth = Growth { trees: 5, tries: 2, leaf: 1, seed: 1 };

    /// What is true where x0 > 1 and x1 > 1, over a grid of 4 x 4; x2 is constant.
    fn grid() -> (Vec<f32>, Vec<f32>) {
        let (mut rows, mut weight) = (Vec::new(), Vec::new());
        for one in 0..4_u8 {
            for two in 0..4_u8 {
                rows.extend([f32::from(one), f32::from(two), 7.0]);
                weight.push(if one > 1 && two > 1 { 3.0 } else { -1.0 });
            }
        }
        (rows, weight)
    }

    fn grown(growth: Growth, threads: usize) -> Grown {
        let (rows, weight) = grid();
        let edges: [&[f32]; 3] = [&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0], &[6.0]];
        let rows = Rows::new(16, &[Block::Rows(&rows)]).unwrap();
        grow(&Lesson { rows: &rows, weight: &weight, edges: &edges }, growth, threads).unwrap()
    }

    fn answer(grown: &Grown, row: &[f32]) -> Vec<u16> {
        let (mut from, mut inner, mut found) = (0, 0, Vec::new());
        for &size in &grown.sizes {
            let nodes = &grown.feature[from..from + size as usize];
            let mut at = 0;
            while nodes[at] != LEAF {
                let before = nodes[..at].iter().filter(|one| **one != LEAF).count();
                let right = row[usize::from(nodes[at])] > grown.threshold[inner + before];
                at = 2 * before + 1 + usize::from(right);
            }
            found.push(grown.value[from + at]);
            from += size as usize;
            inner += nodes.iter().filter(|one| **one != LEAF).count();
        }
        found
    }

    #[test]
    fn whole_trees_say_what_they_learnt() {
        let trees = grown(GROWTH, 1);
        assert_eq!(trees.sizes.len(), 5);
        for one in 0..4_u8 {
            for two in 0..4_u8 {
                let said = answer(&trees, &[f32::from(one), f32::from(two), 7.0]);
                let expected = if one > 1 && two > 1 { u16::MAX } else { 0 };
                assert_eq!(said, [expected; 5]);
            }
        }
        assert!(trees.feature.iter().all(|feature| *feature != 2));
    }

    #[test]
    fn the_seed_decides_and_threads_do_not() {
        assert_eq!(grown(GROWTH, 1), grown(GROWTH, 3));
        assert_ne!(grown(GROWTH, 1), grown(Growth { seed: 2, ..GROWTH }, 1));
    }

    #[test]
    fn a_root_knows_the_weighted_share() {
        // 4 true rows of weight 3 against 12 of weight 1.
        assert_eq!(grown(GROWTH, 1).value[0], 32_768);
    }

    #[test]
    fn leaves_keep_their_rows() {
        let trees = grown(Growth { leaf: 8, ..GROWTH }, 1);
        assert!(trees.sizes.iter().all(|size| *size <= 3));
    }

    #[test]
    fn what_does_not_fit_grows_nothing() {
        let rows = Rows::new(1, &[Block::Rows(&[1.0])]).unwrap();
        let long = [0.0; 256];
        for (weight, edges) in [(&[][..], &[&[0.5][..]][..]), (&[1.0], &[]), (&[1.0], &[&long[..]])]
        {
            assert!(grow(&Lesson { rows: &rows, weight, edges }, GROWTH, 1).is_none());
        }
    }
}
