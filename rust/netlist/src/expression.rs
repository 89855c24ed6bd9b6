//! Boolean expressions of pins: read, tabulated, and put into a family.
//!
//! Three dialects share the reader: the cell tables of this crate and Verilog (`~ ! & ^ |
//! ?:`, `&` before `^` before `|`), and Liberty (`'` after an operand, `*`, `+` and blanks as
//! operators, `^` before `&`; Liberty User Guide, "function").

use crate::cell::{Family, Function, Gate};

/// How deep expressions may nest, so that hostile text cannot exhaust the stack.
const DEPTH: u32 = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    Constant(bool),
    /// A pin by its place in the cell.
    Pin(u8),
    /// What the cell keeps.
    State,
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Xor(Vec<Expression>),
    /// If the first, then the second, else the third.
    Choice(Box<[Expression; 3]>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Table,
    Liberty,
}

/// What a name stands for: a pin, or what the cell keeps.
pub type Naming<'a> = dyn FnMut(&str) -> Option<Expression> + 'a;

struct Reader<'a, 'n> {
    text: &'a [u8],
    at: usize,
    depth: u32,
    dialect: Dialect,
    named: &'a mut Naming<'n>,
}

/// Read an expression; none where it is none or names something unknown.
pub fn read(text: &str, dialect: Dialect, named: &mut Naming<'_>) -> Option<Expression> {
    let mut reader = Reader { text: text.as_bytes(), at: 0, depth: 0, dialect, named };
    let found = reader.choice()?;
    (reader.peek() == 0).then_some(found)
}

impl Reader<'_, '_> {
    fn peek(&mut self) -> u8 {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn choice(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let first = self.any()?;
        let whole = if self.dialect == Dialect::Table && self.peek() == b'?' {
            self.at += 1;
            let then = self.choice()?;
            if self.peek() != b':' {
                return None;
            }
            self.at += 1;
            Expression::Choice(Box::new([first, then, self.choice()?]))
        } else {
            first
        };
        self.depth -= 1;
        Some(whole)
    }

    fn any(&mut self) -> Option<Expression> {
        match self.dialect {
            Dialect::Table => self.row(b"|", Expression::Or, |reader| {
                reader.row(b"^", Expression::Xor, |reader| {
                    reader.row(b"&", Expression::And, Self::one)
                })
            }),
            Dialect::Liberty => self.row(b"|+", Expression::Or, |reader| {
                reader.row(b"&*", Expression::And, |reader| {
                    reader.row(b"^", Expression::Xor, Self::one)
                })
            }),
        }
    }

    fn row(
        &mut self,
        signs: &[u8],
        make: fn(Vec<Expression>) -> Expression,
        part: impl Fn(&mut Self) -> Option<Expression>,
    ) -> Option<Expression> {
        let mut parts = vec![part(self)?];
        loop {
            let next = self.peek();
            if signs.contains(&next) {
                self.at += 1;
            } else if !(self.dialect == Dialect::Liberty && signs.contains(&b'&') && begins(next)) {
                break;
            }
            parts.push(part(self)?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(make(parts)) }
    }

    fn one(&mut self) -> Option<Expression> {
        let mut found = match self.peek() {
            b'!' | b'~' => {
                self.at += 1;
                self.depth += 1;
                if self.depth > DEPTH {
                    return None;
                }
                let inner = self.one()?;
                self.depth -= 1;
                negated(inner)
            }
            b'(' => {
                self.at += 1;
                let inner = self.choice()?;
                if self.peek() != b')' {
                    return None;
                }
                self.at += 1;
                inner
            }
            next if begins(next) => self.name()?,
            _ => return None,
        };
        while self.dialect == Dialect::Liberty && self.peek() == b'\'' {
            self.at += 1;
            found = negated(found);
        }
        Some(found)
    }

    fn name(&mut self) -> Option<Expression> {
        let from = self.at;
        while self.text.get(self.at).is_some_and(|&c| part_of_name(c)) {
            self.at += 1;
        }
        match std::str::from_utf8(&self.text[from..self.at]).ok()? {
            "0" => Some(Expression::Constant(false)),
            "1" => Some(Expression::Constant(true)),
            name => (self.named)(name),
        }
    }
}

fn begins(c: u8) -> bool {
    part_of_name(c) || c == b'(' || c == b'!' || c == b'~'
}

fn part_of_name(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'[' | b']' | b'$' | b'.')
}

fn negated(inner: Expression) -> Expression {
    match inner {
        Expression::Not(inner) => *inner,
        other => Expression::Not(Box::new(other)),
    }
}

/// Row `i` of variable `k` is bit `k` of `i`.
const ROWS: [u64; 6] = [
    0xAAAA_AAAA_AAAA_AAAA,
    0xCCCC_CCCC_CCCC_CCCC,
    0xF0F0_F0F0_F0F0_F0F0,
    0xFF00_FF00_FF00_FF00,
    0xFFFF_0000_FFFF_0000,
    0xFFFF_FFFF_0000_0000,
];

/// The bits that a table of so many inputs has.
pub fn width(inputs: usize) -> u64 {
    if inputs >= 6 { u64::MAX } else { (1 << (1 << inputs)) - 1 }
}

/// The table of a gate of so many inputs, at most six.
pub fn symmetric(gate: Gate, inverted: bool, inputs: usize) -> u64 {
    let all = width(inputs);
    let parts = ROWS.iter().take(inputs);
    let bits = match gate {
        Gate::And => parts.fold(all, |bits, rows| bits & rows),
        Gate::Or => parts.fold(0, |bits, rows| bits | rows),
        Gate::Xor => parts.fold(0, |bits, rows| bits ^ rows),
    };
    (if inverted { !bits } else { bits }) & all
}

impl Expression {
    /// The pins that it names, each once, in the order of the cell's.
    pub fn pins(&self) -> Vec<u8> {
        let mut found = Vec::new();
        self.visit(&mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    fn visit(&self, found: &mut Vec<u8>) {
        match self {
            Self::Constant(_) | Self::State => {}
            Self::Pin(pin) => found.push(*pin),
            Self::Not(inner) => inner.visit(found),
            Self::And(parts) | Self::Or(parts) | Self::Xor(parts) => {
                for part in parts {
                    part.visit(found);
                }
            }
            Self::Choice(parts) => {
                for part in parts.iter() {
                    part.visit(found);
                }
            }
        }
    }

    fn bits(&self, inputs: &[u8]) -> u64 {
        match self {
            Self::Constant(value) => u64::from(*value).wrapping_neg(),
            Self::State => 0,
            Self::Pin(pin) => inputs.iter().position(|one| one == pin).map_or(0, |at| ROWS[at]),
            Self::Not(inner) => !inner.bits(inputs),
            Self::And(parts) => parts.iter().fold(u64::MAX, |all, one| all & one.bits(inputs)),
            Self::Or(parts) => parts.iter().fold(0, |all, one| all | one.bits(inputs)),
            Self::Xor(parts) => parts.iter().fold(0, |all, one| all ^ one.bits(inputs)),
            Self::Choice(parts) => {
                let select = parts[0].bits(inputs);
                (select & parts[1].bits(inputs)) | (!select & parts[2].bits(inputs))
            }
        }
    }

    /// As a function of pins of the cell.
    pub fn function(&self) -> Function {
        match self {
            Self::State => return Function::State { inverted: false },
            Self::Not(inner) if **inner == Self::State => {
                return Function::State { inverted: true };
            }
            _ => {}
        }
        let inputs = self.pins();
        if inputs.len() <= 6 {
            let bits = self.bits(&inputs) & width(inputs.len());
            return Function::Table { inputs, bits };
        }
        let (inner, inverted) = match self {
            Self::Not(inner) => (&**inner, true),
            other => (other, false),
        };
        let (gate, parts) = match inner {
            Self::And(parts) => (Gate::And, parts),
            Self::Or(parts) => (Gate::Or, parts),
            Self::Xor(parts) => (Gate::Xor, parts),
            _ => return Function::Unknown,
        };
        let simple = parts.iter().all(|part| matches!(part, Self::Pin(_)));
        if simple { Function::Wide { inputs, gate, inverted } } else { Function::Unknown }
    }

    /// The family by what the function does where it has at most six inputs, else by how it
    /// is written; and whether it is inverting.
    pub fn family(&self) -> (Family, bool) {
        if let Function::Table { inputs, bits } = self.function()
            && let Some(found) = family_of(bits, inputs.len(), matches!(self, Self::Not(_)))
        {
            return found;
        }
        self.written()
    }

    /// With a pin at one value.
    #[must_use]
    pub fn with(&self, pin: u8, value: bool) -> Self {
        let all = |parts: &[Self]| parts.iter().map(|part| part.with(pin, value)).collect();
        match self {
            Self::Pin(own) if *own == pin => Self::Constant(value),
            Self::Constant(_) | Self::Pin(_) | Self::State => self.clone(),
            Self::Not(inner) => Self::Not(Box::new(inner.with(pin, value))),
            Self::And(parts) => Self::And(all(parts)),
            Self::Or(parts) => Self::Or(all(parts)),
            Self::Xor(parts) => Self::Xor(all(parts)),
            Self::Choice(parts) => {
                Self::Choice(Box::new([0, 1, 2].map(|at| parts[at].with(pin, value))))
            }
        }
        .simple()
    }

    /// Without the constants that decide nothing.
    fn simple(self) -> Self {
        match self {
            Self::Not(inner) => match *inner {
                Self::Constant(value) => Self::Constant(!value),
                Self::Not(inner) => *inner,
                other => Self::Not(Box::new(other)),
            },
            Self::And(parts) => gathered(parts, true, Self::And),
            Self::Or(parts) => gathered(parts, false, Self::Or),
            Self::Choice(parts) => match *parts {
                [Self::Constant(true), then, _] => then,
                [Self::Constant(false), _, other] => other,
                parts => Self::Choice(Box::new(parts)),
            },
            other => other,
        }
    }

    fn keeps_state(&self) -> bool {
        match self {
            Self::State => true,
            Self::Constant(_) | Self::Pin(_) => false,
            Self::Not(inner) => inner.keeps_state(),
            Self::And(parts) | Self::Or(parts) | Self::Xor(parts) => {
                parts.iter().any(Self::keeps_state)
            }
            Self::Choice(parts) => parts.iter().any(Self::keeps_state),
        }
    }

    /// What is taken next while `pin` lets it: none where no value of the pin makes a state
    /// stay as it is.
    pub fn loaded_by(&self, pin: u8) -> Option<Self> {
        let values = [self.with(pin, true), self.with(pin, false)];
        let [high, low] = values;
        match (high.keeps_state(), low.keeps_state()) {
            (false, true) if low == Self::State => Some(high),
            (true, false) if high == Self::State => Some(low),
            _ => None,
        }
    }

    fn written(&self) -> (Family, bool) {
        let (inner, inverted) = match self {
            Self::Not(inner) => (&**inner, true),
            other => (other, false),
        };
        let groups = |parts: &[Self], of: fn(&Self) -> bool| parts.iter().any(of);
        let family = match inner {
            Self::Constant(_) => Family::Constant,
            Self::Pin(_) | Self::Not(_) => Family::Buffer,
            Self::Xor(_) => Family::Xor,
            Self::Choice(_) => Family::Mux,
            Self::And(parts) if groups(parts, |part| matches!(part, Self::Or(_))) => Family::OrAnd,
            Self::Or(parts) if groups(parts, |part| matches!(part, Self::And(_))) => Family::AndOr,
            Self::And(_) => Family::And,
            Self::Or(_) => Family::Or,
            Self::State => Family::Other,
        };
        (family, inverted)
    }
}

/// An AND (of which `neutral` is true) or an OR of parts, without constants.
fn gathered(
    parts: Vec<Expression>,
    neutral: bool,
    make: fn(Vec<Expression>) -> Expression,
) -> Expression {
    if parts.contains(&Expression::Constant(!neutral)) {
        return Expression::Constant(!neutral);
    }
    let mut left: Vec<Expression> =
        parts.into_iter().filter(|part| *part != Expression::Constant(neutral)).collect();
    match left.len() {
        0 => Expression::Constant(neutral),
        1 => left.swap_remove(0),
        _ => make(left),
    }
}

/// The family of a table, whatever formula made it: Liberty writes a NAND as `!A | !B`.
fn family_of(bits: u64, inputs: usize, written_inverted: bool) -> Option<(Family, bool)> {
    let all = width(inputs);
    if bits == 0 || bits == all {
        return Some((Family::Constant, bits == 0));
    }
    if inputs == 1 {
        return Some((Family::Buffer, bits == 1));
    }
    let parity = (0..inputs).fold(0, |sum, at| sum ^ ROWS[at]) & all;
    if bits == parity || bits == !parity & all {
        return Some((Family::Xor, bits != parity));
    }
    for inverted in [false, true] {
        let bits = if inverted { !bits & all } else { bits };
        if inputs == 3 && bits == 0xE8 {
            return Some((Family::Majority, inverted));
        }
        if chooses(bits, inputs) {
            return Some((Family::Mux, inverted));
        }
    }
    unate(bits, inputs, written_inverted)
}

/// Whether some inputs choose which one of the others comes through.
fn chooses(bits: u64, inputs: usize) -> bool {
    let selects: &[&[usize]] = match inputs {
        3 => &[&[0], &[1], &[2]],
        6 => return (0..6).any(|a| (0..a).any(|b| through(bits, inputs, &[a, b]))),
        _ => return false,
    };
    selects.iter().any(|chosen| through(bits, inputs, chosen))
}

fn through(bits: u64, inputs: usize, selects: &[usize]) -> bool {
    let all = width(inputs);
    let mut seen = 0_u32;
    (0..1_usize << selects.len()).all(|value| {
        let part = selects.iter().enumerate().fold(all, |part, (at, &select)| {
            part & if value >> at & 1 == 1 { ROWS[select] } else { !ROWS[select] }
        });
        let data = (0..inputs).find(|at| {
            !selects.contains(at) && (bits ^ ROWS[*at]) & part == 0 && seen >> at & 1 == 0
        });
        data.is_some_and(|at| {
            seen |= 1 << at;
            true
        })
    })
}

/// Families of functions in which every input works in one direction.
fn unate(bits: u64, inputs: usize, written_inverted: bool) -> Option<(Family, bool)> {
    let all = width(inputs);
    let mut falling = 0_usize;
    let mut positive = bits;
    let mut flipped = Vec::new();
    for (at, rows) in ROWS.iter().enumerate().take(inputs) {
        let (high, low) = (bits & rows, (bits & !rows) << (1 << at));
        if high & low == high && high != low {
            falling += 1;
            flipped.push(at);
        } else if high & low != low || high == low {
            return None;
        }
    }
    for at in flipped {
        let step = 1 << at;
        positive = ((positive & ROWS[at]) >> step) | ((positive & !ROWS[at] & all) << step);
    }
    let inverted = match (2 * falling).cmp(&inputs) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => written_inverted,
    };
    if inverted {
        // The opposite, as a rising function of inputs turned around.
        positive = (!positive & all).reverse_bits() >> (64 - (1_u32 << inputs));
    }
    let family = match (groups(positive, inputs), groups(dual(positive, inputs), inputs)) {
        (Some(1), _) => Family::And,
        (_, Some(1)) => Family::Or,
        (Some(_), _) => Family::AndOr,
        (_, Some(_)) => Family::OrAnd,
        _ => return None,
    };
    Some((family, inverted))
}

fn dual(bits: u64, inputs: usize) -> u64 {
    (!bits & width(inputs)).reverse_bits() >> (64 - (1_u32 << inputs))
}

/// The number of groups where a rising function is an OR of ANDs of disjoint inputs.
fn groups(bits: u64, inputs: usize) -> Option<usize> {
    let mut used = 0_u64;
    let mut count = 0;
    for row in 0..1_u64 << inputs {
        let least = bits >> row & 1 == 1
            && (0..inputs).all(|at| row >> at & 1 == 0 || bits >> (row ^ (1 << at)) & 1 == 0);
        if least {
            if used & row != 0 {
                return None;
            }
            used |= row;
            count += 1;
        }
    }
    (used.count_ones() as usize == inputs).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(name: &str) -> Option<Expression> {
        let c = name.bytes().next()?;
        (name.len() == 1 && c.is_ascii_uppercase()).then(|| Expression::Pin(c - b'A'))
    }

    fn table(text: &str, dialect: Dialect) -> (usize, u64) {
        match read(text, dialect, &mut letters).expect(text).function() {
            Function::Table { inputs, bits } => (inputs.len(), bits),
            other => panic!("{text}: {other:?}"),
        }
    }

    fn family(text: &str) -> (Family, bool) {
        read(text, Dialect::Table, &mut letters).expect(text).family()
    }

    #[test]
    fn tables_are_those_of_the_field() {
        assert_eq!(table("~(A & B)", Dialect::Table), (2, 0b0111));
        assert_eq!(table("A ^ B", Dialect::Table), (2, 0b0110));
        assert_eq!(table("C ? B : A", Dialect::Table), (3, 0xCA));
        assert_eq!(table("A | B & C", Dialect::Table), (3, 0xEA));
        assert_eq!(table("1", Dialect::Table), (0, 1));
    }

    #[test]
    fn liberty_binds_exclusive_or_first() {
        // A & (B ^ C), where Verilog reads (A & B) ^ C.
        assert_eq!(table("A & B ^ C", Dialect::Liberty), (3, 0x28));
        assert_eq!(table("A B'", Dialect::Liberty), (2, 0b0010));
        assert_eq!(table("(A*B)+C'", Dialect::Liberty), (3, 0x8F));
    }

    #[test]
    fn families_come_from_what_is_done() {
        assert_eq!(family("~A | ~B"), (Family::And, true));
        assert_eq!(family("~A & ~B"), (Family::Or, true));
        assert_eq!(family("~A & ~C | ~B & ~C"), (Family::AndOr, true));
        assert_eq!(family("~(A & B | C)"), (Family::AndOr, true));
        assert_eq!(family("(A | B) & C"), (Family::OrAnd, false));
        assert_eq!(family("~(A | B) | ~C"), (Family::OrAnd, true));
        assert_eq!(family("A & ~B | ~A & B"), (Family::Xor, false));
        assert_eq!(family("A & B | A & C | B & C"), (Family::Majority, false));
        assert_eq!(family("A & C | B & ~C"), (Family::Mux, false));
        assert_eq!(family("~(C ? A : B)"), (Family::Mux, true));
        assert_eq!(family("F ? (E ? A : B) : (E ? C : D)"), (Family::Mux, false));
        assert_eq!(family("~A & B & C"), (Family::And, false));
        assert_eq!(family("~(~A & B)"), (Family::And, true));
        assert_eq!(family("~(A | ~B)"), (Family::Or, true));
        assert_eq!(family("~A"), (Family::Buffer, true));
    }

    #[test]
    fn depth_and_rubbish_are_refused() {
        let deep = format!("{}A{}", "(".repeat(10_000), ")".repeat(10_000));
        for text in [deep.as_str(), "", "A &", "A B", "(A", "a", "A ? B", &"~".repeat(10_000)] {
            assert_eq!(read(text, Dialect::Table, &mut letters), None);
        }
    }
}
