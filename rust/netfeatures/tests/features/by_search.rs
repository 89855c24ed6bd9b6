//! Values found by trying everything.

use std::collections::{HashMap, HashSet};

use kaname_netlist::cell::{Function, Role};

use crate::circuits::{Circuit, Random};

/// Who reads whom, straight from the pins: (source, reader), once for each pin.
fn edges(circuit: &Circuit) -> Vec<(usize, usize)> {
    let design = &circuit.design;
    let drivers = design.drivers();
    let mut found = Vec::new();
    for cell in 0..design.len() {
        let pins = &design.cell(cell as u32).pins;
        for (pin, net) in pins.iter().zip(design.pins(cell as u32)) {
            if pin.role == Role::Data && (drivers[*net as usize] as usize) < design.len() {
                found.push((drivers[*net as usize] as usize, cell));
            }
        }
    }
    found
}

fn keeps(circuit: &Circuit, cell: usize) -> bool {
    circuit.design.cell(cell as u32).next.is_some()
}

#[test]
fn walks_loops_and_levels_are_those_of_plain_search() {
    for seed in 0..20 {
        let circuit = Circuit::random(30, &mut Random(seed));
        let edges = edges(&circuit);
        let cells = circuit.design.len();
        let mut readers: HashMap<usize, Vec<usize>> = HashMap::new();
        for &(source, reader) in &edges {
            readers.entry(source).or_default().push(reader);
        }
        // walks[length][from][to]
        let mut walks = vec![vec![vec![0u32; cells]; cells]];
        (0..cells).for_each(|cell| walks[0][cell][cell] = 1);
        for length in 1..=5 {
            let mut next = vec![vec![0u32; cells]; cells];
            for from in 0..cells {
                for &(source, reader) in &edges {
                    next[from][reader] += walks[length - 1][from][source];
                }
            }
            walks.push(next);
        }
        let loops = circuit.feature("in_loop_5");
        let flipflops = circuit.feature("in_flipflop_5");
        let behind = circuit.feature("out_flipflop_3");
        let nearest = circuit.feature("out_nearest_flipflop");
        for cell in 0..cells {
            let closed: u32 = (1..=5).map(|length| walks[length][cell][cell]).sum();
            assert_eq!(loops[cell], closed as f32, "loops of {cell}, seed {seed}");
            let stores = (0..cells).filter(|other| keeps(&circuit, *other));
            let before: u32 =
                stores.clone().map(|from| (1..=5).map(|l| walks[l][from][cell]).sum::<u32>()).sum();
            assert_eq!(flipflops[cell], before as f32);
            let after: u32 =
                stores.clone().map(|to| (1..=3).map(|l| walks[l][cell][to]).sum::<u32>()).sum();
            assert_eq!(behind[cell], after as f32);
            let first = (1..=5).find(|l| stores.clone().any(|to| walks[*l][cell][to] > 0));
            match first {
                Some(level) => assert_eq!(nearest[cell], level as f32),
                None => assert!(nearest[cell] > 5.0),
            }
        }
    }
}

/// Cells from which an end is reached without passing `without`.
fn escaping(circuit: &Circuit, edges: &[(usize, usize)], without: usize) -> HashSet<usize> {
    let drivers = circuit.design.drivers();
    let mut found: HashSet<usize> = circuit
        .design
        .outputs
        .iter()
        .map(|net| drivers[*net as usize] as usize)
        .filter(|cell| *cell < circuit.design.len())
        .collect();
    let read: HashSet<usize> = edges.iter().map(|edge| edge.0).collect();
    found.extend((0..circuit.design.len()).filter(|cell| !read.contains(cell)));
    found.remove(&without);
    loop {
        let more: Vec<usize> = edges
            .iter()
            .filter(|(source, reader)| {
                *source != without && found.contains(reader) && !found.contains(source)
            })
            .map(|edge| edge.0)
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

#[test]
fn a_cell_gathers_those_that_cannot_leave_without_it() {
    for seed in 0..30 {
        let circuit = Circuit::random(40, &mut Random(100 + seed));
        let edges = edges(&circuit);
        let cells = circuit.design.len();
        let whole = escaping(&circuit, &edges, usize::MAX);
        let (sizes, pins) = (circuit.feature("gathers_cells"), circuit.feature("gathers_pins"));
        for cell in 0..cells {
            if whole.len() < cells {
                continue; // what never leaves is a matter of definition
            }
            let free = escaping(&circuit, &edges, cell);
            let held: HashSet<usize> = (0..cells).filter(|other| !free.contains(other)).collect();
            let expected = (held.len() as f32 + 1.0).log2();
            assert!((sizes[cell] - expected).abs() < 1e-5, "cells of {cell}, seed {seed}");
            let mut entering = 0;
            for &inside in &held {
                let pins = &circuit.design.cell(inside as u32).pins;
                for (pin, net) in pins.iter().zip(circuit.design.pins(inside as u32)) {
                    let source = circuit.design.drivers()[*net as usize] as usize;
                    let fixed = *net < 2;
                    entering +=
                        u32::from(pin.role == Role::Data && !fixed && !held.contains(&source));
                }
            }
            let expected = (entering as f32 + 1.0).log2();
            assert!((pins[cell] - expected).abs() < 1e-5, "pins of {cell}, seed {seed}");
        }
    }
}

/// The share of inputs for which each cell is 1, by simulating all of them.
fn exhaustive(circuit: &Circuit, inputs: u32) -> Vec<f64> {
    let design = &circuit.design;
    let mut ones = vec![0u32; design.len()];
    for row in 0..1u32 << inputs {
        let mut nets = vec![false; design.nets as usize];
        nets[1] = true;
        for input in 0..inputs {
            nets[4 + input as usize] = row >> input & 1 == 1;
        }
        for cell in 0..design.len() as u32 {
            let pins = design.pins(cell);
            let Some(Function::Table { inputs, bits }) = &design.cell(cell).pins[0].function else {
                panic!("a table");
            };
            let place =
                |(at, pin): (usize, &u8)| u64::from(nets[pins[usize::from(*pin)] as usize]) << at;
            let at: u64 = inputs.iter().enumerate().map(place).sum();
            let value = bits >> at & 1 == 1;
            nets[pins[0] as usize] = value;
            ones[cell as usize] += u32::from(value);
        }
    }
    ones.iter().map(|count| f64::from(*count) / f64::from(1 << inputs)).collect()
}

#[test]
fn chances_of_trees_are_those_of_all_inputs() {
    let kinds = ["and2", "nand2", "or2", "nor3", "xor2", "not", "mux2", "and4"];
    for seed in 0..20 {
        let mut random = Random(500 + seed);
        let mut circuit = Circuit::new(14);
        let mut free: Vec<u32> = (4..18).collect();
        while free.len() > 4 {
            random.shuffle(&mut free);
            let kind = kinds[random.below(kinds.len())];
            let of = circuit.design.types.iter().find(|of| of.name == kind).unwrap();
            let count = of.pins.len() - 1;
            let inputs: Vec<u32> = free.drain(..count).collect();
            let output = circuit.cell(kind, &inputs);
            free.push(output);
        }
        for net in free {
            circuit.output(net);
        }
        let expected = exhaustive(&circuit, 14);
        for (found, expected) in circuit.feature("probability").iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() < 1e-6);
        }
    }
}
