//! The recursive search of the lattice of prefix lengths (agurim, `src/hhh.c`).
//!
//! A node is a pair of prefix lengths. From a node the search goes to longer pairs first:
//! both sides longer ("lower"), the source longer ("left"), the destination longer
//! ("right"), and neither, with half the step ("upper"). What a longer pair takes, the
//! shorter one does not count. Both edges, where one side is a full key, are searched before
//! the rest, so that a full address is preferred to a pair of prefixes.

use std::collections::HashMap;

use crate::reach::reach;
use crate::threshold::{Count, Threshold};
use crate::word::{Mixed, Word};

/// What is searched: keys left-aligned, with lengths where a key may be a prefix already.
pub struct Pairs<W> {
    pub src: Vec<W>,
    pub dst: Vec<W>,
    pub lengths: Option<Vec<(u8, u8)>>,
    pub counts: Vec<Count>,
}

impl<W> Pairs<W> {
    pub fn with_capacity(n: usize) -> Self {
        let (src, dst, counts) =
            (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
        Self { src, dst, lengths: None, counts }
    }

    pub fn len(&self) -> usize {
        self.counts.len()
    }

    pub fn total(&self) -> Count {
        let mut total = Count::default();
        for count in &self.counts {
            total += *count;
        }
        total
    }
}

/// Kinds of key, and which lengths make sense for each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    V4,
    V6,
    /// Protocol (8 bits) and port (16), each whole.
    Service,
}

#[derive(Clone, Copy)]
struct Shape {
    bits: u8,
    /// Lengths of an edge: of a full key, or of the part of it that is searched.
    edge: u8,
    least_step: u8,
    /// Below this length only multiples of `coarse` are looked at.
    cutoff: u8,
    coarse: u8,
}

impl Kind {
    fn shape(self) -> Shape {
        match self {
            Self::V4 => Shape { bits: 32, edge: 32, least_step: 1, cutoff: 16, coarse: 8 },
            Self::V6 => Shape { bits: 128, edge: 128, least_step: 1, cutoff: 32, coarse: 16 },
            Self::Service => Shape { bits: 24, edge: 24, least_step: 16, cutoff: 0, coarse: 1 },
        }
    }

    /// Where searches begin: edge, source length, destination length, step.
    fn starts(self) -> &'static [(u8, u8, u8, u8)] {
        match self {
            Self::V4 => &[(32, 32, 0, 32), (32, 0, 32, 32), (32, 0, 0, 32)],
            Self::V6 => &[
                (128, 128, 0, 128),
                (128, 0, 128, 128),
                (64, 64, 0, 64),
                (64, 0, 64, 64),
                (64, 0, 0, 64),
            ],
            Self::Service => &[(24, 24, 8, 16), (24, 8, 24, 16), (24, 8, 8, 16)],
        }
    }
}

/// A pair of prefixes that carries enough, and the rows of the input that it took.
pub struct Found<W> {
    pub src: (W, u8),
    pub dst: (W, u8),
    pub count: Count,
    pub rows: Vec<u32>,
}

/// All pairs of prefixes of `pairs` that reach `threshold`, the longest first.
///
/// For addresses what is left over is given as the pair of two empty prefixes.
pub fn search<W: Word>(pairs: &Pairs<W>, kind: Kind, threshold: Threshold) -> Vec<Found<W>> {
    if pairs.len() == 0 {
        return Vec::new();
    }
    let shape = kind.shape();
    let mut search = Search {
        pairs,
        shape,
        threshold,
        reach: [
            reach(&pairs.src, &pairs.counts, shape.bits, threshold),
            reach(&pairs.dst, &pairs.counts, shape.bits, threshold),
        ],
        taken: vec![false; pairs.len()],
        found: Vec::new(),
    };
    let mut root = Group {
        key: (pairs.src[0].prefix(0), pairs.dst[0].prefix(0)),
        count: pairs.total(),
        rows: (0..pairs.len() as u32).collect(),
        any: true,
    };
    for (edge, src, dst, step) in kind.starts() {
        search.shape.edge = *edge;
        search.visit(&mut root, Node { lengths: (*src, *dst), step: *step, upper: false });
    }
    search.found
}

#[derive(Clone, Copy)]
struct Node {
    lengths: (u8, u8),
    step: u8,
    upper: bool,
}

struct Group<W> {
    key: (W, W),
    count: Count,
    rows: Vec<u32>,
    /// Both prefixes are empty: kept whatever it carries.
    any: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Left,
    Right,
}

struct Search<'a, W> {
    pairs: &'a Pairs<W>,
    shape: Shape,
    threshold: Threshold,
    reach: [Vec<u8>; 2],
    taken: Vec<bool>,
    found: Vec<Found<W>>,
}

impl<W: Word> Search<'_, W> {
    fn enough(&self, group: &Group<W>) -> bool {
        group.any || self.threshold.reached(group.count)
    }

    fn edge(&self, node: Node) -> Option<Edge> {
        if node.lengths.0 == self.shape.edge {
            return Some(Edge::Left);
        }
        (node.lengths.1 == self.shape.edge).then_some(Edge::Right)
    }

    fn recurses(&self, node: Node) -> bool {
        let shape = &self.shape;
        if node.lengths.0.max(node.lengths.1) < shape.cutoff && node.step == shape.coarse {
            return false;
        }
        // the very bottom of the left edge is to be seen as well
        let bottom = self.edge(node) == Some(Edge::Left)
            && node.step != 0
            && node.lengths.1 + node.step == shape.edge;
        node.step > shape.least_step || bottom
    }

    fn visit(&mut self, parent: &mut Group<W>, node: Node) -> bool {
        let recurses = self.recurses(node);
        if node.upper {
            // what the node itself carries is taken at a higher level
            return recurses && self.visit_below(parent, node);
        }
        let mut groups = self.group(parent, node.lengths);
        let mut any = false;
        for group in &mut groups {
            let before = group.count;
            if recurses && self.visit_below(group, node) {
                any = true;
                parent.count += group.count;
                parent.count -= before;
            }
        }
        if self.enough(parent) {
            for group in groups {
                any |= self.take(parent, group, node.lengths);
            }
        }
        any
    }

    fn visit_below(&mut self, group: &mut Group<W>, node: Node) -> bool {
        let whole = node.step == self.shape.least_step
            // nothing between the halves of an IPv6 address
            || u16::from(node.lengths.0) + u16::from(node.lengths.1) == 192;
        let (delta, step) = if whole { (node.step, 0) } else { (node.step / 2, node.step / 2) };
        let (src, dst) = node.lengths;
        let below: &[(u8, u8, bool)] = match self.edge(node) {
            Some(Edge::Left) => &[(0, delta, false), (0, 0, true)],
            Some(Edge::Right) => &[(delta, 0, false), (0, 0, true)],
            None => &[(delta, delta, false), (delta, 0, false), (0, delta, false), (0, 0, true)],
        };
        let mut any = false;
        for (more_src, more_dst, upper) in below {
            if !self.enough(group) {
                break;
            }
            let lengths = (src + more_src, dst + more_dst);
            let shortest = lengths.0.min(lengths.1);
            if shortest < self.shape.cutoff && shortest % self.shape.coarse != 0 {
                continue;
            }
            any |= self.visit(group, Node { lengths, step, upper: *upper });
        }
        any
    }

    /// The rows of `parent` by prefixes of these lengths; only groups that carry enough.
    fn group(&self, parent: &Group<W>, lengths: (u8, u8)) -> Vec<Group<W>> {
        if lengths == (0, 0) {
            return self.whole(parent);
        }
        let fits = |row: &u32| {
            let n = *row as usize;
            !self.taken[n]
                && self.reach[0][n] >= lengths.0
                && self.reach[1][n] >= lengths.1
                && self
                    .pairs
                    .lengths
                    .as_ref()
                    .is_none_or(|own| own[n].0 >= lengths.0 && own[n].1 >= lengths.1)
        };
        let rows: Vec<u32> = parent.rows.iter().copied().filter(|row| fits(row)).collect();
        let mut numbers: HashMap<(W, W), u32, Mixed> = HashMap::default();
        let mut groups: Vec<Group<W>> = Vec::new();
        let mut member = Vec::with_capacity(rows.len());
        for row in &rows {
            let n = *row as usize;
            let key = (self.pairs.src[n].prefix(lengths.0), self.pairs.dst[n].prefix(lengths.1));
            let number = *numbers.entry(key).or_insert_with(|| {
                groups.push(Group { key, count: Count::default(), rows: Vec::new(), any: false });
                groups.len() as u32 - 1
            });
            groups[number as usize].count += self.pairs.counts[n];
            member.push(number);
        }
        for (row, number) in rows.iter().zip(member) {
            let group = &mut groups[number as usize];
            if self.threshold.reached(group.count) {
                group.rows.push(*row);
            }
        }
        groups.retain(|group| !group.rows.is_empty());
        groups
    }

    fn whole(&self, parent: &Group<W>) -> Vec<Group<W>> {
        let rows: Vec<u32> =
            parent.rows.iter().copied().filter(|row| !self.taken[*row as usize]).collect();
        let mut count = Count::default();
        for row in &rows {
            count += self.pairs.counts[*row as usize];
        }
        if rows.is_empty() { Vec::new() } else { vec![Group { count, rows, ..*parent }] }
    }

    fn take(&mut self, parent: &mut Group<W>, group: Group<W>, lengths: (u8, u8)) -> bool {
        if !self.enough(&group) {
            return false;
        }
        parent.count -= group.count;
        let mut rows = group.rows;
        rows.retain(|row| !std::mem::replace(&mut self.taken[*row as usize], true));
        self.found.push(Found {
            src: (group.key.0, lengths.0),
            dst: (group.key.1, lengths.1),
            count: group.count,
            rows,
        });
        true
    }
}
