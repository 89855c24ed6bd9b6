//! The trees themselves, and what is refused as trees.

/// A node: go to `left` where the row's `feature` is at most `threshold`, else to the node
/// behind it. A leaf has no `left`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    pub threshold: f32,
    /// From the start of all nodes; 0 for a leaf, since no tree has its root as a child.
    pub left: u32,
    pub feature: u16,
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
    /// What the examples that came to a node say, on average: a leaf's is the tree's answer.
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
    /// A threshold or value that is no number, or a value outside 0 to 1.
    Number,
}

/// Trees whose answers are averaged.
#[derive(Clone, Debug)]
pub struct Forest {
    pub(crate) columns: usize,
    /// First node of each tree.
    pub(crate) roots: Vec<u32>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) values: Vec<f32>,
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
        let mut forest = Self {
            columns,
            roots: Vec::with_capacity(arrays.sizes.len()),
            nodes: Vec::with_capacity(count),
            values: arrays.value.to_vec(),
        };
        let mut root = 0;
        for &size in arrays.sizes {
            forest.roots.push(root);
            for place in 0..size {
                forest.nodes.push(node(columns, arrays, root, (place, size))?);
            }
            root += size;
        }
        Ok(forest)
    }

    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    pub fn columns(&self) -> usize {
        self.columns
    }
}

fn node(
    columns: usize,
    arrays: &Arrays<'_>,
    root: u32,
    (place, size): (u32, u32),
) -> Result<Node, Refused> {
    let at = (root + place) as usize;
    let (left, feature) = (arrays.left[at], arrays.feature[at]);
    if !(0.0..=1.0).contains(&arrays.value[at]) || !arrays.threshold[at].is_finite() {
        return Err(Refused::Number);
    }
    if left == 0 {
        return Ok(Node { threshold: 0.0, left: 0, feature: 0 });
    }
    if left <= place || left >= size - 1 {
        return Err(Refused::Child);
    }
    if usize::from(feature) >= columns {
        return Err(Refused::Feature);
    }
    Ok(Node { threshold: arrays.threshold[at], left: root + left, feature })
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
        let value = &[0.5, f32::NAN, 1.0, 0.5];
        assert_eq!(refused(2, Arrays { value, ..SOUND }), Refused::Number);
        let value = &[0.5, 1.5, 1.0, 0.5];
        assert_eq!(refused(2, Arrays { value, ..SOUND }), Refused::Number);
        let threshold = &[f32::INFINITY, 0.0, 0.0, 0.0];
        assert_eq!(refused(2, Arrays { threshold, ..SOUND }), Refused::Number);
    }
}
