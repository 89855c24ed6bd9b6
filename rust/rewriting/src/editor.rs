//! A design that is being rewritten: cells come and go, nets stay what they are.

use std::sync::Arc;

use kaname_netlist::cell::{CellType, Family, Function, Role};
use kaname_netlist::design::{Design, NONE, Names};

use crate::circuit::Circuit;
use crate::library::Library;
use crate::program::looped;
use crate::table::{Formula, Small};

/// A cell of the design, or one that was.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not exclude each other")]
pub struct Slot {
    pub kind: u32,
    pub pins: Vec<u32>,
    /// The instance of the first design that this is, or that it stands for.
    pub origin: u32,
    /// Whether it still is that instance, and keeps its name.
    pub original: bool,
    pub trojan: bool,
    pub alive: bool,
    /// Of a flip-flop: it keeps the opposite of what it kept.
    pub inverted: bool,
}

/// Why a rewriting was not made; nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The truth tables differ: the rule is wrong.
    NotEqual,
    /// No cell of the design and no primitive has a wanted function.
    NoCell,
    /// It does not apply to this cell, or not any more.
    Unfit,
    /// A net would depend on itself.
    Loop,
}

#[derive(Clone, Debug)]
pub struct Editor {
    pub base: Arc<Design>,
    pub library: Library,
    pub slots: Vec<Slot>,
    pub nets: u32,
    /// Pins of slots that read each net.
    loads: Vec<Vec<(u32, u16)>>,
    drivers: Vec<Option<(u32, u16)>>,
    /// Nets that leave the design.
    leaving: Vec<bool>,
    /// Nets that more than one cell drives: they stay as they are.
    contested: Vec<bool>,
    /// Nets that depend on themselves without a flip-flop between: what such a net is follows
    /// from its own value, so no gate may read a copy of what drives it in its place.
    looped: Vec<bool>,
    alive: usize,
}

impl Editor {
    /// `trojan` says for each instance whether it may be rewritten.
    pub fn new(base: &Arc<Design>, trojan: &[bool]) -> Self {
        let mut used = vec![0; base.types.len()];
        for &kind in &base.cells {
            used[kind as usize] += 1;
        }
        let nets = base.nets as usize;
        let mut editor = Self {
            library: Library::new(base.types.clone(), &used),
            slots: Vec::with_capacity(base.len()),
            nets: base.nets,
            loads: vec![Vec::new(); nets],
            drivers: vec![None; nets],
            leaving: vec![false; nets],
            contested: vec![false; nets],
            looped: vec![false; nets],
            alive: 0,
            base: Arc::clone(base),
        };
        for &net in &base.outputs {
            editor.leaving[net as usize] = true;
        }
        for net in looped(base) {
            editor.looped[net as usize] = true;
        }
        for instance in 0..base.len() as u32 {
            editor.place(Slot {
                kind: base.cells[instance as usize],
                pins: base.pins(instance).to_vec(),
                origin: instance,
                original: true,
                trojan: trojan.get(instance as usize).copied().unwrap_or(false),
                alive: true,
                inverted: false,
            });
        }
        editor
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.alive
    }

    pub fn is_empty(&self) -> bool {
        self.alive == 0
    }

    pub fn cell(&self, slot: u32) -> &CellType {
        &self.library.types[self.slots[slot as usize].kind as usize]
    }

    pub fn driver(&self, net: u32) -> Option<(u32, u16)> {
        self.drivers.get(net as usize).copied().flatten()
    }

    pub fn loads(&self, net: u32) -> &[(u32, u16)] {
        &self.loads[net as usize]
    }

    /// Whether a net has to keep its driver: it leaves the design.
    pub fn leaves(&self, net: u32) -> bool {
        self.leaving[net as usize]
    }

    fn place(&mut self, slot: Slot) -> u32 {
        let at = self.slots.len() as u32;
        let roles: Vec<Role> =
            self.library.types[slot.kind as usize].pins.iter().map(|pin| pin.role).collect();
        for (pin, (&net, role)) in slot.pins.iter().zip(roles).enumerate() {
            if net == NONE {
                continue;
            }
            if role != Role::Output {
                self.loads[net as usize].push((at, pin as u16));
            } else if self.drivers[net as usize].is_some() {
                self.contested[net as usize] = true;
            } else {
                self.drivers[net as usize] = Some((at, pin as u16));
            }
        }
        self.alive += usize::from(slot.alive);
        self.slots.push(slot);
        at
    }

    fn remove(&mut self, slot: u32) {
        let pins = std::mem::take(&mut self.slots[slot as usize].pins);
        for &net in pins.iter().filter(|&&net| net != NONE) {
            self.loads[net as usize].retain(|&(reader, _)| reader != slot);
            if self.drivers[net as usize].is_some_and(|(driver, _)| driver == slot) {
                self.drivers[net as usize] = None;
            }
        }
        self.slots[slot as usize].alive = false;
        self.alive -= 1;
    }

    /// Put a pin on another net.
    fn connect(&mut self, slot: u32, pin: u16, net: u32) {
        let output = self.cell(slot).pins[usize::from(pin)].role == Role::Output;
        let before = std::mem::replace(&mut self.slots[slot as usize].pins[usize::from(pin)], net);
        if output {
            if before != NONE && self.drivers[before as usize] == Some((slot, pin)) {
                self.drivers[before as usize] = None;
            }
            if net != NONE {
                self.drivers[net as usize] = Some((slot, pin));
            }
            return;
        }
        if before != NONE {
            self.loads[before as usize].retain(|&load| load != (slot, pin));
        }
        if net != NONE {
            self.loads[net as usize].push((slot, pin));
        }
    }

    fn net(&mut self) -> u32 {
        self.loads.push(Vec::new());
        self.drivers.push(None);
        self.leaving.push(false);
        self.contested.push(false);
        self.looped.push(false);
        self.nets += 1;
        self.nets - 1
    }

    /// Outputs of a cell that are connected, with what they say: pin, formula, pins it reads.
    /// None where an output is no function of pins.
    pub fn functions(&self, slot: u32) -> Option<Vec<(u16, Formula, Vec<u8>)>> {
        let mut found = Vec::new();
        for (at, pin) in self.cell(slot).pins.iter().enumerate() {
            if pin.role == Role::Output {
                let (formula, inputs) = Formula::of(pin.function.as_ref()?)?;
                if self.slots[slot as usize].pins[at] != NONE {
                    found.push((at as u16, formula, inputs.to_vec()));
                }
            }
        }
        (!found.is_empty() && !self.cell(slot).keeps()).then_some(found)
    }

    /// Put `circuit` in the place of a cell. Its inputs are `pins` of the cell, its outputs
    /// the connected outputs of the cell in their order. Refused unless every output has the
    /// same truth table.
    ///
    /// # Errors
    /// `Refused`; nothing has changed then.
    pub fn replace(&mut self, slot: u32, pins: &[u8], circuit: &Circuit) -> Result<(), Refused> {
        let functions = self.functions(slot).ok_or(Refused::Unfit)?;
        let tables = circuit.tables().ok_or(Refused::Unfit)?;
        if circuit.inputs != pins.len() || tables.len() != functions.len() {
            return Err(Refused::Unfit);
        }
        for ((_, formula, reads), table) in functions.iter().zip(&tables) {
            if over(formula, reads, pins).as_ref() != Some(table) {
                return Err(Refused::NotEqual);
            }
        }
        let old = self.slots[slot as usize].clone();
        if functions.iter().any(|(pin, ..)| self.shared(old.pins[usize::from(*pin)], slot)) {
            return Err(Refused::Unfit);
        }
        let inputs: Vec<u32> = pins.iter().map(|&pin| old.pins[usize::from(pin)]).collect();
        if inputs.contains(&NONE) {
            return Err(Refused::Unfit);
        }
        let outputs: Vec<u32> =
            functions.iter().map(|(pin, ..)| old.pins[usize::from(*pin)]).collect();
        self.fitted(circuit)?;
        self.remove(slot);
        self.build(circuit, &inputs, &outputs, (old.origin, old.trojan))
    }

    /// Whether another cell drives the net, instead or too.
    fn shared(&self, net: u32, slot: u32) -> bool {
        self.contested[net as usize] || self.driver(net).is_none_or(|(driver, _)| driver != slot)
    }

    /// Put `circuit` between an output and its net; `extra` are its inputs from the second on.
    /// Refused unless it hands on its first input.
    ///
    /// # Errors
    /// `Refused`; nothing has changed then.
    pub fn pass_output(
        &mut self,
        (slot, pin): (u32, u16),
        circuit: &Circuit,
        extra: &[u32],
    ) -> Result<(), Refused> {
        let net = self.slots[slot as usize].pins[usize::from(pin)];
        passes(circuit, extra)?;
        if net == NONE || self.shared(net, slot) {
            return Err(Refused::Unfit);
        }
        if extra.iter().any(|&tap| self.depends(tap, net)) {
            return Err(Refused::Loop);
        }
        self.fitted(circuit)?;
        let made = self.net();
        self.connect(slot, pin, made);
        let inputs: Vec<u32> = std::iter::once(made).chain(extra.iter().copied()).collect();
        let Slot { origin, trojan, .. } = self.slots[slot as usize];
        self.build(circuit, &inputs, &[net], (origin, trojan))
    }

    /// Put `circuit` between a net and one pin that reads it, as `pass_output`. The new gates
    /// are of `owner`: a Trojan may tap a net that the rest of the design reads.
    ///
    /// # Errors
    /// `Refused`; nothing has changed then.
    pub fn pass_input(
        &mut self,
        (slot, pin): (u32, u16),
        circuit: &Circuit,
        extra: &[u32],
        owner: u32,
    ) -> Result<(), Refused> {
        let net = self.slots[slot as usize].pins[usize::from(pin)];
        passes(circuit, extra)?;
        if net == NONE {
            return Err(Refused::Unfit);
        }
        let outputs: Vec<u32> = self.outputs(slot);
        if extra.iter().any(|&tap| outputs.iter().any(|&out| self.depends(tap, out))) {
            return Err(Refused::Loop);
        }
        self.fitted(circuit)?;
        let made = self.net();
        self.connect(slot, pin, made);
        let inputs: Vec<u32> = std::iter::once(net).chain(extra.iter().copied()).collect();
        let Slot { origin, trojan, .. } = self.slots[owner as usize];
        self.build(circuit, &inputs, &[made], (origin, trojan))
    }

    /// The first net that a cell drives.
    pub fn first_output(&self, slot: u32) -> Option<u32> {
        self.outputs(slot).first().copied()
    }

    fn outputs(&self, slot: u32) -> Vec<u32> {
        let pins = self.cell(slot).pins.iter().zip(&self.slots[slot as usize].pins);
        pins.filter(|(pin, net)| pin.role == Role::Output && **net != NONE)
            .map(|(_, &net)| net)
            .collect()
    }

    /// A second cell that says the same, and half of what reads the first reads it.
    /// `choice` chooses which half.
    ///
    /// # Errors
    /// `Refused`; nothing has changed then.
    pub fn duplicate(&mut self, slot: u32, choice: u64) -> Result<(), Refused> {
        let functions = self.functions(slot).ok_or(Refused::Unfit)?;
        let [(pin, ..)] = functions[..] else { return Err(Refused::Unfit) };
        let net = self.slots[slot as usize].pins[usize::from(pin)];
        let loads = self.loads(net).to_vec();
        if loads.len() < 2 || self.shared(net, slot) || self.looped[net as usize] {
            return Err(Refused::Unfit);
        }
        let made = self.net();
        let mut copy = self.slots[slot as usize].clone();
        copy.pins[usize::from(pin)] = made;
        copy.original = false;
        self.place(copy);
        let turn = (choice % loads.len() as u64) as usize;
        for at in 0..loads.len() / 2 {
            let (reader, input) = loads[(at + turn) % loads.len()];
            self.connect(reader, input, made);
        }
        Ok(())
    }

    /// One cell for a cell and the cell that drives its pin `pin`, which nothing else reads.
    ///
    /// # Errors
    /// `Refused`; nothing has changed then.
    pub fn contract(&mut self, slot: u32, pin: u8) -> Result<(), Refused> {
        let (inner, inputs, table) = self.merged(slot, pin).ok_or(Refused::Unfit)?;
        let fit = self.library.find(table).ok_or(Refused::NoCell)?;
        let old = self.slots[slot as usize].clone();
        let output = self.outputs(slot)[0];
        let pins = self.library.types[fit.kind as usize].pins.len();
        let mut placed = vec![NONE; pins];
        placed[usize::from(fit.output)] = output;
        for (&to, &net) in fit.pins.iter().zip(&inputs) {
            placed[usize::from(to)] = net;
        }
        self.remove(slot);
        self.remove(inner);
        let slot = Slot { kind: fit.kind, pins: placed, original: false, ..old };
        self.place(slot);
        Ok(())
    }

    /// Whether `contract` would find a cell.
    pub fn contracts(&mut self, slot: u32, pin: u8) -> bool {
        self.merged(slot, pin).is_some_and(|(_, _, table)| self.library.find(table).is_some())
    }

    /// The driver of a pin, the nets that it and the cell read, and what they say together.
    fn merged(&self, slot: u32, pin: u8) -> Option<(u32, Vec<u32>, Small)> {
        let (outer_at, outer_reads, outer) = self.single(slot)?;
        let nets = &self.slots[slot as usize].pins;
        let net = nets[usize::from(pin)];
        let (inner_slot, _) = (net != NONE).then(|| self.driver(net)).flatten()?;
        let (_, inner_reads, inner) = self.single(inner_slot)?;
        let alone = self.loads(net).len() == 1 && !self.leaves(net) && inner_slot != slot;
        let alone = alone && !self.looped[net as usize];
        let same = self.slots[slot as usize].trojan == self.slots[inner_slot as usize].trojan;
        if !alone || !same || self.shared(nets[usize::from(outer_at)], slot) {
            return None;
        }
        let below = &self.slots[inner_slot as usize].pins;
        let mut inputs: Vec<u32> = Vec::new();
        let read = inner_reads.iter().map(|&at| below[usize::from(at)]);
        let rest = outer_reads.iter().map(|&at| nets[usize::from(at)]).filter(|&n| n != net);
        for each in read.chain(rest) {
            if each == NONE || each == nets[usize::from(outer_at)] {
                return None;
            }
            if !inputs.contains(&each) {
                inputs.push(each);
            }
        }
        if inputs.len() > 6 {
            return None;
        }
        let value = |wanted: u32| {
            let at = inputs.iter().position(|&each| each == wanted);
            at.map_or(0, |at| Small::variable(inputs.len(), at).bits)
        };
        let low: Vec<u64> = inner_reads.iter().map(|&at| value(below[usize::from(at)])).collect();
        let middle = inner.word(&low);
        let high: Vec<u64> = outer_reads
            .iter()
            .map(|&at| nets[usize::from(at)])
            .map(|each| if each == net { middle } else { value(each) })
            .collect();
        let table = Small::new(inputs.len(), outer.word(&high));
        Some((inner_slot, inputs, table))
    }

    /// The output, inputs and table of a cell that is one function.
    fn single(&self, slot: u32) -> Option<(u8, Vec<u8>, Small)> {
        let functions = self.functions(slot)?;
        let [(output, formula, reads)] = &functions[..] else { return None };
        if reads.len() > 6 || self.cell(slot).pins.iter().any(|pin| odd(pin.role)) {
            return None;
        }
        let table = Small::new(reads.len(), formula.bits(reads.len())[0]);
        Some((*output as u8, reads.clone(), table))
    }

    /// A flip-flop that keeps the opposite: inverters before and after, or the other of its
    /// two outputs. Only where nothing sets or scans it, or where set and reset can change
    /// places.
    ///
    /// # Errors
    /// `Refused`; nothing has changed then.
    pub fn invert_state(&mut self, slot: u32) -> Result<(), Refused> {
        let plan = self.inversion(slot).ok_or(Refused::Unfit)?;
        let inverter = self.library.find(Small::new(1, crate::circuit::plain::NOT));
        let inverter = inverter.ok_or(Refused::NoCell)?;
        let Slot { origin, trojan, .. } = self.slots[slot as usize];
        let pin_net = |editor: &Self, pin: u16| editor.slots[slot as usize].pins[usize::from(pin)];
        let data = pin_net(self, plan.data);
        let turned = self.net();
        self.invert(&inverter, data, turned, (origin, trojan));
        self.connect(slot, plan.data, turned);
        let (straight, opposite) = (plan.straight, plan.opposite);
        if let (Some(q), Some(qn)) = (straight, opposite) {
            let (net, other) = (pin_net(self, q), pin_net(self, qn));
            self.connect(slot, q, NONE);
            self.connect(slot, qn, net);
            self.connect(slot, q, other);
        } else if let Some(output) = straight.or(opposite) {
            let net = pin_net(self, output);
            if net != NONE {
                let kept = self.net();
                self.connect(slot, output, kept);
                self.invert(&inverter, kept, net, (origin, trojan));
            }
        }
        if let Some((reset, set)) = plan.exchange {
            let (a, b) = (pin_net(self, reset), pin_net(self, set));
            self.connect(slot, reset, b);
            self.connect(slot, set, a);
        }
        let inverted = &mut self.slots[slot as usize].inverted;
        *inverted = !*inverted;
        Ok(())
    }

    fn invert(&mut self, fit: &crate::library::Fit, from: u32, to: u32, whose: (u32, bool)) {
        let mut pins = vec![NONE; self.library.types[fit.kind as usize].pins.len()];
        pins[usize::from(fit.output)] = to;
        pins[usize::from(fit.pins[0])] = from;
        let (origin, trojan) = whose;
        self.place(Slot {
            kind: fit.kind,
            pins,
            origin,
            original: false,
            trojan,
            alive: true,
            inverted: false,
        });
    }

    /// How a flip-flop is inverted, if it can be; what it costs is `Inversion::added`.
    pub fn inversion(&self, slot: u32) -> Option<Inversion> {
        let (cell, nets) = (self.cell(slot), &self.slots[slot as usize].pins);
        let Some(Function::Table { inputs, bits }) = &cell.next else { return None };
        if cell.family != Family::FlipFlop || inputs.len() != 1 || bits & 3 != 0b10 {
            return None;
        }
        let mut plan = Inversion { data: u16::from(inputs[0]), ..Inversion::default() };
        let (mut resets, mut usable) = (Vec::new(), true);
        for (at, (pin, &net)) in cell.pins.iter().zip(nets).enumerate() {
            let at = at as u16;
            match (pin.role, &pin.function) {
                (Role::Output, Some(Function::State { inverted })) => {
                    let place = if *inverted { &mut plan.opposite } else { &mut plan.straight };
                    usable &= place.is_none() && (net == NONE || !self.shared(net, slot));
                    *place = Some(at);
                }
                (Role::Output, _) => usable = false,
                (Role::Scan | Role::Enable, _) => usable &= net == NONE,
                (Role::Data, _) => usable &= at == plan.data && net != NONE,
                (Role::Reset, _) => resets.push(at),
                (Role::Clock | Role::Power, _) => {}
            }
        }
        plan.exchange = self.exchange(slot, &resets)?;
        usable.then_some(plan)
    }

    /// Reset and set that change places: RN and SN, both low active, of which one is tied
    /// high (which of two active ones wins is not known). `Some(None)`: there is neither.
    #[expect(clippy::option_option, reason = "unfit, fit without and fit with are three answers")]
    fn exchange(&self, slot: u32, resets: &[u16]) -> Option<Option<(u16, u16)>> {
        let (cell, nets) = (self.cell(slot), &self.slots[slot as usize].pins);
        if resets.iter().all(|&at| nets[usize::from(at)] == NONE) {
            return Some(None);
        }
        let named =
            |name: &str| resets.iter().copied().find(|&at| cell.pins[usize::from(at)].name == name);
        let (reset, set) = (named("RN")?, named("SN")?);
        let idle = |at: u16| self.base.one == Some(nets[usize::from(at)]);
        (resets.len() == 2 && (idle(reset) || idle(set))).then_some(Some((reset, set)))
    }

    /// Whether the value of `net` follows from `from` without a flip-flop between.
    pub fn depends(&self, net: u32, from: u32) -> bool {
        let (mut seen, mut left) = (std::collections::HashSet::from([from]), vec![from]);
        while let Some(at) = left.pop() {
            if at == net {
                return true;
            }
            for &(slot, _) in self.loads(at) {
                if self.cell(slot).family == Family::FlipFlop {
                    continue;
                }
                for output in self.outputs(slot) {
                    if seen.insert(output) {
                        left.push(output);
                    }
                }
            }
        }
        false
    }

    /// Cells for all gates of a circuit, or none at all.
    fn fitted(&mut self, circuit: &Circuit) -> Result<(), Refused> {
        for gate in &circuit.gates {
            self.library.find(gate.table).ok_or(Refused::NoCell)?;
        }
        Ok(())
    }

    fn build(
        &mut self,
        circuit: &Circuit,
        inputs: &[u32],
        outputs: &[u32],
        (origin, trojan): (u32, bool),
    ) -> Result<(), Refused> {
        let mut nets = inputs.to_vec();
        for at in 0..circuit.gates.len() {
            let place = (inputs.len() + at) as u16;
            let output = circuit.outputs.iter().position(|&each| each == place);
            let net = output.map_or_else(|| self.net(), |output| outputs[output]);
            nets.push(net);
        }
        for (at, gate) in circuit.gates.iter().enumerate() {
            let fit = self.library.find(gate.table).ok_or(Refused::NoCell)?;
            let mut pins = vec![NONE; self.library.types[fit.kind as usize].pins.len()];
            pins[usize::from(fit.output)] = nets[inputs.len() + at];
            for (&to, &from) in fit.pins.iter().zip(&gate.inputs) {
                pins[usize::from(to)] = nets[usize::from(from)];
            }
            self.place(Slot {
                kind: fit.kind,
                pins,
                origin,
                original: false,
                trojan,
                alive: true,
                inverted: false,
            });
        }
        Ok(())
    }

    /// The design as it is now; the slots of its instances, in their order.
    pub fn design(&self) -> (Design, Vec<u32>) {
        let base = &self.base;
        let taken = |names: &Names| -> std::collections::HashSet<String> {
            (0..names.len() as u32).map(|at| names.get(at).to_owned()).collect()
        };
        let mut design = Design {
            name: base.name.clone(),
            types: self.library.types.clone(),
            nets: self.nets,
            inputs: base.inputs.clone(),
            outputs: base.outputs.clone(),
            zero: base.zero,
            one: base.one,
            net_names: base.net_names.clone(),
            pin_start: vec![0],
            ..Design::default()
        };
        let mut fresh = Fresh { taken: taken(&base.net_names), next: 0, prefix: 'n' };
        for _ in base.nets..self.nets {
            design.net_names.push(&fresh.name());
        }
        let mut fresh = Fresh { taken: taken(&base.instance_names), next: 0, prefix: 'g' };
        let mut slots = Vec::with_capacity(self.alive);
        for (at, slot) in self.slots.iter().enumerate().filter(|(_, slot)| slot.alive) {
            design.cells.push(slot.kind);
            design.pin_net.extend(&slot.pins);
            design.pin_start.push(design.pin_net.len() as u32);
            if slot.original && !base.instance_names.is_empty() {
                design.instance_names.push(base.instance_names.get(slot.origin));
            } else {
                design.instance_names.push(&fresh.name());
            }
            slots.push(at as u32);
        }
        (design, slots)
    }
}

/// What it takes to make a flip-flop keep the opposite.
#[derive(Clone, Debug, Default)]
pub struct Inversion {
    data: u16,
    straight: Option<u16>,
    opposite: Option<u16>,
    exchange: Option<(u16, u16)>,
}

impl Inversion {
    pub fn added(&self) -> usize {
        if self.straight.is_some() && self.opposite.is_some() { 1 } else { 2 }
    }
}

/// Names that nothing has yet, and that say nothing.
struct Fresh {
    taken: std::collections::HashSet<String>,
    next: usize,
    prefix: char,
}

impl Fresh {
    fn name(&mut self) -> String {
        loop {
            let name = format!("{}{}", self.prefix, self.next);
            self.next += 1;
            if !self.taken.contains(&name) {
                return name;
            }
        }
    }
}

fn odd(role: Role) -> bool {
    !matches!(role, Role::Output | Role::Data | Role::Power)
}

/// The table of a formula over `pins`, where it reads some of them.
fn over(formula: &Formula, reads: &[u8], pins: &[u8]) -> Option<Vec<u64>> {
    if pins.len() > crate::table::MOST {
        return None;
    }
    let places: Option<Vec<usize>> =
        reads.iter().map(|read| pins.iter().position(|pin| pin == read)).collect();
    let places = places?;
    let word = |word| {
        let values: Vec<u64> = places.iter().map(|&at| crate::table::variable(at, word)).collect();
        formula.word(&values) & crate::table::mask(pins.len())
    };
    Some((0..crate::table::words(pins.len())).map(word).collect())
}

/// Whether a circuit hands on its first input, over all values of all of them.
fn passes(circuit: &Circuit, extra: &[u32]) -> Result<(), Refused> {
    if circuit.inputs != 1 + extra.len() || extra.contains(&NONE) {
        return Err(Refused::Unfit);
    }
    let tables = circuit.tables().ok_or(Refused::Unfit)?;
    let first: Vec<u64> = (0..crate::table::words(circuit.inputs))
        .map(|word| crate::table::variable(0, word) & crate::table::mask(circuit.inputs))
        .collect();
    if tables == [first] { Ok(()) } else { Err(Refused::NotEqual) }
}
