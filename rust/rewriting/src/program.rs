//! A design as a list of steps that compute all nets from what comes in and what is kept.
//!
//! Cells that keep something, and those that nobody knows, are not computed: what they give
//! is free, and what they take is compared. Two designs that take the same whatever is given
//! behave the same from states that correspond.

use std::collections::{BTreeSet, HashMap, HashSet};

use kaname_netlist::cell::{Function, Role};
use kaname_netlist::design::{Design, NONE};

use crate::table::Formula;

/// How many words of 64 vectors are computed at once.
pub const LANES: usize = 8;

pub type Block = [u64; LANES];

/// One cell output.
#[derive(Clone, Debug)]
pub struct Step {
    pub formula: Formula,
    pub reads: Vec<u32>,
    pub output: u32,
}

/// What a flip-flop or latch keeps next.
#[derive(Clone, Debug)]
pub struct Next {
    pub variable: u32,
    pub formula: Formula,
    pub reads: Vec<u32>,
}

/// A value that is free, or that has to agree: its name in both designs, and its place.
pub type Named = (String, u32);

#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Nets and, after them, what is kept.
    pub places: usize,
    /// In an order in which everything is computed before it is read.
    pub steps: Vec<Step>,
    pub variables: Vec<Named>,
    pub points: Vec<Named>,
    pub nexts: Vec<Next>,
    pub constants: Vec<(u32, bool)>,
    /// Nets with their names, of those that a step computes.
    pub computed: Vec<Named>,
}

/// The nets that depend on themselves without a flip-flop between, and those between such.
pub fn looped(design: &Design) -> Vec<u32> {
    let mut left = Raw::of(design, &HashSet::new(), &BTreeSet::new()).sort();
    left.retain(|&net| net < design.nets);
    left
}

/// Their names.
pub fn loops(design: &Design) -> HashSet<String> {
    looped(design).iter().map(|&net| net_name(design, net)).collect()
}

fn net_name(design: &Design, net: u32) -> String {
    if (net as usize) < design.net_names.len() {
        design.net_names.get(net).to_owned()
    } else {
        format!("#{net}")
    }
}

impl Program {
    /// `cuts` are nets by name that are taken as free and compared (to break loops);
    /// `inverted` are flip-flops by name that keep the opposite. None where a loop is left.
    pub fn new(
        design: &Design,
        cuts: &HashSet<String>,
        inverted: &BTreeSet<String>,
    ) -> Option<Self> {
        let mut raw = Raw::of(design, cuts, inverted);
        raw.sort().is_empty().then_some(raw.program)
    }

    /// Compute everything that follows from the variables.
    pub fn run(&self, values: &mut [Block]) {
        for &(net, one) in &self.constants {
            values[net as usize] = [if one { u64::MAX } else { 0 }; LANES];
        }
        let mut read = Vec::new();
        for step in &self.steps {
            let mut out = [0; LANES];
            for (lane, word) in out.iter_mut().enumerate() {
                read.clear();
                read.extend(step.reads.iter().map(|&at| values[at as usize][lane]));
                *word = step.formula.word(&read);
            }
            values[step.output as usize] = out;
        }
    }
}

/// How the value of a net comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freedom {
    /// By the cell that drives it, or it is constant.
    Computed,
    /// It is taken as free, to break a loop, and what drives it is compared.
    Cut,
    /// From outside.
    Undriven,
    /// By several: it is free, and what each gives is compared.
    Contested,
}

struct Raw {
    program: Program,
}

impl Raw {
    fn of(design: &Design, cuts: &HashSet<String>, inverted: &BTreeSet<String>) -> Self {
        let mut raw =
            Self { program: Program { places: design.nets as usize, ..Program::default() } };
        let mut drivers = vec![0_u8; design.nets as usize];
        for (_, pin, net) in connections(design) {
            if pin.role == Role::Output {
                drivers[net as usize] = drivers[net as usize].saturating_add(1);
            }
        }
        let mut free: Vec<Freedom> = drivers
            .iter()
            .map(|&count| match count {
                0 => Freedom::Undriven,
                1 => Freedom::Computed,
                _ => Freedom::Contested,
            })
            .collect();
        for (net, one) in [(design.zero, false), (design.one, true)] {
            if let Some(net) = net
                && drivers[net as usize] == 0
            {
                free[net as usize] = Freedom::Computed;
                raw.program.constants.push((net, one));
            }
        }
        for net in (0..design.nets).filter(|_| !cuts.is_empty()) {
            if free[net as usize] == Freedom::Computed && cuts.contains(&net_name(design, net)) {
                free[net as usize] = Freedom::Cut;
            }
        }
        for &net in design.inputs.iter().filter(|&&net| drivers[net as usize] > 0) {
            free[net as usize] = Freedom::Contested;
        }
        raw.free_nets(design, &free);
        for instance in 0..design.len() as u32 {
            raw.instance(design, instance, &free, inverted);
        }
        for &net in &design.outputs {
            raw.program.points.push((format!("net {}", net_name(design, net)), net));
        }
        raw
    }

    fn free_nets(&mut self, design: &Design, free: &[Freedom]) {
        let mut read = vec![false; design.nets as usize];
        for (_, pin, net) in connections(design) {
            read[net as usize] |= pin.role != Role::Output;
        }
        for &net in design.inputs.iter().chain(&design.outputs) {
            read[net as usize] = true;
        }
        for net in 0..design.nets {
            if free[net as usize] != Freedom::Computed && read[net as usize] {
                self.program.variables.push((format!("net {}", net_name(design, net)), net));
            }
        }
    }

    fn instance(
        &mut self,
        design: &Design,
        instance: u32,
        free: &[Freedom],
        inverted: &BTreeSet<String>,
    ) {
        let (cell, nets) = (design.cell(instance), design.pins(instance));
        let name = if design.instance_names.is_empty() {
            format!("#{instance}")
        } else {
            design.instance_names.get(instance).to_owned()
        };
        let known = |function: &Function| Formula::of(function).is_some();
        let plain = !cell.keeps()
            && cell
                .pins
                .iter()
                .filter(|pin| pin.role == Role::Output)
                .all(|pin| pin.function.as_ref().is_some_and(known));
        let turned = inverted.contains(&name);
        let state = cell.keeps().then(|| self.variable(format!("kept by {name}")));
        for (pin, &net) in cell.pins.iter().zip(nets).filter(|(_, net)| **net != NONE) {
            if pin.role == Role::Output {
                self.output(design, (net, free[net as usize]), &name, pin, (nets, state, turned));
            } else if !plain && pin.role != Role::Power {
                let (at, turn) = taken(cell, &pin.name, turned);
                let point = format!("{name}.{at}");
                let place = if turn { self.opposite(net) } else { net };
                self.program.points.push((point, place));
            }
        }
        if let (Some(variable), Some(next)) = (state, &cell.next)
            && let Some((formula, reads)) = Formula::of(next)
        {
            let reads: Vec<u32> = reads.iter().map(|&at| nets[usize::from(at)]).collect();
            if !reads.contains(&NONE) && !turned {
                self.program.nexts.push(Next { variable, formula, reads });
            }
        }
    }

    fn output(
        &mut self,
        design: &Design,
        (net, free): (u32, Freedom),
        name: &str,
        pin: &kaname_netlist::cell::Pin,
        (nets, state, turned): (&[u32], Option<u32>, bool),
    ) {
        // A net that was made free is compared with what drives it.
        let output = if free == Freedom::Computed { net } else { self.place() };
        let made = match (&pin.function, state) {
            (Some(Function::State { inverted }), Some(state)) => {
                let gate = kaname_netlist::cell::Gate::And;
                let formula = Formula::Wide { gate, inverted: *inverted != turned };
                Some((formula, vec![state]))
            }
            (Some(function), _) => Formula::of(function).and_then(|(formula, reads)| {
                let reads: Vec<u32> = reads.iter().map(|&at| nets[usize::from(at)]).collect();
                (!reads.contains(&NONE)).then_some((formula, reads))
            }),
            (None, _) => None,
        };
        if let Some((formula, reads)) = made {
            self.program.steps.push(Step { formula, reads, output });
        } else {
            self.program.variables.push((format!("{name}.{}", pin.name), output));
        }
        let net_name = net_name(design, net);
        match free {
            Freedom::Computed => self.program.computed.push((net_name, net)),
            Freedom::Cut | Freedom::Undriven => {
                self.program.points.push((format!("cut {net_name}"), output));
            }
            Freedom::Contested => {
                let point = format!("{net_name} from {name}.{}", pin.name);
                self.program.points.push((point, output));
            }
        }
    }

    fn variable(&mut self, name: String) -> u32 {
        let place = self.place();
        self.program.variables.push((name, place));
        place
    }

    fn place(&mut self) -> u32 {
        self.program.places += 1;
        (self.program.places - 1) as u32
    }

    fn opposite(&mut self, net: u32) -> u32 {
        let output = self.place();
        let gate = kaname_netlist::cell::Gate::And;
        let formula = Formula::Wide { gate, inverted: true };
        self.program.steps.push(Step { formula, reads: vec![net], output });
        output
    }

    /// Put the steps in order (Kahn); the outputs of those that are in loops or between.
    fn sort(&mut self) -> Vec<u32> {
        let steps = std::mem::take(&mut self.program.steps);
        let mut maker = vec![NONE; self.program.places];
        for (at, step) in steps.iter().enumerate() {
            maker[step.output as usize] = at as u32;
        }
        let mut readers: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut waits = vec![0_u32; steps.len()];
        for (at, step) in steps.iter().enumerate() {
            for &read in step.reads.iter().filter(|&&read| maker[read as usize] != NONE) {
                readers.entry(maker[read as usize]).or_default().push(at as u32);
                waits[at] += 1;
            }
        }
        let mut order: Vec<u32> =
            (0..steps.len() as u32).filter(|&at| waits[at as usize] == 0).collect();
        let mut done = 0;
        while done < order.len() {
            for &reader in readers.get(&order[done]).into_iter().flatten() {
                waits[reader as usize] -= 1;
                if waits[reader as usize] == 0 {
                    order.push(reader);
                }
            }
            done += 1;
        }
        let mut left: HashSet<u32> =
            (0..steps.len() as u32).filter(|&at| waits[at as usize] > 0).collect();
        trim(&mut left, &readers);
        let around = left.iter().map(|&at| steps[at as usize].output).collect();
        self.program.steps = order.iter().map(|&at| steps[at as usize].clone()).collect();
        around
    }
}

/// What a pin of a kept cell corresponds to: where the state is inverted, set and reset
/// change places and the data is the opposite.
fn taken<'a>(cell: &kaname_netlist::cell::CellType, pin: &'a str, turned: bool) -> (&'a str, bool) {
    if !turned {
        return (pin, false);
    }
    let data = matches!(&cell.next, Some(Function::Table { inputs, .. })
        if inputs.iter().any(|&at| cell.pins[usize::from(at)].name == pin));
    match pin {
        "RN" => ("SN", false),
        "SN" => ("RN", false),
        _ => (pin, data),
    }
}

/// Leave out what only follows from loops and feeds none.
fn trim(left: &mut HashSet<u32>, readers: &HashMap<u32, Vec<u32>>) {
    loop {
        let ends: Vec<u32> = left
            .iter()
            .copied()
            .filter(|at| !readers.get(at).into_iter().flatten().any(|to| left.contains(to)))
            .collect();
        if ends.is_empty() {
            return;
        }
        for end in ends {
            left.remove(&end);
        }
    }
}

fn connections(
    design: &Design,
) -> impl Iterator<Item = (u32, &kaname_netlist::cell::Pin, u32)> + '_ {
    (0..design.len() as u32).flat_map(|instance| {
        let pins = design.cell(instance).pins.iter().zip(design.pins(instance));
        pins.filter(|(_, net)| **net != NONE).map(move |(pin, &net)| (instance, pin, net))
    })
}
