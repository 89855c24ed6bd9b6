//! That two designs are equal: by random vectors, and net by net over all values.
//!
//! Ports are paired by the names of their nets, flip-flops by the names of their instances.
//! The exact proof takes nets of the same name as cut points (Kuehlmann, Krohm 1997): each is
//! compared over all values of the cut points that it follows from. A net that turns out to
//! differ, or follows from too many, is no cut point any more. What is left at the end is
//! proved by induction along the order of the nets.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};

use kaname_netlist::design::Design;

use crate::diagram::{self, Diagrams};
use crate::program::{Block, LANES, Program, Step, loops};
use crate::random::Random;
use crate::table;

/// All values of so many inputs are gone through; of more, diagrams are made.
const SMALL: usize = 10;
/// Values that follow from more inputs than this are not compared exactly.
pub const WIDEST: usize = 96;
/// Nodes of the diagrams of one comparison, and of all comparisons of a proof: multipliers
/// have no small diagrams, and the proof has to end.
const NODES: usize = 60_000;
const ALL_NODES: usize = 2_000_000;
/// Names of values that are told.
const TOLD: usize = 20;
/// Cones of more gates than this are not compared.
const LARGEST: usize = 600;
const NONE: u32 = u32::MAX;

/// How far two designs were proved equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Random vectors on which all compared values agreed.
    pub vectors: u64,
    /// Values compared: outputs, and everything that flip-flops and unknown cells take.
    pub points: usize,
    /// Of these, how many were proved for all values of everything.
    pub exact: usize,
    /// Nets whose logic differs and that were compared over all values of what they follow
    /// from.
    pub cones: usize,
    /// Inputs of the widest.
    pub widest: usize,
    /// Some of the values that were compared on random vectors only.
    pub open: Vec<String>,
}

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// A value is different; its name.
    Different(String),
    /// A port or flip-flop that only one design has; its name.
    Unpaired(String),
    /// The designs have loops that do not correspond.
    Loop,
}

/// Compare two designs on at least `vectors` random vectors and then exactly. `inverted` are
/// flip-flops of the second, by name, that keep the opposite.
///
/// # Errors
/// The first value that differs, or what one of them has no counterpart for.
pub fn prove(
    old: &Design,
    new: &Design,
    inverted: &BTreeSet<String>,
    vectors: u64,
    seed: u64,
) -> Result<Proof, Failed> {
    let around = loops(old);
    let first = Program::new(old, &around, &BTreeSet::new()).ok_or(Failed::Loop)?;
    let second = Program::new(new, &around, inverted).ok_or(Failed::Loop)?;
    let pair = Pair::of(&first, &second)?;
    let run = pair.simulate(vectors, seed)?;
    let mut proof = Proof { vectors: run, points: pair.points.len(), ..Proof::default() };
    Cuts::of(&pair).prove(&mut proof);
    Ok(proof)
}

struct Pair<'a> {
    first: &'a Program,
    second: &'a Program,
    /// Places of the same variable in both; `NONE` where one does not read it.
    variables: Vec<(u32, u32)>,
    points: Vec<(&'a str, u32, u32)>,
}

impl<'a> Pair<'a> {
    fn of(first: &'a Program, second: &'a Program) -> Result<Self, Failed> {
        let mut variables: Vec<(u32, u32)> =
            first.variables.iter().map(|(_, place)| (*place, NONE)).collect();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (at, (name, _)) in first.variables.iter().enumerate() {
            known.insert(name, at);
        }
        for (name, place) in &second.variables {
            if let Some(&at) = known.get(name.as_str()) {
                variables[at].1 = *place;
            } else {
                variables.push((NONE, *place));
            }
        }
        let theirs: HashMap<&str, u32> =
            second.points.iter().map(|(name, place)| (name.as_str(), *place)).collect();
        let mut points = Vec::with_capacity(first.points.len());
        let mut names = HashSet::new();
        for (name, place) in &first.points {
            let other = theirs.get(name.as_str());
            let other = *other.ok_or_else(|| Failed::Unpaired(name.clone()))?;
            names.insert(name.as_str());
            points.push((name.as_str(), *place, other));
        }
        match second.points.iter().find(|(name, _)| !names.contains(name.as_str())) {
            Some((name, _)) => Err(Failed::Unpaired(name.clone())),
            None => Ok(Self { first, second, variables, points }),
        }
    }

    /// Random inputs, from random states and then for some steps from the states that follow.
    fn simulate(&self, vectors: u64, seed: u64) -> Result<u64, Failed> {
        const STEPS: u64 = 8;
        let mut random = Random::new(seed);
        let mut ours: Vec<Block> = vec![[0; LANES]; self.first.places];
        let mut theirs: Vec<Block> = vec![[0; LANES]; self.second.places];
        let each = 64 * LANES as u64;
        let passes = vectors.div_ceil(each).max(1);
        let mut kept: HashMap<u32, Block> = HashMap::new();
        for pass in 0..passes {
            for &(a, b) in &self.variables {
                let fresh: Block = std::array::from_fn(|_| random.word());
                let value = kept.get(&a).copied().unwrap_or(fresh);
                for (values, place) in [(&mut ours, a), (&mut theirs, b)] {
                    if place != NONE {
                        values[place as usize] = value;
                    }
                }
            }
            self.first.run(&mut ours);
            self.second.run(&mut theirs);
            for &(name, a, b) in &self.points {
                if ours[a as usize] != theirs[b as usize] {
                    return Err(Failed::Different(name.to_owned()));
                }
            }
            kept.clear();
            if (pass + 1) % STEPS != 0 {
                kept.extend(self.first.nexts.iter().map(|next| {
                    let value = std::array::from_fn(|lane| {
                        let read: Vec<u64> =
                            next.reads.iter().map(|&at| ours[at as usize][lane]).collect();
                        next.formula.word(&read)
                    });
                    (next.variable, value)
                }));
            }
        }
        Ok(passes * each)
    }
}

/// One design as the exact proof sees it.
struct Side<'a> {
    program: &'a Program,
    /// The step that computes each place.
    step: Vec<u32>,
    /// The number of what stands at each place in both designs, or `NONE`.
    number: Vec<u32>,
}

impl<'a> Side<'a> {
    fn of(program: &'a Program) -> Self {
        let mut step = vec![NONE; program.places];
        for (at, each) in program.steps.iter().enumerate() {
            step[each.output as usize] = at as u32;
        }
        Self { program, step, number: vec![NONE; program.places] }
    }

    /// The numbers that a place follows from, and the steps in between in their order.
    /// Numbers in `open` are gone through although they are cut points.
    fn cone(&self, root: u32, cut: &[bool], open: &HashSet<u32>) -> Option<(Vec<u32>, Vec<u32>)> {
        let (mut leaves, mut steps) = (Vec::new(), Vec::new());
        let (mut seen, mut left) = (HashSet::from([root]), vec![root]);
        while let Some(place) = left.pop() {
            let number = self.number[place as usize];
            let opened = place == root || open.contains(&number);
            let stop = !opened || self.step[place as usize] == NONE;
            if number != NONE && cut[number as usize] && stop {
                leaves.push(number);
                continue;
            }
            let step = self.step[place as usize];
            if step == NONE || steps.len() == LARGEST {
                return None;
            }
            steps.push(step);
            for &read in &self.program.steps[step as usize].reads {
                if seen.insert(read) {
                    left.push(read);
                }
            }
        }
        steps.sort_unstable();
        leaves.sort_unstable();
        Some((leaves, steps))
    }

    /// The value of `root` for one word of values of the leaves.
    fn value(&self, root: u32, steps: &[u32], given: &HashMap<u32, u64>) -> u64 {
        let mut values: HashMap<u32, u64> = HashMap::new();
        let read = |values: &HashMap<u32, u64>, place: u32| {
            values
                .get(&place)
                .copied()
                .unwrap_or_else(|| given.get(&self.number[place as usize]).copied().unwrap_or(0))
        };
        for &at in steps {
            let Step { formula, reads, output } = &self.program.steps[at as usize];
            let inputs: Vec<u64> = reads.iter().map(|&place| read(&values, place)).collect();
            values.insert(*output, formula.word(&inputs));
        }
        read(&values, root)
    }
}

impl Side<'_> {
    /// The diagram of `root` over those of what it follows from.
    fn diagram(
        &self,
        made: &mut Diagrams,
        (root, steps): (u32, &[u32]),
        given: &HashMap<u32, u32>,
    ) -> Option<u32> {
        let mut values: HashMap<u32, u32> = HashMap::new();
        let read = |values: &HashMap<u32, u32>, place: u32| {
            values
                .get(&place)
                .or_else(|| given.get(&self.number[place as usize]))
                .copied()
                .unwrap_or(diagram::ZERO)
        };
        for &at in steps {
            let Step { formula, reads, output } = &self.program.steps[at as usize];
            let inputs: Vec<u32> = reads.iter().map(|&place| read(&values, place)).collect();
            values.insert(*output, made.formula(formula, &inputs)?);
        }
        Some(read(&values, root))
    }
}

/// A value that both designs have under one name.
struct Common {
    first: u32,
    second: u32,
    /// It is given, not computed.
    free: bool,
}

/// What a comparison of two places came to.
enum Agreement {
    /// They are equal for all values of these numbers; whether those were gone through.
    Equal(Vec<u32>, bool),
    /// They are not, unless the numbers depend on each other.
    Different,
    /// It would take too much.
    Unknown,
}

struct Cuts<'a> {
    pair: &'a Pair<'a>,
    first: Side<'a>,
    second: Side<'a>,
    common: Vec<Common>,
    cut: Vec<bool>,
    /// Numbers of constants, and their values.
    constants: HashMap<u32, bool>,
    /// Nodes of diagrams that may still be made.
    left: Cell<usize>,
}

impl<'a> Cuts<'a> {
    fn of(pair: &'a Pair<'a>) -> Self {
        let mut cuts = Self {
            pair,
            first: Side::of(pair.first),
            second: Side::of(pair.second),
            common: Vec::new(),
            cut: Vec::new(),
            constants: HashMap::new(),
            left: Cell::new(ALL_NODES),
        };
        for &(first, second) in &pair.variables {
            cuts.add(first, second, true);
        }
        for value in [false, true] {
            let of = |program: &Program| {
                program.constants.iter().find(|(_, one)| *one == value).map_or(NONE, |at| at.0)
            };
            let number = cuts.add(of(pair.first), of(pair.second), true);
            cuts.constants.insert(number, value);
        }
        let theirs: HashMap<&str, u32> =
            pair.second.computed.iter().map(|(name, place)| (name.as_str(), *place)).collect();
        for (name, place) in &pair.first.computed {
            if let Some(&other) = theirs.get(name.as_str())
                && cuts.first.step[*place as usize] != NONE
                && cuts.second.step[other as usize] != NONE
            {
                cuts.add(*place, other, false);
            }
        }
        cuts
    }

    fn add(&mut self, first: u32, second: u32, free: bool) -> u32 {
        let number = self.common.len() as u32;
        for (side, place) in [(&mut self.first, first), (&mut self.second, second)] {
            if place != NONE && side.number[place as usize] == NONE {
                side.number[place as usize] = number;
            }
        }
        self.common.push(Common { first, second, free });
        self.cut.push(true);
        number
    }

    fn prove(mut self, proof: &mut Proof) {
        let computed: Vec<u32> = (0..self.common.len() as u32)
            .filter(|&number| !self.common[number as usize].free)
            .collect();
        let mut leaves: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut wide: HashMap<u32, usize> = HashMap::new();
        loop {
            let mut changed = false;
            for &number in &computed {
                if !self.cut[number as usize] || self.holds(&leaves, number) {
                    continue;
                }
                let Common { first, second, .. } = self.common[number as usize];
                wide.remove(&number);
                if let Some((from, exhaustive)) = self.compare(first, second) {
                    if exhaustive {
                        wide.insert(number, from.len());
                    }
                    leaves.insert(number, from);
                } else {
                    self.cut[number as usize] = false;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        leaves.retain(|number, _| self.cut[*number as usize]);
        let sound = acyclic(&leaves);
        for &(name, a, b) in &self.pair.points {
            let found = self.known(a, b).or_else(|| self.compare(a, b));
            if (found.is_none() || !sound) && proof.open.len() < TOLD {
                proof.open.push(name.to_owned());
            }
            if let Some((from, exhaustive)) = found {
                proof.exact += usize::from(sound);
                if exhaustive && self.first.number[a as usize] == NONE {
                    proof.cones += 1;
                    proof.widest = proof.widest.max(from.len());
                }
            }
        }
        proof.cones += wide.len();
        proof.widest = proof.widest.max(wide.values().copied().max().unwrap_or(0));
    }

    /// Whether what was found of a number still stands on cut points.
    fn holds(&self, leaves: &HashMap<u32, Vec<u32>>, number: u32) -> bool {
        leaves.get(&number).is_some_and(|from| from.iter().all(|&leaf| self.cut[leaf as usize]))
    }

    /// `compare` of values that may be cut points themselves.
    fn known(&self, a: u32, b: u32) -> Option<(Vec<u32>, bool)> {
        let number = self.first.number[a as usize];
        let cut = number != NONE && self.cut[number as usize];
        if cut && self.second.number[b as usize] == number {
            return Some((vec![number], false));
        }
        if !cut {
            return None;
        }
        let (theirs, steps) = self.second.cone(b, &self.cut, &HashSet::new())?;
        match self.agree((a, &[number], &[]), (b, &theirs, &steps)) {
            Agreement::Equal(from, exhaustive) => Some((from, exhaustive)),
            Agreement::Different | Agreement::Unknown => None,
        }
    }

    /// The numbers that two places follow from, if they are equal for all their values; and
    /// whether that took going through them. Where one follows from a cut point that the
    /// other does not follow from, or cut points depend on each other, it is tried again
    /// with the last of them gone through.
    fn compare(&self, a: u32, b: u32) -> Option<(Vec<u32>, bool)> {
        const DEEPER: usize = 40;
        const OVERFLOWS: usize = 2;
        let (mut open, mut overflows) = (HashSet::new(), 0);
        for _ in 0..DEEPER {
            let (ours, our_steps) = self.first.cone(a, &self.cut, &open)?;
            let (theirs, their_steps) = self.second.cone(b, &self.cut, &open)?;
            match self.agree((a, &ours, &our_steps), (b, &theirs, &their_steps)) {
                Agreement::Equal(from, exhaustive) => return Some((from, exhaustive)),
                Agreement::Different => {}
                Agreement::Unknown => {
                    overflows += 1;
                    if overflows > OVERFLOWS {
                        return None;
                    }
                }
            }
            let computed = |leaf: &&u32| !self.common[**leaf as usize].free;
            // The steps of the first design are in order: the last leaf is above the others.
            let height = |leaf: &&u32| self.first.step[self.common[**leaf as usize].first as usize];
            let alone = |some: &'_ [u32], others: &[u32]| {
                let alone = some.iter().filter(|leaf| !others.contains(leaf));
                alone.filter(computed).max_by_key(height).copied()
            };
            // What only the second follows from may be a tap without influence: last.
            let last = alone(&ours, &theirs)
                .or_else(|| ours.iter().filter(computed).max_by_key(height).copied())
                .or_else(|| alone(&theirs, &ours));
            open.insert(last?);
        }
        None
    }

    fn agree(
        &self,
        (a, ours, our_steps): (u32, &[u32], &[u32]),
        (b, theirs, their_steps): (u32, &[u32], &[u32]),
    ) -> Agreement {
        if our_steps.is_empty() && their_steps.is_empty() {
            let same = ours == theirs;
            return if same {
                Agreement::Equal(ours.to_vec(), false)
            } else {
                Agreement::Different
            };
        }
        if self.same(our_steps, their_steps) {
            return Agreement::Equal(ours.to_vec(), false);
        }
        let mut leaves = ours.to_vec();
        leaves.extend(theirs);
        leaves.sort_unstable();
        leaves.dedup();
        let inputs: Vec<u32> =
            leaves.iter().copied().filter(|leaf| !self.constants.contains_key(leaf)).collect();
        let equal = if inputs.len() <= SMALL {
            Some(self.all_values((a, our_steps), (b, their_steps), &inputs))
        } else {
            self.diagrams((a, our_steps), (b, their_steps), &inputs)
        };
        match equal {
            Some(true) => Agreement::Equal(inputs, true),
            Some(false) => Agreement::Different,
            None => Agreement::Unknown,
        }
    }

    /// Whether two places are equal for all values of what they follow from.
    fn all_values(&self, a: (u32, &[u32]), b: (u32, &[u32]), inputs: &[u32]) -> bool {
        let mut given: HashMap<u32, u64> = self
            .constants
            .iter()
            .map(|(&number, &one)| (number, if one { u64::MAX } else { 0 }))
            .collect();
        (0..table::words(inputs.len())).all(|word| {
            for (at, &leaf) in inputs.iter().enumerate() {
                given.insert(leaf, table::variable(at, word));
            }
            let ours = self.first.value(a.0, a.1, &given);
            let theirs = self.second.value(b.0, b.1, &given);
            (ours ^ theirs) & table::mask(inputs.len()) == 0
        })
    }

    /// The same by decision diagrams; none where they grow too large.
    fn diagrams(&self, a: (u32, &[u32]), b: (u32, &[u32]), inputs: &[u32]) -> Option<bool> {
        if inputs.len() > WIDEST {
            return None;
        }
        let most = NODES.min(self.left.get());
        let mut made = Diagrams::new(most);
        let equal = self.by_diagrams(&mut made, a, b, inputs);
        self.left.set(self.left.get() - made.len().min(most));
        equal
    }

    fn by_diagrams(
        &self,
        made: &mut Diagrams,
        a: (u32, &[u32]),
        b: (u32, &[u32]),
        inputs: &[u32],
    ) -> Option<bool> {
        let mut given: HashMap<u32, u32> = self
            .constants
            .iter()
            .map(|(&number, &one)| (number, if one { diagram::ONE } else { diagram::ZERO }))
            .collect();
        // What is read first stands on top: neighbours in the design are neighbours there.
        for &step in a.1 {
            for &read in &self.pair.first.steps[step as usize].reads {
                let number = self.first.number[read as usize];
                if inputs.contains(&number) && !given.contains_key(&number) {
                    let variable = made.variable(given.len() as u32)?;
                    given.insert(number, variable);
                }
            }
        }
        for &leaf in inputs {
            if !given.contains_key(&leaf) {
                let variable = made.variable(given.len() as u32)?;
                given.insert(leaf, variable);
            }
        }
        let ours = self.first.diagram(made, a, &given)?;
        let theirs = self.second.diagram(made, b, &given)?;
        Some(ours == theirs)
    }

    /// Whether two cones are the same gate on the same values.
    fn same(&self, ours: &[u32], theirs: &[u32]) -> bool {
        let ([a], [b]) = (ours, theirs) else { return false };
        let (a, b) = (&self.pair.first.steps[*a as usize], &self.pair.second.steps[*b as usize]);
        let number = |side: &Side, places: &[u32]| -> Vec<u32> {
            places.iter().map(|&place| side.number[place as usize]).collect()
        };
        a.formula == b.formula && number(&self.first, &a.reads) == number(&self.second, &b.reads)
    }
}

/// Whether nothing that is proved stands on itself.
fn acyclic(leaves: &HashMap<u32, Vec<u32>>) -> bool {
    let mut waits: HashMap<u32, usize> = HashMap::new();
    let mut readers: HashMap<u32, Vec<u32>> = HashMap::new();
    for (&number, from) in leaves {
        let computed = from.iter().filter(|leaf| leaves.contains_key(leaf));
        waits.insert(number, computed.clone().count());
        for &leaf in computed {
            readers.entry(leaf).or_default().push(number);
        }
    }
    let mut ready: Vec<u32> =
        waits.iter().filter(|(_, left)| **left == 0).map(|(&number, _)| number).collect();
    let mut done = 0;
    while let Some(number) = ready.pop() {
        done += 1;
        for reader in readers.get(&number).into_iter().flatten() {
            if let Some(left) = waits.get_mut(reader) {
                *left -= 1;
                if *left == 0 {
                    ready.push(*reader);
                }
            }
        }
    }
    done == leaves.len()
}

#[cfg(test)]
mod tests;
