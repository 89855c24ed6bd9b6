//! Functions as expressions: what a rule takes a cell apart into.

use crate::table::Small;

/// An expression over the inputs of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    Constant(bool),
    Input(usize),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Xor(Vec<Expression>),
}

use Expression::{And, Constant, Input, Not, Or, Xor};

impl Expression {
    #[must_use]
    pub fn inverted(self) -> Self {
        match self {
            Not(inner) => *inner,
            Constant(value) => Constant(!value),
            other => Not(Box::new(other)),
        }
    }

    pub fn literal(at: usize, positive: bool) -> Self {
        if positive { Input(at) } else { Input(at).inverted() }
    }

    pub fn has_xor(&self) -> bool {
        match self {
            Xor(_) => true,
            Not(inner) => inner.has_xor(),
            And(parts) | Or(parts) => parts.iter().any(Self::has_xor),
            Constant(_) | Input(_) => false,
        }
    }
}

/// A product of literals: bits of the inputs that are taken as they are, and inverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cube {
    pub positive: u8,
    pub negative: u8,
}

impl Cube {
    fn support(self) -> u8 {
        self.positive | self.negative
    }

    fn expression(self) -> Expression {
        let literals = (0..6).filter_map(|at| {
            let bit = 1 << at;
            (self.support() & bit != 0).then(|| Expression::literal(at, self.positive & bit != 0))
        });
        joined(literals.collect(), And, true)
    }
}

/// One part as it is, several in `gate`, none the gate's neutral value.
fn joined(
    mut parts: Vec<Expression>,
    gate: fn(Vec<Expression>) -> Expression,
    neutral: bool,
) -> Expression {
    match parts.len() {
        0 => Constant(neutral),
        1 => parts.remove(0),
        _ => gate(parts),
    }
}

/// An irredundant sum of products (Minato, Morreale): every product is prime, and none can
/// be left out.
pub fn cover(table: Small) -> Vec<Cube> {
    irredundant(table, table, table.inputs).0
}

fn irredundant(low: Small, high: Small, left: usize) -> (Vec<Cube>, Small) {
    let nothing = Small::new(low.inputs, 0);
    if low == nothing {
        return (Vec::new(), nothing);
    }
    if high == nothing.opposite() {
        return (vec![Cube { positive: 0, negative: 0 }], nothing.opposite());
    }
    let at = (0..left).rev().find(|&at| low.depends_on(at) || high.depends_on(at));
    let Some(at) = at else { unreachable!("a function of nothing is constant") };
    let both = |a: Small, b: Small| Small::new(a.inputs, a.bits & b.bits);
    let (low0, low1) = (low.cofactor(at, false), low.cofactor(at, true));
    let (high0, high1) = (high.cofactor(at, false), high.cofactor(at, true));
    let (mut cubes, covered0) = irredundant(both(low0, high1.opposite()), high0, at);
    let (cubes1, covered1) = irredundant(both(low1, high0.opposite()), high1, at);
    let rest = both(low0, covered0.opposite()).bits | both(low1, covered1.opposite()).bits;
    let (free, covered) = irredundant(Small::new(low.inputs, rest), both(high0, high1), at);
    for cube in &mut cubes {
        cube.negative |= 1 << at;
    }
    cubes.extend(cubes1.iter().map(|c| Cube { positive: c.positive | 1 << at, ..*c }));
    cubes.extend(free);
    let variable = Small::variable(low.inputs, at).bits;
    let bits = covered.bits | covered0.bits & !variable | covered1.bits & variable;
    (cubes, Small::new(low.inputs, bits))
}

/// As a sum of products.
pub fn sum_of_products(table: Small) -> Expression {
    joined(cover(table).into_iter().map(Cube::expression).collect(), Or, false)
}

/// As a product of sums: the sum of products of the opposite, inverted by De Morgan.
pub fn product_of_sums(table: Small) -> Expression {
    let sums = cover(table.opposite()).into_iter().map(|cube| {
        let turned = Cube { positive: cube.negative, negative: cube.positive };
        match turned.expression() {
            And(literals) => Or(literals),
            Constant(value) => Constant(!value),
            single => single,
        }
    });
    joined(sums.collect(), And, true)
}

/// `input ? high : low`.
pub fn shannon(table: Small, at: usize) -> Expression {
    let low = factored(table.cofactor(at, false));
    let high = factored(table.cofactor(at, true));
    let chosen = |part, positive| both(Expression::literal(at, positive), part);
    either(chosen(high, true), chosen(low, false))
}

fn both(a: Expression, b: Expression) -> Expression {
    match (a, b) {
        (Constant(false), _) | (_, Constant(false)) => Constant(false),
        (Constant(true), other) | (other, Constant(true)) => other,
        (a, b) => And(vec![a, b]),
    }
}

fn either(a: Expression, b: Expression) -> Expression {
    match (a, b) {
        (Constant(true), _) | (_, Constant(true)) => Constant(true),
        (Constant(false), other) | (other, Constant(false)) => other,
        (a, b) => Or(vec![a, b]),
    }
}

/// As few literals as simple means find: parity; parts that share no input; else Shannon's
/// expansion by the input that the products name most.
pub fn factored(table: Small) -> Expression {
    if let Some(parity) = parity(table) {
        return parity;
    }
    let (ones, zeros) = (cover(table), cover(table.opposite()));
    let single = |cubes: &[Cube]| (cubes.len() == 1).then(|| cubes[0]);
    match (single(&ones), single(&zeros)) {
        (Some(cube), _) if 2 * cube.negative.count_ones() <= cube.support().count_ones() => {
            cube.expression()
        }
        (Some(cube), _) => product_to_nor(cube),
        (None, Some(cube)) if 2 * cube.negative.count_ones() <= cube.support().count_ones() => {
            cube.expression().inverted()
        }
        (None, Some(cube)) => product_to_nor(cube).inverted(),
        (None, None) => divided(table, &ones, &zeros),
    }
}

/// Several products either way.
fn divided(table: Small, ones: &[Cube], zeros: &[Cube]) -> Expression {
    if let Some(parts) = apart(ones, table) {
        return Or(parts);
    }
    if let Some(parts) = apart(zeros, table.opposite()) {
        return Or(parts).inverted();
    }
    expanded(table, ones)
}

/// `!a & !b` as `!(a | b)`.
fn product_to_nor(cube: Cube) -> Expression {
    let turned = Cube { positive: cube.negative, negative: cube.positive };
    match turned.expression() {
        And(literals) => Or(literals).inverted(),
        other => other.inverted(),
    }
}

fn expanded(table: Small, ones: &[Cube]) -> Expression {
    let named = |at: usize| {
        if !table.depends_on(at) {
            return 0;
        }
        ones.iter().filter(|cube| cube.support() >> at & 1 == 1).count()
    };
    match (0..table.inputs).max_by_key(|&at| (named(at), at)) {
        Some(at) if named(at) > 0 => shannon(table, at),
        _ => Constant(table.bits != 0),
    }
}

/// The exclusive or of the inputs, or its opposite, where the function is that.
fn parity(table: Small) -> Option<Expression> {
    let inputs: Vec<usize> = (0..table.inputs).filter(|&at| table.depends_on(at)).collect();
    if inputs.len() < 2 {
        return None;
    }
    let odd = inputs.iter().fold(0, |odd, &at| odd ^ Small::variable(table.inputs, at).bits);
    let parts = Xor(inputs.iter().map(|&at| Input(at)).collect());
    match table.bits {
        bits if bits == odd => Some(parts),
        bits if bits == Small::new(table.inputs, !odd).bits => Some(parts.inverted()),
        _ => None,
    }
}

/// The parts of a sum whose products share no input, when there are several.
fn apart(cubes: &[Cube], table: Small) -> Option<Vec<Expression>> {
    let mut groups: Vec<(u8, Vec<Cube>)> = Vec::new();
    for &cube in cubes {
        let (meeting, others): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|(support, _)| support & cube.support() != 0);
        groups = others;
        let mut merged = (cube.support(), vec![cube]);
        for (support, members) in meeting {
            merged.0 |= support;
            merged.1.extend(members);
        }
        groups.push(merged);
    }
    (groups.len() > 1).then(|| {
        groups.sort_unstable_by_key(|(support, _)| *support);
        groups.iter().map(|(_, members)| factored(sum(members, table.inputs))).collect()
    })
}

fn sum(cubes: &[Cube], inputs: usize) -> Small {
    let product = |cube: &Cube| {
        (0..inputs).fold(u64::MAX, |bits, at| {
            let value = Small::variable(inputs, at).bits;
            match (cube.positive >> at & 1, cube.negative >> at & 1) {
                (1, _) => bits & value,
                (_, 1) => bits & !value,
                _ => bits,
            }
        })
    };
    Small::new(inputs, cubes.iter().map(product).fold(0, |all, bits| all | bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluate(expression: &Expression, place: usize) -> bool {
        match expression {
            Constant(value) => *value,
            Input(at) => place >> at & 1 == 1,
            Not(inner) => !evaluate(inner, place),
            And(parts) => parts.iter().all(|part| evaluate(part, place)),
            Or(parts) => parts.iter().any(|part| evaluate(part, place)),
            Xor(parts) => parts.iter().filter(|part| evaluate(part, place)).count() % 2 == 1,
        }
    }

    fn agrees(expression: &Expression, table: Small) -> bool {
        (0..1 << table.inputs).all(|place| evaluate(expression, place) == table.value(place))
    }

    #[test]
    fn every_function_of_three_inputs_and_many_of_six_come_out_the_same() {
        let mut random = crate::random::Random::new(1);
        let three = (0..256).map(|bits| Small::new(3, bits));
        let six = (0..300).map(|_| Small::new(6, random.word() & random.word()));
        for table in three.chain(six) {
            assert!(agrees(&factored(table), table), "{table:?}");
            assert!(agrees(&sum_of_products(table), table), "{table:?}");
            assert!(agrees(&product_of_sums(table), table), "{table:?}");
            for at in 0..table.inputs {
                assert!(agrees(&shannon(table, at), table), "{table:?} by {at}");
            }
        }
    }

    #[test]
    fn known_cells_come_apart_as_they_are_drawn() {
        let aoi22 = Small::new(4, !(0x8888 | 0xf000)); // !(a & b | c & d)
        let product = |a, b| And(vec![Input(a), Input(b)]);
        assert_eq!(factored(aoi22), Or(vec![product(0, 1), product(2, 3)]).inverted());
        let nand3 = Small::new(3, 0x7f);
        assert_eq!(factored(nand3), And(vec![Input(0), Input(1), Input(2)]).inverted());
        let nor2 = Small::new(2, 0b0001);
        assert_eq!(factored(nor2), Or(vec![Input(0), Input(1)]).inverted());
    }
}
