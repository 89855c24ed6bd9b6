//! Cells by what they say: the type of the design that has a wanted truth table.

use std::collections::HashMap;

use kaname_netlist::cell::{CellType, Family, Function, Pin, Role};

use crate::circuit::plain;
use crate::table::Small;

/// A type, and the pin that each input of the wanted function goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    pub kind: u32,
    pub output: u8,
    pub pins: Vec<u8>,
}

/// The types of a design by function. Gates that no type of it has are taken from Verilog
/// itself, which has them in every tool.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub types: Vec<CellType>,
    fits: HashMap<Small, Fit>,
}

const PRIMITIVES: [(&str, usize, u64, Family, bool); 8] = [
    ("buf", 1, plain::BUFFER, Family::Buffer, false),
    ("not", 1, plain::NOT, Family::Buffer, true),
    ("and", 2, plain::AND, Family::And, false),
    ("or", 2, plain::OR, Family::Or, false),
    ("xor", 2, plain::XOR, Family::Xor, false),
    ("nand", 2, plain::NAND, Family::And, true),
    ("nor", 2, plain::NOR, Family::Or, true),
    ("xnor", 2, plain::XNOR, Family::Xor, true),
];

impl Library {
    /// Types that are used more come first, so that rewritten parts look like the rest.
    pub fn new(types: Vec<CellType>, used: &[u32]) -> Self {
        let mut order: Vec<usize> = (0..types.len()).collect();
        order.sort_by_key(|&kind| (std::cmp::Reverse(used.get(kind).copied()), kind));
        let mut library = Self { types, fits: HashMap::new() };
        for kind in order {
            library.announce(kind as u32);
        }
        library
    }

    /// A type with this function and the order of its pins.
    pub fn find(&mut self, wanted: Small) -> Option<Fit> {
        if let Some(fit) = self.fits.get(&wanted) {
            return Some(fit.clone());
        }
        let &(name, inputs, bits, family, inverting) =
            PRIMITIVES.iter().find(|(_, inputs, bits, ..)| Small::new(*inputs, *bits) == wanted)?;
        let kind = self.types.len() as u32;
        self.types.push(primitive(name, inputs, bits, (family, inverting)));
        self.announce(kind);
        self.fits.get(&wanted).cloned()
    }

    /// Enter a type under its function with its inputs in every order.
    fn announce(&mut self, kind: u32) {
        let Some((output, inputs, table)) = plain_output(&self.types[kind as usize]) else {
            return;
        };
        let mut order: Vec<usize> = (0..inputs.len()).collect();
        loop {
            // reordered: input k of the wanted function is input order[k] of the cell.
            let fit = || Fit { kind, output, pins: order.iter().map(|&at| inputs[at]).collect() };
            self.fits.entry(table.reordered(&order)).or_insert_with(fit);
            if !advance(&mut order) {
                break;
            }
        }
    }
}

/// The output, inputs and table of a cell that is one function of data pins and no more.
pub fn plain_output(cell: &CellType) -> Option<(u8, Vec<u8>, Small)> {
    if cell.keeps() {
        return None;
    }
    let mut found = None;
    for (at, pin) in cell.pins.iter().enumerate() {
        match pin.role {
            Role::Power | Role::Data => {}
            Role::Output if found.is_none() => found = Some(at as u8),
            _ => return None,
        }
    }
    let output = found?;
    let Some(Function::Table { inputs, bits }) = &cell.pins[usize::from(output)].function else {
        return None;
    };
    let data = cell.pins.iter().filter(|pin| pin.role == Role::Data).count();
    if inputs.is_empty() || inputs.len() > 6 || data != inputs.len() {
        return None;
    }
    Some((output, inputs.clone(), Small::new(inputs.len(), *bits)))
}

fn primitive(name: &str, inputs: usize, bits: u64, family: (Family, bool)) -> CellType {
    let places: Vec<u8> = (1..=inputs as u8).collect();
    let function = Function::Table { inputs: places, bits };
    let mut pins =
        vec![Pin { name: "out".to_owned(), role: Role::Output, function: Some(function) }];
    pins.extend((1..=inputs).map(|at| Pin {
        name: format!("in{at}"),
        role: Role::Data,
        function: None,
    }));
    CellType { name: name.to_owned(), family: family.0, inverting: family.1, pins, next: None }
}

/// The next order of all, in the order of a dictionary; false after the last.
fn advance(order: &mut [usize]) -> bool {
    let Some(at) = (1..order.len()).rev().find(|&at| order[at - 1] < order[at]) else {
        return false;
    };
    let with = (at..order.len()).rev().find(|&with| order[with] > order[at - 1]);
    if let Some(with) = with {
        order.swap(at - 1, with);
    }
    order[at..].reverse();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_with_its_inputs_in_the_order_of_its_function() {
        let mut and_not = primitive("ANDN", 2, 0b0010, (Family::And, false)); // a & !b
        and_not.name = "ANDN".to_owned();
        let mut library = Library::new(vec![and_not], &[1]);
        let straight = library.find(Small::new(2, 0b0010)).map(|fit| fit.pins);
        assert_eq!(straight, Some(vec![1, 2]));
        let turned = library.find(Small::new(2, 0b0100)).map(|fit| fit.pins); // !a & b
        assert_eq!(turned, Some(vec![2, 1]));
        assert_eq!(library.find(Small::new(3, plain::MUX)), None);
        let nand = library.find(Small::new(2, plain::NAND)).map(|fit| fit.kind);
        assert_eq!(nand, Some(1));
        assert_eq!(library.types[1].name, "nand");
    }

    #[test]
    fn orders_are_all_gone_through() {
        let mut order = vec![0, 1, 2, 3];
        let mut seen = 1;
        while advance(&mut order) {
            seen += 1;
        }
        assert_eq!((seen, order), (24, vec![3, 2, 1, 0]));
    }
}
