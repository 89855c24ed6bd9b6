//! What cells compute, prepared for asking: chances, costs and sensitivities.

use kaname_netlist::cell::{CellType, Function, Gate, Role};

/// The chance of a net to be 0 and to be 1. Both are kept, since the smaller one says how
/// rare the net is and would be lost beside 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chance {
    pub zero: f32,
    pub one: f32,
}

pub const EVEN: Chance = Chance { zero: 0.5, one: 0.5 };
pub const ALWAYS: Chance = Chance { zero: 0.0, one: 1.0 };
pub const NEVER: Chance = Chance { zero: 1.0, one: 0.0 };

impl Chance {
    /// Out of two weights. They sum to one but for rounding, which loops would multiply.
    fn new(zero: f64, one: f64) -> Self {
        let sum = zero + one;
        Self { zero: (zero / sum) as f32, one: (one / sum) as f32 }
    }

    #[must_use]
    pub fn opposite(self) -> Self {
        Self { zero: self.one, one: self.zero }
    }

    pub fn rarer(self) -> f32 {
        self.zero.min(self.one)
    }

    fn order(self, other: Self) -> std::cmp::Ordering {
        self.one.total_cmp(&other.one).then(self.zero.total_cmp(&other.zero))
    }
}

/// A function of pins, by their places in the type's pins.
#[derive(Clone, Debug)]
pub enum Rule {
    Table { inputs: Vec<u8>, bits: u64, symmetric: bool },
    Wide { inputs: Vec<u8>, gate: Gate, inverted: bool },
    State { inverted: bool },
    Unknown,
}

/// The most inputs of a table.
pub const MOST: usize = 6;

impl Rule {
    fn new(function: &Function) -> Self {
        match function {
            Function::Table { inputs, bits } if inputs.len() <= MOST => Self::Table {
                inputs: inputs.clone(),
                bits: *bits,
                symmetric: symmetric(*bits, inputs.len()),
            },
            Function::Wide { inputs, gate, inverted } => {
                Self::Wide { inputs: inputs.clone(), gate: *gate, inverted: *inverted }
            }
            Function::State { inverted } => Self::State { inverted: *inverted },
            Function::Table { .. } | Function::Unknown => Self::Unknown,
        }
    }

    pub fn inputs(&self) -> &[u8] {
        match self {
            Self::Table { inputs, .. } | Self::Wide { inputs, .. } => inputs,
            Self::State { .. } | Self::Unknown => &[],
        }
    }

    /// The chances of the function where those of its inputs are independent. `chances` are
    /// in the order of `inputs` and may be put into another.
    pub fn chance(&self, chances: &mut [Chance]) -> Chance {
        match self {
            Self::Table { bits, symmetric, .. } => {
                if *symmetric && chances.len() > 2 {
                    chances.sort_unstable_by(|a, b| a.order(*b));
                }
                table(*bits, chances)
            }
            Self::Wide { gate, inverted, .. } => {
                chances.sort_unstable_by(|a, b| a.order(*b));
                let found = wide(*gate, chances);
                if *inverted { found.opposite() } else { found }
            }
            Self::State { .. } | Self::Unknown => EVEN,
        }
    }

    /// The chance that the function follows input `which`, given the others.
    pub fn sensitivity(&self, chances: &[Chance], which: usize) -> f32 {
        match self {
            Self::Table { bits, .. } => {
                let mut rest = [EVEN; MOST];
                let mut count = 0;
                for (at, chance) in chances.iter().enumerate() {
                    if at != which {
                        rest[count] = *chance;
                        count += 1;
                    }
                }
                table(difference(*bits, chances.len(), which), &rest[..count]).one
            }
            Self::Wide { gate: gate @ (Gate::And | Gate::Or), .. } => {
                let mut rest: Vec<Chance> = chances.to_vec();
                rest.remove(which);
                rest.sort_unstable_by(|a, b| a.order(*b));
                match gate {
                    Gate::And => wide(Gate::And, &rest).one,
                    _ => wide(Gate::Or, &rest).zero,
                }
            }
            Self::Wide { .. } | Self::State { .. } | Self::Unknown => 1.0,
        }
    }
}

/// Bit i of the result: whether the function changes with input `which` where the others,
/// without it, spell i.
pub fn difference(bits: u64, inputs: usize, which: usize) -> u64 {
    let mut found = 0;
    for rest in 0..1u64 << (inputs - 1) {
        let low = rest & ((1 << which) - 1);
        let off = low | (rest >> which) << (which + 1);
        let on = off | 1 << which;
        found |= ((bits >> off ^ bits >> on) & 1) << rest;
    }
    found
}

/// Whether only the number of ones among the inputs counts.
fn symmetric(bits: u64, inputs: usize) -> bool {
    let mut seen = [None; MOST + 1];
    (0..1u64 << inputs).all(|row| {
        let value = bits >> row & 1;
        *seen[row.count_ones() as usize].get_or_insert(value) == value
    })
}

/// Small tables are by far the most, and clearing room for large ones costs more than they do.
fn table(bits: u64, chances: &[Chance]) -> Chance {
    match chances.len() {
        0..=2 => fold::<4>(bits, chances),
        3..=4 => fold::<16>(bits, chances),
        _ => fold::<{ 1 << MOST }>(bits, chances),
    }
}

fn fold<const ROWS: usize>(bits: u64, chances: &[Chance]) -> Chance {
    let mut on = [0f64; ROWS];
    let mut off = [0f64; ROWS];
    let mut rows = 1usize << chances.len();
    for row in 0..rows {
        on[row] = (bits >> row & 1) as f64;
        off[row] = 1.0 - on[row];
    }
    for chance in chances {
        let (zero, one) = (f64::from(chance.zero), f64::from(chance.one));
        rows /= 2;
        for row in 0..rows {
            on[row] = zero * on[2 * row] + one * on[2 * row + 1];
            off[row] = zero * off[2 * row] + one * off[2 * row + 1];
        }
    }
    Chance::new(off[0], on[0])
}

fn wide(gate: Gate, chances: &[Chance]) -> Chance {
    match gate {
        Gate::And => all(chances.iter().map(|chance| (chance.one, chance.zero))),
        Gate::Or => all(chances.iter().map(|chance| (chance.zero, chance.one))).opposite(),
        Gate::Xor => {
            let apart = chances.iter().map(|c| f64::from(c.zero) - f64::from(c.one));
            let apart: f64 = apart.product();
            Chance::new(1.0 + apart, 1.0 - apart)
        }
    }
}

/// The chance that all are one, out of (chance of one, chance of zero).
fn all(chances: impl Iterator<Item = (f32, f32)>) -> Chance {
    let (mut every, mut some) = (1f64, 0f64);
    for (one, zero) in chances {
        some += every * f64::from(zero);
        every *= f64::from(one);
    }
    Chance::new(some, every)
}

/// A cell type, prepared.
#[derive(Debug)]
pub struct Prepared {
    /// Places of outputs among the pins, and what they say.
    pub outputs: Vec<(u8, Rule)>,
    /// What a cell that keeps something takes next.
    pub next: Option<Rule>,
    /// Places of data and enable pins.
    pub data: Vec<u8>,
    pub reset: Vec<u8>,
    pub clock: Vec<u8>,
    pub enable: Vec<u8>,
}

impl Prepared {
    pub fn new(kind: &CellType) -> Self {
        let pins = || kind.pins.iter().enumerate();
        let of =
            |role: Role| pins().filter(|(_, p)| p.role == role).map(|(at, _)| at as u8).collect();
        let outputs = pins().filter(|(_, pin)| pin.role == Role::Output);
        Self {
            outputs: outputs
                .map(|(at, pin)| (at as u8, pin.function.as_ref().map_or(Rule::Unknown, Rule::new)))
                .collect(),
            next: kind.next.as_ref().map(Rule::new),
            data: pins()
                .filter(|(_, pin)| matches!(pin.role, Role::Data | Role::Enable))
                .map(|(at, _)| at as u8)
                .collect(),
            reset: of(Role::Reset),
            clock: of(Role::Clock),
            enable: of(Role::Enable),
        }
    }
}

impl Prepared {
    /// Pins that decide whether and when something is kept or let through.
    pub fn controls(&self) -> impl Iterator<Item = &u8> {
        self.enable.iter().chain(&self.reset).chain(&self.clock)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: f32, other: f64) -> bool {
        (f64::from(one) - other).abs() < 1e-6
    }

    #[test]
    fn a_table_has_the_chance_of_its_rows() {
        let rule = Rule::Table { inputs: vec![0, 1, 2], bits: 0b1110_1010, symmetric: false };
        // a | (b & c): 1 - 0.9 * (1 - 0.2 * 0.3)
        let p = |one: f32| Chance { zero: 1.0 - one, one };
        let found = rule.chance(&mut [p(0.1), p(0.2), p(0.3)]);
        assert!(close(found.one, 1.0 - 0.9 * (1.0 - 0.06)));
        assert!(close(found.zero, 0.9 * (1.0 - 0.06)));
        let chances = [p(0.1), p(0.2), p(0.3)];
        assert!(close(rule.sensitivity(&chances, 0), 0.94));
        assert!(close(rule.sensitivity(&chances, 1), 0.27));
    }

    #[test]
    fn a_wide_gate_keeps_both_chances_exact() {
        let rule = Rule::Wide { inputs: (0..20).collect(), gate: Gate::And, inverted: true };
        let found = rule.chance(&mut [EVEN; 20]);
        assert!((found.zero - 0.5f32.powi(20)).abs() < 1e-12);
        let or = Rule::Wide { inputs: (0..20).collect(), gate: Gate::Or, inverted: false };
        assert!((or.chance(&mut [EVEN; 20]).zero - 0.5f32.powi(20)).abs() < 1e-12);
        let xor = Rule::Wide { inputs: (0..9).collect(), gate: Gate::Xor, inverted: false };
        let p = Chance { zero: 0.9, one: 0.1 };
        assert!(close(xor.chance(&mut [p; 9]).one, (1.0 - 0.8f64.powi(9)) / 2.0));
        assert!(close(or.sensitivity(&[p; 20], 3), 0.9f64.powi(19)));
    }

    #[test]
    fn symmetric_tables_are_known() {
        assert!(symmetric(0b1000, 2) && symmetric(0b0110, 2));
        assert!(!symmetric(0b1110_1010, 3));
    }
}
