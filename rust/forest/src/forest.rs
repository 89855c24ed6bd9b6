//! The trees themselves, and what is refused as trees.

use crate::cuts::Cuts;

/// A node: go to `left` where the bin of the row's `feature` is at most `bin`, else to the
/// node behind it. A leaf leads to itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    /// From the start of all nodes.
    pub left: u32,
    pub feature: u16,
    pub bin: u16,
}

/// Arrays as a model file has them; the four of nodes are of equal length.
#[derive(Clone, Copy, Debug)]
pub struct Arrays<'a> {
    /// How many nodes each tree has.
    pub sizes: &'a [u32],
    pub feature: &'a [u16],
    pub threshold: &'a [f32],
    /// Place of the left child within its tree, the right one behind it; 0 for a leaf.
    pub left: &'a [u32],
    /// What a tree would answer if it ended at a node: a leaf's is its answer.
    pub value: &'a [f32],
}

/// Why arrays are no forest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No tree at all, or a tree without a node.
    Empty,
    /// The arrays are of different lengths, or the sizes do not add up to it.
    Length,
    /// A child that is not in its tree, or not behind its parent: walking would not end.
    Child,
    /// A feature that rows do not have.
    Feature,
    /// A threshold or value that is no number.
    Number,
    /// More different thresholds of one feature than 255.
    Cuts,
    /// More leaves in a tree than 32.
    Leaves,
}

/// Leaves of a tree, at most: as many as a word has bits.
pub(crate) const LEAVES: usize = u32::BITS as usize;

/// An inner node as rows are scored by it: where a bin is above `bin`, the row comes to none
/// of the leaves on the left, whose bits are not in `right`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Split {
    pub feature: u16,
    pub bin: u8,
    pub right: u32,
}

/// Splits and leaves of one tree: from the end of the tree before up to these.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ends {
    pub splits: usize,
    pub leaves: usize,
}

/// Trees whose answers are added.
#[derive(Clone, Debug)]
pub struct Forest {
    pub(crate) columns: usize,
    /// First node of each tree.
    pub(crate) roots: Vec<u32>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) values: Vec<f32>,
    /// Thresholds by feature.
    pub(crate) cuts: Vec<Cuts>,
    pub(crate) splits: Vec<Split>,
    /// Answers of leaves, from the left to the right.
    pub(crate) leaves: Vec<f32>,
    pub(crate) ends: Vec<Ends>,
}

impl Forest {
    /// Trees over rows of `columns` numbers.
    ///
    /// # Errors
    /// `Refused` where the arrays do not describe trees.
    pub fn new(columns: usize, arrays: &Arrays<'_>) -> Result<Self, Refused> {
        let count = arrays.feature.len();
        let whole: u64 = arrays.sizes.iter().map(|&size| u64::from(size)).sum();
        let same = [arrays.threshold.len(), arrays.left.len(), arrays.value.len()];
        if same != [count; 3] || whole != count as u64 || whole > u64::from(u32::MAX) {
            return Err(Refused::Length);
        }
        if arrays.sizes.is_empty() || arrays.sizes.contains(&0) {
            return Err(Refused::Empty);
        }
        let mut roots = Vec::with_capacity(arrays.sizes.len());
        let mut thresholds = vec![Vec::new(); columns];
        let mut root = 0;
        for &size in arrays.sizes {
            roots.push(root);
            for place in 0..size {
                let at = (root + place) as usize;
                if is_inner(columns, arrays, at, (place, size))? {
                    thresholds[usize::from(arrays.feature[at])].push(arrays.threshold[at]);
                }
            }
            root += size;
        }
        let cuts: Vec<Cuts> = thresholds.into_iter().map(Cuts::new).collect();
        if cuts.iter().any(|cuts| cuts.count() > usize::from(u8::MAX)) {
            return Err(Refused::Cuts);
        }
        let mut forest = Self {
            columns,
            roots,
            nodes: Vec::new(),
            values: arrays.value.to_vec(),
            cuts,
            splits: Vec::new(),
            leaves: Vec::new(),
            ends: Vec::new(),
        };
        forest.nodes.reserve_exact(count);
        for (&root, &size) in forest.roots.iter().zip(arrays.sizes) {
            let each = (root..root + size).map(|at| node(&forest.cuts, arrays, root, at));
            forest.nodes.extend(each);
        }
        for tree in 0..forest.trees() {
            let first = forest.leaves.len();
            forest.spread(forest.roots[tree], first, 0)?;
            let (splits, leaves) = (forest.splits.len(), forest.leaves.len());
            forest.ends.push(Ends { splits, leaves });
        }
        Ok(forest)
    }

    /// Set out the splits and leaves from a node on, from the left to the right; the leaves
    /// of the tree begin at `first`.
    fn spread(&mut self, at: u32, first: usize, above: usize) -> Result<(), Refused> {
        if above == LEAVES {
            return Err(Refused::Leaves);
        }
        let Node { left, feature, bin } = self.nodes[at as usize];
        if left == at {
            self.leaves.push(self.values[at as usize]);
            let few = self.leaves.len() - first <= LEAVES;
            return if few { Ok(()) } else { Err(Refused::Leaves) };
        }
        let before = self.leaves.len() - first;
        self.spread(left, first, above + 1)?;
        let behind = self.leaves.len() - first;
        // There is a leaf to the right as well: no more than 31 are to the left.
        let gone = ((1_u64 << behind) - (1_u64 << before)) as u32;
        self.splits.push(Split { feature, bin: bin as u8, right: !gone });
        self.spread(left + 1, first, above + 1)
    }

    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// Whether there is a node below; checked as far as a walk relies on it.
fn is_inner(
    columns: usize,
    arrays: &Arrays<'_>,
    at: usize,
    (place, size): (u32, u32),
) -> Result<bool, Refused> {
    let (left, feature) = (arrays.left[at], arrays.feature[at]);
    if !arrays.value[at].is_finite() || !arrays.threshold[at].is_finite() {
        return Err(Refused::Number);
    }
    if left == 0 {
        return Ok(false);
    }
    if left <= place || left >= size - 1 {
        return Err(Refused::Child);
    }
    if usize::from(feature) >= columns {
        return Err(Refused::Feature);
    }
    Ok(true)
}

fn node(cuts: &[Cuts], arrays: &Arrays<'_>, root: u32, at: u32) -> Node {
    let (left, feature) = (arrays.left[at as usize], arrays.feature[at as usize]);
    if left == 0 {
        return Node { left: at, feature: 0, bin: u16::MAX };
    }
    let bin = cuts[usize::from(feature)].bin(arrays.threshold[at as usize]) as u16;
    Node { left: root + left, feature, bin }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: Arrays<'static> = Arrays {
        sizes: &[3, 1],
        feature: &[1, 0, 0, 0],
        threshold: &[0.5, 0.0, 0.0, 0.0],
        left: &[1, 0, 0, 0],
        value: &[0.5, 0.25, 1.0, 0.5],
    };

    #[test]
    fn sound_arrays_are_taken() {
        let forest = Forest::new(2, &SOUND).unwrap();
        assert_eq!((forest.trees(), forest.columns()), (2, 2));
        assert_eq!(forest.roots, [0, 3]);
    }

    #[test]
    fn what_is_no_forest_is_refused() {
        let refused = |columns, arrays: Arrays<'_>| Forest::new(columns, &arrays).unwrap_err();
        assert_eq!(refused(1, SOUND), Refused::Feature);
        assert_eq!(
            refused(2, Arrays { sizes: &[4], left: &[3, 0, 0, 0], ..SOUND }),
            Refused::Child
        );
        assert_eq!(
            refused(2, Arrays { sizes: &[4], left: &[1, 1, 0, 0], ..SOUND }),
            Refused::Child
        );
        assert_eq!(refused(2, Arrays { left: &[2, 0, 0, 0], ..SOUND }), Refused::Child);
        assert_eq!(refused(2, Arrays { sizes: &[3], ..SOUND }), Refused::Length);
        assert_eq!(refused(2, Arrays { sizes: &[u32::MAX, 5], ..SOUND }), Refused::Length);
        assert_eq!(refused(2, Arrays { sizes: &[4, 0], ..SOUND }), Refused::Empty);
        let none: Arrays<'_> =
            Arrays { sizes: &[], feature: &[], threshold: &[], left: &[], value: &[] };
        assert_eq!(refused(2, none), Refused::Empty);
        let count = 256;
        let arrays = Arrays {
            sizes: &vec![3; count],
            feature: &vec![0; 3 * count],
            threshold: &(0..3 * count).map(|at| at as f32).collect::<Vec<_>>(),
            left: &[1, 0, 0].repeat(count),
            value: &vec![0.5; 3 * count],
        };
        assert_eq!(refused(1, arrays), Refused::Cuts);
        for (inner, fits) in [(31, true), (32, false)] {
            let size = 2 * inner + 1;
            let left = (0..size).map(|at| if at < inner { 2 * at + 1 } else { 0 });
            let arrays = Arrays {
                sizes: &[size as u32],
                feature: &vec![0; size],
                threshold: &vec![0.0; size],
                left: &left.map(|at| at as u32).collect::<Vec<_>>(),
                value: &vec![0.5; size],
            };
            assert_eq!(Forest::new(1, &arrays).is_ok(), fits);
            assert!(fits || refused(1, arrays) == Refused::Leaves);
        }
        let value = &[0.5, f32::NAN, 1.0, 0.5];
        assert_eq!(refused(2, Arrays { value, ..SOUND }), Refused::Number);
        let value = &[0.5, f32::INFINITY, 1.0, 0.5];
        assert_eq!(refused(2, Arrays { value, ..SOUND }), Refused::Number);
        let threshold = &[f32::INFINITY, 0.0, 0.0, 0.0];
        assert_eq!(refused(2, Arrays { threshold, ..SOUND }), Refused::Number);
    }
}
