//! What a cell is, and what kinds of cells are one and two steps away.

use kaname_netlist::cell::Family;

use crate::columns::Columns;
use crate::graph::{FIXED, FLOATING, Graph, INPUT};

/// Kinds as features tell them. Buffers and inverters stand apart; cells of other functions
/// are together.
pub const KINDS: [&str; 12] = [
    "buffer", "inverter", "and", "or", "xor", "mux", "and_or", "or_and", "adder", "flipflop",
    "latch", "other",
];
const WAYS: usize = KINDS.len() + 1;
/// Kinds, and inverting cells of any kind.
pub const COUNTED: [&str; WAYS] = [
    "buffer",
    "inverter",
    "and",
    "or",
    "xor",
    "mux",
    "and_or",
    "or_and",
    "adder",
    "flipflop",
    "latch",
    "other",
    "inverting",
];

/// More are not counted.
const MOST: u16 = u16::MAX;
type Counts = [u16; WAYS];

pub fn kind(family: Family, inverting: bool) -> usize {
    match family {
        Family::Buffer => usize::from(inverting),
        Family::And => 2,
        Family::Or => 3,
        Family::Xor => 4,
        Family::Mux => 5,
        Family::AndOr => 6,
        Family::OrAnd => 7,
        Family::Majority | Family::Adder => 8,
        Family::FlipFlop => 9,
        Family::Latch => 10,
        Family::Tristate | Family::Constant | Family::Other | Family::Unknown => 11,
    }
}

pub fn own(graph: &Graph, columns: &Columns) {
    let is = |yes: bool| f32::from(u8::from(yes));
    for (number, name) in KINDS.iter().enumerate() {
        columns.put(&format!("is_{name}"), |at| {
            is(kind(graph.family[at], graph.inverting[at]) == number)
        });
    }
    columns.put("is_inverting", |at| is(graph.inverting[at]));
    columns.put("inputs", |at| graph.sources.of(at as u32).len() as f32);
    columns.put("fan_out", |at| graph.fan_out(at as u32) as f32);
    columns.put("loads_flipflop", |at| {
        let loads = graph.loads.of(at as u32).iter();
        loads.filter(|load| graph.keeps[**load as usize]).count() as f32
    });
    let reads = |at: usize, what: u32| {
        graph.sources.of(at as u32).iter().filter(|source| **source == what).count() as f32
    };
    columns.put("reads_pins", |at| reads(at, INPUT));
    columns.put("reads_constants", |at| reads(at, FIXED));
    columns.put("reads_nothing", |at| reads(at, FLOATING));
    columns.put("drives_pouts", |at| graph.outputs[at] as f32);
    columns.put("drives_clocks", |at| graph.controls[at][0] as f32);
    columns.put("drives_resets", |at| graph.controls[at][1] as f32);
    columns.put("drives_scan", |at| graph.controls[at][2] as f32);
}

/// Counts of kinds one and two steps away, over pins.
pub fn around(graph: &Graph, columns: &Columns) {
    let marks: Vec<Counts> = (0..graph.cells)
        .map(|at| {
            let mut counts = [0; WAYS];
            counts[kind(graph.family[at], graph.inverting[at])] = 1;
            counts[WAYS - 1] = u16::from(graph.inverting[at]);
            counts
        })
        .collect();
    let before =
        |cell: u32, last: &[Counts]| total(graph.before(cell).map(|at| &last[at as usize]));
    let after = |cell: u32, last: &[Counts]| {
        total(graph.loads.of(cell).iter().map(|at| &last[*at as usize]))
    };
    steps(graph.cells, columns, "in", &marks, before);
    steps(graph.cells, columns, "out", &marks, after);
}

fn total<'a>(counts: impl Iterator<Item = &'a Counts>) -> Counts {
    counts.fold([0; WAYS], |sum, more| std::array::from_fn(|at| sum[at].saturating_add(more[at])))
}

fn steps(
    cells: usize,
    columns: &Columns,
    side: &str,
    marks: &[Counts],
    look: impl Fn(u32, &[Counts]) -> Counts,
) {
    let named = |far: usize| COUNTED.map(|kind| format!("{side}_{kind}_at_{far}"));
    if !columns.want_any(named(1).iter().chain(&named(2))) {
        return;
    }
    let mut last: Vec<Counts> = (0..cells as u32).map(|cell| look(cell, marks)).collect();
    for far in 1..=2 {
        if far == 2 {
            last = (0..cells as u32).map(|cell| look(cell, &last)).collect();
        }
        for (lane, name) in named(far).iter().enumerate() {
            columns.put(name, |at| f32::from(last[at][lane]));
        }
    }
}

const _: () = assert!(MOST == u16::MAX && WAYS == 13);
