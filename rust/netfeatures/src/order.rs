//! The order in which values flow: what a cell reads comes first.
//!
//! Cells of a loop through flip-flops belong together (a group); within it, and everywhere,
//! combinational logic is in the order of its levels. Loops of combinational logic alone are
//! kept together as knots.

use crate::graph::Graph;

const UNSEEN: u32 = u32::MAX;

/// Strongly connected components, those that are read before those that read them.
struct Components {
    of: Vec<u32>,
    order: Vec<u32>,
}

/// Tarjan's algorithm without recursion, along `before`.
fn components<'a>(
    cells: usize,
    before: impl Fn(u32) -> &'a [u32],
    follow: impl Fn(u32) -> bool,
) -> Components {
    let (mut seen, mut low) = (vec![UNSEEN; cells], vec![0u32; cells]);
    let (mut of, mut order) = (vec![UNSEEN; cells], Vec::with_capacity(cells));
    let (mut stack, mut path) = (Vec::new(), Vec::<(u32, u32)>::new());
    let (mut clock, mut count) = (0, 0);
    for root in 0..cells as u32 {
        if seen[root as usize] != UNSEEN {
            continue;
        }
        path.push((root, 0));
        while let Some((cell, at)) = path.last_mut() {
            let here = *cell as usize;
            if *at == 0 {
                seen[here] = clock;
                low[here] = clock;
                clock += 1;
                stack.push(*cell);
            }
            let sources = before(*cell);
            if let Some(&source) = sources.get(*at as usize) {
                *at += 1;
                let there = source as usize;
                if there >= cells || !follow(source) || of[there] != UNSEEN {
                    continue;
                }
                if seen[there] == UNSEEN {
                    path.push((source, 0));
                } else {
                    low[here] = low[here].min(seen[there]);
                }
                continue;
            }
            if low[here] == seen[here] {
                while let Some(member) = stack.pop() {
                    of[member as usize] = count;
                    order.push(member);
                    if member as usize == here {
                        break;
                    }
                }
                count += 1;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                let parent = *parent as usize;
                low[parent] = low[parent].min(low[here]);
            }
        }
    }
    Components { of, order }
}

/// A run of `Order::cells` that belongs together.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub from: u32,
    pub to: u32,
}

impl Run {
    pub fn range(self) -> std::ops::Range<usize> {
        self.from as usize..self.to as usize
    }
}

#[derive(Debug)]
pub struct Order {
    /// All cells; each reads only earlier ones, ones that keep a state, or ones of its knot.
    pub cells: Vec<u32>,
    /// Loops through flip-flops (or single cells), in the order of `cells`.
    pub groups: Vec<Run>,
    group: Vec<u32>,
    size: Vec<u32>,
    looped: Vec<bool>,
    knot: Vec<u32>,
    knotted: Vec<bool>,
}

impl Order {
    pub fn new(graph: &Graph) -> Self {
        let cells = graph.cells;
        let before = |cell: u32| graph.sources.of(cell);
        let knots = components(cells, before, |source| !graph.keeps[source as usize]);
        let whole = components(cells, before, |_| true);
        let groups = whole.of.iter().max().map_or(0, |last| last + 1) as usize;
        let mut start = vec![0u32; groups + 1];
        whole.of.iter().for_each(|group| start[*group as usize + 1] += 1);
        for group in 0..groups {
            start[group + 1] += start[group];
        }
        let runs = start.windows(2).map(|pair| Run { from: pair[0], to: pair[1] }).collect();
        let mut next = start;
        let mut sorted = vec![0; cells];
        for &cell in &knots.order {
            let place = &mut next[whole.of[cell as usize] as usize];
            sorted[*place as usize] = cell;
            *place += 1;
        }
        let size = sizes(&whole.of, groups);
        let itself = |cell: u32| graph.before(cell).any(|source| source == cell);
        let looped = (0..cells as u32)
            .map(|cell| size[whole.of[cell as usize] as usize] > 1 || itself(cell))
            .collect();
        let knot_sizes =
            sizes(&knots.of, knots.of.iter().max().map_or(0, |last| last + 1) as usize);
        let knotted = (0..cells as u32)
            .map(|cell| {
                let keeps = graph.keeps[cell as usize];
                knot_sizes[knots.of[cell as usize] as usize] > 1 || (!keeps && itself(cell))
            })
            .collect();
        drop(whole.order);
        Self { cells: sorted, groups: runs, group: whole.of, size, looped, knot: knots.of, knotted }
    }

    /// All cells, each after the logic that reads it; cells that keep a state come last.
    pub fn backwards<'a>(&'a self, graph: &'a Graph) -> impl Iterator<Item = u32> + 'a {
        let of = move |keeps: bool| {
            let cells = self.cells.iter().rev().copied();
            cells.filter(move |cell| graph.keeps[*cell as usize] == keeps)
        };
        of(false).chain(of(true))
    }

    /// Whether a cell reads itself, be it by way of others.
    pub fn in_loop(&self, cell: u32) -> bool {
        self.looped[cell as usize]
    }

    /// Cells that read each other have the same.
    pub fn loop_of(&self, cell: u32) -> u32 {
        self.group[cell as usize]
    }

    /// How many cells read each other here.
    pub fn loop_size(&self, cell: u32) -> u32 {
        self.size[self.group[cell as usize] as usize]
    }

    /// Whether a cell reads itself by combinational logic alone.
    pub fn in_knot(&self, cell: u32) -> bool {
        self.knotted[cell as usize]
    }

    pub fn same_knot(&self, one: u32, other: u32) -> bool {
        self.knot[one as usize] == self.knot[other as usize]
    }

    /// Runs of `cells[run]` that are one knot, or one cell.
    pub fn knots(&self, run: Run) -> impl Iterator<Item = &[u32]> {
        self.cells[run.range()].chunk_by(|one, other| self.same_knot(*one, *other))
    }
}

fn sizes(of: &[u32], count: usize) -> Vec<u32> {
    let mut found = vec![0; count];
    for group in of {
        found[*group as usize] += 1;
    }
    found
}
