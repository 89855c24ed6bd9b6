//! How rare the rarer value of a net is, and what lies around rare nets.

use crate::columns::Columns;
use crate::functions::Chance;
use crate::graph::{FIXED, Graph};
use crate::levels::{backward, forward};

/// Rareness in steps of 2^-20, so that sums do not depend on their order.
const UNIT: f64 = (1 << 20) as f64;
/// Nothing is called rarer than once in 10^12.
pub const MOST: f64 = 12.0;
/// [`MOST`] in steps.
pub const SHUT: u32 = (MOST * UNIT) as u32;
/// log10 2: what a net is that is 0 as often as 1.
pub const EVEN: u32 = 315_653;
const HOPS: usize = 4;
pub const THRESHOLDS: [u32; 5] = [1, 2, 3, 4, 6];

/// `-log10` of the rarer value's chance, in steps.
pub fn steps(chance: Chance) -> u32 {
    (-f64::from(chance.rarer()).log10()).clamp(0.0, MOST).mul_add(UNIT, 0.5) as u32
}

pub fn told(steps: u32) -> f32 {
    (f64::from(steps) / UNIT) as f32
}

/// What a pin reads: a cell's rareness; an input is even, a constant has nothing rare.
fn read(rare: &[u32], source: u32) -> u32 {
    match rare.get(source as usize) {
        Some(steps) => *steps,
        None if source == FIXED => 0,
        None => EVEN,
    }
}

#[derive(Clone, Copy, Default)]
struct Around {
    most: u32,
    sum: u64,
    count: u32,
}

impl Around {
    fn add(&mut self, most: u32, mean: u32) {
        self.most = self.most.max(most);
        self.sum += u64::from(mean);
        self.count += 1;
    }

    fn mean(self) -> u32 {
        if self.count == 0 { 0 } else { (self.sum / u64::from(self.count)) as u32 }
    }
}

/// Rareness of cells, of what they read, and of what is within some hops.
pub fn put(graph: &Graph, rare: &[u32], columns: &Columns) {
    columns.put("rareness", |at| told(rare[at]));
    let before = |cell: u32, most: &[u32], mean: &[u32]| {
        let mut around = Around::default();
        for &source in graph.sources.of(cell) {
            around.add(read(most, source).max(read(rare, source)), read(mean, source));
        }
        around
    };
    let after = |cell: u32, most: &[u32], mean: &[u32]| {
        let mut around = Around::default();
        for &load in graph.loads.of(cell) {
            around.add(most[load as usize].max(rare[load as usize]), mean[load as usize]);
        }
        around
    };
    let names = ["in_rareness_max_1", "in_rareness_mean_1", "rareness_gain", "rareness_gain_mean"];
    if columns.want_any(names.iter().copied().chain(hops("in").iter().map(String::as_str))) {
        let (most, mean) = spread(graph.cells, rare, columns, "in", before);
        columns.put("rareness_gain", |at| told(rare[at]) - told(most[at]));
        columns.put("rareness_gain_mean", |at| told(rare[at]) - told(mean[at]));
    }
    columns.put("in_rareness_min_1", |at| {
        let sources = graph.sources.of(at as u32).iter();
        told(sources.map(|source| read(rare, *source)).min().unwrap_or(0))
    });
    if columns.want_any(hops("out")) {
        spread(graph.cells, rare, columns, "out", after);
    }
    nearest(graph, rare, columns);
}

/// Distances to what is rarer than each threshold.
fn nearest(graph: &Graph, rare: &[u32], columns: &Columns) {
    let named = |side: &str| THRESHOLDS.map(|threshold| format!("{side}_nearest_rare_{threshold}"));
    let rarest = |cells: &mut dyn Iterator<Item = u32>| {
        cells.map(|cell| rare[cell as usize]).max().unwrap_or(0)
    };
    let cells = 0..graph.cells as u32;
    let (ahead, behind) = (named("in"), named("out"));
    // The rarest of what a cell reads, and of what reads it: once for all thresholds.
    let (mut read, mut load) = (Vec::new(), Vec::new());
    if columns.want_any(&ahead) {
        read.extend(cells.clone().map(|cell| rarest(&mut graph.before(cell))));
    }
    if columns.want_any(&behind) {
        load.extend(cells.map(|cell| rarest(&mut graph.loads.of(cell).iter().copied())));
    }
    for (turn, threshold) in THRESHOLDS.iter().enumerate() {
        let least = (f64::from(*threshold) * UNIT) as u32;
        if columns.wants(&ahead[turn]) {
            let levels = forward(graph, |cell| read[cell as usize] >= least);
            columns.put(&ahead[turn], |at| f32::from(levels[at]));
        }
        if columns.wants(&behind[turn]) {
            let levels = backward(graph, |cell| load[cell as usize] >= least);
            columns.put(&behind[turn], |at| f32::from(levels[at]));
        }
    }
}

fn hops(side: &str) -> Vec<String> {
    let of = |what| (1..=HOPS).map(move |hop| format!("{side}_rareness_{what}_{hop}"));
    ["max", "mean"].into_iter().flat_map(of).collect()
}

/// Give the columns of all hops; and what the first hop was.
fn spread(
    cells: usize,
    rare: &[u32],
    columns: &Columns,
    side: &str,
    look: impl Fn(u32, &[u32], &[u32]) -> Around,
) -> (Vec<u32>, Vec<u32>) {
    let (mut most, mut mean) = (vec![0; cells], rare.to_vec());
    let (mut next_most, mut next_mean) = (vec![0; cells], vec![0; cells]);
    let mut first = (Vec::new(), Vec::new());
    for hop in 1..=HOPS {
        for cell in 0..cells {
            let around = look(cell as u32, &most, &mean);
            next_most[cell] = around.most;
            next_mean[cell] = around.mean();
        }
        std::mem::swap(&mut most, &mut next_most);
        std::mem::swap(&mut mean, &mut next_mean);
        columns.put(&format!("{side}_rareness_max_{hop}"), |at| told(most[at]));
        columns.put(&format!("{side}_rareness_mean_{hop}"), |at| told(mean[at]));
        if hop == 1 {
            first = (most.clone(), mean.clone());
        }
    }
    first
}
