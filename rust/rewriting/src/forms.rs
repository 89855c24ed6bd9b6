//! Expressions as circuits of two-input gates, in the forms that rules are named after.

use crate::circuit::{Circuit, plain};
use crate::expression::Expression::{self, And, Constant, Input, Not, Or, Xor};

/// How a gate of many inputs becomes gates of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Balanced,
    Chain,
}

/// Which gates are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Those of the expression.
    Plain,
    /// NAND and inverters; an exclusive or becomes four NANDs.
    Nand,
    /// NOR and inverters.
    Nor,
    /// AND as NOR of opposites, OR as NAND of opposites.
    DeMorgan,
    /// Exclusive or as AND, OR and inverters.
    AndOr,
}

/// A circuit of `inputs` inputs with an output for each expression; none where one of them is
/// constant.
pub fn circuit(
    expressions: &[Expression],
    inputs: usize,
    shape: Shape,
    style: Style,
) -> Option<Circuit> {
    let mut maker = Maker { circuit: Circuit::new(inputs), opposites: Vec::new(), shape, style };
    for expression in expressions {
        let place = maker.value(expression, false)?;
        maker.circuit.output(place);
    }
    Some(maker.circuit)
}

struct Maker {
    circuit: Circuit,
    /// Values and their opposites, so that none is inverted twice.
    opposites: Vec<(u16, u16)>,
    shape: Shape,
    style: Style,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
    Xor,
}

impl Maker {
    fn value(&mut self, expression: &Expression, inverted: bool) -> Option<u16> {
        match expression {
            Constant(_) => None,
            Input(at) => {
                let place = *at as u16;
                Some(if inverted { self.not(place) } else { place })
            }
            Not(inner) => self.value(inner, !inverted),
            And(parts) => self.tree(Joint::And, parts, inverted),
            Or(parts) => self.tree(Joint::Or, parts, inverted),
            Xor(parts) => self.tree(Joint::Xor, parts, inverted),
        }
    }

    fn tree(&mut self, joint: Joint, parts: &[Expression], inverted: bool) -> Option<u16> {
        if let [single] = parts {
            return self.value(single, inverted);
        }
        let at = match self.shape {
            Shape::Balanced => parts.len().div_ceil(2),
            Shape::Chain => parts.len() - 1,
        };
        let (left, right) = parts.split_at(at);
        let (turn_left, turn_right) = self.turned(joint);
        let left = self.tree(joint, left, turn_left)?;
        let right = self.tree(joint, right, turn_right)?;
        Some(self.pair(joint, left, right, inverted))
    }

    /// Whether this style reads the opposites of the two values.
    fn turned(&self, joint: Joint) -> (bool, bool) {
        match (self.style, joint) {
            (Style::Nand, Joint::Or)
            | (Style::Nor, Joint::And)
            | (Style::DeMorgan, Joint::And | Joint::Or) => (true, true),
            (Style::DeMorgan, Joint::Xor) => (true, false),
            _ => (false, false),
        }
    }

    fn pair(&mut self, joint: Joint, a: u16, b: u16, inverted: bool) -> u16 {
        use plain::{AND, NAND, NOR, OR, XNOR, XOR};
        let bits = match (self.style, joint) {
            (Style::Nand, Joint::And) => return self.turn(NAND, a, b, !inverted),
            (Style::Nand, Joint::Or) => return self.turn(NAND, a, b, inverted),
            (Style::Nor, Joint::Or) => return self.turn(NOR, a, b, !inverted),
            (Style::Nor, Joint::And) => return self.turn(NOR, a, b, inverted),
            (Style::Nand, Joint::Xor) => return self.four(NAND, a, b, inverted),
            (Style::Nor, Joint::Xor) => return self.four(NOR, a, b, !inverted),
            (Style::AndOr, Joint::Xor) => return self.sum(a, b, inverted),
            // Of opposites: a & b = !(!a | !b), a ^ b = !(!a ^ b).
            (Style::DeMorgan, Joint::And) => [NOR, OR],
            (Style::DeMorgan, Joint::Or) => [NAND, AND],
            (Style::DeMorgan, Joint::Xor) => [XNOR, XOR],
            (_, Joint::And) => [AND, NAND],
            (_, Joint::Or) => [OR, NOR],
            (_, Joint::Xor) => [XOR, XNOR],
        };
        self.circuit.gate(bits[usize::from(inverted)], &[a, b])
    }

    fn turn(&mut self, bits: u64, a: u16, b: u16, inverted: bool) -> u16 {
        let place = self.circuit.gate(bits, &[a, b]);
        if inverted { self.not(place) } else { place }
    }

    /// Exclusive or in four NANDs, its opposite in four NORs.
    fn four(&mut self, bits: u64, a: u16, b: u16, inverted: bool) -> u16 {
        let both = self.circuit.gate(bits, &[a, b]);
        let left = self.circuit.gate(bits, &[a, both]);
        let right = self.circuit.gate(bits, &[b, both]);
        self.turn(bits, left, right, inverted)
    }

    /// `a & !b | !a & b`.
    fn sum(&mut self, a: u16, b: u16, inverted: bool) -> u16 {
        let (not_a, not_b) = (self.not(a), self.not(b));
        let left = self.circuit.gate(plain::AND, &[a, not_b]);
        let right = self.circuit.gate(plain::AND, &[not_a, b]);
        self.circuit.gate(if inverted { plain::NOR } else { plain::OR }, &[left, right])
    }

    fn not(&mut self, place: u16) -> u16 {
        let known = self.opposites.iter().find_map(|&(a, b)| match place {
            _ if place == a => Some(b),
            _ if place == b => Some(a),
            _ => None,
        });
        known.unwrap_or_else(|| {
            let opposite = self.circuit.gate(plain::NOT, &[place]);
            self.opposites.push((place, opposite));
            opposite
        })
    }
}

/// Logic that hands on its first input whatever the others are: buffers, and taps of other
/// nets whose value cancels out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    Buffer,
    TwoInverters,
    /// `x & x`.
    Same,
    /// `x & (y | !y)`.
    AndTrue,
    /// `x | (y & !y)`.
    OrFalse,
    /// `x & (x | y)`.
    AbsorbAnd,
    /// `x | (x & y)`.
    AbsorbOr,
    /// `(x ^ y) ^ y`.
    TwoXors,
    /// `y ? x : x`, in one cell.
    Mux,
    /// `x | (x & y)`, in one cell.
    AndOrCell,
    /// `x & (x | y)`, in one cell.
    OrAndCell,
}

impl Passing {
    /// How many inputs it has: `x` alone, or `x` and `y`.
    pub fn inputs(self) -> usize {
        match self {
            Self::Buffer | Self::TwoInverters | Self::Same => 1,
            _ => 2,
        }
    }

    pub fn circuit(self) -> Circuit {
        let mut made = Circuit::new(self.inputs());
        let (x, y) = (0, 1);
        let place = match self {
            Self::Buffer => made.gate(plain::BUFFER, &[x]),
            Self::TwoInverters => {
                let opposite = made.gate(plain::NOT, &[x]);
                made.gate(plain::NOT, &[opposite])
            }
            Self::Same => made.gate(plain::AND, &[x, x]),
            Self::AndTrue | Self::OrFalse => {
                let (inner, outer) = match self {
                    Self::AndTrue => (plain::OR, plain::AND),
                    _ => (plain::AND, plain::OR),
                };
                let opposite = made.gate(plain::NOT, &[y]);
                let constant = made.gate(inner, &[y, opposite]);
                made.gate(outer, &[x, constant])
            }
            Self::AbsorbAnd => {
                let inner = made.gate(plain::OR, &[x, y]);
                made.gate(plain::AND, &[x, inner])
            }
            Self::AbsorbOr => {
                let inner = made.gate(plain::AND, &[x, y]);
                made.gate(plain::OR, &[x, inner])
            }
            Self::TwoXors => {
                let inner = made.gate(plain::XOR, &[x, y]);
                made.gate(plain::XOR, &[inner, y])
            }
            Self::Mux => made.gate(plain::MUX, &[x, x, y]),
            Self::AndOrCell => made.gate(plain::AND_OR, &[x, x, y]),
            Self::OrAndCell => made.gate(plain::OR_AND, &[x, x, y]),
        };
        made.output(place);
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::factored;
    use crate::table::{Formula, Small};

    const STYLES: [Style; 5] =
        [Style::Plain, Style::Nand, Style::Nor, Style::DeMorgan, Style::AndOr];

    #[test]
    fn every_function_of_four_inputs_in_every_form() {
        for bits in 1..u64::from(u16::MAX) {
            let table = Small::new(4, bits);
            let expression = factored(table);
            // All forms of a few, one form of each: the forms do not depend on the function.
            let all = bits % 97 == 1;
            for (at, style) in STYLES.into_iter().enumerate() {
                for (turn, shape) in [Shape::Balanced, Shape::Chain].into_iter().enumerate() {
                    if all || (bits as usize + at + 5 * turn).is_multiple_of(10) {
                        let made = circuit(std::slice::from_ref(&expression), 4, shape, style);
                        let tables = made.and_then(|made| made.tables());
                        assert_eq!(tables, Some(vec![vec![bits]]), "{style:?} {shape:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn wide_gates_become_trees_of_the_depth_of_their_shape() {
        let parts: Vec<Expression> = (0..9).map(Input).collect();
        let tree = |shape| {
            let made = circuit(&[And(parts.clone()).inverted()], 9, shape, Style::Plain);
            made.expect("a gate is not constant")
        };
        let nand = Formula::Wide { gate: kaname_netlist::cell::Gate::And, inverted: true };
        for shape in [Shape::Balanced, Shape::Chain] {
            let made = tree(shape);
            assert_eq!(made.gates.len(), 8);
            assert_eq!(made.tables(), Some(vec![nand.bits(9)]));
        }
        assert_eq!(depth(&tree(Shape::Balanced)), 4);
        assert_eq!(depth(&tree(Shape::Chain)), 8);
    }

    fn depth(made: &Circuit) -> usize {
        let mut depths = vec![0; made.inputs];
        for gate in &made.gates {
            let deepest = gate.inputs.iter().map(|&at| depths[usize::from(at)]).max();
            depths.push(deepest.unwrap_or(0) + 1);
        }
        depths[usize::from(made.outputs[0])]
    }

    #[test]
    fn passing_logic_hands_on_its_first_input() {
        use Passing::*;
        for passing in [
            Buffer,
            TwoInverters,
            Same,
            AndTrue,
            OrFalse,
            AbsorbAnd,
            AbsorbOr,
            TwoXors,
            Mux,
            AndOrCell,
            OrAndCell,
        ] {
            let made = passing.circuit();
            let first = Small::variable(made.inputs, 0).bits;
            assert_eq!(made.tables(), Some(vec![vec![first]]), "{passing:?}");
        }
    }
}
