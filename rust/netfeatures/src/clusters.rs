//! Parts of a design that hold together, and what they are like.
//!
//! A Trojan is a part with few wires to the rest, more rare nets, and a share of flip-flops
//! of its own. Parts are found by label propagation (Raghavan, Albert and Kumara, Physical
//! Review E 76, 2007) with labels that are the structure around a cell, so that ties fall
//! the same way however the design is written. Nets that many read bind little.

use crate::columns::Columns;
use crate::cones::logarithm;
use crate::graph::{FLOATING, Graph};
use crate::probability::Setting;
use crate::rareness::told;
use crate::refinement::{colours, mix, refine};

/// Nets that more cells read bind nothing.
const HUB: usize = 24;
const WEIGHT: u32 = 5040;
const ROUNDS: usize = 10;
const REFINED: usize = 6;
/// Rareness of a net that counts as rare: once in a hundred cycles, in steps.
const RARE: u32 = 2 << 20;

pub const CLUSTERS: [&str; 10] = [
    "cluster_cells",
    "cluster_cut",
    "cluster_pins_in",
    "cluster_pins_out",
    "cluster_rare_share",
    "cluster_flipflop_share",
    "cluster_rareness_mean",
    "cluster_rareness_max",
    "cluster_share",
    "at_border",
];

/// How much the output net of a cell binds.
pub fn weight(graph: &Graph, cell: u32) -> u32 {
    match graph.loads.of(cell).len() {
        0 => 0,
        readers if readers > HUB => 0,
        readers => WEIGHT / readers as u32,
    }
}

/// The label of most weight around a cell; the smallest of those with equal weight.
fn favourite(graph: &Graph, cell: u32, labels: &[u64], votes: &mut Vec<(u64, u32)>) -> u64 {
    votes.clear();
    votes.push((labels[cell as usize], WEIGHT / 2));
    for source in graph.before(cell) {
        votes.push((labels[source as usize], weight(graph, source)));
    }
    let own = weight(graph, cell);
    if own > 0 {
        votes.extend(graph.loads.of(cell).iter().map(|load| (labels[*load as usize], own)));
    }
    votes.sort_unstable_by_key(|vote| vote.0);
    let (mut best, mut most) = (labels[cell as usize], 0);
    for same in votes.chunk_by(|a, b| a.0 == b.0) {
        let sum: u32 = same.iter().map(|vote| vote.1).sum();
        if sum > most {
            (best, most) = (same[0].0, sum);
        }
    }
    best
}

fn labels(setting: &Setting, colours: &[u64]) -> Vec<u64> {
    let mut labels = colours.to_vec();
    let mut votes = Vec::new();
    // A cell whose neighbours kept their labels keeps its own.
    let mut stale = vec![true; setting.graph.cells];
    for round in 0..ROUNDS {
        // Half of the cells at a time, by a coin of their own, or neighbours would swap for ever.
        let coin = |cell: u32| mix(colours[cell as usize] ^ round as u64) & 1 == 0;
        let mut moves = Vec::new();
        for cell in 0..setting.graph.cells as u32 {
            if stale[cell as usize] && coin(cell) {
                stale[cell as usize] = false;
                let label = favourite(setting.graph, cell, &labels, &mut votes);
                if label != labels[cell as usize] {
                    moves.push((cell, label));
                }
            }
        }
        for &(cell, label) in &moves {
            labels[cell as usize] = label;
        }
        for (cell, _) in moves {
            stale[cell as usize] = true;
            for other in around(setting.graph, cell) {
                stale[other as usize] = true;
            }
        }
    }
    labels
}

/// What a cell reads, and what reads it over a net that binds.
fn around(graph: &Graph, cell: u32) -> impl Iterator<Item = u32> {
    let loads: &[u32] = if weight(graph, cell) > 0 { graph.loads.of(cell) } else { &[] };
    graph.before(cell).chain(loads.iter().copied())
}

/// The root of a cell in a forest of joined ones.
pub fn find(above: &mut [u32], mut cell: u32) -> u32 {
    while above[cell as usize] != cell {
        above[cell as usize] = above[above[cell as usize] as usize];
        cell = above[cell as usize];
    }
    cell
}

/// Parts that hold together, and the structure around each cell that they were named by.
pub struct Clusters {
    /// The cluster of each cell: joined cells of one label.
    pub of: Vec<u32>,
    pub colours: Vec<u64>,
}

impl Clusters {
    pub fn new(setting: &Setting) -> Self {
        let mut colours = colours(setting);
        for _ in 0..REFINED {
            colours = refine(setting, &colours);
        }
        Self { of: joined(setting, &labels(setting, &colours)), colours }
    }
}

fn joined(setting: &Setting, labels: &[u64]) -> Vec<u32> {
    let graph = setting.graph;
    let mut above: Vec<u32> = (0..graph.cells as u32).collect();
    for cell in 0..graph.cells as u32 {
        if weight(graph, cell) == 0 {
            continue;
        }
        for &load in graph.loads.of(cell) {
            if labels[cell as usize] == labels[load as usize] {
                let (one, other) = (find(&mut above, cell), find(&mut above, load));
                above[one.max(other) as usize] = one.min(other);
            }
        }
    }
    (0..graph.cells as u32).map(|cell| find(&mut above, cell)).collect()
}

#[derive(Clone, Copy, Default)]
struct Part {
    cells: u32,
    flipflops: u32,
    rare: u32,
    rareness: u64,
    rarest: u32,
    inside: u32,
    entering: u32,
    leaving: u32,
}

impl Part {
    fn cut(&self) -> f32 {
        let crossing = self.entering + self.leaving;
        crossing as f32 / (crossing + self.inside).max(1) as f32
    }

    fn share(&self, of: u32) -> f32 {
        of as f32 / self.cells.max(1) as f32
    }
}

pub fn put(setting: &Setting, of: &[u32], rare: &[u32], columns: &Columns) {
    let graph = setting.graph;
    let mut parts = vec![Part::default(); graph.cells];
    let mut border = vec![0u32; graph.cells];
    for cell in 0..graph.cells as u32 {
        let at = cell as usize;
        let part = &mut parts[of[at] as usize];
        part.cells += 1;
        part.flipflops += u32::from(graph.keeps[at]);
        part.rare += u32::from(rare[at] >= RARE);
        part.rareness += u64::from(rare[at]);
        part.rarest = part.rarest.max(rare[at]);
        part.leaving += graph.outputs[at];
        for &source in graph.sources.of(cell) {
            if source >= FLOATING {
                parts[of[at] as usize].entering += 1;
            } else if of[source as usize] == of[at] {
                parts[of[at] as usize].inside += 1;
            } else {
                parts[of[at] as usize].entering += 1;
                parts[of[source as usize] as usize].leaving += 1;
                border[at] += 1;
                border[source as usize] += 1;
            }
        }
    }
    let part = |at: usize| &parts[of[at] as usize];
    columns.put("cluster_cells", |at| logarithm(part(at).cells));
    columns.put("cluster_cut", |at| part(at).cut());
    columns.put("cluster_pins_in", |at| logarithm(part(at).entering));
    columns.put("cluster_pins_out", |at| logarithm(part(at).leaving));
    columns.put("cluster_rare_share", |at| part(at).share(part(at).rare));
    columns.put("cluster_flipflop_share", |at| part(at).share(part(at).flipflops));
    columns.put("cluster_rareness_mean", |at| {
        told((part(at).rareness / u64::from(part(at).cells.max(1))) as u32)
    });
    columns.put("cluster_rareness_max", |at| told(part(at).rarest));
    columns.put("cluster_share", |at| part(at).cells as f32 / graph.cells as f32);
    columns.put("at_border", |at| logarithm(border[at]));
}
