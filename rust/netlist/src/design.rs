//! A flat design as a graph: instances of cells, nets, and the pins that join them.

use crate::cell::{CellType, Role};

/// Stands for "no net" and "no instance".
pub const NONE: u32 = u32::MAX;

/// A flat design. Instance `i` is of type `types[cells[i]]`; its pin `k` (in the order of the
/// type's pins) is on net `pin_net[pin_start[i] + k]`, or `NONE` where it is unconnected.
#[derive(Clone, Debug, Default)]
pub struct Design {
    pub name: String,
    pub types: Vec<CellType>,
    pub cells: Vec<u32>,
    /// One more than there are instances.
    pub pin_start: Vec<u32>,
    pub pin_net: Vec<u32>,
    /// Nets, after aliases (`assign`) are resolved.
    pub nets: u32,
    /// Nets of primary inputs and outputs, a bit each.
    pub inputs: Vec<u32>,
    pub outputs: Vec<u32>,
    /// Nets that are constant.
    pub zero: Option<u32>,
    pub one: Option<u32>,
    pub instance_names: Names,
    pub net_names: Names,
}

/// Names in one text, without an allocation each.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub text: String,
    /// One more than there are names, or none at all.
    pub start: Vec<u32>,
}

impl Names {
    pub fn len(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn get(&self, at: u32) -> &str {
        let at = at as usize;
        &self.text[self.start[at] as usize..self.start[at + 1] as usize]
    }

    pub fn push(&mut self, name: &str) {
        if self.start.is_empty() {
            self.start.push(0);
        }
        self.text.push_str(name);
        self.start.push(self.text.len() as u32);
    }
}

impl Design {
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    pub fn cell(&self, instance: u32) -> &CellType {
        &self.types[self.cells[instance as usize] as usize]
    }

    /// The nets on the pins of an instance, in the order of its type's pins.
    pub fn pins(&self, instance: u32) -> &[u32] {
        let at = instance as usize;
        &self.pin_net[self.pin_start[at] as usize..self.pin_start[at + 1] as usize]
    }

    /// The instance that drives each net; `NONE` for inputs, constants and nets that nothing
    /// drives. Where several do, the first.
    pub fn drivers(&self) -> Vec<u32> {
        let mut found = vec![NONE; self.nets as usize];
        for instance in 0..self.len() as u32 {
            let pins = &self.cell(instance).pins;
            for (pin, &net) in pins.iter().zip(self.pins(instance)) {
                if pin.role == Role::Output && net != NONE && found[net as usize] == NONE {
                    found[net as usize] = instance;
                }
            }
        }
        found
    }
}
