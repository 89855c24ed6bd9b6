//! Netlists that Yosys writes as JSON (`write_json`; its help text defines the format).

use std::collections::HashMap;

use crate::design::NONE;
use crate::json::{Broken, Json};
use crate::lexer::Span;
use crate::module::{Direction, Module, ONE, Port, Source, Use, Wire, ZERO};
use crate::reading::Refused;

/// Bits that a text may name: as many as it can spell.
type Read<T> = Result<T, Broken>;

/// Read the modules of a Yosys JSON netlist, and the name of the one marked as top.
///
/// # Errors
///
/// Where the text is no JSON.
pub fn read(text: &[u8]) -> Result<(Source, Option<String>), Refused> {
    let mut reader = Reader { base: text.len(), ..Reader::default() };
    let mut json = Json::new(text);
    let done = json.object(|json, key| {
        if key == "modules" {
            json.object(|json, name| reader.module(json, name))
        } else {
            json.skip()
        }
    });
    match done {
        Ok(()) => Ok((reader.source, reader.top)),
        Err(Broken(at)) => Err(Refused::Json(at as u32)),
    }
}

/// A cell as it is written, before its pins are known to be single nets or vectors.
#[derive(Default)]
struct Cell {
    kind: String,
    pins: Vec<(String, Vec<u32>)>,
}

#[derive(Default)]
struct Reader {
    source: Source,
    top: Option<String>,
    /// The length of the text: spans of made names begin there.
    base: usize,
    uses: HashMap<String, u32>,
    module: Module,
    /// Nets of the module by Yosys' numbers.
    nets: HashMap<u64, u32>,
}

impl Reader {
    fn span(&mut self, name: &str) -> Span {
        let at = (self.base + self.source.made.len()) as u32;
        self.source.made.extend_from_slice(name.as_bytes());
        Span { at, len: name.len() as u32 }
    }

    fn module(&mut self, json: &mut Json<'_>, name: String) -> Read<()> {
        self.module = Module::new(name, json.at as u32);
        self.nets.clear();
        json.object(|json, key| match key.as_str() {
            "attributes" => self.attributes(json),
            "ports" => json.object(|json, name| self.port(json, &name)),
            "cells" => json.object(|json, name| self.cell(json, &name)),
            "netnames" => json.object(|json, name| self.names(json, &name)),
            _ => json.skip(),
        })?;
        self.source.modules.push(std::mem::take(&mut self.module));
        Ok(())
    }

    fn attributes(&mut self, json: &mut Json<'_>) -> Read<()> {
        json.object(|json, key| {
            let set = if json.peek() == b'"' {
                json.string()?.ends_with('1')
            } else {
                let from = json.at;
                json.skip()?;
                json.text[from..json.at] != *b"0"
            };
            match key.as_str() {
                "top" if set => self.top = Some(self.module.name.clone()),
                "blackbox" | "whitebox" if set => self.module.model = true,
                _ => {}
            }
            Ok(())
        })
    }

    fn bits(&mut self, json: &mut Json<'_>) -> Read<Vec<u32>> {
        let mut found = Vec::new();
        json.array(|json| {
            let bit = if json.peek() == b'"' {
                match json.string()?.as_str() {
                    "0" => ZERO,
                    "1" => ONE,
                    _ => NONE,
                }
            } else {
                let at = json.at;
                let word = std::str::from_utf8(json.word()?).ok();
                let number = word.and_then(|word| word.parse().ok()).ok_or(Broken(at))?;
                let module = &mut self.module;
                *self.nets.entry(number).or_insert_with(|| module.made())
            };
            found.push(bit);
            Ok(())
        })?;
        Ok(found)
    }

    fn port(&mut self, json: &mut Json<'_>, name: &str) -> Read<()> {
        let (mut direction, mut bits) = (Direction::Both, Vec::new());
        json.object(|json, key| {
            match key.as_str() {
                "direction" => direction = self::direction(&json.string()?),
                "bits" => bits = self.bits(json)?,
                _ => json.skip()?,
            }
            Ok(())
        })?;
        let name = self.span(name);
        let nets = self.module.bundle(bits);
        self.module.ports.push(Port { name, nets, direction });
        Ok(())
    }

    fn cell(&mut self, json: &mut Json<'_>, name: &str) -> Read<()> {
        let mut cell = Cell::default();
        json.object(|json, key| {
            match key.as_str() {
                "type" => cell.kind = json.string()?,
                "connections" => json.object(|json, pin| {
                    let bits = self.bits(json)?;
                    cell.pins.push((pin, bits));
                    Ok(())
                })?,
                _ => json.skip()?,
            }
            Ok(())
        })?;
        if let Some(gate) = word_cell(&cell.kind) {
            self.words(&cell, gate, name);
            return Ok(());
        }
        let pins: Vec<(&str, u32)> = cell
            .pins
            .iter()
            .map(|(pin, bits)| (pin.as_str(), self.module.bundle(bits.clone())))
            .collect();
        self.push(&cell.kind, name, &pins);
        Ok(())
    }

    fn push(&mut self, kind: &str, name: &str, pins: &[(&str, u32)]) {
        let uses = &mut self.source.uses;
        let used = *self.uses.entry(kind.to_owned()).or_insert_with(|| {
            uses.push(Use { name: kind.to_owned(), positional: false, pins: Vec::new() });
            uses.len() as u32 - 1
        });
        let known = &mut self.source.uses[used as usize].pins;
        let mut row = Vec::with_capacity(pins.len());
        for (hint, (pin, net)) in pins.iter().enumerate() {
            let expected = known.get(hint).is_some_and(|one| one == pin);
            let at = if expected { Some(hint) } else { known.iter().position(|one| one == pin) };
            let at = at.unwrap_or_else(|| {
                known.push((*pin).to_owned());
                known.len() - 1
            });
            row.resize(row.len().max(at + 1), NONE);
            row[at] = *net;
        }
        let name = self.span(name);
        let module = &mut self.module;
        module.uses.push(used);
        module.names.push(name);
        module.pins.append(&mut row);
        module.pin_start.push(module.pins.len() as u32);
    }

    /// A cell of whole words as one gate a bit; pins of one bit go to all.
    fn words(&mut self, cell: &Cell, gate: &WordCell, name: &str) {
        let output = cell.pins.iter().find(|(pin, _)| pin == gate.output);
        let width = output.map_or(0, |(_, bits)| bits.len());
        for bit in 0..width {
            let pin = |(pin, bits): &(String, Vec<u32>)| {
                let (_, ours) = gate.pins.iter().find(|(theirs, _)| theirs == pin)?;
                let shared = !matches!(pin.as_str(), "A" | "B" | "D" | "Y" | "Q");
                let net = if shared { bits.first() } else { bits.get(bit) };
                Some((*ours, net.copied().unwrap_or(ZERO)))
            };
            let pins: Vec<(&str, u32)> = cell.pins.iter().filter_map(pin).collect();
            let name = if width == 1 { name.to_owned() } else { format!("{name}[{bit}]") };
            self.push(gate.gate, &name, &pins);
        }
    }

    /// Names of nets; one that people gave is kept before one that Yosys made.
    fn names(&mut self, json: &mut Json<'_>, name: &str) -> Read<()> {
        let (mut bits, mut hidden) = (Vec::new(), false);
        json.object(|json, key| {
            match key.as_str() {
                "bits" => bits = self.bits(json)?,
                "hide_name" => hidden = json.word()? != b"0",
                _ => json.skip()?,
            }
            Ok(())
        })?;
        let many = bits.len() > 1;
        for (at, net) in bits.into_iter().enumerate().filter(|(_, net)| *net != NONE && *net > ONE)
        {
            let known = self.module.of[net as usize];
            let better = known != NONE && self.module.wires[known as usize].vector && !hidden;
            if known != NONE && !better {
                continue;
            }
            let full = if many { format!("{name}[{at}]") } else { name.to_owned() };
            let span = self.span(&full);
            let number = self.module.wires.len() as u32;
            // `vector` marks a hidden name until all are read.
            let wire = Wire { name: span, base: net, msb: 0, lsb: 0, vector: hidden };
            self.module.wires.push(wire);
            self.module.of[net as usize] = number;
        }
        Ok(())
    }
}

fn direction(word: &str) -> Direction {
    match word {
        "input" => Direction::Input,
        "output" => Direction::Output,
        _ => Direction::Both,
    }
}

/// How a cell of words is made of gates: its output, the gate, and the gate's pins for its.
struct WordCell {
    kind: &'static str,
    gate: &'static str,
    output: &'static str,
    pins: &'static [(&'static str, &'static str)],
}

const BINARY: &[(&str, &str)] = &[("A", "A"), ("B", "B"), ("Y", "Y")];

const fn word_gate(kind: &'static str, gate: &'static str) -> WordCell {
    WordCell { kind, gate, output: "Y", pins: BINARY }
}

const WORDS: [WordCell; 12] = [
    word_gate("$and", "$_AND_"),
    word_gate("$or", "$_OR_"),
    word_gate("$xor", "$_XOR_"),
    word_gate("$xnor", "$_XNOR_"),
    word_gate("$not", "$_NOT_"),
    word_gate("$pos", "$_BUF_"),
    word_gate("$buf", "$_BUF_"),
    WordCell {
        kind: "$mux",
        gate: "$_MUX_",
        output: "Y",
        pins: &[("A", "A"), ("B", "B"), ("S", "S"), ("Y", "Y")],
    },
    WordCell {
        kind: "$dff",
        gate: "$_DFF_P_",
        output: "Q",
        pins: &[("D", "D"), ("CLK", "C"), ("Q", "Q")],
    },
    WordCell {
        kind: "$dffe",
        gate: "$_DFFE_PP_",
        output: "Q",
        pins: &[("D", "D"), ("CLK", "C"), ("EN", "E"), ("Q", "Q")],
    },
    WordCell {
        kind: "$adff",
        gate: "$_DFF_PP0_",
        output: "Q",
        pins: &[("D", "D"), ("CLK", "C"), ("ARST", "R"), ("Q", "Q")],
    },
    WordCell {
        kind: "$dlatch",
        gate: "$_DLATCH_P_",
        output: "Q",
        pins: &[("D", "D"), ("EN", "E"), ("Q", "Q")],
    },
];

fn word_cell(kind: &str) -> Option<&'static WordCell> {
    WORDS.iter().find(|one| one.kind == kind)
}
