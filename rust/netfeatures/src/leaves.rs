//! What the leaves of a fan-out-free cone have to do with each other.
//!
//! Logic that belongs to a design reads things that belong together: nets that come from the
//! same cells, or are read together elsewhere. A trigger reads rare nets from all over.

use kaname_netlist::design::NONE;

use crate::columns::Columns;
use crate::cones::{Trees, logarithm};
use crate::graph::{FLOATING, Rows};
use crate::probability::Setting;
use crate::rareness::{EVEN, told};
use crate::scoap::{Effort, unfixed};

/// A net with more readers relates nothing, and neither does a wider gate.
const HUB: usize = 16;
const WIDE: usize = 16;

pub const LEAVES: [&str; 4] = [
    "ffc_root_scatter",
    "ffc_root_groups",
    "ffc_root_leaf_rareness_mean",
    "ffc_root_leaf_rareness_min",
];

/// How much better the leaves are seen by way of others.
pub const TAPS: [&str; 2] = ["ffc_root_tap_mean", "ffc_root_tap_min"];

/// What else is known of a design.
pub struct Around<'a> {
    pub trees: &'a Trees,
    pub rare: &'a [u32],
    pub effort: Option<&'a Effort>,
}

#[derive(Clone, Copy, Default)]
struct Found {
    leaves: u32,
    groups: u32,
    mean: u32,
    least: u32,
    tap_mean: i64,
    tap_least: i64,
}

struct Leaves<'a> {
    setting: &'a Setting<'a>,
    around: &'a Around<'a>,
    /// Cells that read each net with a data pin.
    readers: Rows,
    nets: Vec<u32>,
    marks: Vec<u64>,
    above: Vec<u32>,
    stack: Vec<u32>,
}

impl Leaves<'_> {
    fn fixed(&self, net: u32) -> bool {
        net == NONE || Some(net) == self.setting.design.zero || Some(net) == self.setting.design.one
    }

    /// Nets that the tree of `root` reads, each once.
    fn collect(&mut self, root: u32) {
        self.nets.clear();
        self.stack.clear();
        self.stack.push(root);
        while let Some(cell) = self.stack.pop() {
            let pins = self.setting.design.pins(cell);
            for pin in &self.setting.kind(cell).data {
                let net = pins[usize::from(*pin)];
                if self.fixed(net) {
                    continue;
                }
                let driver = self.setting.graph.drivers.only(net);
                if self.around.trees.joins(driver) {
                    self.stack.push(driver);
                } else {
                    self.nets.push(net);
                }
            }
        }
        self.nets.sort_unstable();
        self.nets.dedup();
    }

    /// What a leaf is related by: nets up to two steps before it, and its other readers.
    fn mark(&mut self, root: u32) {
        self.marks.clear();
        for leaf in 0..self.nets.len() as u32 {
            let net = self.nets[leaf as usize];
            self.marks.push(marked(u64::from(net), leaf));
            self.before(net, leaf, 2);
            let readers = self.readers.of(net);
            if readers.len() <= HUB {
                let others =
                    readers.iter().filter(|cell| self.around.trees.root[**cell as usize] != root);
                self.marks.extend(others.map(|cell| marked(1 << 32 | u64::from(*cell), leaf)));
            }
        }
        self.marks.sort_unstable();
    }

    fn before(&mut self, net: u32, leaf: u32, steps: u32) {
        let driver = self.setting.graph.drivers.only(net);
        if driver >= FLOATING || self.setting.kind(driver).data.len() > WIDE {
            return;
        }
        for place in 0..self.setting.kind(driver).data.len() {
            let pin = self.setting.kind(driver).data[place];
            let from = self.setting.design.pins(driver)[usize::from(pin)];
            if !self.fixed(from) && self.readers.of(from).len() <= HUB {
                self.marks.push(marked(u64::from(from), leaf));
                if steps > 1 {
                    self.before(from, leaf, steps - 1);
                }
            }
        }
    }

    /// Groups of leaves that are related.
    fn groups(&mut self) -> u32 {
        self.above.clear();
        self.above.extend(0..self.nets.len() as u32);
        let mut groups = self.nets.len() as u32;
        for same in self.marks.chunk_by(|one, other| one >> LEAF == other >> LEAF) {
            for pair in same.windows(2) {
                let one = find(&mut self.above, leaf(pair[0]));
                let other = find(&mut self.above, leaf(pair[1]));
                if one != other {
                    self.above[one as usize] = other;
                    groups -= 1;
                }
            }
        }
        groups
    }

    fn look(&mut self, root: u32) -> Found {
        self.collect(root);
        if self.nets.is_empty() {
            return Found::default();
        }
        let groups = if self.nets.len() == 1 {
            1
        } else {
            self.mark(root);
            self.groups()
        };
        let rareness = |net: &u32| match self.setting.graph.drivers.only(*net) {
            driver if driver < FLOATING => self.around.rare[driver as usize],
            _ => EVEN,
        };
        let sum: u64 = self.nets.iter().map(|net| u64::from(rareness(net))).sum();
        let taps: Vec<i64> = self.around.effort.map_or(Vec::new(), |effort| {
            let seen = effort.seen(self.setting, root);
            self.nets.iter().map(|net| effort.tap(seen, *net)).collect()
        });
        Found {
            leaves: self.nets.len() as u32,
            groups,
            mean: (sum / self.nets.len() as u64) as u32,
            least: self.nets.iter().map(rareness).min().unwrap_or(0),
            tap_mean: taps.iter().sum::<i64>() / taps.len().max(1) as i64,
            tap_least: taps.iter().copied().min().unwrap_or(0),
        }
    }
}

/// Bits of a mark that say whose it is; those above say by what.
const LEAF: u32 = 31;

fn marked(by: u64, leaf: u32) -> u64 {
    by << LEAF | u64::from(leaf)
}

fn leaf(mark: u64) -> u32 {
    (mark & ((1 << LEAF) - 1)) as u32
}

fn find(above: &mut [u32], mut at: u32) -> u32 {
    while above[at as usize] != at {
        above[at as usize] = above[above[at as usize] as usize];
        at = above[at as usize];
    }
    at
}

fn readers(setting: &Setting) -> Rows {
    let design = setting.design;
    Rows::gather(design.nets as usize, |give| {
        for cell in 0..design.len() as u32 {
            let pins = design.pins(cell);
            for pin in &setting.kind(cell).data {
                let net = pins[usize::from(*pin)];
                if net != NONE {
                    give(net, cell);
                }
            }
        }
    })
}

pub fn put(setting: &Setting, around: &Around, columns: &Columns) {
    let trees = around.trees;
    let cells = setting.graph.cells;
    let mut leaves = Leaves {
        setting,
        around,
        readers: readers(setting),
        nets: Vec::new(),
        marks: Vec::new(),
        above: Vec::new(),
        stack: Vec::new(),
    };
    let mut found = vec![Found::default(); cells];
    for cell in 0..cells as u32 {
        if trees.root[cell as usize] == cell {
            found[cell as usize] = leaves.look(cell);
        }
    }
    let of = |at: usize| &found[trees.root[at] as usize];
    columns.put("ffc_root_scatter", |at| {
        let found = of(at);
        found.groups.saturating_sub(1) as f32 / found.leaves.saturating_sub(1).max(1) as f32
    });
    columns.put("ffc_root_groups", |at| logarithm(of(at).groups));
    columns.put("ffc_root_leaf_rareness_mean", |at| told(of(at).mean));
    columns.put("ffc_root_leaf_rareness_min", |at| told(of(at).least));
    columns.put("ffc_root_tap_mean", |at| unfixed(of(at).tap_mean));
    columns.put("ffc_root_tap_min", |at| unfixed(of(at).tap_least));
}
