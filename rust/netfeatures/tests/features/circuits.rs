//! Small circuits made by hand or at random.

use kaname_netfeatures::features::compute;
use kaname_netlist::cell::{CellType, Family, Function, Pin, Role};
use kaname_netlist::design::Design;

/// A generator of numbers that is the same everywhere (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        (kaname_netfeatures::refinement::mix(self.0) % most as u64) as usize
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

fn pin(name: &str, role: Role, function: Option<Function>) -> Pin {
    Pin { name: name.to_owned(), role, function }
}

fn gate(name: &str, family: Family, inverting: bool, inputs: usize, bits: u64) -> CellType {
    let read: Vec<u8> = (1..=inputs as u8).collect();
    let mut pins = vec![pin("y", Role::Output, Some(Function::Table { inputs: read, bits }))];
    pins.extend((0..inputs).map(|at| pin(&format!("i{at}"), Role::Data, None)));
    CellType { name: name.to_owned(), family, inverting, pins, next: None }
}

/// The library: output first, then inputs; a flip-flop is Q, D, CK, RN.
pub fn library() -> Vec<CellType> {
    let state = Function::State { inverted: false };
    let flipflop = CellType {
        name: "dff".to_owned(),
        family: Family::FlipFlop,
        inverting: false,
        pins: vec![
            pin("q", Role::Output, Some(state)),
            pin("d", Role::Data, None),
            pin("ck", Role::Clock, None),
            pin("rn", Role::Reset, None),
        ],
        next: Some(Function::Table { inputs: vec![1], bits: 0b10 }),
    };
    vec![
        gate("and2", Family::And, false, 2, 0b1000),
        gate("nand2", Family::And, true, 2, 0b0111),
        gate("or2", Family::Or, false, 2, 0b1110),
        gate("nor3", Family::Or, true, 3, 0b1),
        gate("xor2", Family::Xor, false, 2, 0b0110),
        gate("not", Family::Buffer, true, 1, 0b01),
        gate("buf", Family::Buffer, false, 1, 0b10),
        // Inputs a, b, select.
        gate("mux2", Family::Mux, false, 3, 0b1100_1010),
        gate("and4", Family::And, false, 4, 1 << 15),
        flipflop,
    ]
}

/// Nets by number; 0 and 1 are the constants, 2 the clock, 3 the reset.
#[derive(Clone)]
pub struct Circuit {
    pub design: Design,
}

pub const CLOCK: u32 = 2;
pub const RESET: u32 = 3;

impl Circuit {
    /// With primary inputs on the nets from 4.
    pub fn new(inputs: u32) -> Self {
        let mut inputs: Vec<u32> = (4..4 + inputs).collect();
        inputs.extend([CLOCK, RESET]);
        let design = Design {
            types: library(),
            pin_start: vec![0],
            nets: 2 + inputs.len() as u32,
            inputs,
            zero: Some(0),
            one: Some(1),
            ..Design::default()
        };
        Self { design }
    }

    pub fn net(&mut self) -> u32 {
        self.design.nets += 1;
        self.design.nets - 1
    }

    /// A cell on these nets; a flip-flop's clock and reset follow by themselves.
    pub fn cell_on(&mut self, kind: &str, output: u32, inputs: &[u32]) -> u32 {
        let place = self.design.types.iter().position(|of| of.name == kind).unwrap();
        self.design.cells.push(place as u32);
        self.design.pin_net.push(output);
        self.design.pin_net.extend(inputs);
        if kind == "dff" && inputs.len() == 1 {
            self.design.pin_net.extend([CLOCK, RESET]);
        }
        self.design.pin_start.push(self.design.pin_net.len() as u32);
        self.design.cells.len() as u32 - 1
    }

    pub fn cell(&mut self, kind: &str, inputs: &[u32]) -> u32 {
        let output = self.net();
        self.cell_on(kind, output, inputs);
        output
    }

    pub fn output(&mut self, net: u32) {
        self.design.outputs.push(net);
    }

    /// One feature of all cells.
    pub fn feature(&self, name: &str) -> Vec<f32> {
        compute(&self.design, &[name.to_owned()], 2).unwrap()
    }

    /// Flip-flops and gates that read each other at random, loops of logic and all.
    pub fn random(cells: usize, random: &mut Random) -> Self {
        let mut circuit = Self::new(6);
        let outputs: Vec<u32> = (0..cells).map(|_| circuit.net()).collect();
        let readable = circuit.design.nets as usize;
        for (at, output) in outputs.iter().enumerate() {
            let kind = circuit.design.types[random.below(10)].clone();
            let count = kind.pins.iter().filter(|pin| pin.role == Role::Data).count();
            let inputs: Vec<u32> = (0..count)
                .map(|_| {
                    // Mostly from cells before it, so that there are long paths.
                    let back = random.below(12);
                    match random.below(20) {
                        0 => random.below(readable) as u32,
                        _ if at > back => outputs[at - back - 1],
                        _ => 4 + random.below(6) as u32,
                    }
                })
                .collect();
            circuit.cell_on(&kind.name, *output, &inputs);
            if random.below(10) == 0 {
                circuit.output(*output);
            }
        }
        circuit
    }

    /// The same design with cells, nets and equal pins in another order, and the new place
    /// of each old cell.
    pub fn shuffled(&self, random: &mut Random) -> (Self, Vec<usize>) {
        let old = &self.design;
        let mut nets: Vec<u32> = (0..old.nets).collect();
        random.shuffle(&mut nets);
        let mut cells: Vec<u32> = (0..old.len() as u32).collect();
        random.shuffle(&mut cells);
        let renamed = |net: u32| nets[net as usize];
        let mut new = Self { design: Design { pin_start: vec![0], ..old.clone() } };
        new.design.cells.clear();
        new.design.pin_net.clear();
        let mut places = vec![0; old.len()];
        for (place, &cell) in cells.iter().enumerate() {
            places[cell as usize] = place;
            let mut pins: Vec<u32> = old.pins(cell).iter().map(|net| renamed(*net)).collect();
            let kind = old.cell(cell);
            if matches!(kind.family, Family::And | Family::Or | Family::Xor) {
                random.shuffle(&mut pins[1..]);
            }
            new.design.cells.push(old.cells[cell as usize]);
            new.design.pin_net.extend(pins);
            new.design.pin_start.push(new.design.pin_net.len() as u32);
        }
        for list in [&mut new.design.inputs, &mut new.design.outputs] {
            for net in list.iter_mut() {
                *net = renamed(*net);
            }
            random.shuffle(list);
        }
        new.design.zero = old.zero.map(renamed);
        new.design.one = old.one.map(renamed);
        (new, places)
    }
}
