//! A few gates that stand for a cell, and their truth table.

use crate::table::{self, Small};

/// A gate; what it reads are inputs of the circuit (below `Circuit::inputs`) or gates before
/// it (from there on).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    pub table: Small,
    pub inputs: Vec<u16>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circuit {
    pub inputs: usize,
    pub gates: Vec<Gate>,
    /// Gates whose values are the outputs.
    pub outputs: Vec<u16>,
}

/// Truth tables of the gates that every library has in some form.
pub mod plain {
    pub const NOT: u64 = 0b01;
    pub const BUFFER: u64 = 0b10;
    pub const AND: u64 = 0b1000;
    pub const OR: u64 = 0b1110;
    pub const XOR: u64 = 0b0110;
    pub const NAND: u64 = 0b0111;
    pub const NOR: u64 = 0b0001;
    pub const XNOR: u64 = 0b1001;
    /// `inputs[2] ? inputs[1] : inputs[0]`.
    pub const MUX: u64 = 0b1100_1010;
    /// `inputs[0] | inputs[1] & inputs[2]`.
    pub const AND_OR: u64 = 0b1110_1010;
    /// `inputs[0] & (inputs[1] | inputs[2])`.
    pub const OR_AND: u64 = 0b1010_1000;
}

impl Circuit {
    pub fn new(inputs: usize) -> Self {
        Self { inputs, ..Self::default() }
    }

    /// Add a gate; what it is read by.
    pub fn gate(&mut self, bits: u64, inputs: &[u16]) -> u16 {
        let table = Small::new(inputs.len(), bits);
        self.gates.push(Gate { table, inputs: inputs.to_vec() });
        (self.inputs + self.gates.len() - 1) as u16
    }

    /// Make the value of `place` an output; a buffer where that is an input.
    pub fn output(&mut self, place: u16) {
        let taken = self.outputs.contains(&place);
        let place = if usize::from(place) < self.inputs || taken {
            self.gate(plain::BUFFER, &[place])
        } else {
            place
        };
        self.outputs.push(place);
    }

    /// The truth table of each output, or none where there are too many inputs.
    pub fn tables(&self) -> Option<Vec<Vec<u64>>> {
        if self.inputs > table::MOST {
            return None;
        }
        let mut tables = vec![Vec::new(); self.outputs.len()];
        for word in 0..table::words(self.inputs) {
            let mut values: Vec<u64> =
                (0..self.inputs).map(|at| table::variable(at, word)).collect();
            for gate in &self.gates {
                let read: Vec<u64> =
                    gate.inputs.iter().map(|&at| values[usize::from(at)]).collect();
                values.push(gate.table.word(&read));
            }
            for (table, &output) in tables.iter_mut().zip(&self.outputs) {
                table.push(values[usize::from(output)] & table::mask(self.inputs));
            }
        }
        Some(tables)
    }
}
