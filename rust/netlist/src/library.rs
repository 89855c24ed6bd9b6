//! Which cell a name stands for: cell tables, the user's before the shipped ones.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::cell::{CellType, Pin, Role};
use crate::table;

/// The cells of one library, and how the names of its cells are built around theirs.
#[derive(Clone, Debug, Default)]
pub struct Set {
    pub name: String,
    /// Patterns of what may stand before the name of a cell.
    pub heads: Vec<String>,
    /// Patterns of what may stand behind it: drive strengths, thresholds, variants.
    pub tails: Vec<String>,
    pub cells: HashMap<String, Vec<CellType>>,
}

/// No cell of a library has a longer name; looking up takes the square of the length.
const LONGEST: usize = 256;

/// Sets of cells; the first that has a cell with the pins in use is believed.
#[derive(Clone, Debug)]
pub struct Library {
    sets: Vec<Arc<Set>>,
}

static SHIPPED: LazyLock<Vec<Arc<Set>>> =
    LazyLock::new(|| table::SHIPPED.iter().map(|text| Arc::new(table::read(text).0)).collect());

impl Default for Library {
    fn default() -> Self {
        Self { sets: SHIPPED.clone() }
    }
}

impl Library {
    /// Believe `set` before all others.
    pub fn prefer(&mut self, set: Set) {
        self.sets.insert(0, Arc::new(set));
    }

    /// The cell of that name that has the pins `used`, under the name and with the supply
    /// pins that the design uses.
    pub fn find(&self, name: &str, used: &[&str]) -> Option<CellType> {
        let found = self.sets.iter().find_map(|set| set.find(name, used))?;
        let mut cell = found.clone();
        name.clone_into(&mut cell.name);
        for pin in used {
            if !cell.pins.iter().any(|known| known.name == *pin) {
                cell.pins.push(Pin { name: (*pin).to_owned(), role: Role::Power, function: None });
            }
        }
        Some(cell)
    }

    /// Whether any set has a cell of that name, whatever its pins.
    pub fn knows(&self, name: &str) -> bool {
        self.sets.iter().any(|set| !set.candidates(name).is_empty())
    }
}

impl Set {
    pub fn add(&mut self, cell: CellType) {
        self.cells.entry(cell.name.clone()).or_default().push(cell);
    }

    fn find(&self, name: &str, used: &[&str]) -> Option<&CellType> {
        let candidates = self.candidates(name);
        candidates.into_iter().find(|cell| used.iter().all(|pin| fits(cell, pin)))
    }

    fn candidates(&self, name: &str) -> Vec<&CellType> {
        let mut found = Vec::new();
        if name.len() > LONGEST {
            return found;
        }
        let heads = self.heads.iter().filter_map(|head| rest(head, name));
        for name in std::iter::once(name).chain(heads) {
            found.extend(self.cells.get(name).into_iter().flatten());
            for cut in (1..name.len()).rev().filter(|&cut| name.is_char_boundary(cut)) {
                let (base, tail) = name.split_at(cut);
                if let Some(cells) = self.cells.get(base)
                    && self.tails.iter().any(|pattern| matches(pattern.as_bytes(), tail.as_bytes()))
                {
                    found.extend(cells);
                }
            }
        }
        found
    }
}

fn fits(cell: &CellType, pin: &str) -> bool {
    cell.pins.iter().any(|known| known.name == pin) || is_supply(pin)
}

/// Names that only pins of supplies and wells have.
pub fn is_supply(pin: &str) -> bool {
    const NAMES: [&str; 16] = [
        "VDD", "VSS", "VCC", "GND", "VPWR", "VGND", "VPB", "VNB", "VNW", "VPW", "VDDG", "VBP",
        "VBN", "VDDC", "VSSC", "VBB",
    ];
    NAMES.iter().any(|name| pin.eq_ignore_ascii_case(name))
}

/// What is left of `name` behind the shortest head that the pattern fits.
fn rest<'a>(pattern: &str, name: &'a str) -> Option<&'a str> {
    let cuts = (1..name.len()).filter(|&cut| name.is_char_boundary(cut));
    cuts.map(|cut| name.split_at(cut))
        .find(|(head, _)| matches(pattern.as_bytes(), head.as_bytes()))
        .map(|(_, rest)| rest)
}

/// `#` stands for digits, `*` for anything.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', more)) => (0..=text.len()).any(|at| matches(more, &text[at..])),
        Some((b'#', more)) => {
            let digits = text.iter().take_while(|c| c.is_ascii_digit()).count();
            (1..=digits).any(|at| matches(more, &text[at..]))
        }
        Some((c, more)) => text.first() == Some(c) && matches(more, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{Family, Function};

    fn role(cell: &str, used: &[&str], pin: &str) -> Role {
        let found = Library::default().find(cell, used).expect(cell);
        found.pins.iter().find(|one| one.name == pin).expect(pin).role
    }

    #[test]
    fn a_pin_says_nothing_without_its_cell() {
        let adder = ["A0", "B0", "C1", "SO"];
        let gate = ["A1", "A2", "B1", "C1", "Y"];
        assert_eq!(role("HADDX1", &adder, "C1"), Role::Output);
        assert_eq!(role("a211oi_1", &gate, "C1"), Role::Data);
        assert_eq!(role("sky130_fd_sc_hd__a211oi_4", &gate, "C1"), Role::Data);
    }

    #[test]
    fn one_name_in_two_libraries_is_told_apart_by_its_pins() {
        let saed = Library::default().find("NAND2X1", &["IN1", "IN2", "QN"]).expect("saed");
        let tsmc = Library::default().find("NAND2X1", &["A", "B", "Y"]).expect("tsmc");
        for cell in [saed, tsmc] {
            assert_eq!((cell.family, cell.inverting), (Family::And, true));
            let function = cell.pins.iter().find_map(|pin| pin.function.clone());
            assert_eq!(function, Some(Function::Table { inputs: vec![1, 2], bits: 0b0111 }));
        }
    }

    #[test]
    fn patterns() {
        assert!(matches(b"X#", b"X12"));
        assert!(!matches(b"X#", b"X"));
        assert!(matches(b"X#_*", b"X1_RS"));
        assert!(matches(b"*__", b"hd__"));
        assert_eq!(rest("sky130_fd_sc_*__", "sky130_fd_sc_hd__inv_1"), Some("inv_1"));
    }
}
