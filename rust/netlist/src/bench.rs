//! BENCH, the text of the ISCAS-85 and ISCAS-89 circuits: `c = NAND(a, b)`, `q = DFF(d)`.

use std::collections::HashMap;

use crate::lexer::Span;
use crate::module::{Direction, Module, Port, Source, Use, Wire};
use crate::problem::Problems;

/// Whether text looks like BENCH: its first statement is `INPUT(...)` or a gate.
pub fn is_bench(text: &[u8]) -> bool {
    let lines = text.split(|&c| c == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.take(10_000).find(|line| !line.is_empty() && !line.starts_with(b"#"));
    first.is_some_and(|line| statement(line).is_some())
}

enum Statement<'a> {
    Port(&'a [u8], Direction),
    Gate { output: &'a [u8], gate: &'a [u8], inputs: &'a [u8] },
}

fn statement(line: &[u8]) -> Option<Statement<'_>> {
    let open = memchr::memchr(b'(', line)?;
    let inner = line[open + 1..].trim_ascii_end().strip_suffix(b")")?.trim_ascii();
    let head = line[..open].trim_ascii();
    if let Some(equals) = memchr::memchr(b'=', head) {
        let (output, gate) = (head[..equals].trim_ascii(), head[equals + 1..].trim_ascii());
        let named =
            !output.is_empty() && gate.iter().all(u8::is_ascii_alphanumeric) && !gate.is_empty();
        return named.then_some(Statement::Gate { output, gate, inputs: inner });
    }
    let direction = match head.to_ascii_uppercase().as_slice() {
        b"INPUT" => Direction::Input,
        b"OUTPUT" => Direction::Output,
        _ => return None,
    };
    (!inner.is_empty()).then_some(Statement::Port(inner, direction))
}

pub fn read(text: &[u8], problems: &mut Problems) -> Source {
    let mut reader = Reader { module: Module::new("bench".to_owned(), 0), ..Reader::default() };
    let mut at = 0;
    for line in text.split_inclusive(|&c| c == b'\n') {
        let code = line.split(|&c| c == b'#').next().unwrap_or_default().trim_ascii();
        let done =
            code.is_empty() || statement(code).is_some_and(|one| reader.understood(text, &one));
        if !done {
            problems.add(at, "syntax", code);
        }
        at += line.len();
    }
    reader.source.modules.push(reader.module);
    reader.source
}

#[derive(Default)]
struct Reader<'a> {
    source: Source,
    module: Module,
    nets: HashMap<&'a [u8], u32>,
    uses: HashMap<(&'static str, bool), u32>,
}

impl<'a> Reader<'a> {
    fn understood(&mut self, text: &'a [u8], one: &Statement<'a>) -> bool {
        match *one {
            Statement::Port(name, direction) => {
                let net = self.net(text, name);
                let name = self.module.wires[self.module.of[net as usize] as usize].name;
                self.module.ports.push(Port { name, nets: net, direction });
            }
            Statement::Gate { output, gate, inputs } => {
                let Some((kind, pins)) = kind(gate) else { return false };
                let inputs = inputs.split(|&c| c == b',').map(<[u8]>::trim_ascii);
                let inputs = inputs.filter(|name| !name.is_empty());
                let mut row = vec![self.net(text, output)];
                row.extend(inputs.map(|name| self.net(text, name)));
                if row.len() < 2 || row.len() > 250 || (!pins.is_empty() && pins.len() != row.len())
                {
                    return false;
                }
                self.push(kind, pins, &row);
            }
        }
        true
    }

    fn net(&mut self, text: &'a [u8], name: &'a [u8]) -> u32 {
        let module = &mut self.module;
        *self.nets.entry(name).or_insert_with(|| {
            let net = module.made();
            // Slices of the text: where they begin is a subtraction of addresses.
            let at = (name.as_ptr().addr() - text.as_ptr().addr()) as u32;
            let name = Span { at, len: name.len() as u32 };
            module.of[net as usize] = module.wires.len() as u32;
            module.wires.push(Wire { name, base: net, msb: 0, lsb: 0, vector: false });
            net
        })
    }

    fn push(&mut self, kind: &'static str, pins: &[&str], row: &[u32]) {
        let positional = pins.is_empty();
        let uses = &mut self.source.uses;
        let used = *self.uses.entry((kind, positional)).or_insert_with(|| {
            let pins = pins.iter().map(|pin| (*pin).to_owned()).collect();
            uses.push(Use { name: kind.to_owned(), positional, pins });
            uses.len() as u32 - 1
        });
        let module = &mut self.module;
        // An instance is called like the net it drives.
        let wire = module.of[row[0] as usize];
        let name = module.wires.get(wire as usize).map_or(Span::default(), |wire| wire.name);
        module.uses.push(used);
        module.names.push(name);
        module.pins.extend(row);
        module.pin_start.push(module.pins.len() as u32);
    }
}

/// The cell of a BENCH gate, and the names of its pins where they are not positional.
fn kind(gate: &[u8]) -> Option<(&'static str, &'static [&'static str])> {
    Some(match gate.to_ascii_uppercase().as_slice() {
        b"AND" => ("and", &[]),
        b"NAND" => ("nand", &[]),
        b"OR" => ("or", &[]),
        b"NOR" => ("nor", &[]),
        b"XOR" => ("xor", &[]),
        b"XNOR" | b"NXOR" => ("xnor", &[]),
        b"NOT" | b"INV" => ("not", &[]),
        b"BUF" | b"BUFF" => ("buf", &[]),
        b"MUX" => ("$_MUX_", &["Y", "S", "A", "B"]),
        b"DFF" => ("$_FF_", &["Q", "D"]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Family;
    use crate::library::Library;
    use crate::reading;

    #[test]
    fn a_small_circuit() {
        let text = b"# s27, cut down\nINPUT(G0)\nINPUT(G1)\nOUTPUT(G17)\n\nG5 = DFF(G10)\n\
            G10 = NOR(G0, G5)\nG17 = NOT(G10)\nG99 = SOME(G1)\n";
        assert!(is_bench(text));
        let read = reading::read(text, &Library::default(), None).expect("bench");
        assert_eq!((read.format, read.design.len()), ("bench", 3));
        assert_eq!(read.design.cell(0).family, Family::FlipFlop);
        assert_eq!(read.design.instance_names.get(1), "G10");
        let name = |net: &u32| read.design.net_names.get(*net);
        let pins: Vec<&str> = read.design.pins(1).iter().map(name).collect();
        assert_eq!(pins, ["G10", "G0", "G5"]);
        assert_eq!(
            read.problems.iter().find(|one| one.line == 9).map(|one| one.code),
            Some("syntax")
        );
    }
}
