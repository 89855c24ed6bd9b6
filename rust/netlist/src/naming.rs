//! What the name of a cell that no table has says, where its pins agree.
//!
//! Libraries differ in pins and strengths and agree in words: a `NAND3` of any vendor with
//! three inputs and one output is a NAND. Nothing is guessed where a digit is missing or
//! pins do not fit, or where a letter behind the digit may stand for an inverted input.

use crate::cell::{CellType, Family, Function, Gate, Role};
use crate::expression::symmetric;

/// Words in the order in which they are looked for.
const WORDS: [(&str, Family, bool, Option<Gate>); 14] = [
    ("NAND", Family::And, true, Some(Gate::And)),
    ("NND", Family::And, true, Some(Gate::And)),
    ("XNOR", Family::Xor, true, Some(Gate::Xor)),
    ("XNR", Family::Xor, true, Some(Gate::Xor)),
    ("NOR", Family::Or, true, Some(Gate::Or)),
    ("XOR", Family::Xor, false, Some(Gate::Xor)),
    ("AND", Family::And, false, Some(Gate::And)),
    ("AOI", Family::AndOr, true, None),
    ("OAI", Family::OrAnd, true, None),
    ("OR", Family::Or, false, Some(Gate::Or)),
    ("AO", Family::AndOr, false, None),
    ("OA", Family::OrAnd, false, None),
    ("INV", Family::Buffer, true, None),
    ("BUF", Family::Buffer, false, None),
];

/// Give an unknown cell the family and function that its name and pins agree on.
pub fn guess(cell: &mut CellType) {
    if cell.pins.len() > 250 {
        return;
    }
    let places = |role: Role| -> Vec<u8> {
        let pins = cell.pins.iter().enumerate().filter(|(_, pin)| pin.role == role);
        pins.map(|(at, _)| at as u8).collect()
    };
    let (outputs, inputs) = (places(Role::Output), places(Role::Data));
    let [output] = outputs[..] else { return };
    let Some((family, inverted, gate)) = said(&cell.name, inputs.len()) else { return };
    let count = inputs.len();
    let function = match gate {
        Some(gate) if count <= 6 => {
            Function::Table { bits: symmetric(gate, inverted, count), inputs }
        }
        Some(gate) => Function::Wide { inputs, gate, inverted },
        None if family == Family::Buffer => {
            Function::Table { inputs, bits: if inverted { 0b01 } else { 0b10 } }
        }
        None => Function::Unknown,
    };
    (cell.family, cell.inverting) = (family, inverted);
    cell.pins[usize::from(output)].function = Some(function);
}

/// The last word of a name that fits so many inputs.
fn said(name: &str, inputs: usize) -> Option<(Family, bool, Option<Gate>)> {
    let name = name.rsplit("__").next().unwrap_or(name).to_ascii_uppercase();
    for (word, family, inverted, gate) in WORDS {
        let Some(at) = name.find(word) else { continue };
        let before = name[..at].bytes().next_back();
        if before.is_some_and(|c| c.is_ascii_alphabetic()) {
            return None;
        }
        let rest = &name[at + word.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let behind = rest.as_bytes().get(digits).copied();
        let fits = match family {
            Family::Buffer => inputs == 1,
            _ if gate.is_some() => digits == 1 && rest[..1].parse() == Ok(inputs),
            _ => rest[..digits].bytes().map(|c| usize::from(c - b'0')).sum::<usize>() == inputs,
        };
        let plain = !behind.is_some_and(|c| matches!(c, b'A' | b'B' | b'I' | b'N'));
        return (fits && plain && inputs > 0).then_some((family, inverted, gate));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Pin;

    fn guessed(name: &str, inputs: usize) -> (Family, bool, Option<Function>) {
        let pin = |name: String, role| Pin { name, role, function: None };
        let mut pins = vec![pin("OUT".to_owned(), Role::Output)];
        pins.extend((0..inputs).map(|at| pin(format!("P{at}"), Role::Data)));
        let (family, inverting) = (Family::Unknown, false);
        let mut cell = CellType { name: name.to_owned(), family, inverting, pins, next: None };
        guess(&mut cell);
        (cell.family, cell.inverting, cell.pins[0].function.clone())
    }

    #[test]
    fn words_and_pins_that_agree() {
        let nand = Some(Function::Table { inputs: vec![1, 2, 3], bits: 0b0111_1111 });
        assert_eq!(guessed("vendor__nand3_x4", 3), (Family::And, true, nand));
        assert_eq!(guessed("UMC_XOR2X1", 2).0, Family::Xor);
        assert_eq!(guessed("AOI221M2", 5), (Family::AndOr, true, Some(Function::Unknown)));
        assert_eq!(guessed("INVHSV4", 1).0, Family::Buffer);
    }

    #[test]
    fn nothing_is_guessed_where_they_do_not() {
        for (name, inputs) in [
            ("NAND3X1", 2),
            ("NAND2BX1", 2),
            ("NAND2NX1", 2),
            ("CLOCK", 1),
            ("FLOORX1", 1),
            ("AOI21X1", 4),
            ("OR", 2),
            ("BUFFER2", 2),
            ("MEMORY", 3),
            ("XAND2", 2),
        ] {
            assert_eq!(guessed(name, inputs).0, Family::Unknown, "{name}");
        }
    }
}
