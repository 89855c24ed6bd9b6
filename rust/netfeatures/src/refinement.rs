//! How many cells of a design look the same from where they stand.
//!
//! Weisfeiler and Leman's colour refinement: a cell's colour is what it does; each round
//! adds the colours of what it reads and of what reads it. A design is full of repeated bit
//! slices; logic that was added is often like nothing else in it.

use std::hash::{BuildHasher, RandomState};

use crate::columns::Columns;
use crate::functions::Rule;
use crate::graph::FLOATING;
use crate::neighbours::kind;
use crate::probability::Setting;

pub const ROUNDS: usize = 3;

/// A bijective mix of 64 bits (Stafford's variant 13, as in SplitMix64).
pub fn mix(value: u64) -> u64 {
    let value = (value ^ value >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ value >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ value >> 31
}

/// What cells do, without any name.
pub fn colours(setting: &Setting) -> Vec<u64> {
    let kinds: Vec<u64> = setting
        .kinds
        .iter()
        .zip(&setting.design.types)
        .map(|(kind_of, of)| {
            let outputs = kind_of.outputs.iter();
            let says = outputs.fold(0u64, |sum, (_, rule)| sum.wrapping_add(mix(shape(rule))));
            let own = (kind(of.family, of.inverting) as u64) << 8
                | u64::from(of.inverting) << 7
                | kind_of.data.len() as u64;
            mix(says ^ mix(own) ^ (u64::from(!kind_of.reset.is_empty()) << 40))
        })
        .collect();
    setting
        .design
        .cells
        .iter()
        .enumerate()
        .map(|(at, of)| mix(kinds[*of as usize] ^ u64::from(setting.graph.outputs[at])))
        .collect()
}

/// The same for functions that differ only in the order of their inputs.
fn shape(rule: &Rule) -> u64 {
    match rule {
        Rule::Table { inputs, bits, .. } => {
            let rows = 1u64 << inputs.len();
            let every = if rows == 64 { u64::MAX } else { (1 << rows) - 1 };
            let mut weights = [0u64; 7];
            for row in (0..rows).filter(|row| bits >> row & 1 == 1) {
                weights[row.count_ones() as usize] += 1;
            }
            let ones = u64::from((bits & every).count_ones());
            weights.iter().fold(mix(ones << 8 | inputs.len() as u64), |so_far, w| mix(so_far ^ w))
        }
        Rule::Wide { inputs, gate, inverted } => {
            mix(1 << 32 | (*gate as u64) << 16 | u64::from(*inverted) << 8 | inputs.len() as u64)
        }
        Rule::State { inverted } => 2 << 32 | u64::from(*inverted),
        Rule::Unknown => 3 << 32,
    }
}

/// One more round.
pub fn refine(setting: &Setting, colours: &[u64]) -> Vec<u64> {
    let graph = setting.graph;
    let reads = |source: u32| match source {
        cell if cell < FLOATING => colours[cell as usize],
        mark => u64::from(mark),
    };
    (0..graph.cells as u32)
        .map(|cell| {
            let sources = graph.sources.of(cell).iter();
            let before = sources.fold(0u64, |sum, at| sum.wrapping_add(mix(reads(*at))));
            let loads = graph.loads.of(cell).iter();
            let after = loads.fold(0u64, |sum, at| sum.wrapping_add(mix(!colours[*at as usize])));
            mix(colours[cell as usize] ^ mix(before ^ mix(after)))
        })
        .collect()
}

/// How many have each cell's colour.
pub fn frequencies(colours: &[u64]) -> Vec<u32> {
    // A table of its own, since colours are well mixed already; under a seed of its own, so
    // that no design can be made to fall into one place of it.
    let seed = RandomState::new().hash_one(0);
    let mask = (2 * colours.len()).next_power_of_two() - 1;
    let mut table = vec![(0_u64, 0_u32); mask + 1];
    let places: Vec<u32> = colours
        .iter()
        .map(|&colour| {
            let mut at = mix(colour ^ seed) as usize & mask;
            while table[at].1 > 0 && table[at].0 != colour {
                at = (at + 1) & mask;
            }
            table[at] = (colour, table[at].1 + 1);
            at as u32
        })
        .collect();
    places.iter().map(|place| table[*place as usize].1).collect()
}

/// `alike_x`: log2 of how many cells have the same neighbourhood up to x steps.
pub fn put(setting: &Setting, columns: &Columns) {
    if !columns.want_any((0..=ROUNDS).map(|round| format!("alike_{round}"))) {
        return;
    }
    let mut now = colours(setting);
    for round in 0..=ROUNDS {
        if round > 0 {
            now = refine(setting, &now);
        }
        let name = format!("alike_{round}");
        if columns.wants(&name) {
            let found = frequencies(&now);
            columns.put(&name, |at| (found[at] as f32).log2());
        }
    }
}
