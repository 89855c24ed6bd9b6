//! Cones: the logic that only a cell uses, and how much logic lies before and behind it.
//!
//! A fan-out-free cone is the tree of cells that reach the rest of the design only through
//! its root, each with one reader. Counted by leaves, a wide gate and the tree of narrow
//! ones that another library makes of it are the same.

use crate::columns::Columns;
use crate::functions::{Chance, EVEN};
use crate::graph::{FLOATING, Graph, INPUT};
use crate::probability::{Chances, Setting};
use crate::rareness::{self, steps};

/// Cones are walked until they have this many cells.
pub const FULL: usize = 32;
/// A level with more pins than this is not entered.
const CROWD: usize = 4096;
const CHAIN: u8 = 32;

/// The fan-out-free cone of each cell.
#[derive(Default)]
pub struct Trees {
    cells: Vec<u32>,
    leaves: Vec<u32>,
    deepest: Vec<u16>,
    shallowest: Vec<u16>,
    pub root: Vec<u32>,
    joined: Vec<bool>,
    to_root: Vec<u16>,
}

/// Whether each cell belongs to the tree of the only cell that reads it.
fn joined(setting: &Setting) -> Vec<bool> {
    let graph = setting.graph;
    let joins = |cell: u32| match graph.loads.of(cell) {
        [load] => {
            !graph.keeps[cell as usize]
                && graph.fan_out(cell) == 1
                && !setting.order.same_knot(cell, *load)
        }
        _ => false,
    };
    (0..graph.cells as u32).map(joins).collect()
}

impl Trees {
    pub fn new(setting: &Setting) -> Self {
        let cells = setting.graph.cells;
        let mut trees = Self {
            cells: vec![1; cells],
            leaves: vec![0; cells],
            deepest: vec![0; cells],
            shallowest: vec![0; cells],
            root: (0..cells as u32).collect(),
            to_root: vec![0; cells],
            joined: joined(setting),
        };
        for &cell in &setting.order.cells {
            trees.grow(setting, cell);
        }
        for cell in setting.order.backwards(setting.graph) {
            if trees.joins(cell) {
                let (here, there) = (cell as usize, setting.graph.loads.of(cell)[0] as usize);
                trees.root[here] = trees.root[there];
                trees.to_root[here] = trees.to_root[there].saturating_add(1);
            }
        }
        trees
    }

    /// Whether what a pin reads belongs to the tree of the reader.
    pub fn joins(&self, source: u32) -> bool {
        source < FLOATING && self.joined[source as usize]
    }

    fn grow(&mut self, setting: &Setting, cell: u32) {
        let (mut cells, mut leaves, mut deep, mut shallow) = (1u32, 0u32, 0u16, u16::MAX);
        for &source in setting.graph.sources.of(cell) {
            if self.joins(source) {
                let from = source as usize;
                cells = cells.saturating_add(self.cells[from]);
                leaves = leaves.saturating_add(self.leaves[from]);
                deep = deep.max(self.deepest[from].saturating_add(1));
                shallow = shallow.min(self.shallowest[from].saturating_add(1));
            } else {
                leaves += 1;
                (deep, shallow) = (deep.max(1), shallow.min(1));
            }
        }
        let at = cell as usize;
        self.cells[at] = cells;
        self.leaves[at] = leaves;
        self.deepest[at] = deep;
        self.shallowest[at] = shallow.min(deep);
    }
}

pub const TREES: [&str; 10] = [
    "ffc_cells",
    "ffc_leaves",
    "ffc_depth",
    "ffc_spread",
    "ffc_rareness",
    "ffc_to_root",
    "ffc_root_cells",
    "ffc_root_leaves",
    "ffc_root_rareness",
    "ffc_root_ffc_rareness",
];

/// Features of fan-out-free cones.
pub fn trees<'a>(trees: &Trees, rare: &[u32], alone: impl Fn() -> &'a [u32], columns: &Columns) {
    let root = |at: usize| trees.root[at] as usize;
    let asked = columns.wants("ffc_rareness") || columns.wants("ffc_root_ffc_rareness");
    let alone = if asked { alone() } else { &[] };
    columns.put("ffc_cells", |at| logarithm(trees.cells[at]));
    columns.put("ffc_leaves", |at| logarithm(trees.leaves[at]));
    columns.put("ffc_depth", |at| f32::from(trees.deepest[at]));
    columns.put("ffc_spread", |at| f32::from(trees.deepest[at] - trees.shallowest[at]));
    columns.put("ffc_to_root", |at| f32::from(trees.to_root[at]));
    columns.put("ffc_rareness", |at| rareness::told(alone[at]));
    columns.put("ffc_root_cells", |at| logarithm(trees.cells[root(at)]));
    columns.put("ffc_root_leaves", |at| logarithm(trees.leaves[root(at)]));
    columns.put("ffc_root_rareness", |at| rareness::told(rare[root(at)]));
    columns.put("ffc_root_ffc_rareness", |at| rareness::told(alone[root(at)]));
}

/// log2(1 + count).
pub fn logarithm(count: u32) -> f32 {
    (f64::from(count) + 1.0).log2() as f32
}

/// Rareness of each cell where the leaves of its own cone are even: exact, since it is a tree.
pub fn local(setting: &Setting, trees: &Trees) -> Vec<u32> {
    let mut chances = Chances::start(setting);
    let mut found = vec![0; setting.graph.cells];
    let mut few: Vec<Chance> = Vec::new();
    for &cell in &setting.order.cells {
        let pins = setting.design.pins(cell);
        let mut ask = |chances: &Chances, rule: &crate::functions::Rule| {
            few.clear();
            few.extend(rule.inputs().iter().map(|at| {
                let net = pins[usize::from(*at)];
                let driver = match net {
                    kaname_netlist::design::NONE => net,
                    net => setting.graph.drivers.only(net),
                };
                if driver < FLOATING && !trees.joins(driver) { EVEN } else { chances.of(net) }
            }));
            rule.chance(&mut few)
        };
        let kind = setting.kind(cell);
        if setting.graph.keeps[cell as usize] {
            let chance = kind.next.as_ref().map_or(EVEN, |rule| ask(&chances, rule));
            found[cell as usize] = steps(chance);
            continue;
        }
        let mut rarest = 0;
        for (pin, rule) in &kind.outputs {
            let chance = ask(&chances, rule);
            rarest = rarest.max(steps(chance));
            chances.set(setting, pins[usize::from(*pin)], chance);
        }
        found[cell as usize] = rarest;
    }
    found
}

pub const CONES: [&str; 10] = [
    "cone_in_cells",
    "cone_in_flipflops",
    "cone_in_pins",
    "cone_out_cells",
    "cone_out_flipflops",
    "cone_out_pouts",
    "cone_funnel",
    "paths_in",
    "paths_out",
    "paths_funnel",
];

#[derive(Clone, Copy, Default)]
struct Cone {
    cells: u32,
    ends: u32,
    /// Pins on primary inputs and primary outputs that the cone has.
    ins: u32,
    outs: u32,
}

/// Walks cones of combinational logic; remembers whom it saw.
struct Walker<'a> {
    graph: &'a Graph,
    seen: Vec<u32>,
    turn: u32,
    front: Vec<u32>,
    ahead: Vec<u32>,
}

impl<'a> Walker<'a> {
    fn new(graph: &'a Graph) -> Self {
        let seen = vec![0; graph.cells];
        Self { graph, seen, turn: 0, front: Vec::new(), ahead: Vec::new() }
    }

    fn sees(&mut self, cell: u32) -> bool {
        let slot = &mut self.seen[cell as usize];
        std::mem::replace(slot, self.turn) != self.turn
    }

    /// Whole levels of the cone of a cell, to the first that makes it [`FULL`].
    fn walk(&mut self, cell: u32, next: impl for<'b> Fn(&'b Graph, u32) -> &'b [u32]) -> Cone {
        let graph = self.graph;
        self.turn += 1;
        let mut cone = Cone::default();
        self.front.clear();
        self.front.push(cell);
        while !self.front.is_empty() && (cone.cells as usize) < FULL {
            let pins: usize = self.front.iter().map(|at| next(graph, *at).len()).sum();
            if pins > CROWD {
                cone.cells = cone.cells.max(FULL as u32);
                break;
            }
            let front = std::mem::take(&mut self.front);
            for &here in &front {
                cone.outs += graph.outputs[here as usize];
                cone.ins += next(graph, here).iter().filter(|at| **at == INPUT).count() as u32;
                for &other in next(graph, here) {
                    if other >= FLOATING {
                        continue;
                    }
                    if !self.sees(other) {
                        continue;
                    }
                    if graph.keeps[other as usize] {
                        cone.ends += 1;
                    } else {
                        cone.cells += 1;
                        self.ahead.push(other);
                    }
                }
            }
            self.front = std::mem::replace(&mut self.ahead, front);
            self.ahead.clear();
        }
        cone.cells = cone.cells.min(FULL as u32);
        cone
    }
}

/// Sizes of cones before and behind a cell, and numbers of paths.
pub fn sizes(setting: &Setting, columns: &Columns) {
    if !columns.want_any(CONES) {
        return;
    }
    let graph = setting.graph;
    if columns.want_any(&CONES[..7]) {
        let cones = |asked: &[&str], next: for<'b> fn(&'b Graph, u32) -> &'b [u32]| {
            if !columns.want_any(asked) {
                return vec![Cone::default(); graph.cells];
            }
            let mut walker = Walker::new(graph);
            (0..graph.cells as u32).map(|cell| walker.walk(cell, next)).collect()
        };
        let (ins, outs) = (&CONES[..3], &CONES[3..6]);
        let funnel = columns.wants("cone_funnel");
        let asked = |names: &'static [&'static str]| if funnel { &CONES[..7] } else { names };
        let before = cones(asked(ins), |graph, at| graph.sources.of(at));
        let behind = cones(asked(outs), |graph, at| graph.loads.of(at));
        columns.put("cone_in_cells", |at| logarithm(before[at].cells));
        columns.put("cone_in_flipflops", |at| logarithm(before[at].ends));
        columns.put("cone_in_pins", |at| logarithm(before[at].ins));
        columns.put("cone_out_cells", |at| logarithm(behind[at].cells));
        columns.put("cone_out_flipflops", |at| logarithm(behind[at].ends));
        columns.put("cone_out_pouts", |at| logarithm(behind[at].outs));
        columns.put("cone_funnel", |at| {
            logarithm(before[at].cells + before[at].ends + before[at].ins)
                - logarithm(behind[at].cells + behind[at].ends + behind[at].outs)
        });
    }
    let (before, behind) = (paths_in(setting), paths_out(setting));
    columns.put("paths_in", |at| power(before[at]));
    columns.put("paths_out", |at| power(behind[at]));
    columns.put("paths_funnel", |at| power(before[at]) - power(behind[at]));
}

/// log2 of a number of paths.
fn power(paths: u64) -> f32 {
    (paths as f64 + 1.0).log2() as f32
}

/// Paths of combinational logic from where values start to a cell.
fn paths_in(setting: &Setting) -> Vec<u64> {
    let graph = setting.graph;
    let mut paths = vec![0u64; graph.cells];
    for &cell in &setting.order.cells {
        let mut sum = 0u64;
        for &source in graph.sources.of(cell) {
            let inner = source < FLOATING && !graph.keeps[source as usize];
            if !inner {
                sum = sum.saturating_add(1);
            } else if !setting.order.same_knot(source, cell) {
                sum = sum.saturating_add(paths[source as usize]);
            }
        }
        paths[cell as usize] = sum;
    }
    paths
}

/// Paths of combinational logic from a cell to where values end.
fn paths_out(setting: &Setting) -> Vec<u64> {
    let graph = setting.graph;
    let mut paths = vec![0u64; graph.cells];
    for cell in setting.order.backwards(setting.graph) {
        let mut sum = u64::from(graph.outputs[cell as usize]);
        for &load in graph.loads.of(cell) {
            if graph.keeps[load as usize] {
                sum = sum.saturating_add(1);
            } else if !setting.order.same_knot(load, cell) {
                sum = sum.saturating_add(paths[load as usize]);
            }
        }
        paths[cell as usize] = sum;
    }
    paths
}

pub const DEPTHS: [&str; 3] = ["depth_in", "depth_out", "delay_chain"];

/// Levels of logic before and behind a cell, and chains of buffers and inverters.
pub fn depths(setting: &Setting, columns: &Columns) {
    if !columns.want_any(DEPTHS) {
        return;
    }
    let graph = setting.graph;
    let inner = |other: u32, cell: u32| {
        other < FLOATING && !graph.keeps[other as usize] && !setting.order.same_knot(other, cell)
    };
    let (mut ahead, mut behind) = (vec![1u16; graph.cells], vec![1u16; graph.cells]);
    let (mut run_in, mut run_out) = (vec![0u8; graph.cells], vec![0u8; graph.cells]);
    let single = |cell: u32| graph.sources.of(cell).len() == 1 && !graph.keeps[cell as usize];
    for &cell in &setting.order.cells {
        let mut deep = 0;
        for &source in graph.sources.of(cell) {
            if inner(source, cell) {
                deep = deep.max(ahead[source as usize]);
            }
        }
        ahead[cell as usize] = deep.saturating_add(1);
        if single(cell) {
            let source = graph.sources.of(cell)[0];
            let more = if inner(source, cell) { run_in[source as usize] } else { 0 };
            run_in[cell as usize] = (more + 1).min(CHAIN);
        }
    }
    for cell in setting.order.backwards(setting.graph) {
        let (mut deep, mut run) = (0, 0);
        for &load in graph.loads.of(cell) {
            if inner(load, cell) {
                deep = deep.max(behind[load as usize]);
                run = run.max(run_out[load as usize]);
            }
        }
        behind[cell as usize] = deep.saturating_add(1);
        run_out[cell as usize] = if single(cell) { (run + 1).min(CHAIN) } else { 0 };
    }
    columns.put("depth_in", |at| f32::from(ahead[at]));
    columns.put("depth_out", |at| f32::from(behind[at]));
    columns.put("delay_chain", |at| {
        let both = u16::from(run_in[at]) + u16::from(run_out[at]);
        f32::from(both.saturating_sub(1))
    });
}
