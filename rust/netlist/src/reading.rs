//! Bytes to a design: the one door of this crate.

use crate::bench;
use crate::cell::{Family, Role};
use crate::design::{Design, NONE};
use crate::flatten;
use crate::guess;
use crate::library::Library;
use crate::module::Source;
use crate::naming;
use crate::problem::{Problem, Problems};
use crate::verilog;
use crate::yosys;

/// Why nothing could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    NoModule,
    NoSuchTop(String, Vec<String>),
    Recursion(String),
    TooLarge {
        what: &'static str,
        found: u64,
        most: u64,
    },
    /// Text that begins like JSON and is none, by place.
    Json(u32),
    /// Behaviour instead of structure, where it begins: synthesise first.
    Behaviour {
        line: u32,
        text: String,
    },
}

/// A design with what was not understood of it.
#[derive(Debug)]
pub struct Reading {
    pub design: Design,
    pub format: &'static str,
    pub problems: Vec<Problem>,
    /// How many problems there are; the list is cut at a thousand.
    pub problem_count: u64,
    /// Nets that are read but that nothing drives.
    pub undriven: u64,
    /// Nets that more than one cell or input drives (tristate drivers among themselves do
    /// not count).
    pub contested: u64,
    /// Instances of cells that no table has.
    pub unknown: u64,
}

/// Read the text of a netlist.
///
/// # Errors
///
/// Where no design can be made of it at all.
pub fn read(text: &[u8], library: &Library, top: Option<&str>) -> Result<Reading, Refused> {
    let most = u64::from(u32::MAX / 2);
    if text.len() as u64 > most {
        return Err(Refused::TooLarge { what: "text", found: text.len() as u64, most });
    }
    let mut problems = Problems::default();
    let (format, source, marked) = parsed(text, &mut problems)?;
    let top = top.or(marked.as_deref());
    let flat = flatten::flatten(text, source, library, top, &mut problems)?;
    if let Some(at) = flat.behaviour {
        let mut place = Problems::default();
        let from = at as usize;
        place.add(from, "behaviour", &text[from..text.len().min(from + 240)]);
        let place = place.placed(text).swap_remove(0);
        return Err(Refused::Behaviour { line: place.line, text: place.text });
    }
    Ok(finished(flat.design, format, text, problems))
}

/// The format of a text, its modules, and the name of the top if the text says it.
fn parsed(
    text: &[u8],
    problems: &mut Problems,
) -> Result<(&'static str, Source, Option<String>), Refused> {
    if text.trim_ascii_start().starts_with(b"{") {
        let (source, top) = yosys::read(text)?;
        return Ok(("yosys", source, top));
    }
    if bench::is_bench(text) {
        return Ok(("bench", bench::read(text, problems), None));
    }
    Ok(("verilog", verilog::read(text, problems), None))
}

fn finished(
    mut design: Design,
    format: &'static str,
    text: &[u8],
    mut problems: Problems,
) -> Reading {
    guess::directions(&mut design);
    let unknown: Vec<bool> =
        design.types.iter().map(|cell| cell.family == Family::Unknown).collect();
    for cell in design.types.iter_mut().filter(|cell| cell.family == Family::Unknown) {
        naming::guess(cell);
    }
    let (undriven, contested) = check(&design, &mut problems);
    let unknown = design.cells.iter().filter(|kind| unknown[**kind as usize]).count() as u64;
    let problem_count = problems.count;
    let problems = problems.placed(text);
    Reading { design, format, problems, problem_count, undriven, contested, unknown }
}

/// Count the nets without a driver and those with several; the first of each is told.
fn check(design: &Design, problems: &mut Problems) -> (u64, u64) {
    const DRIVEN: u8 = 1;
    const TWICE: u8 = 2;
    const READ: u8 = 4;
    const SHARED: u8 = 8;
    let mut marks = vec![0_u8; design.nets as usize];
    for &net in design.inputs.iter().chain(&design.zero).chain(&design.one) {
        marks[net as usize] |= DRIVEN;
    }
    for &net in &design.outputs {
        marks[net as usize] |= READ;
    }
    for (kind, pins) in design.cells.iter().zip(design.pin_start.windows(2)) {
        let cell = &design.types[*kind as usize];
        let nets = &design.pin_net[pins[0] as usize..pins[1] as usize];
        for (pin, &net) in cell.pins.iter().zip(nets).filter(|(_, net)| **net != NONE) {
            let mark = &mut marks[net as usize];
            *mark |= match (pin.role, cell.family) {
                (Role::Output, Family::Tristate) if *mark & DRIVEN == 0 => DRIVEN | SHARED,
                (Role::Output, Family::Tristate) if *mark & SHARED != 0 => SHARED,
                (Role::Output, _) if *mark & DRIVEN != 0 => TWICE,
                (Role::Output, _) => DRIVEN,
                (Role::Power, _) => 0,
                _ => READ,
            };
        }
    }
    let bad = |mark: u8| mark & READ != 0 && mark & DRIVEN == 0;
    let count = |of: &dyn Fn(u8) -> bool| marks.iter().filter(|mark| of(**mark)).count() as u64;
    let first = |of: &dyn Fn(u8) -> bool| marks.iter().position(|mark| of(*mark));
    let twice = |mark: u8| mark & TWICE != 0;
    for (code, found) in [("undriven", first(&bad)), ("contested", first(&twice))] {
        if let Some(net) = found {
            problems.general(code, design.net_names.get(net as u32));
        }
    }
    (count(&bad), count(&twice))
}
