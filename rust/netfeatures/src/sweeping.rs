//! A design without the gates that change nothing.
//!
//! A Trojan can be hidden among gates that hand on what they are given: buffers, pairs of
//! inverters, `x & (x | y)`, `(x ^ y) ^ y`. Nets are therefore made nodes of a graph of ANDs
//! and XORs in which equal logic meets (structural hashing, and the rules for two levels of
//! Brummayer and Biere, MEMICS 2006). A gate whose output is a net that was there before goes,
//! and so does what nothing reads any more. All else stays as it is, so that features of
//! designs without such gates do not change.

use std::collections::HashMap;

use kaname_netlist::cell::{CellType, Family, Function, Gate, Role};
use kaname_netlist::design::{Design, NONE};

/// What is left of a design, and the place in it of each of its first cells: of another that
/// says the same where one of two went, `NONE` for those that only handed on or were not read.
#[derive(Debug)]
pub struct Swept {
    pub design: Design,
    pub place: Vec<u32>,
}

/// The design without gates that change nothing; nothing where there are none.
pub fn swept(design: &Design) -> Option<Swept> {
    let mut sweep = Sweep::new(design);
    sweep.unite();
    if !sweep.gone.contains(&true) {
        return None;
    }
    sweep.bury();
    Some(sweep.rest())
}

/// A node and whether it is inverted (lowest bit).
type Literal = u32;
const FALSE: Literal = 0;
const TRUE: Literal = 1;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Source,
    And(Literal, Literal),
    Xor(Literal, Literal),
}

struct Logic {
    nodes: Vec<Node>,
    known: HashMap<(bool, Literal, Literal), Literal, std::hash::BuildHasherDefault<Mixer>>,
    /// How many rules led to the one at hand: hostile designs would have it go on for ever.
    depth: u32,
}

const DEEPEST: u32 = 24;
/// Gates through which a net that is handed on is looked for.
const NEAR: u32 = 3;
const WIDEST: usize = 6;

/// Hashes small keys by one multiplication each.
#[derive(Default)]
struct Mixer(u64);

impl std::hash::Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(23) ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Logic {
    fn source(&mut self) -> Literal {
        self.nodes.push(Node::Source);
        (self.nodes.len() as u32 - 1) << 1
    }

    fn node(&self, literal: Literal) -> Node {
        self.nodes[(literal >> 1) as usize]
    }

    fn put(&mut self, xor: bool, a: Literal, b: Literal) -> Literal {
        let (a, b) = (a.min(b), a.max(b));
        let nodes = &mut self.nodes;
        *self.known.entry((xor, a, b)).or_insert_with(|| {
            nodes.push(if xor { Node::Xor(a, b) } else { Node::And(a, b) });
            (nodes.len() as u32 - 1) << 1
        })
    }

    fn or(&mut self, a: Literal, b: Literal) -> Literal {
        self.and(a ^ 1, b ^ 1) ^ 1
    }

    fn and(&mut self, a: Literal, b: Literal) -> Literal {
        if a == FALSE || b == FALSE || a == b ^ 1 {
            return FALSE;
        }
        if a == TRUE || a == b {
            return b;
        }
        if b == TRUE {
            return a;
        }
        if self.depth == DEEPEST {
            return self.put(false, a, b);
        }
        self.depth += 1;
        let found = self.simpler(a, b);
        self.depth -= 1;
        found.unwrap_or_else(|| self.put(false, a, b))
    }

    fn simpler(&mut self, a: Literal, b: Literal) -> Option<Literal> {
        if let Some(found) = self.beside(a, b).or_else(|| self.beside(b, a)) {
            return Some(found);
        }
        let (Node::And(a0, a1), Node::And(b0, b1)) = (self.node(a), self.node(b)) else {
            return None;
        };
        self.both((a & 1 == 1, [a0, a1]), (b & 1 == 1, [b0, b1]), a, b)
    }

    /// `a & b` by what `a` is made of.
    fn beside(&mut self, a: Literal, b: Literal) -> Option<Literal> {
        let inverted = a & 1 == 1;
        match self.node(a) {
            Node::And(x, y) if !inverted => {
                if x == b || y == b {
                    return Some(a);
                }
                (x == b ^ 1 || y == b ^ 1).then_some(FALSE)
            }
            Node::And(x, y) => {
                if x == b ^ 1 || y == b ^ 1 {
                    return Some(b);
                }
                let other = if x == b {
                    y
                } else if y == b {
                    x
                } else {
                    return None;
                };
                Some(self.and(b, other ^ 1))
            }
            Node::Xor(x, y) => {
                let other = if x == b & !1 {
                    y
                } else if y == b & !1 {
                    x
                } else {
                    return None;
                };
                Some(self.and(b, other ^ 1 ^ (b & 1) ^ (a & 1)))
            }
            Node::Source => None,
        }
    }

    /// The conjunction of two ANDs, each of which may be inverted.
    fn both(
        &mut self,
        (not_a, of_a): (bool, [Literal; 2]),
        (not_b, of_b): (bool, [Literal; 2]),
        a: Literal,
        b: Literal,
    ) -> Option<Literal> {
        let opposite = of_a.iter().any(|x| of_b.contains(&(x ^ 1)));
        match (not_a, not_b) {
            (false, false) => opposite.then_some(FALSE),
            (false, true) => self.implied(of_a, of_b, a, opposite),
            (true, false) => self.implied(of_b, of_a, b, opposite),
            (true, true) => {
                let [x, y] = of_a;
                if of_b.contains(&(x ^ 1)) && of_b.contains(&(y ^ 1)) {
                    return Some(self.xor(x, y));
                }
                for (same, other) in [(x, y), (y, x)] {
                    if of_b.contains(&same) && of_b.contains(&(other ^ 1)) {
                        return Some(same ^ 1);
                    }
                }
                None
            }
        }
    }

    /// `a & !(of_b)` where `a` is the AND of `of_a`.
    fn implied(
        &mut self,
        of_a: [Literal; 2],
        of_b: [Literal; 2],
        a: Literal,
        opposite: bool,
    ) -> Option<Literal> {
        if opposite {
            return Some(a);
        }
        for (same, other) in [(of_b[0], of_b[1]), (of_b[1], of_b[0])] {
            if of_a.contains(&same) {
                return Some(self.and(a, other ^ 1));
            }
        }
        None
    }

    fn xor(&mut self, a: Literal, b: Literal) -> Literal {
        let inverted = (a ^ b) & 1;
        let (a, b) = (a & !1, b & !1);
        if a == b {
            return inverted;
        }
        if a == FALSE || b == FALSE {
            return a ^ b ^ inverted;
        }
        if self.depth == DEEPEST {
            return self.put(true, a, b) ^ inverted;
        }
        self.depth += 1;
        let found = self.difference(a, b);
        self.depth -= 1;
        found.unwrap_or_else(|| self.put(true, a, b)) ^ inverted
    }

    /// `a ^ b`, neither of them inverted, by what they are made of.
    fn difference(&mut self, a: Literal, b: Literal) -> Option<Literal> {
        for (one, other) in [(a, b), (b, a)] {
            match self.node(one) {
                Node::Xor(x, y) if x == other => return Some(y),
                Node::Xor(x, y) if y == other => return Some(x),
                Node::And(x, y) if x & !1 == other || y & !1 == other => {
                    let (own, rest) = if x & !1 == other { (x, y) } else { (y, x) };
                    // own & rest, against own: own & !rest, inverted where own is.
                    return Some(self.and(own, rest ^ 1) ^ (own & 1));
                }
                _ => {}
            }
        }
        if let (Node::Xor(x, y), Node::Xor(v, w)) = (self.node(a), self.node(b)) {
            for (same, rest) in [(x, y), (y, x)] {
                if same == v || same == w {
                    return Some(self.xor(rest, if same == v { w } else { v }));
                }
            }
        }
        None
    }

    /// A table over literals, by its last input first.
    fn table(&mut self, bits: u64, inputs: &[Literal]) -> Literal {
        let Some((&last, rest)) = inputs.split_last() else {
            return if bits & 1 == 1 { TRUE } else { FALSE };
        };
        let half = 1u32 << rest.len();
        let low = if half == 64 { bits } else { bits & ((1 << half) - 1) };
        let high = if half >= 64 { 0 } else { bits >> half & mask(half) };
        if last == FALSE {
            return self.table(low, rest);
        }
        if last == TRUE {
            return self.table(high, rest);
        }
        if let Some(at) = rest.iter().position(|each| each & !1 == last & !1) {
            let same = rest[at] == last;
            let take = |index: u32| {
                let set = index >> at & 1 == 1;
                (if set == same { high } else { low }) >> index & 1
            };
            let merged = (0..half).fold(0, |found, index| found | take(index) << index);
            return self.table(merged, rest);
        }
        if low == high {
            return self.table(low, rest);
        }
        if low == !high & mask(half) {
            let below = self.table(low, rest);
            return self.xor(below, last);
        }
        if low == 0 {
            let above = self.table(high, rest);
            return self.and(above, last);
        }
        if high == 0 {
            let below = self.table(low, rest);
            return self.and(below, last ^ 1);
        }
        if low == mask(half) {
            let above = self.table(high, rest);
            return self.or(above, last ^ 1);
        }
        if high == mask(half) {
            let below = self.table(low, rest);
            return self.or(below, last);
        }
        let (below, above) = (self.table(low, rest), self.table(high, rest));
        let (below, above) = (self.and(below, last ^ 1), self.and(above, last));
        self.or(below, above)
    }
}

fn mask(bits: u32) -> u64 {
    if bits >= 64 { u64::MAX } else { (1 << bits) - 1 }
}

/// The output pin of a cell that is one known function of its inputs.
fn single(kind: &CellType) -> Option<usize> {
    let mut outputs = kind.pins.iter().enumerate().filter(|(_, pin)| pin.role == Role::Output);
    let (at, pin) = outputs.next()?;
    let known = matches!(pin.function, Some(Function::Table { .. } | Function::Wide { .. }));
    let plain = !kind.keeps()
        && !matches!(
            kind.family,
            Family::Tristate | Family::Constant | Family::FlipFlop | Family::Latch
        );
    (outputs.next().is_none() && known && plain).then_some(at)
}

struct Sweep<'a> {
    design: &'a Design,
    /// By type, the pin of its only output, where it is a gate.
    gate: Vec<Option<usize>>,
    driver: Vec<u32>,
    several: Vec<bool>,
    /// Nets that clocks, resets or scan chains read, or nothing: they are kept as they are.
    held: Vec<bool>,
    alias: Vec<u32>,
    gone: Vec<bool>,
}

impl<'a> Sweep<'a> {
    fn new(design: &'a Design) -> Self {
        let nets = design.nets as usize;
        let mut found = Self {
            design,
            gate: design.types.iter().map(single).collect(),
            driver: vec![NONE; nets],
            several: vec![false; nets],
            held: vec![false; nets],
            alias: (0..design.nets).collect(),
            gone: vec![false; design.len()],
        };
        for cell in 0..design.len() as u32 {
            for (pin, &net) in design.cell(cell).pins.iter().zip(design.pins(cell)) {
                let Some(at) = (net != NONE).then_some(net as usize) else { continue };
                match pin.role {
                    Role::Output if found.driver[at] == NONE => found.driver[at] = cell,
                    Role::Output => found.several[at] = true,
                    Role::Clock | Role::Reset | Role::Scan => found.held[at] = true,
                    _ => {}
                }
            }
        }
        // What nothing reads stays, or all that leads there would go with it: a chain that heats.
        let mut read = vec![false; nets];
        for cell in 0..design.len() as u32 {
            for (pin, &net) in design.cell(cell).pins.iter().zip(design.pins(cell)) {
                if net != NONE && pin.role != Role::Output {
                    read[net as usize] = true;
                }
            }
        }
        design.outputs.iter().for_each(|net| read[*net as usize] = true);
        found.held.iter_mut().zip(&read).for_each(|(held, read)| *held |= !read);
        for &net in &design.inputs {
            found.several[net as usize] |= found.driver[net as usize] != NONE;
        }
        found
    }

    /// The net that a gate drives, where it is the only one that does.
    fn output(&self, cell: u32) -> Option<u32> {
        let at = self.gate[self.design.cells[cell as usize] as usize]?;
        let net = self.design.pins(cell)[at];
        (net != NONE && !self.several[net as usize]).then_some(net)
    }

    fn inputs(&self, cell: u32) -> impl Iterator<Item = u32> {
        let at = self.gate[self.design.cells[cell as usize] as usize];
        let pins = self.design.pins(cell).iter().enumerate();
        pins.filter(move |(pin, net)| Some(*pin) != at && **net != NONE).map(|(_, net)| *net)
    }

    /// Gates in the order of their levels; those in loops, and behind them, are left out.
    fn levels(&self) -> Vec<u32> {
        let cells = self.design.len() as u32;
        let from = |net: u32| {
            let cell = self.driver[net as usize];
            (cell != NONE && self.output(cell) == Some(net)).then_some(cell)
        };
        let mut waits = vec![0u32; cells as usize];
        let readers = crate::graph::Rows::gather(cells as usize, |give| {
            for cell in (0..cells).filter(|cell| self.output(*cell).is_some()) {
                self.inputs(cell).filter_map(from).for_each(|source| give(source, cell));
            }
        });
        for &reader in &readers.values {
            waits[reader as usize] += 1;
        }
        let ready = |cell: &u32| self.output(*cell).is_some() && waits[*cell as usize] == 0;
        let mut order: Vec<u32> = (0..cells).filter(ready).collect();
        let mut at = 0;
        while let Some(&cell) = order.get(at) {
            at += 1;
            for &reader in readers.of(cell) {
                waits[reader as usize] -= 1;
                if waits[reader as usize] == 0 {
                    order.push(reader);
                }
            }
        }
        order
    }

    /// Find the gates whose output is a net that there was before.
    fn unite(&mut self) {
        let design = self.design;
        let order = self.levels();
        let mut logic = Logic { nodes: vec![Node::Source], known: HashMap::default(), depth: 0 };
        logic.known.reserve(2 * order.len());
        let mut literal = vec![NONE; design.nets as usize];
        for (net, value) in [(design.zero, FALSE), (design.one, TRUE)] {
            if let Some(net) = net {
                literal[net as usize] = value;
            }
        }
        let mut made = vec![false; design.nets as usize];
        for &cell in &order {
            if let Some(net) = self.output(cell) {
                made[net as usize] = true;
            }
        }
        for net in 0..design.nets as usize {
            if !made[net] && literal[net] == NONE {
                literal[net] = logic.source();
            }
        }
        let mut first: Vec<u32> = vec![NONE; 2 * logic.nodes.len()];
        for (net, &at) in literal.iter().enumerate() {
            if at != NONE {
                first[at as usize] = net as u32;
            }
        }
        for &cell in &order {
            let Some(net) = self.output(cell) else { continue };
            let value = self.value(&mut logic, &literal, cell);
            literal[net as usize] = value;
            first.resize(first.len().max(2 * logic.nodes.len()), NONE);
            let there = first[value as usize];
            if there == NONE {
                first[value as usize] = net;
            } else if !self.held[net as usize] {
                self.alias[net as usize] = there;
                self.gone[cell as usize] = true;
            }
        }
    }

    fn value(&self, logic: &mut Logic, literal: &[Literal], cell: u32) -> Literal {
        let kind = self.design.cell(cell);
        let pins = self.design.pins(cell);
        let output = self.gate[self.design.cells[cell as usize] as usize].unwrap_or_default();
        let read = |logic: &mut Logic, at: u8| match pins[usize::from(at)] {
            NONE => logic.source(),
            net => literal[net as usize],
        };
        match &kind.pins[output].function {
            Some(Function::Table { inputs, bits }) if inputs.len() <= 6 => {
                let mut values = [FALSE; 6];
                for (value, &at) in values.iter_mut().zip(inputs) {
                    *value = read(logic, at);
                }
                logic.table(*bits, &values[..inputs.len()])
            }
            Some(Function::Wide { inputs, gate, inverted }) => {
                let mut values: Vec<Literal> = inputs.iter().map(|at| read(logic, *at)).collect();
                values.sort_unstable();
                let first = if *gate == Gate::And { TRUE } else { FALSE };
                let found = values.into_iter().fold(first, |sum, each| match gate {
                    Gate::And => logic.and(sum, each),
                    Gate::Or => logic.or(sum, each),
                    Gate::Xor => logic.xor(sum, each),
                });
                found ^ u32::from(*inverted)
            }
            _ => logic.source(),
        }
    }

    /// Let go of gates whose readers have all gone.
    fn bury(&mut self) {
        let design = self.design;
        let mut reads = vec![0u32; design.nets as usize];
        let mut before = vec![0u32; design.nets as usize];
        for cell in 0..design.len() as u32 {
            for (pin, &net) in design.cell(cell).pins.iter().zip(design.pins(cell)) {
                if net != NONE && pin.role != Role::Output {
                    before[net as usize] += 1;
                    if !self.gone[cell as usize] {
                        reads[self.alias[net as usize] as usize] += 1;
                    }
                }
            }
        }
        for &net in &design.outputs {
            reads[self.alias[net as usize] as usize] += 1;
        }
        let dies = |gone: &[bool], reads: &[u32], net: u32, cell: u32| {
            !gone[cell as usize] && reads[net as usize] == 0 && before[net as usize] > 0
        };
        let mut left: Vec<u32> = (0..design.len() as u32).collect();
        while let Some(cell) = left.pop() {
            let Some(net) = self.output(cell) else { continue };
            if !dies(&self.gone, &reads, net, cell) {
                continue;
            }
            self.gone[cell as usize] = true;
            for net in self.inputs(cell).collect::<Vec<u32>>() {
                let net = self.alias[net as usize] as usize;
                reads[net] -= 1;
                if reads[net] == 0 && self.driver[net] != NONE {
                    left.push(self.driver[net]);
                }
            }
        }
    }

    /// The cell that says what a cell that went said, from elsewhere.
    fn twin(&self, cell: u32) -> Option<u32> {
        let net = self.output(cell)?;
        let same = self.alias[net as usize];
        let other = self.driver[same as usize];
        let elsewhere = same != net && other != NONE && !self.hands_on(cell, same, NEAR);
        elsewhere.then_some(other)
    }

    /// Whether a net that a cell says is among what it reads, so many gates back.
    fn hands_on(&self, cell: u32, net: u32, steps: u32) -> bool {
        // Nobody hands on through a wide gate, and looking behind all of its pins takes long.
        self.inputs(cell).take(WIDEST).any(|input| {
            let driver = self.driver[input as usize];
            let further = steps > 0 && driver != NONE && self.output(driver) == Some(input);
            self.alias[input as usize] == net || further && self.hands_on(driver, net, steps - 1)
        })
    }

    fn rest(self) -> Swept {
        let old = self.design;
        let mut design = Design {
            name: old.name.clone(),
            types: old.types.clone(),
            nets: old.nets,
            inputs: old.inputs.clone(),
            outputs: old.outputs.iter().map(|net| self.alias[*net as usize]).collect(),
            zero: old.zero,
            one: old.one,
            pin_start: vec![0],
            net_names: old.net_names.clone(),
            ..Design::default()
        };
        let mut place = vec![NONE; old.len()];
        for cell in (0..old.len()).filter(|cell| !self.gone[*cell]) {
            place[cell] = design.cells.len() as u32;
            design.cells.push(old.cells[cell]);
            if !old.instance_names.is_empty() {
                design.instance_names.push(old.instance_names.get(cell as u32));
            }
            let kind = old.cell(cell as u32);
            for (pin, &net) in kind.pins.iter().zip(old.pins(cell as u32)) {
                let stays = net == NONE || pin.role == Role::Output;
                design.pin_net.push(if stays { net } else { self.alias[net as usize] });
            }
            design.pin_start.push(design.pin_net.len() as u32);
        }
        let twins: Vec<(usize, u32)> = (0..old.len())
            .filter(|cell| self.gone[*cell])
            .filter_map(|cell| Some((cell, place[self.twin(cell as u32)? as usize])))
            .collect();
        for (cell, twin) in twins {
            place[cell] = twin;
        }
        Swept { design, place }
    }
}
