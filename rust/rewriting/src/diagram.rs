//! Binary decision diagrams (Bryant 1986): equal functions have the same node.

use std::collections::HashMap;

use kaname_netlist::cell::Gate;

use crate::table::{Formula, Small};

pub const ZERO: u32 = 0;
pub const ONE: u32 = 1;

/// Diagrams over numbered variables, the lowest on top. Everything answers none where there
/// would be more nodes than allowed.
#[derive(Debug)]
pub struct Diagrams {
    nodes: Vec<(u32, u32, u32)>,
    unique: HashMap<(u32, u32, u32), u32>,
    known: HashMap<(u32, u32, u32), u32>,
    most: usize,
}

impl Diagrams {
    pub fn new(most: usize) -> Self {
        // The two constants stand below all variables.
        let nodes = vec![(u32::MAX, ZERO, ZERO), (u32::MAX, ONE, ONE)];
        Self { nodes, unique: HashMap::new(), known: HashMap::new(), most }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn variable(&mut self, at: u32) -> Option<u32> {
        self.node(at, ZERO, ONE)
    }

    fn node(&mut self, variable: u32, low: u32, high: u32) -> Option<u32> {
        if low == high {
            return Some(low);
        }
        if let Some(&node) = self.unique.get(&(variable, low, high)) {
            return Some(node);
        }
        if self.nodes.len() >= self.most {
            return None;
        }
        let node = self.nodes.len() as u32;
        self.nodes.push((variable, low, high));
        self.unique.insert((variable, low, high), node);
        Some(node)
    }

    /// `test ? then : other`.
    pub fn choose(&mut self, test: u32, then: u32, other: u32) -> Option<u32> {
        match (test, then, other) {
            (ONE, _, _) => return Some(then),
            (ZERO, _, _) => return Some(other),
            _ if then == other => return Some(then),
            (_, ONE, ZERO) => return Some(test),
            _ => {}
        }
        let key = (test, then, other);
        if let Some(&node) = self.known.get(&key) {
            return Some(node);
        }
        let top = [test, then, other].map(|node| self.nodes[node as usize].0);
        let variable = top[0].min(top[1]).min(top[2]);
        let part = |node: u32, high: bool| {
            let (at, low, up) = self.nodes[node as usize];
            match (at == variable, high) {
                (false, _) => node,
                (true, false) => low,
                (true, true) => up,
            }
        };
        let lows = [test, then, other].map(|node| part(node, false));
        let highs = [test, then, other].map(|node| part(node, true));
        let low = self.choose(lows[0], lows[1], lows[2])?;
        let high = self.choose(highs[0], highs[1], highs[2])?;
        let node = self.node(variable, low, high)?;
        self.known.insert(key, node);
        Some(node)
    }

    /// A formula of diagrams.
    pub fn formula(&mut self, formula: &Formula, inputs: &[u32]) -> Option<u32> {
        match formula {
            Formula::Small(table) => self.small(*table, inputs, inputs.len(), 0),
            Formula::Wide { gate, inverted } => {
                let mut all = if *gate == Gate::And { ONE } else { ZERO };
                for &input in inputs {
                    all = match gate {
                        Gate::And => self.choose(input, all, ZERO)?,
                        Gate::Or => self.choose(input, ONE, all)?,
                        Gate::Xor => {
                            let opposite = self.choose(all, ZERO, ONE)?;
                            self.choose(input, opposite, all)?
                        }
                    };
                }
                if *inverted { self.choose(all, ZERO, ONE) } else { Some(all) }
            }
        }
    }

    fn small(&mut self, table: Small, inputs: &[u32], left: usize, from: usize) -> Option<u32> {
        if left == 0 {
            return Some(if table.value(from) { ONE } else { ZERO });
        }
        let low = self.small(table, inputs, left - 1, from)?;
        let high = self.small(table, inputs, left - 1, from | 1 << (left - 1))?;
        self.choose(inputs[left - 1], high, low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn two_expressions_of_one_function_are_one_node() {
        let mut made = Diagrams::new(1000);
        let variables: Vec<u32> = (0..4).filter_map(|at| made.variable(at)).collect();
        let gate = |gate, inverted| Formula::Wide { gate, inverted };
        let nand = made.formula(&gate(Gate::And, true), &variables);
        let opposites: Vec<u32> =
            variables.iter().filter_map(|&one| made.choose(one, ZERO, ONE)).collect();
        let or = made.formula(&gate(Gate::Or, false), &opposites);
        assert_eq!(nand, or);
        let xor = made.formula(&gate(Gate::Xor, false), &variables);
        assert_ne!(nand, xor);
        let parity = Formula::Small(Small::new(4, 0x6996));
        assert_eq!(made.formula(&parity, &variables), xor);
    }

    #[test]
    fn nodes_are_equal_exactly_where_tables_are() {
        let mut random = Random::new(9);
        let mut made = Diagrams::new(100_000);
        let variables: Vec<u32> = (0..3).filter_map(|at| made.variable(at)).collect();
        let mut seen = HashMap::new();
        for _ in 0..200 {
            let table = Small::new(3, random.word());
            let node = made.formula(&Formula::Small(table), &variables);
            assert_eq!(*seen.entry(table.bits).or_insert(node), node);
        }
        let different: std::collections::HashSet<_> = seen.values().collect();
        assert_eq!(different.len(), seen.len());
    }

    #[test]
    fn it_gives_up_rather_than_fill_memory() {
        let mut made = Diagrams::new(50);
        // x0 x8 + x1 x9 + ... needs 2^8 nodes in this order.
        let variables: Vec<u32> = (0..16).filter_map(|at| made.variable(at)).collect();
        let mut sum = Some(ZERO);
        for at in 0..8 {
            let product = made.choose(variables[at], variables[at + 8], ZERO);
            sum = match (sum, product) {
                (Some(sum), Some(product)) => made.choose(product, ONE, sum),
                _ => None,
            };
        }
        assert_eq!(sum, None);
    }
}
