//! Liberty files: what each cell's pins are and do (Liberty User Guide, volume 1).
//!
//! Timing and power are skipped. Scan pins are told by `nextstate_type`, by the `test_cell`
//! group or, where the file says neither, not at all; a load enable is the pin at one value
//! of which the next state is the present one.

use crate::cell::{CellType, Family, Pin, Role};
use crate::expression::{self, Dialect, Expression, Naming};
use crate::lexer::{Lexer, Token};
use crate::library::Set;

/// How deep groups may nest; real files have six levels.
const DEPTH: u32 = 32;

/// What a group of a Liberty file holds that matters here.
#[derive(Default)]
struct Group {
    kind: String,
    names: Vec<String>,
    values: Vec<(String, String)>,
    groups: Vec<Group>,
}

impl Group {
    fn value(&self, key: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn of<'a>(&'a self, kinds: &'a [&str]) -> impl Iterator<Item = &'a Self> {
        self.groups.iter().filter(|group| kinds.contains(&group.kind.as_str()))
    }
}

/// Whether text begins as a Liberty file does.
pub fn is_liberty(text: &[u8]) -> bool {
    let mut lexer = Lexer::new(text);
    let Token::Name(span) = lexer.token() else { return false };
    let name = &text[span.at as usize..(span.at + span.len) as usize];
    name == b"library" && lexer.take(b'(')
}

/// The cells of a Liberty file.
pub fn read(text: &[u8]) -> Set {
    let mut reader = Reader { lexer: Lexer::new(text), depth: 0 };
    let mut set = Set::default();
    while let Some(word) = reader.word() {
        if word == "library" {
            set.name = reader.names().into_iter().next().unwrap_or_default();
            if reader.lexer.take(b'{') {
                reader.library(&mut set);
            }
        }
    }
    set
}

struct Reader<'a> {
    lexer: Lexer<'a>,
    depth: u32,
}

/// Groups whose inside is read; all others are skipped.
const READ: [&str; 14] = [
    "cell",
    "pin",
    "bus",
    "bundle",
    "ff",
    "latch",
    "ff_bank",
    "latch_bank",
    "statetable",
    "test_cell",
    "pg_pin",
    "type",
    "scaled_cell",
    "library",
];

impl Reader<'_> {
    /// The next word or text; none at the end or a sign (which is left).
    fn word(&mut self) -> Option<String> {
        let c = self.lexer.peek();
        let from = self.lexer.at;
        let text = self.lexer.text;
        if c == b'"' {
            self.lexer.token();
            let inner = &text[(from + 1).min(self.lexer.at)..self.lexer.at];
            let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
            return Some(String::from_utf8_lossy(inner).into_owned());
        }
        let end = text[from..].iter().position(|c| b" \t\r\n(){};:,\"\\".contains(c));
        let end = end.map_or(text.len(), |at| from + at);
        if end == from {
            return None;
        }
        self.lexer.at = end;
        Some(String::from_utf8_lossy(&text[from..end]).into_owned())
    }

    fn names(&mut self) -> Vec<String> {
        let mut found = Vec::new();
        if !self.lexer.take(b'(') {
            return found;
        }
        loop {
            match self.word() {
                Some(name) => found.push(name),
                None => match self.lexer.token() {
                    Token::Sign(b')') | Token::End => return found,
                    _ => {}
                },
            }
        }
    }

    fn library(&mut self, set: &mut Set) {
        let mut whole = Group::default();
        while self.member(&mut whole) {
            // A cell at a time: a file of gigabytes is not kept as a tree.
            for group in whole.groups.drain(..).filter(|group| group.kind == "cell") {
                if let Some(cell) = cell(&group) {
                    set.add(cell);
                }
            }
            whole.values.clear();
        }
    }

    /// One member of a group: a value or a group into `into`; false at the group's end.
    fn member(&mut self, into: &mut Group) -> bool {
        let Some(word) = self.word() else {
            return !matches!(self.lexer.token(), Token::Sign(b'}') | Token::End);
        };
        if self.lexer.take(b':') {
            let mut value = self.word().unwrap_or_default();
            // `a : b + c ;` without quotes is allowed.
            while !matches!(self.lexer.peek(), b';' | b'}' | b'{' | 0) {
                match self.word() {
                    Some(more) => value = format!("{value} {more}"),
                    None => {
                        self.lexer.token();
                    }
                }
                if self.lexer.text[..self.lexer.at].last() == Some(&b'\n') {
                    break;
                }
            }
            into.values.push((word, value));
            return true;
        }
        let names = self.names();
        if !self.lexer.take(b'{') {
            return true;
        }
        if self.depth >= DEPTH || !READ.contains(&word.as_str()) {
            self.skip_group();
            return true;
        }
        let mut group = Group { kind: word, names, ..Group::default() };
        self.depth += 1;
        while self.member(&mut group) {}
        self.depth -= 1;
        into.groups.push(group);
        true
    }

    fn skip_group(&mut self) {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.lexer.token() {
                Token::Sign(b'{') => depth += 1,
                Token::Sign(b'}') => depth -= 1,
                Token::End => return,
                _ => {}
            }
        }
    }
}

/// What a pin of a Liberty cell is called and said of it.
struct Known<'a> {
    name: &'a str,
    about: &'a Group,
}

fn cell(group: &Group) -> Option<CellType> {
    let name = group.names.first()?.clone();
    let mut known = Vec::new();
    for one in group.of(&["pin", "bus", "bundle"]) {
        known.extend(one.names.iter().map(|name| Known { name, about: one }));
    }
    known.truncate(250);
    let mut pins: Vec<Pin> = known
        .iter()
        .map(|one| Pin { name: one.name.to_owned(), role: role(group, one), function: None })
        .collect();
    let kept = keeping(group, &known, &mut pins);
    let mut first = None;
    for (at, one) in known.iter().enumerate() {
        if pins[at].role != Role::Output {
            continue;
        }
        let found = one.about.value("function").and_then(|text| function(text, group, &known));
        pins[at].function =
            Some(found.as_ref().map_or(crate::cell::Function::Unknown, Expression::function));
        if let (None, Some(found)) = (&first, found) {
            first = Some(found);
        }
    }
    for one in group.of(&["pg_pin"]) {
        let supplies = one.names.iter();
        pins.extend(supplies.map(|name| Pin {
            name: name.clone(),
            role: Role::Power,
            function: None,
        }));
    }
    let gated = group.value("clock_gating_integrated_cell").is_some();
    let tristate = known.iter().any(|one| one.about.value("three_state").is_some());
    let (own, inverting) = first.as_ref().map_or((Family::Unknown, false), Expression::family);
    let family = match &kept {
        Some((true, _)) => Family::Latch,
        Some((false, _)) => Family::FlipFlop,
        None if gated => Family::Other,
        None if tristate => Family::Tristate,
        None if is_adder(&pins) => Family::Adder,
        None if pins.iter().all(|pin| pin.role != Role::Output) => Family::Other,
        None => own,
    };
    let inverting = inverting && kept.is_none();
    Some(CellType { name, family, inverting, pins, next: kept.map(|(_, next)| next.function()) })
}

/// Two outputs, one the parity of what the other is a carry of.
fn is_adder(pins: &[Pin]) -> bool {
    use crate::cell::Function;
    let tables: Vec<(&Vec<u8>, u64)> = pins
        .iter()
        .filter_map(|pin| match &pin.function {
            Some(Function::Table { inputs, bits }) => Some((inputs, *bits)),
            _ => None,
        })
        .collect();
    let [a, b] = tables[..] else { return false };
    let parity = |(inputs, bits): (&Vec<u8>, u64)| match inputs.len() {
        2 => matches!(bits, 0x6 | 0x9),
        3 => matches!(bits, 0x96 | 0x69),
        _ => false,
    };
    a.0 == b.0 && parity(a) != parity(b)
}

fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn role(group: &Group, one: &Known<'_>) -> Role {
    let about = one.about;
    let inner = about.of(&["pin"]).find_map(|pin| pin.value("direction"));
    if let Some("output" | "inout" | "internal") = about.value("direction").or(inner) {
        return Role::Output;
    }
    if is_true(about.value("clock")) || is_true(about.value("clock_gate_clock_pin")) {
        return Role::Clock;
    }
    if is_true(about.value("clock_gate_enable_pin")) {
        return Role::Enable;
    }
    let test = group.of(&["test_cell"]).flat_map(|test| test.of(&["pin"]));
    let scan = test
        .filter(|pin| pin.names.iter().any(|name| name == one.name))
        .any(|pin| pin.value("signal_type").is_some_and(|kind| kind.starts_with("test_scan")));
    let state = about.value("nextstate_type").unwrap_or_default();
    if scan || state.starts_with("scan") || is_true(about.value("clock_gate_test_pin")) {
        return Role::Scan;
    }
    Role::Data
}

fn place(known: &[Known<'_>], name: &str) -> Option<u8> {
    known.iter().position(|one| one.name == name).map(|at| at as u8)
}

/// Read a function; the names of what a cell keeps stand for its state.
fn function(text: &str, group: &Group, known: &[Known<'_>]) -> Option<Expression> {
    let state: Vec<&Group> = group.of(&KEEPING).collect();
    let named: &mut Naming<'_> = &mut |name| {
        let kept = state.iter().find_map(|one| one.names.iter().position(|kept| kept == name));
        match kept {
            Some(0) => Some(Expression::State),
            Some(_) => Some(Expression::Not(Box::new(Expression::State))),
            None => place(known, name).map(Expression::Pin),
        }
    };
    expression::read(text, Dialect::Liberty, named)
}

const KEEPING: [&str; 4] = ["ff", "latch", "ff_bank", "latch_bank"];

/// What the cell keeps: whether it is a latch, and what it takes next. Sets the roles of
/// clocks, resets and enables.
fn keeping(group: &Group, known: &[Known<'_>], pins: &mut [Pin]) -> Option<(bool, Expression)> {
    let kept = group.of(&KEEPING).next()?;
    let latch = kept.kind.starts_with("latch");
    let mut mark = |key: &str, role: Role| {
        let found = kept.value(key).and_then(|text| function(text, group, known));
        for pin in found.iter().flat_map(Expression::pins) {
            pins[usize::from(pin)].role = role;
        }
    };
    for key in ["clocked_on", "clocked_on_also", "enable", "enable_also"] {
        mark(key, Role::Clock);
    }
    for key in ["clear", "preset"] {
        mark(key, Role::Reset);
    }
    let key = if latch { "data_in" } else { "next_state" };
    let mut next = kept.value(key).and_then(|text| function(text, group, known))?;
    // Scan chains say nothing of the function: what is taken when nothing is scanned.
    let scanned: Vec<u8> =
        next.pins().into_iter().filter(|pin| pins[usize::from(*pin)].role == Role::Scan).collect();
    for pin in scanned {
        let value = scan_value(group, known[usize::from(pin)].name);
        next = next.with(pin, value);
    }
    for pin in next.pins() {
        if let Some(loaded) = next.loaded_by(pin) {
            pins[usize::from(pin)].role = Role::Enable;
            next = loaded;
        }
    }
    Some((latch, next))
}

/// The value of a scan pin while nothing is scanned.
fn scan_value(group: &Group, name: &str) -> bool {
    let test = group.of(&["test_cell"]).flat_map(|test| test.of(&["pin"]));
    test.filter(|pin| pin.names.iter().any(|one| one == name))
        .any(|pin| pin.value("signal_type").is_some_and(|kind| kind.ends_with("enable_inverted")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Function;

    const TEXT: &str = r#"
/* a library */ library (demo) {
  delay_model : table_lookup; define(x, cell, string);
  lu_table_template (t) { variable_1 : a; index_1 ("1, 2"); }
  cell (NAND2_X1) { area : 0.8;
    pg_pin (VDD) { voltage_name : VDD; pg_type : primary_power; }
    pin (A1) { direction : input; capacitance : 1; }
    pin (A2) { direction : input; }
    pin (ZN) { direction : output; function : "(!A1 + !A2)";
      timing () { related_pin : "A1"; cell_rise (t) { values ("1, 2", \
        "3, 4"); } } } }
  cell ("SDFFE") {
    ff ("IQ","IQN") { next_state : "(SE*SI)+(SE'*((E*D)+(E'*IQ)))"; clocked_on : "CK"; clear : "RN'"; }
    pin (D) { direction : input; nextstate_type : data; }
    pin (E) { direction : input; } pin (RN) { direction : input; }
    pin (SI) { direction : input; nextstate_type : scan_in; }
    pin (SE) { direction : input; nextstate_type : scan_enable; }
    pin (CK) { direction : input; clock : true; }
    pin (Q) { direction : output; function : "IQ"; } pin (QN) { direction : output; function : "IQN"; } }
  cell (HA) { pin (A) { direction : input; } pin (B) { direction : input; }
    pin (S) { direction : output; function : "A^B"; } pin (CO) { direction : output; function : "A B"; } }
  cell (LAT) { latch (IQ, IQN) { enable : "G"; data_in : "D"; }
    pin (D) { direction : input } pin (G) { direction : input; } pin (Q) { direction : output; function : "IQ"; } }
}"#;

    fn roles(cell: &CellType) -> Vec<(&str, Role)> {
        cell.pins.iter().map(|pin| (pin.name.as_str(), pin.role)).collect()
    }

    #[test]
    fn cells_of_a_library() {
        assert!(is_liberty(TEXT.as_bytes()));
        let set = read(TEXT.as_bytes());
        assert_eq!(set.name, "demo");
        let nand = &set.cells["NAND2_X1"][0];
        assert_eq!((nand.family, nand.inverting), (Family::And, true));
        assert_eq!(nand.pins[2].function, Some(Function::Table { inputs: vec![0, 1], bits: 7 }));
        assert_eq!(roles(nand)[3], ("VDD", Role::Power));
        let flip = &set.cells["SDFFE"][0];
        assert_eq!(
            roles(flip),
            [
                ("D", Role::Data),
                ("E", Role::Enable),
                ("RN", Role::Reset),
                ("SI", Role::Scan),
                ("SE", Role::Scan),
                ("CK", Role::Clock),
                ("Q", Role::Output),
                ("QN", Role::Output),
            ]
        );
        assert_eq!(flip.next, Some(Function::Table { inputs: vec![0], bits: 2 }));
        assert_eq!(flip.pins[7].function, Some(Function::State { inverted: true }));
        assert_eq!(set.cells["HA"][0].family, Family::Adder);
        assert_eq!(set.cells["LAT"][0].family, Family::Latch);
    }

    #[test]
    fn what_is_cut_off_or_nested_without_end_is_survived() {
        for end in 0..TEXT.len() {
            read(&TEXT.as_bytes()[..end]);
        }
        read(format!("library (x) {{{}", "cell (a) {".repeat(100_000)).as_bytes());
    }
}
