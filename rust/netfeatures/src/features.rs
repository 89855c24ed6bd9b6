//! All features of a design, or those asked for, on some threads.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use kaname_netlist::design::Design;

use crate::clusters::Clusters;
use crate::columns::Columns;
use crate::cones::Trees;
use crate::functions::Prepared;
use crate::graph::Graph;
use crate::order::Order;
use crate::probability::{Chances, Setting};
use crate::scoap::Effort;
use crate::{
    activity, catalogue, clusters, cones, dominance, flips, leaves, neighbours, published,
    rareness, refinement, regions, registers, scoap,
};

/// A feature that nobody knows.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown(pub String);

/// Features of all cells: a column for each of `names`, one behind the other.
///
/// # Errors
///
/// When a name is none of [`catalogue::names`].
pub fn compute(design: &Design, names: &[String], threads: usize) -> Result<Vec<f32>, Unknown> {
    let known: std::collections::HashSet<String> = catalogue::names().into_iter().collect();
    if let Some(name) = names.iter().find(|name| !known.contains(*name)) {
        return Err(Unknown(name.clone()));
    }
    let mut block = vec![0f32; names.len() * design.len()];
    if design.is_empty() {
        return Ok(block);
    }
    let columns = Columns::new(names, design.len(), &mut block);
    let work = Work::new(design, &columns);
    work.run(threads);
    Ok(block)
}

/// What several parts need is made once, by whoever needs it first.
struct Work<'a> {
    design: &'a Design,
    columns: &'a Columns<'a>,
    graph: Graph,
    kinds: Vec<Prepared>,
    order: OnceLock<Order>,
    chances: OnceLock<Chances>,
    rare: OnceLock<Vec<u32>>,
    trees: OnceLock<Trees>,
    alone: OnceLock<Vec<u32>>,
    effort: OnceLock<Effort>,
    clusters: OnceLock<Clusters>,
}

type Part = fn(&Work);

/// What needs the graph alone comes while the first thread finds order and chances; then long
/// ones, so that no thread is left with one at the end. What needs that which another part
/// makes (regions, leaves) comes well behind it.
const PARTS: [Part; 18] = [
    |work| probability(work),
    |work| published::walks(&work.graph, work.columns),
    |work| neighbours::around(&work.graph, work.columns),
    |work| published::nearest(&work.graph, work.columns),
    |work| clusters(work),
    |work| cones::sizes(&work.setting(), work.columns),
    |work| activity(work),
    |work| scoap(work),
    |work| regions(work),
    |work| rareness(work),
    |work| dominance(work),
    |work| leaves(work),
    |work| published::loops(&work.graph, work.order(), work.columns),
    |work| trees(work),
    |work| refinement::put(&work.setting(), work.columns),
    |work| registers(work),
    |work| cones::depths(&work.setting(), work.columns),
    |work| neighbours::own(&work.graph, work.columns),
];

impl<'a> Work<'a> {
    fn new(design: &'a Design, columns: &'a Columns<'a>) -> Self {
        Self {
            design,
            columns,
            graph: Graph::new(design),
            kinds: design.types.iter().map(Prepared::new).collect(),
            order: OnceLock::new(),
            chances: OnceLock::new(),
            rare: OnceLock::new(),
            trees: OnceLock::new(),
            alone: OnceLock::new(),
            effort: OnceLock::new(),
            clusters: OnceLock::new(),
        }
    }

    fn run(&self, threads: usize) {
        let next = AtomicUsize::new(0);
        let drain = || {
            while let Some(part) = PARTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                part(self);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.max(1) {
                scope.spawn(drain);
            }
            drain();
        });
    }

    fn order(&self) -> &Order {
        self.order.get_or_init(|| Order::new(&self.graph))
    }

    fn setting(&self) -> Setting<'_> {
        Setting { design: self.design, graph: &self.graph, kinds: &self.kinds, order: self.order() }
    }

    fn chances(&self) -> &Chances {
        self.chances.get_or_init(|| Chances::new(&self.setting()))
    }

    fn clusters(&self) -> &Clusters {
        self.clusters.get_or_init(|| Clusters::new(&self.setting()))
    }

    fn effort(&self) -> &Effort {
        self.effort.get_or_init(|| Effort::new(&self.setting()))
    }

    fn trees(&self) -> &Trees {
        self.trees.get_or_init(|| Trees::new(&self.setting()))
    }

    fn alone(&self) -> &[u32] {
        self.alone.get_or_init(|| cones::local(&self.setting(), self.trees()))
    }

    fn rare(&self) -> &[u32] {
        self.rare.get_or_init(|| {
            let (setting, chances) = (self.setting(), self.chances());
            let cells = 0..self.graph.cells as u32;
            cells.map(|cell| rareness::steps(chances.cell(&setting, cell))).collect()
        })
    }
}

fn probability(work: &Work) {
    let order_asked = work.columns.wants("loop_size");
    if work.columns.wants("probability") {
        let (setting, chances) = (work.setting(), work.chances());
        work.columns.put("probability", |at| chances.cell(&setting, at as u32).one);
    }
    if order_asked {
        let order = work.order();
        work.columns.put("loop_size", |at| match order.loop_size(at as u32) {
            1 if !order.in_loop(at as u32) => 0.0,
            size => cones::logarithm(size),
        });
    }
}

fn rareness(work: &Work) {
    let asked = ["rareness", "rareness_gain", "rareness_gain_mean"].map(String::from);
    let more = catalogue::names().into_iter().filter(|name| name.contains("_rare"));
    if work.columns.want_any(asked.into_iter().chain(more)) {
        rareness::put(&work.graph, work.rare(), work.columns);
    }
}

fn dominance(work: &Work) {
    if work
        .columns
        .want_any(dominance::DOMINANCE.iter().chain(&dominance::GATES).chain(&flips::FLIPS))
    {
        dominance::put(&work.graph, || work.rare(), || work.alone(), work.columns);
    }
}

fn activity(work: &Work) {
    if work.columns.want_any(activity::ACTIVITY) {
        activity::put(&work.setting(), work.chances(), work.columns);
    }
}

fn scoap(work: &Work) {
    if work.columns.want_any(scoap::SCOAP.iter().chain(&scoap::TAPS)) {
        scoap::put(&work.setting(), work.effort(), work.columns);
    }
}

fn clusters(work: &Work) {
    if work.columns.want_any(clusters::CLUSTERS) {
        clusters::put(&work.setting(), &work.clusters().of, work.rare(), work.columns);
    }
}

fn regions(work: &Work) {
    if work.columns.want_any(regions::REGIONS) {
        let clusters = work.clusters();
        let (of, colours) = (&clusters.of, &clusters.colours);
        regions::put(&work.setting(), of, colours, work.rare(), work.columns);
    }
}

fn trees(work: &Work) {
    if work.columns.want_any(cones::TREES) {
        cones::trees(work.trees(), work.rare(), || work.alone(), work.columns);
    }
}

fn leaves(work: &Work) {
    let setting = work.setting();
    let taps = work.columns.want_any(leaves::TAPS);
    if taps || work.columns.want_any(leaves::LEAVES) {
        let effort = taps.then(|| work.effort());
        let around = leaves::Around { trees: work.trees(), rare: work.rare(), effort };
        leaves::put(&setting, &around, work.columns);
    }
}

fn registers(work: &Work) {
    if work.columns.want_any(registers::REGISTERS) {
        registers::put(&work.setting(), work.rare(), work.columns);
    }
}
