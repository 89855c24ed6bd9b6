//! What reaches the rest of a design only through a cell, and what is reached only through it.
//!
//! A Trojan's trigger gathers its whole counter and comparator into one rare net; no host
//! logic does that as often. The dominator tree says so exactly and does not change when
//! gates are split: Lengauer and Tarjan, TOPLAS 1(1), 1979; the semi-NCA variant of
//! Georgiadis, Tarjan and Werneck, JGAA 10(1), 2006.

use crate::columns::Columns;
use crate::cones::logarithm;
use crate::flips::{self, FLIPS};
use crate::graph::{FLOATING, Graph, INPUT};
use crate::rareness::told;

/// Marks "not numbered".
pub const NOBODY: u32 = u32::MAX;

pub const DOMINANCE: [&str; 10] = [
    "gathers_cells",
    "gathers_flipflops",
    "gathers_pins",
    "gathers_share",
    "gate_rareness",
    "gate_distance",
    "gate_cells",
    "gate_flipflops",
    "gate_pins",
    "feeds_cells",
];

/// More about that gate.
pub const GATES: [&str; 2] = ["gate_ffc_rareness", "gate_drop"];

/// A dominator tree over cells; cells in an order where parents come first.
pub struct Tree {
    pub order: Vec<u32>,
    /// The cell above each, or `NOBODY` for those right below the virtual root.
    pub above: Vec<u32>,
}

/// Which way to look: `next` leads away from the root, `last` towards it.
struct Way<'a> {
    graph: &'a Graph,
    towards_inputs: bool,
}

impl<'a> Way<'a> {
    fn next(&self, cell: u32) -> &'a [u32] {
        if self.towards_inputs { self.graph.sources.of(cell) } else { self.graph.loads.of(cell) }
    }

    fn last(&self, cell: u32) -> &'a [u32] {
        if self.towards_inputs { self.graph.loads.of(cell) } else { self.graph.sources.of(cell) }
    }

    /// Whether a cell is right at the root: it ends at an output or at a control pin, or
    /// nothing reads it; the other way, it reads something that is no cell, or nothing.
    fn edge(&self, cell: u32) -> bool {
        let at = cell as usize;
        if self.towards_inputs {
            self.graph.outputs[at] > 0
                || self.graph.controls[at].iter().any(|count| *count > 0)
                || self.graph.loads.of(cell).is_empty()
        } else {
            let sources = self.graph.sources.of(cell);
            sources.is_empty() || sources.iter().any(|source| *source >= FLOATING)
        }
    }

    /// Cells at the root, and those that nothing else joins to it.
    fn edges(&self) -> Vec<bool> {
        let cells = self.graph.cells as u32;
        let mut edges: Vec<bool> = (0..cells).map(|cell| self.edge(cell)).collect();
        let mut reached = edges.clone();
        let mut stack: Vec<u32> = (0..cells).filter(|cell| edges[*cell as usize]).collect();
        while let Some(cell) = stack.pop() {
            for &other in self.next(cell) {
                if other < FLOATING && !reached[other as usize] {
                    reached[other as usize] = true;
                    stack.push(other);
                }
            }
        }
        edges.iter_mut().zip(reached).for_each(|(edge, reached)| *edge |= !reached);
        edges
    }
}

/// Numbers of the depth-first search are from 1; 0 is the virtual root.
struct Search {
    order: Vec<u32>,
    number: Vec<u32>,
    parent: Vec<u32>,
}

fn search(way: &Way, edges: &[bool]) -> Search {
    let cells = way.graph.cells;
    let mut found = Search {
        order: Vec::with_capacity(cells),
        number: vec![NOBODY; cells],
        parent: vec![0; cells + 1],
    };
    let mut path: Vec<(u32, u32)> = Vec::new();
    for root in (0..cells as u32).filter(|cell| edges[*cell as usize]) {
        if found.number[root as usize] != NOBODY {
            continue;
        }
        found.enter(root, 0, &mut path);
        while let Some((cell, at)) = path.last_mut() {
            let Some(&other) = way.next(*cell).get(*at as usize) else {
                path.pop();
                continue;
            };
            *at += 1;
            let parent = found.number[*cell as usize];
            if other < FLOATING && found.number[other as usize] == NOBODY {
                found.enter(other, parent, &mut path);
            }
        }
    }
    found
}

impl Search {
    fn enter(&mut self, cell: u32, parent: u32, path: &mut Vec<(u32, u32)>) {
        self.order.push(cell);
        let number = self.order.len() as u32;
        self.number[cell as usize] = number;
        self.parent[number as usize] = parent;
        path.push((cell, 0));
    }
}

/// The forest of what was looked at, with shortened paths.
struct Forest {
    ancestor: Vec<u32>,
    label: Vec<u32>,
    stack: Vec<u32>,
}

impl Forest {
    /// The smallest semidominator on the way from `node` up to below `linked`.
    fn least(&mut self, node: u32, linked: u32) -> u32 {
        if node < linked {
            return node;
        }
        let mut at = node;
        while self.ancestor[at as usize] >= linked {
            self.stack.push(at);
            at = self.ancestor[at as usize];
        }
        let mut top = at;
        while let Some(lower) = self.stack.pop() {
            let best = self.label[top as usize].min(self.label[lower as usize]);
            self.label[lower as usize] = best;
            self.ancestor[lower as usize] = self.ancestor[at as usize];
            top = lower;
        }
        self.label[node as usize]
    }
}

impl Tree {
    fn new(way: &Way) -> Self {
        let edges = way.edges();
        let found = search(way, &edges);
        let count = found.order.len();
        let mut forest = Forest {
            ancestor: found.parent.clone(),
            label: (0..=count as u32).collect(),
            stack: Vec::new(),
        };
        let mut semi: Vec<u32> = (0..=count as u32).collect();
        for node in (1..=count as u32).rev() {
            let cell = found.order[node as usize - 1];
            let mut best = found.parent[node as usize];
            if edges[cell as usize] {
                best = 0;
            }
            for &other in way.last(cell) {
                if best > 0 && other < FLOATING {
                    best = best.min(forest.least(found.number[other as usize], node + 1));
                }
            }
            semi[node as usize] = best;
            forest.label[node as usize] = best;
        }
        let mut above = found.parent;
        for node in 1..=count {
            while above[node] > semi[node] {
                above[node] = above[above[node] as usize];
            }
        }
        let mut named = vec![NOBODY; way.graph.cells];
        for node in 1..=count {
            let over = above[node];
            if over > 0 {
                named[found.order[node - 1] as usize] = found.order[over as usize - 1];
            }
        }
        Self { order: found.order, above: named }
    }

    /// For each cell, the sum of `value` over what it dominates, itself included.
    fn sums(&self, value: impl Fn(u32) -> i64) -> Vec<u32> {
        let mut sums: Vec<i64> = (0..self.order.len() as u32).map(value).collect();
        for &cell in self.order.iter().rev() {
            let above = self.above[cell as usize];
            if above != NOBODY {
                sums[above as usize] += sums[cell as usize];
            }
        }
        sums.into_iter().map(|sum| u32::try_from(sum).unwrap_or(0)).collect()
    }

    /// Places in a walk around the tree: first and last of what a cell dominates.
    fn spans(&self) -> Vec<(u32, u32)> {
        let sizes = self.sums(|_| 1);
        let mut next: Vec<u32> = vec![0; self.order.len()];
        let mut spans = vec![(0, 0); self.order.len()];
        let mut root = 0;
        for &cell in &self.order {
            let above = self.above[cell as usize];
            let place = if above == NOBODY { &mut root } else { &mut next[above as usize] };
            let from = *place;
            *place += sizes[cell as usize];
            spans[cell as usize] = (from, from + sizes[cell as usize]);
            next[cell as usize] = from + 1;
        }
        spans
    }

    /// For each cell, the pins that lead into what it dominates.
    fn entering(&self, graph: &Graph) -> Vec<u32> {
        let spans = self.spans();
        let holds = |above: u32, cell: u32| {
            let (from, to) = spans[above as usize];
            let at = spans[cell as usize].0;
            from <= at && at < to
        };
        let mut change = vec![0i64; graph.cells];
        for cell in 0..graph.cells as u32 {
            for &source in graph.sources.of(cell) {
                if source >= FLOATING && source != INPUT {
                    continue;
                }
                change[cell as usize] += 1;
                // The pin is inside of whatever dominates both ends.
                let top = if source >= FLOATING {
                    NOBODY
                } else if holds(source, cell) {
                    source
                } else {
                    self.above[source as usize]
                };
                if top != NOBODY {
                    change[top as usize] -= 1;
                }
            }
        }
        self.sums(|cell| change[cell as usize])
    }
}

/// `rare` and `alone` give the rareness of cells, and that of their own cones by themselves.
pub fn put<'a>(
    graph: &Graph,
    rare: impl Fn() -> &'a [u32],
    alone: impl Fn() -> &'a [u32],
    columns: &Columns,
) {
    let turned = columns.want_any(FLIPS);
    if turned || columns.want_any(DOMINANCE[..9].iter().chain(&GATES)) {
        let tree = Tree::new(&Way { graph, towards_inputs: true });
        let cells = tree.sums(|_| 1);
        let flipflops = tree.sums(|cell| i64::from(graph.keeps[cell as usize]));
        let pins = tree.entering(graph);
        columns.put("gathers_cells", |at| logarithm(cells[at]));
        columns.put("gathers_flipflops", |at| logarithm(flipflops[at]));
        columns.put("gathers_pins", |at| logarithm(pins[at]));
        columns.put("gathers_share", |at| cells[at] as f32 / graph.cells as f32);
        if turned {
            let below = flips::Below { cells: &cells, flipflops: &flipflops, pins: &pins };
            flips::put(graph, &tree, (rare(), alone()), &below, columns);
        }
        if !columns.want_any(DOMINANCE[4..9].iter().chain(&GATES)) {
            return feeds(graph, columns);
        }
        let rare = rare();
        let (gate, distance) = gates(&tree, rare);
        let of = |at: usize| gate[at] as usize;
        columns.put("gate_rareness", |at| told(rare[of(at)]));
        columns.put("gate_distance", |at| f32::from(distance[at]));
        columns.put("gate_cells", |at| logarithm(cells[of(at)]));
        columns.put("gate_flipflops", |at| logarithm(flipflops[of(at)]));
        columns.put("gate_pins", |at| logarithm(pins[of(at)]));
        columns.put("gate_ffc_rareness", |at| told(alone()[of(at)]));
        columns.put("gate_drop", |at| match tree.above[of(at)] {
            NOBODY => 0.0,
            above => told(rare[of(at)]) - told(rare[above as usize]),
        });
    }
    feeds(graph, columns);
}

fn feeds(graph: &Graph, columns: &Columns) {
    if columns.wants("feeds_cells") {
        let tree = Tree::new(&Way { graph, towards_inputs: false });
        let cells = tree.sums(|_| 1);
        columns.put("feeds_cells", |at| logarithm(cells[at]));
    }
}

/// For each cell the rarest cell that all its ways out lead through, and how far up it is.
fn gates(tree: &Tree, rare: &[u32]) -> (Vec<u32>, Vec<u8>) {
    let mut gate: Vec<u32> = (0..rare.len() as u32).collect();
    let mut distance = vec![0u8; rare.len()];
    for &cell in &tree.order {
        let above = tree.above[cell as usize];
        if above == NOBODY {
            continue;
        }
        let over = gate[above as usize];
        if rare[over as usize] >= rare[cell as usize] {
            gate[cell as usize] = over;
            distance[cell as usize] = distance[above as usize].saturating_add(1);
        }
    }
    (gate, distance)
}
