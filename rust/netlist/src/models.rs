//! Cells described by Verilog modules: what their gates and assignments make of each pin.

use std::collections::HashMap;

use crate::cell::{CellType, Family, Function, Pin, Role};
use crate::design::NONE;
use crate::expression::Expression;
use crate::library::{Library, Set, is_supply};
use crate::module::{Direction, Module, ONE, Source, ZERO};
use crate::problem::Problems;
use crate::verilog::{self, spanned};

/// The deepest and largest function that is worked out.
const DEPTH: u32 = 32;
const PARTS: u32 = 2_048;

/// The cells that a Verilog library describes. A cell whose module says too little (a
/// user-defined primitive, a process) is left to `library` where that knows it, and is else
/// known by the directions of its pins alone.
pub fn read(text: &[u8], library: &Library) -> Set {
    let source = verilog::read(text, &mut Problems::default());
    let mut set = Set { name: "verilog".to_owned(), ..Set::default() };
    for module in &source.modules {
        let single = module.ports.iter().all(|port| module.bits(&port.nets).len() == 1);
        if !single || module.ports.is_empty() || module.ports.len() > 250 {
            continue;
        }
        let cell = Model::new(text, &source, module).cell();
        let names: Vec<&str> = cell.pins.iter().map(|pin| pin.name.as_str()).collect();
        if cell.family != Family::Unknown || library.find(&cell.name, &names).is_none() {
            set.add(cell);
        }
    }
    set
}

/// Whether what a module's gates and assignments make of its pins is what a cell does.
pub fn agrees(text: &[u8], source: &Source, module: &Module, cell: &CellType) -> bool {
    let found = Model::new(text, source, module).cell();
    let outputs = |cell: &CellType| cell.pins.iter().filter(|pin| pin.role == Role::Output).count();
    found.family != Family::Unknown
        && outputs(&found) == outputs(cell)
        && cell.next.is_none()
        && cell.pins.iter().filter(|pin| pin.role == Role::Output).all(|pin| {
            let ours = found.pins.iter().find(|one| one.name == pin.name);
            ours.is_some_and(|ours| same(&found, ours, cell, pin))
        })
}

/// Whether two outputs say the same of pins of the same names.
fn same(ours: &CellType, our: &Pin, theirs: &CellType, their: &Pin) -> bool {
    let table = |cell: &CellType, pin: &Pin| match &pin.function {
        Some(Function::Table { inputs, bits }) => {
            let name = |at: &u8| cell.pins[usize::from(*at)].name.clone();
            Some((inputs.iter().map(name).collect::<Vec<_>>(), *bits))
        }
        _ => None,
    };
    let (Some((left, ours)), Some((right, theirs))) = (table(ours, our), table(theirs, their))
    else {
        return false;
    };
    let places: Option<Vec<usize>> =
        left.iter().map(|name| right.iter().position(|one| one == name)).collect();
    let Some(places) = places.filter(|_| left.len() == right.len()) else { return false };
    (0..1_usize << left.len()).all(|row| {
        let other = places.iter().enumerate().fold(0, |sum, (at, to)| sum | (row >> at & 1) << to);
        ours >> row & 1 == theirs >> other & 1
    })
}

struct Model<'s> {
    text: &'s [u8],
    source: &'s Source,
    module: &'s Module,
    /// Of each net, one that it is the same as.
    parents: Vec<u32>,
    /// The instance that drives each net.
    drivers: HashMap<u32, usize>,
    /// Places of input pins by net.
    inputs: HashMap<u32, u8>,
    parts: u32,
}

impl<'s> Model<'s> {
    fn new(text: &'s [u8], source: &'s Source, module: &'s Module) -> Self {
        let mut parents: Vec<u32> = (0..module.nets()).collect();
        for &(a, b) in &module.aliases {
            let (a, b) = (root(&parents, a), root(&parents, b));
            if a.max(b) > ONE {
                parents[a.max(b) as usize] = a.min(b);
            }
        }
        let mut model = Self {
            text,
            source,
            module,
            parents,
            drivers: HashMap::new(),
            inputs: HashMap::new(),
            parts: 0,
        };
        model.connect();
        model
    }

    fn connect(&mut self) {
        for at in 0..self.module.uses.len() {
            let one = &self.source.uses[self.module.uses[at] as usize];
            let row = self.module.instance_pins(at);
            let output = if one.positional {
                row.first()
            } else {
                one.pins.iter().position(|pin| pin == "Y").and_then(|at| row.get(at))
            };
            if let Some(&net) = output.filter(|net| (**net as usize) < self.parents.len()) {
                self.drivers.insert(root(&self.parents, net), at);
            }
        }
        for (at, port) in self.module.ports.iter().enumerate() {
            if port.direction == Direction::Input && (port.nets as usize) < self.parents.len() {
                self.inputs.insert(root(&self.parents, port.nets), at as u8);
            }
        }
    }

    fn cell(mut self) -> CellType {
        let mut pins = Vec::new();
        let mut first = None;
        let mut whole = true;
        for port in &self.module.ports {
            let name = spanned(self.text, &self.source.made, port.name);
            let name = String::from_utf8_lossy(name).into_owned();
            let mut pin = Pin { role: Role::Data, function: None, name };
            if is_supply(&pin.name) {
                pin.role = Role::Power;
            } else if port.direction != Direction::Input {
                pin.role = Role::Output;
                let found = self.of(port.nets, 0);
                whole &= found.is_some();
                pin.function = Some(found.as_ref().map_or(Function::Unknown, Expression::function));
                if first.is_none() {
                    first = found;
                }
            }
            pins.push(pin);
        }
        let (family, inverting) = match first {
            Some(found) if whole => found.family(),
            _ => (Family::Unknown, false),
        };
        let name = self.module.name.clone();
        CellType { name, family, inverting, pins, next: None }
    }

    /// What a net says of the input pins.
    fn of(&mut self, net: u32, depth: u32) -> Option<Expression> {
        self.parts += 1;
        if depth > DEPTH || self.parts > PARTS || net as usize >= self.parents.len() {
            return None;
        }
        let net = root(&self.parents, net);
        if net == ZERO || net == ONE {
            return Some(Expression::Constant(net == ONE));
        }
        if let Some(&pin) = self.inputs.get(&net) {
            return Some(Expression::Pin(pin));
        }
        let at = *self.drivers.get(&net)?;
        let one = &self.source.uses[self.module.uses[at] as usize];
        let row = self.module.instance_pins(at);
        if one.positional {
            if row.len() > 2 && matches!(one.name.as_str(), "buf" | "not") {
                return None;
            }
            let parts = row.iter().skip(1).map(|&net| self.of(net, depth + 1));
            let parts = parts.collect::<Option<Vec<_>>>()?;
            return gate(&one.name, parts);
        }
        let pin = |name: &str| {
            let at = one.pins.iter().position(|pin| pin == name)?;
            row.get(at).copied().filter(|net| *net != NONE)
        };
        let (a, b, s) = (pin("A"), pin("B"), pin("S"));
        let mut parts = Vec::new();
        for net in [s, b, a].into_iter().flatten() {
            parts.push(self.of(net, depth + 1)?);
        }
        made(&one.name, parts)
    }
}

fn root(parents: &[u32], mut net: u32) -> u32 {
    while parents[net as usize] != net {
        net = parents[net as usize];
    }
    net
}

fn inverse(inner: Expression) -> Expression {
    Expression::Not(Box::new(inner))
}

fn gate(name: &str, mut parts: Vec<Expression>) -> Option<Expression> {
    Some(match name {
        "and" => Expression::And(parts),
        "nand" => inverse(Expression::And(parts)),
        "or" => Expression::Or(parts),
        "nor" => inverse(Expression::Or(parts)),
        "xor" => Expression::Xor(parts),
        "xnor" => inverse(Expression::Xor(parts)),
        "buf" => parts.pop()?,
        "not" => inverse(parts.pop()?),
        _ => return None,
    })
}

/// The gates that the reader makes of assignments.
fn made(name: &str, parts: Vec<Expression>) -> Option<Expression> {
    match name {
        "$_AND_" => gate("and", parts),
        "$_OR_" => gate("or", parts),
        "$_XOR_" => gate("xor", parts),
        "$_XNOR_" => gate("xnor", parts),
        "$_NOT_" => gate("not", parts),
        "$_MUX_" => Some(Expression::Choice(Box::new(parts.try_into().ok()?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_and_assignments_make_functions() {
        let text = b"`celldefine\nmodule FOO (Z, A, B, C); output Z; input A, B, C;\n\
            wire n; and (n, A, B); nor g (Z, n, C); specify (A => Z) = 1; endspecify endmodule\n\
            `endcelldefine\nmodule BAR (input A, B, S, output X); assign X = S ? B : A; endmodule\n\
            module FLOP (Q, D, CK); output Q; input D, CK; reg Q; always @(posedge CK) Q <= D;\n\
            endmodule module ODD (output Q, input D); udp_thing u (Q, D); endmodule";
        let set = read(text, &Library::default());
        let foo = &set.cells["FOO"][0];
        assert_eq!((foo.family, foo.inverting), (Family::AndOr, true));
        // !(A & B | C): only rows with C low and not both others.
        let expected = Function::Table { inputs: vec![1, 2, 3], bits: 0b0000_0111 };
        assert_eq!(foo.pins[0].function, Some(expected));
        assert_eq!(set.cells["BAR"][0].family, Family::Mux);
        assert_eq!(set.cells["FLOP"][0].family, Family::Unknown);
        assert_eq!(set.cells["FLOP"][0].pins[0].role, Role::Output);
        assert_eq!(set.cells["ODD"][0].family, Family::Unknown);
    }
}
