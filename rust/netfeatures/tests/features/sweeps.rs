//! Gates that change nothing go; all others stay, with what they read.

use kaname_netfeatures::sweeping::swept;
use kaname_netlist::cell::Function;
use kaname_netlist::design::{Design, NONE};

use crate::circuits::{Circuit, Random};

/// What is left of a circuit: names of cells, and places of all.
fn left(circuit: &Circuit) -> (Vec<String>, Vec<u32>) {
    let found = swept(&circuit.design).unwrap();
    let names = (0..found.design.len() as u32).map(|cell| found.design.cell(cell).name.clone());
    (names.collect(), found.place)
}

#[test]
fn ordinary_logic_is_left_alone() {
    let mut circuit = Circuit::new(3);
    let not = circuit.cell("not", &[4]);
    let and = circuit.cell("and2", &[not, 5]);
    let xor = circuit.cell("xor2", &[and, 6]);
    let state = circuit.cell("dff", &[xor]);
    circuit.output(state);
    assert!(swept(&circuit.design).is_none());
}

#[test]
fn gates_that_hand_on_what_they_read_go() {
    type Made = fn(&mut Circuit, u32, u32) -> u32;
    let ways: [(&str, Made); 7] = [
        ("buffer", |c, x, _| c.cell("buf", &[x])),
        ("two inverters", |c, x, _| {
            let not = c.cell("not", &[x]);
            c.cell("not", &[not])
        }),
        ("x & (x | y)", |c, x, y| {
            let or = c.cell("or2", &[x, y]);
            c.cell("and2", &[x, or])
        }),
        ("x & (y | !y)", |c, x, y| {
            let not = c.cell("not", &[y]);
            let or = c.cell("or2", &[y, not]);
            c.cell("and2", &[x, or])
        }),
        ("(x ^ y) ^ y", |c, x, y| {
            let xor = c.cell("xor2", &[x, y]);
            c.cell("xor2", &[xor, y])
        }),
        ("y ? x : x", |c, x, y| c.cell("mux2", &[x, x, y])),
        ("(x ^ y) ^ y with the first of NANDs", |c, x, y| {
            let both = c.cell("nand2", &[x, y]);
            let (one, other) = (c.cell("nand2", &[x, both]), c.cell("nand2", &[y, both]));
            let xor = c.cell("nand2", &[one, other]);
            c.cell("xor2", &[xor, y])
        }),
    ];
    for (name, way) in ways {
        let mut circuit = Circuit::new(3);
        let x = circuit.cell("and2", &[4, 5]);
        let same = way(&mut circuit, x, 6);
        let state = circuit.cell("dff", &[same]);
        circuit.output(state);
        let found = swept(&circuit.design).unwrap();
        assert_eq!(left(&circuit).0, ["and2", "dff"], "{name}");
        assert_eq!(found.design.pins(1)[1], x, "{name}: the flip-flop reads what is handed on");
        assert_eq!(found.place[0], 0, "{name}");
        let last = found.place.len() - 1;
        assert_eq!(found.place[last], 1, "{name}");
        assert!(found.place[1..last].iter().all(|place| *place == NONE), "{name}");
    }
}

#[test]
fn of_two_that_say_the_same_one_stays_and_stands_for_both() {
    let mut circuit = Circuit::new(2);
    let (one, two) = (circuit.cell("and2", &[4, 5]), circuit.cell("and2", &[5, 4]));
    let (first, second) = (circuit.cell("dff", &[one]), circuit.cell("dff", &[two]));
    circuit.output(first);
    circuit.output(second);
    let (names, place) = left(&circuit);
    assert_eq!(names, ["and2", "dff", "dff"]);
    assert_eq!(place, [0, 0, 1, 2]);
}

#[test]
fn buffers_of_clocks_and_outputs_of_the_design_stay_connected() {
    let mut circuit = Circuit::new(1);
    let clock = circuit.cell("buf", &[crate::circuits::CLOCK]);
    let state = circuit.net();
    circuit.cell_on("dff", state, &[4, clock, crate::circuits::RESET]);
    let out = circuit.cell("buf", &[state]);
    circuit.output(out);
    let found = swept(&circuit.design).unwrap();
    assert_eq!(left(&circuit).0, ["buf", "dff"], "the clock's stays");
    assert_eq!(found.design.outputs, [state]);
}

#[test]
fn loops_and_long_chains_end() {
    let mut circuit = Circuit::new(2);
    let back = circuit.net();
    let nor = circuit.cell("or2", &[4, back]);
    circuit.cell_on("buf", back, &[nor]);
    let mut net = nor;
    for at in 0..100_000 {
        net = circuit.cell("nand2", &[4 + at % 2, net]);
    }
    circuit.output(net);
    // Both inputs are under the last two gates again and again: any answer that ends will do.
    let _ = swept(&circuit.design);
}

/// The values of all nets of a design whose inputs (from net 4) take all values of six bits;
/// cells may stand in any order.
fn values(design: &Design) -> Vec<u64> {
    let mut nets = vec![0u64; design.nets as usize];
    nets[1] = u64::MAX;
    for at in 0..6 {
        nets[4 + at] = (0..64).filter(|row| row >> at & 1 == 1).fold(0, |sum, row| sum | 1 << row);
    }
    for _ in 0..design.len() {
        for cell in 0..design.len() as u32 {
            let pins = design.pins(cell);
            let Some(Function::Table { inputs, bits }) = &design.cell(cell).pins[0].function else {
                continue;
            };
            let index = |row: u32| {
                let set = |pin: &u8| nets[pins[usize::from(*pin)] as usize] >> row & 1;
                inputs.iter().enumerate().fold(0, |sum, (at, pin)| sum | set(pin) << at)
            };
            nets[pins[0] as usize] =
                (0..64).fold(0, |sum, row| sum | (bits >> index(row) & 1) << row);
        }
    }
    nets
}

#[test]
fn what_leaves_a_design_is_what_left_it_before() {
    let mut random = Random(7);
    let mut gone = 0;
    for _ in 0..200 {
        let mut circuit = Circuit::new(6);
        // Constants, inputs, and what was made of them; few nets, so that much coincides.
        let mut nets: Vec<u32> = vec![0, 1, 4, 5, 6, 7, 8, 9];
        for _ in 0..24 {
            let kinds = [("and2", 2), ("nand2", 2), ("or2", 2), ("nor3", 3), ("xor2", 2)];
            let more = [("not", 1), ("buf", 1), ("mux2", 3), ("and4", 4)];
            let (kind, inputs) = [&kinds[..], &more[..]].concat()[random.below(9)];
            let from = nets.len().saturating_sub(9);
            let read: Vec<u32> =
                (0..inputs).map(|_| nets[from + random.below(nets.len() - from)]).collect();
            nets.push(circuit.cell(kind, &read));
        }
        for &net in nets.iter().rev().take(6) {
            circuit.output(net);
        }
        let Some(found) = swept(&circuit.design) else { continue };
        gone += circuit.design.len() - found.design.len();
        let (before, after) = (values(&circuit.design), values(&found.design));
        for (old, new) in circuit.design.outputs.iter().zip(&found.design.outputs) {
            assert_eq!(before[*old as usize], after[*new as usize]);
        }
    }
    assert!(gone > 500, "{gone} gates went");
}

#[test]
fn a_chain_that_nothing_reads_stays_and_so_does_what_drives_it() {
    let mut circuit = Circuit::new(2);
    let mut net = circuit.cell("and2", &[4, 5]);
    for _ in 0..6 {
        net = circuit.cell("not", &[net]);
    }
    let (names, place) = left(&circuit);
    // The last reads what the first says.
    assert_eq!(names, ["and2", "not", "not"]);
    assert_eq!((place[0], place[1], place[6]), (0, 1, 2));
}
