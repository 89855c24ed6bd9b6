//! Truth tables of any number of inputs up to `MOST`, a bit for each of their values.

use kaname_netlist::cell::{Function, Gate};

/// 2^16 bits are compared in no time; a gate of more inputs is left alone.
pub const MOST: usize = 16;

/// The values of the first six variables in a word.
pub const VARIABLES: [u64; 6] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

/// A word of variable `at`: bit `i` of word `word` is bit `at` of `64 * word + i`.
pub fn variable(at: usize, word: usize) -> u64 {
    match VARIABLES.get(at) {
        Some(&bits) => bits,
        None if word >> (at - 6) & 1 == 1 => u64::MAX,
        None => 0,
    }
}

/// How many words a table of `inputs` has.
pub fn words(inputs: usize) -> usize {
    1 << inputs.saturating_sub(6)
}

/// The bits of a word that a table of `inputs` uses.
pub fn mask(inputs: usize) -> u64 {
    if inputs >= 6 { u64::MAX } else { (1 << (1 << inputs)) - 1 }
}

/// A function of `inputs` variables in one word, where they are at most six.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Small {
    pub inputs: usize,
    pub bits: u64,
}

impl Small {
    pub fn new(inputs: usize, bits: u64) -> Self {
        Self { inputs, bits: bits & mask(inputs) }
    }

    pub fn variable(inputs: usize, at: usize) -> Self {
        Self::new(inputs, VARIABLES[at])
    }

    #[must_use]
    pub fn opposite(self) -> Self {
        Self::new(self.inputs, !self.bits)
    }

    /// With variable `at` fixed; it still counts as an input.
    #[must_use]
    pub fn cofactor(self, at: usize, value: bool) -> Self {
        let (shift, high) = (1 << at, VARIABLES[at]);
        let bits = if value {
            let kept = self.bits & high;
            kept | kept >> shift
        } else {
            let kept = self.bits & !high;
            kept | kept << shift
        };
        Self::new(self.inputs, bits)
    }

    pub fn depends_on(self, at: usize) -> bool {
        self.cofactor(at, false) != self.cofactor(at, true)
    }

    pub fn value(self, place: usize) -> bool {
        self.bits >> place & 1 == 1
    }

    /// With input `k` of the result on input `order[k]` of this one: `g(x) = f(y)` where
    /// `y[order[k]] = x[k]`.
    #[must_use]
    pub fn reordered(self, order: &[usize]) -> Self {
        let mut bits = 0;
        for place in 0..1_usize << self.inputs {
            let from =
                order.iter().enumerate().fold(0, |from, (k, &to)| from | (place >> k & 1) << to);
            bits |= u64::from(self.value(from)) << place;
        }
        Self { inputs: self.inputs, bits }
    }

    /// Whether exchanging two inputs changes nothing.
    pub fn symmetric(self, a: usize, b: usize) -> bool {
        let mut order: Vec<usize> = (0..self.inputs).collect();
        order.swap(a, b);
        self.reordered(&order) == self
    }

    /// One word for 64 values of the inputs.
    pub fn word(self, values: &[u64]) -> u64 {
        self.branch(values, self.inputs, 0)
    }

    /// Shannon's expansion from the last input down.
    fn branch(self, values: &[u64], left: usize, from: usize) -> u64 {
        if left == 0 {
            return if self.value(from) { u64::MAX } else { 0 };
        }
        let at = left - 1;
        let low = self.branch(values, at, from);
        let high = self.branch(values, at, from | 1 << at);
        low & !values[at] | high & values[at]
    }
}

/// What a cell's output says, ready to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    Small(Small),
    Wide { gate: Gate, inverted: bool },
}

impl Formula {
    /// The formula and the pins it reads; none for what the cell keeps or nobody knows.
    pub fn of(function: &Function) -> Option<(Self, &[u8])> {
        match function {
            Function::Table { inputs, bits } if inputs.len() <= 6 => {
                Some((Self::small(Small::new(inputs.len(), *bits)), inputs))
            }
            Function::Wide { inputs, gate, inverted } => {
                Some((Self::Wide { gate: *gate, inverted: *inverted }, inputs))
            }
            Function::Table { .. } | Function::State { .. } | Function::Unknown => None,
        }
    }

    /// As a plain gate where it is one, which is quicker to evaluate.
    fn small(table: Small) -> Self {
        for gate in [Gate::And, Gate::Or, Gate::Xor] {
            for inverted in [false, true] {
                let wide = Self::Wide { gate, inverted };
                if table.inputs > 0 && wide.bits(table.inputs) == [table.bits] {
                    return wide;
                }
            }
        }
        Self::Small(table)
    }

    /// One word for 64 values of the inputs.
    pub fn word(&self, values: &[u64]) -> u64 {
        match self {
            Self::Small(table) => table.word(values),
            Self::Wide { gate, inverted } => {
                let all = match gate {
                    Gate::And => values.iter().fold(u64::MAX, |all, value| all & value),
                    Gate::Or => values.iter().fold(0, |all, value| all | value),
                    Gate::Xor => values.iter().fold(0, |all, value| all ^ value),
                };
                if *inverted { !all } else { all }
            }
        }
    }

    /// The truth table over `inputs` variables, the first one lowest.
    pub fn bits(&self, inputs: usize) -> Vec<u64> {
        (0..words(inputs))
            .map(|word| {
                let values: Vec<u64> = (0..inputs).map(|at| variable(at, word)).collect();
                self.word(&values) & mask(inputs)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_table_reads_its_bits() {
        let mux = Small::new(3, 0b1100_1010); // c ? b : a
        for place in 0..8_usize {
            let (a, b, c) = (place & 1, place >> 1 & 1, place >> 2 & 1);
            assert_eq!(mux.value(place), (if c == 1 { b } else { a }) == 1);
        }
        assert_eq!(mux.word(&[VARIABLES[0], VARIABLES[1], VARIABLES[2]]) & 0xff, 0b1100_1010);
        assert_eq!(mux.cofactor(2, true), Small::variable(3, 1));
        assert_eq!(mux.cofactor(2, false), Small::variable(3, 0));
        assert!(!mux.symmetric(0, 1) && !mux.symmetric(0, 2));
    }

    #[test]
    fn a_reordered_table_is_the_function_with_its_inputs_moved() {
        let and_not = Small::new(2, 0b0010); // a & !b
        assert_eq!(and_not.reordered(&[1, 0]), Small::new(2, 0b0100));
        let cycle = Small::variable(3, 2).reordered(&[1, 2, 0]);
        assert_eq!(cycle, Small::variable(3, 1)); // x[1] goes to y[2]
    }

    #[test]
    fn wide_gates_have_the_table_of_their_name() {
        let nor = Formula::Wide { gate: Gate::Or, inverted: true };
        assert_eq!(nor.bits(2), [0b0001]);
        let and = Formula::Wide { gate: Gate::And, inverted: false };
        let bits = and.bits(8);
        assert_eq!(bits.iter().map(|word| word.count_ones()).sum::<u32>(), 1);
        assert_eq!(bits[3], 1 << 63);
        let xor = Formula::Wide { gate: Gate::Xor, inverted: false };
        assert!(
            xor.bits(7)
                .iter()
                .flat_map(|w| (0..64).map(move |i| w >> i & 1))
                .enumerate()
                .all(|(place, bit)| u64::from(place.count_ones()) % 2 == bit)
        );
    }
}
