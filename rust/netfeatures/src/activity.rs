//! How likely a change gets through to an output, and how often a net changes.
//!
//! Both ask how sensitive a function is to each input: Najm, "Transition density: a new
//! measure of activity in digital circuits", IEEE TCAD 12(2), 1993; Jain and Agrawal,
//! "STAFAN", DAC 1984.

use kaname_netlist::design::NONE;

use crate::columns::Columns;
use crate::flow::backward;
use crate::functions::{Chance, EVEN, Rule};
use crate::probability::{Chances, Setting};
use crate::rareness::{self, told};

pub const ACTIVITY: [&str; 2] = ["blocked", "activity"];

/// -log10 of a chance of 10^-12, in steps.
const SHUT: u32 = rareness::SHUT;

pub fn put(setting: &Setting, chances: &Chances, columns: &Columns) {
    if columns.wants("blocked") {
        let found = blocked(setting, chances);
        columns.put("blocked", |at| told(found[at]));
    }
    if columns.wants("activity") {
        let found = activity(setting, chances);
        columns.put("activity", |at| found[at]);
    }
}

fn inputs(setting: &Setting, chances: &Chances, cell: u32, rule: &Rule, into: &mut Vec<Chance>) {
    let pins = setting.design.pins(cell);
    into.clear();
    into.extend(rule.inputs().iter().map(|pin| chances.of(pins[usize::from(*pin)])));
}

/// -log10 of the chance that a change of each cell's output is seen at a primary output, on
/// the way where it is the likeliest, in steps.
fn blocked(setting: &Setting, chances: &Chances) -> Vec<u32> {
    let see = backward(setting, SHUT, |cell, net, seen, later| {
        let kind = setting.kind(cell);
        let pins = setting.design.pins(cell);
        let mut few = Vec::with_capacity(8);
        for (pin, rule) in &kind.outputs {
            if pins[usize::from(*pin)] != net {
                continue;
            }
            let rule = match (rule, &kind.next) {
                (Rule::State { .. }, Some(next)) => next,
                _ => rule,
            };
            inputs(setting, chances, cell, rule, &mut few);
            offer(pins, rule, &few, seen, later);
            if matches!(rule, Rule::Unknown) {
                later.extend(kind.data.iter().map(|pin| (pins[usize::from(*pin)], seen)));
            }
        }
        // Every other change of a control matters.
        let half = (seen + rareness::EVEN).min(SHUT);
        later.extend(kind.controls().map(|pin| (pins[usize::from(*pin)], half)));
    });
    (0..setting.graph.cells as u32)
        .map(|cell| {
            let pins = setting.design.pins(cell);
            let nets = setting.kind(cell).outputs.iter().map(|(pin, _)| pins[usize::from(*pin)]);
            nets.filter(|net| *net != NONE).map(|net| see[net as usize]).min().unwrap_or(SHUT)
        })
        .collect()
}

fn offer(pins: &[u32], rule: &Rule, few: &[Chance], seen: u32, later: &mut Vec<(u32, u32)>) {
    for (at, pin) in rule.inputs().iter().enumerate() {
        let passes = rule.sensitivity(few, at);
        let cost = rareness::steps(Chance { zero: passes, one: 1.0 });
        later.push((pins[usize::from(*pin)], (seen + cost).min(SHUT)));
    }
}

/// log10 of how often a cell's output changes in a cycle, from -12. Inputs change every
/// other cycle; what is kept changes as often as two cycles differ by chance.
fn activity(setting: &Setting, chances: &Chances) -> Vec<f32> {
    let alone = |chance: Chance| 2.0 * f64::from(chance.zero) * f64::from(chance.one);
    let mut moves: Vec<f32> = chances.nets.iter().map(|chance| alone(*chance) as f32).collect();
    let mut found = vec![0f32; setting.graph.cells];
    let mut few = Vec::with_capacity(8);
    for &cell in &setting.order.cells {
        let pins = setting.design.pins(cell);
        let mut most = 0f32;
        for (pin, rule) in &setting.kind(cell).outputs {
            let net = pins[usize::from(*pin)];
            if net == NONE {
                continue;
            }
            if !setting.graph.keeps[cell as usize]
                && !setting.order.in_knot(cell)
                && !rule.inputs().is_empty()
            {
                inputs(setting, chances, cell, rule, &mut few);
                let sum = rule.inputs().iter().enumerate().map(|(at, pin)| {
                    let from = pins[usize::from(*pin)];
                    let moved =
                        if from == NONE { alone(EVEN) as f32 } else { moves[from as usize] };
                    f64::from(rule.sensitivity(&few, at)) * f64::from(moved)
                });
                moves[net as usize] = sum.sum::<f64>() as f32;
            }
            most = most.max(moves[net as usize]);
        }
        found[cell as usize] = most.clamp(1e-12, 1e6).log10();
    }
    found
}
