//! The 51 features of Hasegawa, Yanagisawa and Togawa (IEICE E100-A(12), 2017).
//!
//! Counts are of walks, as sums over pins; they stop growing at [`MOST`].

use kaname_netlist::cell::Family;

use crate::columns::Columns;
use crate::graph::{FIXED, FLOATING, Graph, INPUT};
use crate::levels::{FARTHEST, backward, forward};
use crate::order::Order;

/// Walks beyond these are not counted: the largest whole number that an f32 keeps exactly.
pub const MOST: u32 = 1 << 24;
/// A cell with more closed walks to look at is counted up to the length that stays below.
const WALKS: u64 = 4_096;
const DEEP: usize = 5;

type Lanes = [u32; 4];

fn add(one: Lanes, other: Lanes) -> Lanes {
    std::array::from_fn(|lane| (one[lane] + other[lane]).min(MOST))
}

fn marks(graph: &Graph) -> (Vec<Lanes>, Vec<u32>) {
    let fixed: Vec<u32> = (0..graph.cells as u32)
        .map(|cell| graph.sources.of(cell).iter().filter(|source| **source == FIXED).count() as u32)
        .collect();
    let marks = (0..graph.cells)
        .map(|at| {
            [0, u32::from(graph.keeps[at]), u32::from(graph.family[at] == Family::Mux), fixed[at]]
        })
        .collect();
    (marks, fixed)
}

/// `fan_in_x`, `in_flipflop_x`, `in_multiplexer_x`, `in_const_x` and those on the output side.
pub fn walks(graph: &Graph, columns: &Columns) {
    let names = ["fan_in", "in_flipflop", "in_multiplexer", "in_const"];
    let (marks, fixed) = marks(graph);
    if columns.want_any(numbered(&names)) {
        let first = |cell: u32| {
            let mut lanes =
                graph.before(cell).fold([0; 4], |sum, source| add(sum, marks[source as usize]));
            lanes[0] = graph.sources.of(cell).len() as u32;
            lanes[3] = fixed[cell as usize];
            lanes
        };
        let step = |cell: u32, last: &[Lanes]| {
            graph.before(cell).fold([0; 4], |sum, source| add(sum, last[source as usize]))
        };
        push(graph.cells, columns, names, first, step);
    }
    let names = ["", "out_flipflop", "out_multiplexer", "out_const"];
    if columns.want_any(numbered(&names[1..])) {
        let over = |cell: u32, last: &[Lanes]| {
            let loads = graph.loads.of(cell).iter();
            loads.fold([0; 4], |sum, load| add(sum, last[*load as usize]))
        };
        push(graph.cells, columns, names, |cell| over(cell, &marks), over);
    }
}

fn numbered(names: &[&str]) -> Vec<String> {
    names.iter().flat_map(|name| (1..=DEEP).map(move |x| format!("{name}_{x}"))).collect()
}

fn push(
    cells: usize,
    columns: &Columns,
    names: [&str; 4],
    first: impl Fn(u32) -> Lanes,
    step: impl Fn(u32, &[Lanes]) -> Lanes,
) {
    let mut last: Vec<Lanes> = (0..cells as u32).map(first).collect();
    let (mut sum, mut next) = (last.clone(), last.clone());
    for x in 1..=DEEP {
        if x > 1 {
            for (cell, (slot, sum)) in next.iter_mut().zip(&mut sum).enumerate() {
                *slot = step(cell as u32, &last);
                *sum = add(*sum, *slot);
            }
            std::mem::swap(&mut last, &mut next);
        }
        for (lane, name) in names.iter().enumerate() {
            let from = if lane == 0 { &last } else { &sum };
            columns.put(&format!("{name}_{x}"), |at| from[at][lane] as f32);
        }
    }
}

/// `in_loop_x` and `out_loop_x`: closed walks of up to x edges through a cell. The walk that
/// comes back is the walk that went out, so both are the same number.
pub fn loops(graph: &Graph, order: &Order, columns: &Columns) {
    if !columns.want_any(numbered(&["in_loop", "out_loop"])) {
        return;
    }
    let inside = |one: u32, other: u32| order.loop_of(one) == order.loop_of(other);
    let mut reach: Vec<[u64; DEEP]> = vec![[0; DEEP]; graph.cells];
    for length in 0..DEEP {
        for cell in 0..graph.cells as u32 {
            if !order.in_loop(cell) {
                continue;
            }
            let before = graph.before(cell).filter(|source| inside(*source, cell));
            let walks = before.map(|source| match length {
                0 => 1,
                _ => reach[source as usize][length - 1],
            });
            reach[cell as usize][length] = walks.fold(0u64, u64::saturating_add);
        }
    }
    let counts: Vec<[u32; DEEP]> = (0..graph.cells as u32)
        .map(|cell| {
            let mut found = [0; DEEP];
            if order.in_loop(cell) {
                let reach = &reach[cell as usize];
                let deep = reach.iter().take_while(|walks| **walks <= WALKS).count();
                closed(graph, &inside, cell, cell, (0, deep), &mut found);
            }
            found
        })
        .collect();
    for x in 1..=DEEP {
        let sum = |at: usize| counts[at][..x].iter().sum::<u32>().min(MOST) as f32;
        columns.put(&format!("in_loop_{x}"), sum);
        columns.put(&format!("out_loop_{x}"), sum);
    }
}

fn closed(
    graph: &Graph,
    inside: &impl Fn(u32, u32) -> bool,
    home: u32,
    cell: u32,
    (length, deep): (usize, usize),
    found: &mut [u32; DEEP],
) {
    if length == deep {
        return;
    }
    for source in graph.before(cell) {
        if source == home {
            found[length] += 1;
        }
        if length + 1 < deep && inside(source, home) {
            closed(graph, inside, home, source, (length + 1, deep), found);
        }
    }
}

/// The six distances, from 1; [`FARTHEST`] where there is nothing.
pub fn nearest(graph: &Graph, columns: &Columns) {
    let of = |kind: fn(&Graph, usize) -> bool| move |cell: u32| kind(graph, cell as usize);
    let stores = of(|graph, at| graph.keeps[at]);
    let chooses = of(|graph, at| graph.family[at] == Family::Mux);
    ahead(graph, columns, "in_nearest_pin", |cell| graph.sources.of(cell).contains(&INPUT));
    ahead(graph, columns, "in_nearest_const", |cell| graph.sources.of(cell).contains(&FIXED));
    ahead(graph, columns, "in_nearest_flipflop", |cell| graph.before(cell).any(&stores));
    ahead(graph, columns, "in_nearest_multiplexer", |cell| graph.before(cell).any(&chooses));
    back(graph, columns, "out_nearest_pout", |cell| graph.outputs[cell as usize] > 0);
    let loads = |cell: u32| graph.loads.of(cell).iter().copied();
    back(graph, columns, "out_nearest_flipflop", |cell| loads(cell).any(&stores));
    back(graph, columns, "out_nearest_multiplexer", |cell| loads(cell).any(&chooses));
}

fn ahead(graph: &Graph, columns: &Columns, name: &str, start: impl Fn(u32) -> bool) {
    if columns.wants(name) {
        let levels = forward(graph, start);
        columns.put(name, |at| f32::from(levels[at]));
    }
}

fn back(graph: &Graph, columns: &Columns, name: &str, start: impl Fn(u32) -> bool) {
    if columns.wants(name) {
        let levels = backward(graph, start);
        columns.put(name, |at| f32::from(levels[at]));
    }
}

const _: () = assert!(FARTHEST > 1 && FLOATING < FIXED);
