//! Rare nets that turn another net over: the payload that Trojans have most often.
//!
//! An XOR of an ordinary net with one that is nearly constant does nothing nearly always.
//! Honest logic has no use for it. All that leaves the design only through the rare pin of
//! such an XOR is suspicious with it: the tree of the trigger, its counters, its registers.

use kaname_netlist::cell::Family;

use crate::columns::Columns;
use crate::cones::logarithm;
use crate::dominance::{NOBODY, Tree};
use crate::graph::{FLOATING, Graph};
use crate::rareness::{EVEN, told};

pub const FLIPS: [&str; 7] = [
    "flip_rareness",
    "flip_ffc_rareness",
    "flip_cells",
    "flip_flipflops",
    "flip_pins",
    "flip_distance",
    "flip_other",
];

/// How much leaves only through each cell.
pub struct Below<'a> {
    pub cells: &'a [u32],
    pub flipflops: &'a [u32],
    pub pins: &'a [u32],
}

/// What turns a net over: a cell that only an XOR reads, and how far below the XOR one is.
#[derive(Clone, Copy)]
struct Flip {
    by: u32,
    distance: u8,
}

/// `rareness` is that of cells, and of their fan-out-free cones with even leaves.
pub fn put(graph: &Graph, tree: &Tree, rareness: (&[u32], &[u32]), below: &Below, to: &Columns) {
    let (rare, alone) = rareness;
    let key = |cell: u32| {
        let at = cell as usize;
        (rare[at], alone[at], below.cells[at], below.flipflops[at], below.pins[at])
    };
    let found = flips(graph, tree, &key);
    let of = |at: usize, value: &dyn Fn(usize) -> f32| {
        found[at].map_or(0.0, |flip| value(flip.by as usize))
    };
    to.put("flip_rareness", |at| of(at, &|by| told(rare[by])));
    to.put("flip_ffc_rareness", |at| of(at, &|by| told(alone[by])));
    to.put("flip_cells", |at| of(at, &|by| logarithm(below.cells[by])));
    to.put("flip_flipflops", |at| of(at, &|by| logarithm(below.flipflops[by])));
    to.put("flip_pins", |at| of(at, &|by| logarithm(below.pins[by])));
    to.put("flip_distance", |at| found[at].map_or(0.0, |flip| f32::from(flip.distance)));
    to.put("flip_other", |at| of(at, &|by| told(other(graph, by as u32, rare))));
}

/// The only reader of a cell, if that is an XOR.
fn turned(graph: &Graph, cell: u32) -> Option<u32> {
    match graph.loads.of(cell) {
        [load] if graph.fan_out(cell) == 1 && graph.family[*load as usize] == Family::Xor => {
            Some(*load)
        }
        _ => None,
    }
}

/// The least rareness of what the XOR reads beside `cell`.
fn other(graph: &Graph, cell: u32, rare: &[u32]) -> u32 {
    let beside = graph.loads.of(cell).iter().flat_map(|load| graph.sources.of(*load));
    let rareness = |source: &u32| if *source < FLOATING { rare[*source as usize] } else { EVEN };
    beside.filter(|source| **source != cell).map(rareness).min().unwrap_or(0)
}

/// For each cell the rarest flip that all its ways out lead through, the nearest of equals;
/// for an XOR also the one that turns it over.
fn flips<K: Ord>(graph: &Graph, tree: &Tree, key: &impl Fn(u32) -> K) -> Vec<Option<Flip>> {
    let mut found: Vec<Option<Flip>> = vec![None; graph.cells];
    let rarer = |near: Option<Flip>, far: Option<Flip>| match (near, far) {
        (Some(one), Some(two)) if key(two.by) <= key(one.by) => near,
        (_, None) => near,
        _ => far,
    };
    for &cell in &tree.order {
        let here = turned(graph, cell).map(|_| Flip { by: cell, distance: 1 });
        let above = match tree.above[cell as usize] {
            NOBODY => None,
            above => found[above as usize],
        };
        let further =
            above.map(|flip| Flip { by: flip.by, distance: flip.distance.saturating_add(1) });
        found[cell as usize] = rarer(here, further);
    }
    for cell in 0..graph.cells as u32 {
        if let Some(load) = turned(graph, cell) {
            let place = load as usize;
            found[place] = rarer(Some(Flip { by: cell, distance: 0 }), found[place]);
        }
    }
    found
}
