//! Uses of names to types of cells: from the tables, the language, or by guess.

use std::collections::HashMap;

use crate::cell::{CellType, Family, Pin, Role};
use crate::design::NONE;
use crate::hierarchy::{Hierarchy, Meaning};
use crate::library::Library;
use crate::module::{BUNDLE, Direction, Module, Source, Use};
use crate::primitive;
use crate::problem::Problems;
use crate::verilog::spanned;

/// Where a pin of a type is found in an instance: place among the use's pins, and bit.
pub type Place = (u32, u32);

#[derive(Clone, Debug)]
pub struct Resolved {
    pub kind: u32,
    pub places: Vec<Place>,
}

/// What instances ask of a use: how many positional pins, how wide each pin.
#[derive(Default)]
struct Asked {
    arities: Vec<usize>,
    widths: Vec<u32>,
}

/// Types, and for each use what it is, by the number of its positional pins (0 where pins
/// are named).
pub fn resolve(
    text: &[u8],
    source: &Source,
    library: &Library,
    hierarchy: &Hierarchy,
    problems: &mut Problems,
) -> (Vec<CellType>, Vec<Vec<Option<Resolved>>>) {
    let asked = asked(source, hierarchy);
    let models: HashMap<&str, &Module> =
        source.modules.iter().rev().map(|module| (module.name.as_str(), module)).collect();
    let mut types = Vec::new();
    let mut found = Vec::with_capacity(source.uses.len());
    for (one, asked) in source.uses.iter().zip(asked) {
        let mut by_arity = Vec::new();
        for arity in asked.arities {
            let model = models.get(one.name.as_str()).copied();
            let finder = Finder { text, source, library, model };
            let (cell, places) = finder.cell(one, arity, &asked.widths);
            if cell.family == Family::Unknown {
                problems.general("unknown_cell", &one.name);
            }
            by_arity.resize_with(by_arity.len().max(arity + 1), || None);
            by_arity[arity] = Some(Resolved { kind: types.len() as u32, places });
            types.push(cell);
        }
        found.push(by_arity);
    }
    (types, found)
}

fn asked(source: &Source, hierarchy: &Hierarchy) -> Vec<Asked> {
    let mut asked: Vec<Asked> = source.uses.iter().map(|_| Asked::default()).collect();
    for &at in &hierarchy.reached {
        let module = &source.modules[at];
        for place in 0..module.uses.len() {
            let used = module.uses[place] as usize;
            if hierarchy.meanings[used] != Meaning::Cell {
                continue;
            }
            let row = module.instance_pins(place);
            let arity = if source.uses[used].positional { row.len() } else { 0 };
            let one = &mut asked[used];
            if !one.arities.contains(&arity) {
                one.arities.push(arity);
            }
            if !module.bundles.is_empty() {
                widen(module, row, &mut one.widths);
            }
        }
    }
    asked
}

fn widen(module: &Module, row: &[u32], widths: &mut Vec<u32>) {
    for (slot, net) in row.iter().enumerate() {
        if *net != NONE && net & BUNDLE != 0 {
            let width = module.bits(net).iter().filter(|bit| **bit > 1).count() as u32;
            widths.resize(widths.len().max(slot + 1), 1);
            widths[slot] = widths[slot].max(width);
        }
    }
}

struct Finder<'s> {
    text: &'s [u8],
    source: &'s Source,
    library: &'s Library,
    /// The module of the same text that describes the cell.
    model: Option<&'s Module>,
}

impl Finder<'_> {
    fn cell(&self, one: &Use, arity: usize, widths: &[u32]) -> (CellType, Vec<Place>) {
        if one.positional
            && let Some(cell) = primitive::cell(&one.name, arity)
        {
            return (cell, (0..arity as u32).map(|at| (at, 0)).collect());
        }
        let names = self.pin_names(one, arity);
        let used: Vec<&str> = names.iter().map(String::as_str).collect();
        if let Some(cell) = self.library.find(&one.name, &used) {
            return spread(cell, &used, widths);
        }
        self.unknown(&one.name, &used, widths)
    }

    /// Names of the pins of a use; of positional ones by the cell's model, or numbers.
    fn pin_names(&self, one: &Use, arity: usize) -> Vec<String> {
        if !one.positional {
            return one.pins.clone();
        }
        let ports = self.model.map(|model| &model.ports[..]).unwrap_or_default();
        let name = |at: usize| match ports.get(at) {
            Some(port) => self.name_of(port.name),
            None => format!("p{at}"),
        };
        (0..arity).map(name).collect()
    }

    fn name_of(&self, span: crate::lexer::Span) -> String {
        String::from_utf8_lossy(spanned(self.text, &self.source.made, span)).into_owned()
    }

    /// A type that nothing is known of but its pins; a pin of many nets becomes many pins.
    fn unknown(&self, name: &str, used: &[&str], widths: &[u32]) -> (CellType, Vec<Place>) {
        let (mut pins, mut places) = (Vec::new(), Vec::new());
        for (at, pin) in used.iter().enumerate() {
            let width = widths.get(at).copied().unwrap_or(1).max(1);
            let role = self.direction(pin);
            for bit in 0..width {
                let name = if width == 1 { (*pin).to_owned() } else { format!("{pin}[{bit}]") };
                pins.push(Pin { name, role, function: None });
                places.push((at as u32, bit));
            }
        }
        let family = Family::Unknown;
        let cell = CellType { name: name.to_owned(), family, inverting: false, pins, next: None };
        (cell, places)
    }

    /// What the cell's model says of a pin; `Data` where it says nothing.
    fn direction(&self, pin: &str) -> Role {
        if crate::library::is_supply(pin) {
            return Role::Power;
        }
        let ports = self.model.map(|model| &model.ports[..]).unwrap_or_default();
        let port = ports.iter().find(|port| self.name_of(port.name) == pin);
        match port.map(|port| port.direction) {
            Some(Direction::Output) => Role::Output,
            _ => Role::Data,
        }
    }
}

/// Where a known cell's pins are found; a pin of many nets (a bus of a macro) becomes many.
fn spread(mut cell: CellType, used: &[&str], widths: &[u32]) -> (CellType, Vec<Place>) {
    let mut places = Vec::with_capacity(cell.pins.len());
    let mut pins = Vec::with_capacity(cell.pins.len());
    for pin in std::mem::take(&mut cell.pins) {
        let at = used.iter().position(|name| *name == pin.name);
        let width = at.and_then(|at| widths.get(at)).copied().unwrap_or(1);
        let slot = at.map_or(NONE, |at| at as u32);
        if width <= 1 || cell.family != Family::Unknown {
            pins.push(pin);
            places.push((slot, 0));
            continue;
        }
        for bit in 0..width {
            pins.push(Pin { name: format!("{}[{bit}]", pin.name), ..pin.clone() });
            places.push((slot, bit));
        }
    }
    cell.pins = pins;
    (cell, places)
}
