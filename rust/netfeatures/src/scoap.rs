//! How hard a net is to set and to see, counted in pins.
//!
//! SCOAP: Goldstein, "Controllability/observability analysis of digital circuits", IEEE
//! TCAS 26(9), 1979. Trojans sit where both are hard: Salmani, "COTD", IEEE TIFS 12(2), 2017.

use kaname_netlist::cell::Gate;
use kaname_netlist::design::NONE;

use crate::columns::Columns;
use crate::flow::backward;
use crate::functions::{MOST as FEW, Prepared, Rule};
use crate::probability::Setting;

/// Costs grow no further: what costs this much cannot be done.
pub const MOST: u32 = 10_000_000;
/// Loops are gone through this often at most.
const SWEEPS: usize = 64;

pub const SCOAP: [&str; 5] = ["scoap_cc0", "scoap_cc1", "scoap_co", "scoap_harder", "scoap_skew"];

pub const TAPS: [&str; 5] = [
    "scoap_hidden",
    "scoap_tap_max",
    "scoap_tap_min",
    "in_scoap_harder_max_1",
    "in_scoap_harder_min_1",
];

/// Some pins at some values: bit i is input i.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cube {
    care: u8,
    value: u8,
}

/// Smallest cubes for which `holds`, of those over the inputs that are not in `without`.
fn cubes(inputs: usize, without: u8, holds: impl Fn(Cube) -> bool) -> Vec<Cube> {
    let mut found: Vec<Cube> = Vec::new();
    let mut cares: Vec<u8> = (0..1u16 << inputs).map(|care| care as u8).collect();
    cares.retain(|care| care & without == 0);
    cares.sort_by_key(|care| (care.count_ones(), *care));
    for care in cares {
        for value in (0..=care).filter(|value| value & !care == 0) {
            let covered = |old: &Cube| old.care & care == old.care && value & old.care == old.value;
            let cube = Cube { care, value };
            if !found.iter().any(covered) && holds(cube) {
                found.push(cube);
            }
        }
    }
    found
}

/// Whether all rows of a cube, with some inputs forced, have the value `wanted`.
fn constant(bits: u64, inputs: usize, cube: Cube, wanted: bool) -> bool {
    (0..1u64 << inputs)
        .filter(|row| (*row as u8) & cube.care == cube.value)
        .all(|row| (bits >> row & 1 == 1) == wanted)
}

/// What must be set for an output to be 0 or 1, and for it to show an input.
struct Costs {
    zero: Vec<Cube>,
    one: Vec<Cube>,
    shows: Vec<Vec<Cube>>,
}

impl Costs {
    fn new(rule: &Rule) -> Option<Self> {
        let Rule::Table { inputs, bits, .. } = rule else { return None };
        let (bits, inputs) = (*bits, inputs.len());
        let shows = |which: usize| {
            let pin = 1u8 << which;
            cubes(inputs, pin, |cube| {
                let forced = |value: u8| Cube { care: cube.care | pin, value: cube.value | value };
                let set = |wanted| {
                    constant(bits, inputs, forced(0), wanted)
                        && constant(bits, inputs, forced(pin), !wanted)
                };
                set(false) || set(true)
            })
        };
        Some(Self {
            zero: cubes(inputs, 0, |cube| constant(bits, inputs, cube, false)),
            one: cubes(inputs, 0, |cube| constant(bits, inputs, cube, true)),
            shows: (0..inputs).map(shows).collect(),
        })
    }
}

/// Costs of setting a net to 0 and to 1.
type Set = (u32, u32);

fn sum(one: u32, other: u32) -> u32 {
    one.saturating_add(other).min(MOST)
}

fn cheapest(sets: &[Set; FEW], cubes: &[Cube]) -> u32 {
    let cost = |cube: &Cube| {
        let (mut care, mut cost) = (cube.care, 0u32);
        while care != 0 {
            let at = care.trailing_zeros() as usize;
            care &= care - 1;
            // Six times the most is far from what a word holds.
            cost += if cube.value >> at & 1 == 1 { sets[at].1 } else { sets[at].0 };
        }
        cost.min(MOST)
    };
    cubes.iter().map(cost).min().unwrap_or(MOST)
}

/// The costs of all types: of their outputs, and of what they keep.
struct Model {
    outputs: Vec<Vec<Option<Costs>>>,
    next: Vec<Option<Costs>>,
}

impl Model {
    fn new(kinds: &[Prepared]) -> Self {
        let outputs = kinds.iter().map(|kind| kind.outputs.iter());
        Self {
            outputs: outputs.map(|of| of.map(|(_, rule)| Costs::new(rule)).collect()).collect(),
            next: kinds.iter().map(|kind| kind.next.as_ref().and_then(Costs::new)).collect(),
        }
    }
}

struct Scoap<'a> {
    setting: &'a Setting<'a>,
    model: Model,
    set: Vec<Set>,
    see: Vec<u32>,
}

impl<'a> Scoap<'a> {
    fn new(setting: &'a Setting<'a>) -> Self {
        let nets = setting.design.nets as usize;
        let mut set = vec![(1, 1); nets];
        for cell in 0..setting.graph.cells as u32 {
            for (pin, _) in &setting.kind(cell).outputs {
                let net = setting.design.pins(cell)[usize::from(*pin)];
                if net != NONE {
                    set[net as usize] = (MOST, MOST);
                }
            }
        }
        for (net, cost) in [(setting.design.zero, (0, MOST)), (setting.design.one, (MOST, 0))] {
            if let Some(net) = net {
                set[net as usize] = cost;
            }
        }
        let mut scoap = Self { setting, model: Model::new(setting.kinds), set, see: Vec::new() };
        scoap.forward();
        scoap.see = backward(setting, MOST, |cell, net, seen, later| {
            scoap.show(cell, net, seen, later);
        });
        scoap
    }

    fn of(&self, net: u32) -> Set {
        if net == NONE { (1, 1) } else { self.set[net as usize] }
    }

    /// What the inputs of a table cost.
    fn inputs(&self, cell: u32, inputs: &[u8]) -> [Set; FEW] {
        let pins = self.setting.design.pins(cell);
        let mut sets = [(0, 0); FEW];
        inputs.iter().zip(&mut sets).for_each(|(pin, set)| *set = self.of(pins[usize::from(*pin)]));
        sets
    }

    fn rule(&self, cell: u32, rule: &Rule, costs: Option<&Costs>) -> Set {
        match (rule, costs) {
            (Rule::Table { inputs, .. }, Some(costs)) => {
                let sets = self.inputs(cell, inputs);
                (sum(1, cheapest(&sets, &costs.zero)), sum(1, cheapest(&sets, &costs.one)))
            }
            (Rule::Wide { inputs, gate, inverted }, _) => {
                let pins = self.setting.design.pins(cell);
                let sets = inputs.iter().map(|pin| self.of(pins[usize::from(*pin)]));
                let (zero, one) = wide(*gate, sets);
                let cost = (sum(1, zero), sum(1, one));
                if *inverted { (cost.1, cost.0) } else { cost }
            }
            // Nothing is known, so it is like an input.
            _ => (1, 1),
        }
    }

    /// What the outputs of a cell cost now.
    fn propose(&self, cell: u32, later: &mut Vec<(u32, u32, Set)>) {
        let kind = self.setting.kind(cell);
        let place = self.setting.design.cells[cell as usize] as usize;
        let pins = self.setting.design.pins(cell);
        let keeps = self.setting.graph.keeps[cell as usize];
        let state = keeps.then(|| {
            let next = kind.next.as_ref();
            let cost =
                next.map_or((1, 1), |rule| self.rule(cell, rule, self.model.next[place].as_ref()));
            let reset = kind.reset.iter().any(|pin| self.live(pins[usize::from(*pin)]));
            if reset { (cost.0.min(2), cost.1) } else { cost }
        });
        for ((pin, rule), costs) in kind.outputs.iter().zip(&self.model.outputs[place]) {
            let cost = match (rule, state) {
                (Rule::State { inverted: true }, Some((zero, one))) => (one, zero),
                (Rule::State { inverted: false }, Some(state)) => state,
                _ => self.rule(cell, rule, costs.as_ref()),
            };
            later.push((cell, pins[usize::from(*pin)], cost));
        }
    }

    /// Whether something can happen on a net.
    fn live(&self, net: u32) -> bool {
        net != NONE && Some(net) != self.setting.design.zero && Some(net) != self.setting.design.one
    }

    /// Take what is cheaper, and mark who reads it as stale.
    fn write(&mut self, later: &mut Vec<(u32, u32, Set)>, stale: &mut [bool]) -> bool {
        let mut moved = false;
        for (cell, net, cost) in later.drain(..) {
            if !self.live(net) {
                continue;
            }
            let slot = &mut self.set[net as usize];
            let better = (slot.0.min(cost.0), slot.1.min(cost.1));
            if better != *slot {
                *slot = better;
                moved = true;
                for &load in self.setting.graph.loads.of(cell) {
                    stale[load as usize] = true;
                }
            }
        }
        moved
    }

    /// Lower costs until nothing is cheaper, loop by loop.
    fn forward(&mut self) {
        let setting = self.setting;
        let mut stale = vec![true; setting.graph.cells];
        for run in &setting.order.groups {
            for _ in 0..SWEEPS {
                if !self.sweep(&setting.order.cells[run.range()], &mut stale) {
                    break;
                }
            }
        }
    }

    /// All stale cells, gates in the order of values and then what keeps something. Whether
    /// a loop has to be gone through again.
    fn sweep(&mut self, cells: &[u32], stale: &mut [bool]) -> bool {
        let setting = self.setting;
        let mut later = Vec::new();
        let mut again = false;
        for &cell in cells {
            if !setting.graph.keeps[cell as usize] && std::mem::take(&mut stale[cell as usize]) {
                self.propose(cell, &mut later);
                again |= self.write(&mut later, stale) && setting.order.in_knot(cell);
            }
        }
        for &cell in cells {
            if setting.graph.keeps[cell as usize] && std::mem::take(&mut stale[cell as usize]) {
                self.propose(cell, &mut later);
            }
        }
        again | self.write(&mut later, stale)
    }

    /// What the inputs of a cell cost to see by way of an output.
    fn show(&self, cell: u32, net: u32, seen: u32, later: &mut Vec<(u32, u32)>) {
        let kind = self.setting.kind(cell);
        let place = self.setting.design.cells[cell as usize] as usize;
        let pins = self.setting.design.pins(cell);
        for ((pin, rule), costs) in kind.outputs.iter().zip(&self.model.outputs[place]) {
            if pins[usize::from(*pin)] != net {
                continue;
            }
            match (rule, &kind.next) {
                (Rule::State { .. }, Some(next)) => {
                    self.through(cell, next, self.model.next[place].as_ref(), seen, later);
                }
                (Rule::Unknown, _) => {
                    let data = kind.data.iter();
                    later.extend(data.map(|pin| (pins[usize::from(*pin)], sum(seen, 1))));
                }
                _ => self.through(cell, rule, costs.as_ref(), seen, later),
            }
        }
        later.extend(kind.controls().map(|pin| (pins[usize::from(*pin)], sum(seen, 1))));
    }

    fn through(
        &self,
        cell: u32,
        rule: &Rule,
        costs: Option<&Costs>,
        seen: u32,
        later: &mut Vec<(u32, u32)>,
    ) {
        let pins = self.setting.design.pins(cell);
        let net = |pin: &u8| pins[usize::from(*pin)];
        match (rule, costs) {
            (Rule::Table { inputs, .. }, Some(costs)) => {
                let sets = self.inputs(cell, inputs);
                for (pin, shows) in inputs.iter().zip(&costs.shows) {
                    let side = cheapest(&sets, shows);
                    later.push((net(pin), sum(sum(seen, side), 1)));
                }
            }
            (Rule::Wide { inputs, gate, .. }, _) => {
                let side = |pin: &u8| {
                    let (zero, one) = self.of(net(pin));
                    match gate {
                        Gate::And => one,
                        Gate::Or => zero,
                        Gate::Xor => zero.min(one),
                    }
                };
                let all: u64 = inputs.iter().map(|pin| u64::from(side(pin))).sum();
                for pin in inputs {
                    let others = (all - u64::from(side(pin))).min(u64::from(MOST)) as u32;
                    later.push((net(pin), sum(sum(seen, others), 1)));
                }
            }
            _ => {}
        }
    }
}

/// The costs of 0 and 1 of a gate of any number of inputs, without its own 1.
fn wide(gate: Gate, inputs: impl Iterator<Item = Set>) -> Set {
    match gate {
        Gate::And => {
            inputs.fold((MOST, 0), |so_far, set| (so_far.0.min(set.0), sum(so_far.1, set.1)))
        }
        Gate::Or => {
            inputs.fold((0, MOST), |so_far, set| (sum(so_far.0, set.0), so_far.1.min(set.1)))
        }
        Gate::Xor => inputs.fold((0, MOST), |(even, odd), (zero, one)| {
            (sum(even, zero).min(sum(odd, one)), sum(even, one).min(sum(odd, zero)))
        }),
    }
}

/// SCOAP's numbers of all nets, and where they are of a cell.
pub struct Effort {
    set: Vec<Set>,
    see: Vec<u32>,
    /// `see` as [`fixed`] logarithms.
    apart: Vec<i32>,
}

impl Effort {
    pub fn new(setting: &Setting) -> Self {
        let scoap = Scoap::new(setting);
        let apart = scoap.see.iter().map(|cost| fixed(*cost)).collect();
        Self { set: scoap.set, see: scoap.see, apart }
    }

    /// The costs of a cell's outputs: of the one that is hardest to set, and the best to see.
    fn cell(&self, setting: &Setting, cell: u32) -> (Set, u32) {
        let pins = setting.design.pins(cell);
        let outputs = &setting.kind(cell).outputs;
        let nets = || outputs.iter().map(|(p, _)| pins[usize::from(*p)]).filter(|n| *n != NONE);
        let hardest = nets()
            .map(|net| self.set[net as usize])
            .max_by_key(|(zero, one)| (*zero.max(one), *zero.min(one), *one));
        let seen = nets().map(|net| self.see[net as usize]).min();
        (hardest.unwrap_or((1, 1)), seen.unwrap_or(MOST))
    }

    /// log10 of how much dearer it is to see a cell than what it reads, for each net that
    /// it reads: above 0 where others show the net better. In steps of 2^-20.
    pub fn tap(&self, seen: i32, net: u32) -> i64 {
        i64::from(seen) - i64::from(self.apart[net as usize])
    }

    /// What a cell costs to see, as a [`fixed`] logarithm.
    pub fn seen(&self, setting: &Setting, cell: u32) -> i32 {
        fixed(self.cell(setting, cell).1)
    }
}

/// log10(1 + cost) in steps of 2^-20, so that sums do not depend on their order.
fn fixed(cost: u32) -> i32 {
    ((f64::from(cost) + 1.0).log10() * STEP).round() as i32
}

/// Steps as a number.
pub fn unfixed(steps: i64) -> f32 {
    (steps as f64 / STEP) as f32
}

const STEP: f64 = (1 << 20) as f64;

fn logarithm(cost: u32) -> f32 {
    (f64::from(cost) + 1.0).log10() as f32
}

fn harder((zero, one): Set) -> f32 {
    logarithm(zero.max(one))
}

pub fn put(setting: &Setting, effort: &Effort, columns: &Columns) {
    let costs: Vec<(Set, u32)> =
        (0..setting.graph.cells as u32).map(|cell| effort.cell(setting, cell)).collect();
    columns.put("scoap_cc0", |at| logarithm(costs[at].0.0));
    columns.put("scoap_cc1", |at| logarithm(costs[at].0.1));
    columns.put("scoap_co", |at| logarithm(costs[at].1));
    columns.put("scoap_harder", |at| harder(costs[at].0));
    columns.put("scoap_skew", |at| logarithm(costs[at].0.1) - logarithm(costs[at].0.0));
    columns.put("scoap_hidden", |at| harder(costs[at].0) + logarithm(costs[at].1));
    let reads = |at: usize| {
        let pins = setting.design.pins(at as u32);
        let live = |net: &u32| {
            *net != NONE && Some(*net) != setting.design.zero && Some(*net) != setting.design.one
        };
        setting.kind(at as u32).data.iter().map(move |p| pins[usize::from(*p)]).filter(live)
    };
    let costs = &costs;
    let taps = |at: usize| {
        let seen = fixed(costs[at].1);
        reads(at).map(move |net| effort.tap(seen, net))
    };
    columns.put("scoap_tap_max", |at| unfixed(taps(at).max().unwrap_or(0)));
    columns.put("scoap_tap_min", |at| unfixed(taps(at).min().unwrap_or(0)));
    let sets =
        |at: usize| reads(at).map(|net| effort.set[net as usize]).map(|set| set.0.max(set.1));
    columns.put("in_scoap_harder_max_1", |at| logarithm(sets(at).max().unwrap_or(0)));
    columns.put("in_scoap_harder_min_1", |at| logarithm(sets(at).min().unwrap_or(0)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(inputs: usize, bits: u64) -> Costs {
        let inputs = (0..inputs as u8).collect();
        Costs::new(&Rule::Table { inputs, bits, symmetric: false }).unwrap()
    }

    #[test]
    fn cubes_are_the_smallest() {
        let and = table(2, 0b1000);
        assert_eq!(and.one, [Cube { care: 3, value: 3 }]);
        assert_eq!(and.zero, [Cube { care: 1, value: 0 }, Cube { care: 2, value: 0 }]);
        assert_eq!(and.shows[0], [Cube { care: 2, value: 2 }]);
        // An exclusive or shows one input when the other is known, whichever it is.
        let xor = table(2, 0b0110);
        assert_eq!(xor.shows[1], [Cube { care: 1, value: 0 }, Cube { care: 1, value: 1 }]);
        // A multiplexer shows its select where its data differ.
        let mux = table(3, 0b1100_1010);
        assert_eq!(mux.shows[2].len(), 2);
        assert_eq!(mux.shows[0], [Cube { care: 4, value: 0 }]);
    }
}
