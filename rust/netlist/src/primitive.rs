//! Gates of the Verilog language (IEEE 1364-2005, clause 7): pins by place, outputs first.

use crate::cell::{CellType, Family, Function, Gate, Pin, Role};
use crate::expression::symmetric;

/// The type of a primitive with so many pins; none where it cannot have so many.
pub fn cell(name: &str, pins: usize) -> Option<CellType> {
    if pins > 250 {
        return None;
    }
    match name {
        "and" | "nand" | "or" | "nor" | "xor" | "xnor" if pins >= 2 => Some(gate(name, pins)),
        "buf" | "not" if pins >= 2 => Some(copies(name, pins)),
        "bufif0" | "bufif1" | "notif0" | "notif1" | "nmos" | "pmos" | "rnmos" | "rpmos"
            if pins == 3 =>
        {
            Some(switch(name, pins))
        }
        "cmos" | "rcmos" if pins == 4 => Some(switch(name, pins)),
        "pullup" | "pulldown" if pins == 1 => Some(pull(name)),
        _ => None,
    }
}

fn output(name: String, function: Function) -> Pin {
    Pin { name, role: Role::Output, function: Some(function) }
}

fn input(at: usize, role: Role) -> Pin {
    Pin { name: format!("in{at}"), role, function: None }
}

fn made(name: &str, family: Family, inverting: bool, pins: Vec<Pin>) -> CellType {
    CellType { name: name.to_owned(), family, inverting, pins, next: None }
}

fn gate(name: &str, pins: usize) -> CellType {
    let inverted = matches!(name, "nand" | "nor" | "xnor");
    let (family, gate) = match name {
        "and" | "nand" => (Family::And, Gate::And),
        "or" | "nor" => (Family::Or, Gate::Or),
        _ => (Family::Xor, Gate::Xor),
    };
    let inputs: Vec<u8> = (1..pins as u8).collect();
    let count = inputs.len();
    let function = if count > 6 {
        Function::Wide { inputs, gate, inverted }
    } else {
        let bits = symmetric(gate, inverted, count);
        Function::Table { inputs, bits }
    };
    let first = output("out".to_owned(), function);
    let rest = (1..pins).map(|at| input(at, Role::Data));
    made(name, family, inverted, std::iter::once(first).chain(rest).collect())
}

/// `buf` and `not`: several outputs, the last pin is the input.
fn copies(name: &str, pins: usize) -> CellType {
    let inverted = name == "not";
    let function =
        Function::Table { inputs: vec![pins as u8 - 1], bits: if inverted { 0b01 } else { 0b10 } };
    let outputs = (1..pins).map(|at| {
        let name = if pins == 2 { "out".to_owned() } else { format!("out{at}") };
        output(name, function.clone())
    });
    let last = input(1, Role::Data);
    made(name, Family::Buffer, inverted, outputs.chain([last]).collect())
}

fn switch(name: &str, pins: usize) -> CellType {
    let inverted = name.starts_with("not");
    let function = Function::Table { inputs: vec![1], bits: if inverted { 0b01 } else { 0b10 } };
    let mut all = vec![output("out".to_owned(), function), input(1, Role::Data)];
    all.extend((2..pins).map(|at| input(at, Role::Enable)));
    made(name, Family::Tristate, inverted, all)
}

fn pull(name: &str) -> CellType {
    let up = name == "pullup";
    let function = Function::Table { inputs: Vec::new(), bits: u64::from(up) };
    made(name, Family::Constant, !up, vec![output("out".to_owned(), function)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(name: &str, pins: usize) -> u64 {
        match cell(name, pins).and_then(|cell| cell.pins[0].function.clone()) {
            Some(Function::Table { bits, .. }) => bits,
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn truth_tables_of_the_standard() {
        assert_eq!(bits("and", 3), 0b1000);
        assert_eq!(bits("nand", 3), 0b0111);
        assert_eq!(bits("or", 3), 0b1110);
        assert_eq!(bits("nor", 3), 0b0001);
        assert_eq!(bits("xor", 4), 0b1001_0110);
        assert_eq!(bits("xnor", 3), 0b1001);
        assert_eq!(bits("not", 2), 0b01);
        assert_eq!(bits("buf", 2), 0b10);
        assert_eq!(bits("pullup", 1), 1);
    }

    #[test]
    fn many_pins() {
        let wide = cell("nor", 9).expect("nor");
        let inputs = (1..9).collect();
        let expected = Function::Wide { inputs, gate: Gate::Or, inverted: true };
        assert_eq!(wide.pins[0].function, Some(expected));
        let fan = cell("not", 4).expect("not");
        let roles: Vec<Role> = fan.pins.iter().map(|pin| pin.role).collect();
        assert_eq!(roles, [Role::Output, Role::Output, Role::Output, Role::Data]);
        assert_eq!(cell("and", 1), None);
        assert_eq!(cell("not", 1), None);
    }
}
