//! Cell tables as text, the format of the shipped ones and of a user's own.
//!
//! ```text
//! # what may stand before and behind the name of a cell: # is digits, * is anything
//! library saed90
//! head lib_*__
//! tail X# X#_*
//! NAND2, ND2   QN = ~(IN1 & IN2)
//! HADD         SO = A0 ^ B0; C1 = A0 & B0; family: adder
//! SDFF         next = D; Q = state; QN = ~state; CLK: clock; SI SE: scan
//! LATCH        latch = D; Q = state; CLK: clock
//! TNBUFF       Q = IN; ENB: enable; family: tristate
//! ```
//!
//! Every name in a function is a pin; a pin that is no output is `data` unless a role
//! (`clock reset enable scan power data`) is given. The family comes from the function.

use crate::cell::{CellType, Family, Pin, Role};
use crate::expression::{self, Dialect, Expression};
use crate::library::Set;

/// The tables that are compiled in.
pub const SHIPPED: [&str; 11] = [
    include_str!("../data/iccad.cells"),
    include_str!("../data/saed90.cells"),
    include_str!("../data/tsmc.cells"),
    include_str!("../data/osu.cells"),
    include_str!("../data/leda.cells"),
    include_str!("../data/sky130.cells"),
    include_str!("../data/nangate45.cells"),
    include_str!("../data/asap7.cells"),
    include_str!("../data/gf180.cells"),
    include_str!("../data/gtech.cells"),
    include_str!("../data/yosys.cells"),
];

/// A line that could not be read: its number from 1, and what stands there.
pub type Unread = (usize, String);

/// The most pins a cell can have: a place is a byte.
const PINS: usize = 250;

/// Read a table; lines that cannot be read are told and left out.
pub fn read(text: &str) -> (Set, Vec<Unread>) {
    let mut set = Set::default();
    let mut unread = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        // A `#` of a pattern is not a comment.
        let line =
            if is_pattern(line) { text.lines().nth(number).unwrap_or_default() } else { line };
        let line = line.trim();
        if !line.is_empty() && understood(&mut set, line).is_none() {
            unread.push((number + 1, line.chars().take(80).collect()));
        }
    }
    (set, unread)
}

fn is_pattern(line: &str) -> bool {
    matches!(line.split_whitespace().next(), Some("head" | "tail"))
}

fn understood(set: &mut Set, line: &str) -> Option<()> {
    let (word, rest) = line.split_once(char::is_whitespace)?;
    match word {
        "library" => rest.trim().clone_into(&mut set.name),
        "head" => set.heads.extend(rest.split_whitespace().map(str::to_owned)),
        "tail" => set.tails.extend(rest.split_whitespace().map(str::to_owned)),
        _ => {
            let (names, body) = split_names(line)?;
            let cell = cell(body)?;
            for name in names {
                set.add(CellType { name: name.to_owned(), ..cell.clone() });
            }
        }
    }
    Some(())
}

/// `A, B  body`: a comma keeps names together.
fn split_names(line: &str) -> Option<(Vec<&str>, &str)> {
    let mut names = Vec::new();
    let mut rest = line;
    loop {
        let end = rest.find(|c: char| c.is_whitespace() || c == ',')?;
        names.push(&rest[..end]);
        rest = rest[end..].trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return Some((names, rest)),
        }
    }
}

/// Pins of a cell as they turn up.
#[derive(Default)]
struct Pins {
    all: Vec<Pin>,
}

impl Pins {
    fn place(&mut self, name: &str) -> Option<u8> {
        let found = self.all.iter().position(|pin| pin.name == name);
        let place = found.unwrap_or_else(|| {
            self.all.push(Pin { name: name.to_owned(), role: Role::Data, function: None });
            self.all.len() - 1
        });
        (place < PINS).then_some(place as u8)
    }
}

fn cell(body: &str) -> Option<CellType> {
    let mut pins = Pins::default();
    let mut kept = None;
    let mut family = None;
    let mut first = None;
    for part in body.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        if let Some((name, text)) = part.split_once('=') {
            let name = name.trim();
            let keeps = matches!(name, "next" | "latch");
            let output = if keeps { None } else { Some(pins.place(name)?) };
            let found = expression::read(text, Dialect::Table, &mut |name| {
                if name == "state" {
                    Some(Expression::State)
                } else {
                    pins.place(name).map(Expression::Pin)
                }
            })?;
            match output {
                None => kept = Some((name == "latch", found)),
                Some(place) => {
                    let pin = &mut pins.all[usize::from(place)];
                    (pin.role, pin.function) = (Role::Output, Some(found.function()));
                    first.get_or_insert(found);
                }
            }
        } else {
            let (names, word) = part.split_once(':')?;
            if names.trim() == "family" {
                family = Some(family_named(word.trim())?);
                continue;
            }
            let role = role_named(word.trim())?;
            for name in names.split_whitespace() {
                let place = pins.place(name)?;
                pins.all[usize::from(place)].role = role;
            }
        }
    }
    Some(finished(pins.all, kept, family, first.as_ref()))
}

fn finished(
    pins: Vec<Pin>,
    kept: Option<(bool, Expression)>,
    family: Option<Family>,
    first: Option<&Expression>,
) -> CellType {
    let (own, inverting) = first.map_or((Family::Other, false), Expression::family);
    let own = match &kept {
        Some((true, _)) => Family::Latch,
        Some((false, _)) => Family::FlipFlop,
        None => own,
    };
    CellType {
        name: String::new(),
        family: family.unwrap_or(own),
        inverting: inverting && kept.is_none(),
        pins,
        next: kept.map(|(_, next)| next.function()),
    }
}

fn role_named(word: &str) -> Option<Role> {
    Some(match word {
        "output" => Role::Output,
        "data" => Role::Data,
        "enable" => Role::Enable,
        "clock" => Role::Clock,
        "reset" => Role::Reset,
        "scan" => Role::Scan,
        "power" => Role::Power,
        _ => return None,
    })
}

fn family_named(word: &str) -> Option<Family> {
    let at = crate::cell::FAMILIES.iter().position(|name| *name == word)?;
    Some(crate::cell::family(at as u8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Function;

    #[test]
    fn every_shipped_line_is_read() {
        for text in SHIPPED {
            let (set, unread) = read(text);
            assert_eq!(unread, [], "{}", set.name);
            assert!(!set.cells.is_empty() && !set.name.is_empty());
            for cell in set.cells.values().flatten() {
                assert!(
                    cell.pins.iter().any(|pin| pin.role == Role::Output) || cell.pins.len() <= 1,
                    "{}: {}",
                    set.name,
                    cell.name
                );
            }
        }
    }

    #[test]
    fn a_users_table_is_read_and_its_mistakes_are_told() {
        let text = "library mine\n# note\ntail _D#\nFOO, BAR  Z = A & ~B # and\nBAD Z = A &\n\
                    KEEP next = D; Q = state; CK: clock\nODD Z = A; B: nothing\n";
        let (set, unread) = read(text);
        assert_eq!(
            unread,
            [(5, "BAD Z = A &".to_owned()), (7, "ODD Z = A; B: nothing".to_owned())]
        );
        assert_eq!(set.tails, ["_D#"]);
        let foo = &set.cells["FOO"][0];
        assert_eq!(foo.pins[0].function, Some(Function::Table { inputs: vec![1, 2], bits: 2 }));
        assert_eq!(set.cells["BAR"][0].pins, foo.pins);
        let keep = &set.cells["KEEP"][0];
        assert_eq!(keep.family, Family::FlipFlop);
        assert_eq!(keep.next, Some(Function::Table { inputs: vec![0], bits: 2 }));
        let roles: Vec<Role> = keep.pins.iter().map(|pin| pin.role).collect();
        assert_eq!(roles, [Role::Data, Role::Output, Role::Clock]);
    }
}
