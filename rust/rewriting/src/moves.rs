//! The rules by name, where each applies, and what it costs.

use kaname_netlist::cell::{Family, Role};
use kaname_netlist::design::NONE;

use crate::circuit::{Circuit, plain};
use crate::editor::{Editor, Refused};
use crate::expression::{self, Expression};
use crate::forms::{Passing, Shape, Style, circuit};
use crate::random::Random;
use crate::table::{Formula, Small};

/// A kind of rewriting. The comments say what becomes of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Rule {
    /// A balanced tree of two-input gates.
    TreeBalanced,
    /// A chain of two-input gates.
    TreeChain,
    /// AND as NOR of opposites, OR as NAND of opposites.
    DeMorgan,
    /// NANDs and inverters; XOR as four NANDs.
    NandForm,
    /// NORs and inverters.
    NorForm,
    /// XOR as AND, OR and inverters.
    XorAndOr,
    /// `x ? f : g` by one of its inputs.
    MuxExpansion,
    /// Products, then their sum: AOI, majority and adders taken apart.
    SumOfProducts,
    /// Sums, then their product.
    ProductOfSums,
    /// The cell of the opposite function and an inverter.
    Complement,
    /// One cell for this and the one that drives it: AOI, OAI, multiplexers put together,
    /// inverters absorbed.
    Contraction,
    /// Two inputs that may change places do.
    PinSwap,
    /// A second such cell, which half of the readers read.
    Duplicate,
    /// A flip-flop that keeps the opposite.
    StateInversion,
    /// A buffer behind the output.
    BufferOutput,
    TwoInvertersOutput,
    SameOutput,
    AndTrueOutput,
    OrFalseOutput,
    AbsorbAndOutput,
    AbsorbOrOutput,
    TwoXorsOutput,
    MuxOutput,
    AndOrCellOutput,
    OrAndCellOutput,
    /// A buffer before an input.
    BufferInput,
    TwoInvertersInput,
    AndTrueInput,
    OrFalseInput,
    AbsorbAndInput,
    AbsorbOrInput,
    TwoXorsInput,
    /// `y | (y & x)` before an input of another cell, where `x` is the output of this one.
    TapOr,
    /// `y & (y | x)`.
    TapAnd,
    /// `(y ^ x) ^ x`.
    TapXor,
}

use Rule::{
    AbsorbAndInput, AbsorbAndOutput, AbsorbOrInput, AbsorbOrOutput, AndOrCellOutput, AndTrueInput,
    AndTrueOutput, BufferInput, BufferOutput, Complement, Contraction, DeMorgan, Duplicate,
    MuxExpansion, MuxOutput, NandForm, NorForm, OrAndCellOutput, OrFalseInput, OrFalseOutput,
    PinSwap, ProductOfSums, SameOutput, StateInversion, SumOfProducts, TapAnd, TapOr, TapXor,
    TreeBalanced, TreeChain, TwoInvertersInput, TwoInvertersOutput, TwoXorsInput, TwoXorsOutput,
    XorAndOr,
};

/// Every rule with its name, in the order of its number.
pub const RULES: [(Rule, &str); 35] = [
    (TreeBalanced, "tree_balanced"),
    (TreeChain, "tree_chain"),
    (DeMorgan, "de_morgan"),
    (NandForm, "nand_form"),
    (NorForm, "nor_form"),
    (XorAndOr, "xor_and_or"),
    (MuxExpansion, "mux_expansion"),
    (SumOfProducts, "sum_of_products"),
    (ProductOfSums, "product_of_sums"),
    (Complement, "complement"),
    (Contraction, "contraction"),
    (PinSwap, "pin_swap"),
    (Duplicate, "duplicate"),
    (StateInversion, "state_inversion"),
    (BufferOutput, "buffer_output"),
    (TwoInvertersOutput, "two_inverters_output"),
    (SameOutput, "same_output"),
    (AndTrueOutput, "and_true_output"),
    (OrFalseOutput, "or_false_output"),
    (AbsorbAndOutput, "absorb_and_output"),
    (AbsorbOrOutput, "absorb_or_output"),
    (TwoXorsOutput, "two_xors_output"),
    (MuxOutput, "mux_output"),
    (AndOrCellOutput, "and_or_cell_output"),
    (OrAndCellOutput, "or_and_cell_output"),
    (BufferInput, "buffer_input"),
    (TwoInvertersInput, "two_inverters_input"),
    (AndTrueInput, "and_true_input"),
    (OrFalseInput, "or_false_input"),
    (AbsorbAndInput, "absorb_and_input"),
    (AbsorbOrInput, "absorb_or_input"),
    (TwoXorsInput, "two_xors_input"),
    (TapOr, "tap_or"),
    (TapAnd, "tap_and"),
    (TapXor, "tap_xor"),
];

/// A rule at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub rule: Rule,
    pub slot: u32,
    /// The pin it is about, or the input of an expansion.
    pub pin: u16,
    /// The net that is tapped, the slot whose input is taken over, the choice of a half.
    pub extra: u32,
    /// Gates that it adds; below zero where it takes some away.
    pub added: i32,
}

/// What a rule puts behind an output or before an input, where it does that.
pub fn passing(rule: Rule) -> Option<Passing> {
    Some(match rule {
        BufferOutput | BufferInput => Passing::Buffer,
        TwoInvertersOutput | TwoInvertersInput => Passing::TwoInverters,
        SameOutput => Passing::Same,
        AndTrueOutput | AndTrueInput => Passing::AndTrue,
        OrFalseOutput | OrFalseInput => Passing::OrFalse,
        AbsorbAndOutput | AbsorbAndInput | TapAnd => Passing::AbsorbAnd,
        AbsorbOrOutput | AbsorbOrInput | TapOr => Passing::AbsorbOr,
        TwoXorsOutput | TwoXorsInput | TapXor => Passing::TwoXors,
        MuxOutput => Passing::Mux,
        AndOrCellOutput => Passing::AndOrCell,
        OrAndCellOutput => Passing::OrAndCell,
        _ => return None,
    })
}

/// What a rule puts in the place of a cell: the pins it reads, and a circuit.
pub fn replacement(editor: &Editor, slot: u32, rule: Rule, pin: u16) -> Option<(Vec<u8>, Circuit)> {
    let functions = editor.functions(slot)?;
    let mut pins: Vec<u8> = Vec::new();
    for (_, _, reads) in &functions {
        for &read in reads {
            if !pins.contains(&read) {
                pins.push(read);
            }
        }
    }
    if pins.is_empty() || pins.len() > crate::table::MOST {
        return None;
    }
    let tables: Option<Vec<Small>> = functions.iter().map(|f| small(f, &pins)).collect();
    let Some(tables) = tables else { return wide(&functions, pins, rule) };
    if rule == Complement {
        return complement(&tables, &pins).map(|made| (pins, made));
    }
    if rule == PinSwap {
        return swap(&tables, &pins, pin).map(|made| (pins, made));
    }
    let take = |table: Small| taken(table, rule, usize::from(pin));
    let expressions: Option<Vec<Expression>> = tables.iter().map(|&table| take(table)).collect();
    let (shape, style) = form(rule)?;
    let made = circuit(&expressions?, pins.len(), shape, style)?;
    Some((pins, made))
}

fn taken(table: Small, rule: Rule, at: usize) -> Option<Expression> {
    Some(match rule {
        MuxExpansion => {
            if at >= table.inputs || !table.depends_on(at) {
                return None;
            }
            expression::shannon(table, at)
        }
        SumOfProducts => expression::sum_of_products(table),
        ProductOfSums => expression::product_of_sums(table),
        _ => expression::factored(table),
    })
}

fn form(rule: Rule) -> Option<(Shape, Style)> {
    Some(match rule {
        TreeBalanced | MuxExpansion | SumOfProducts | ProductOfSums => {
            (Shape::Balanced, Style::Plain)
        }
        TreeChain => (Shape::Chain, Style::Plain),
        DeMorgan => (Shape::Balanced, Style::DeMorgan),
        NandForm => (Shape::Balanced, Style::Nand),
        NorForm => (Shape::Balanced, Style::Nor),
        XorAndOr => (Shape::Balanced, Style::AndOr),
        _ => return None,
    })
}

/// The table of an output over `pins`, where they are at most six.
fn small((_, formula, reads): &(u16, Formula, Vec<u8>), pins: &[u8]) -> Option<Small> {
    if pins.len() > 6 {
        return None;
    }
    let values: Option<Vec<u64>> = reads
        .iter()
        .map(|read| pins.iter().position(|pin| pin == read))
        .map(|at| at.map(|at| Small::variable(6, at).bits))
        .collect();
    Some(Small::new(pins.len(), formula.word(&values?)))
}

/// A gate of more than six inputs, by the rules that know trees.
fn wide(
    functions: &[(u16, Formula, Vec<u8>)],
    pins: Vec<u8>,
    rule: Rule,
) -> Option<(Vec<u8>, Circuit)> {
    let [(_, Formula::Wide { gate, inverted }, _)] = functions else { return None };
    if matches!(rule, MuxExpansion | SumOfProducts | ProductOfSums) {
        return None;
    }
    let parts = (0..pins.len()).map(Expression::Input).collect();
    let whole = match gate {
        kaname_netlist::cell::Gate::And => Expression::And(parts),
        kaname_netlist::cell::Gate::Or => Expression::Or(parts),
        kaname_netlist::cell::Gate::Xor => Expression::Xor(parts),
    };
    let (shape, style) = form(rule)?;
    let whole = if *inverted { whole.inverted() } else { whole };
    let made = circuit(&[whole], pins.len(), shape, style)?;
    Some((pins, made))
}

fn complement(tables: &[Small], pins: &[u8]) -> Option<Circuit> {
    let [table] = tables else { return None };
    let mut made = Circuit::new(pins.len());
    let all: Vec<u16> = (0..pins.len() as u16).collect();
    let opposite = made.gate(table.opposite().bits, &all);
    let place = made.gate(plain::NOT, &[opposite]);
    made.output(place);
    Some(made)
}

/// The cell with input `pin` and the next exchanged.
fn swap(tables: &[Small], pins: &[u8], pin: u16) -> Option<Circuit> {
    let (a, b) = (usize::from(pin), usize::from(pin) + 1);
    let [table] = tables else { return None };
    if b >= pins.len() || !table.symmetric(a, b) {
        return None;
    }
    let mut made = Circuit::new(pins.len());
    let mut all: Vec<u16> = (0..pins.len() as u16).collect();
    all.swap(a, b);
    let place = made.gate(table.bits, &all);
    made.output(place);
    Some(made)
}

const EXPANSIONS: [Rule; 9] = [
    TreeBalanced,
    TreeChain,
    DeMorgan,
    NandForm,
    NorForm,
    XorAndOr,
    SumOfProducts,
    ProductOfSums,
    Complement,
];
const OUTPUTS: [Rule; 11] = [
    BufferOutput,
    TwoInvertersOutput,
    SameOutput,
    AndTrueOutput,
    OrFalseOutput,
    AbsorbAndOutput,
    AbsorbOrOutput,
    TwoXorsOutput,
    MuxOutput,
    AndOrCellOutput,
    OrAndCellOutput,
];
const INPUTS: [Rule; 7] = [
    BufferInput,
    TwoInvertersInput,
    AndTrueInput,
    OrFalseInput,
    AbsorbAndInput,
    AbsorbOrInput,
    TwoXorsInput,
];
const TAPS: [Rule; 3] = [TapOr, TapAnd, TapXor];

/// All that can be done to the cells that may be rewritten. Which nets are tapped is drawn
/// from `random`: there are too many to list.
pub fn moves(editor: &mut Editor, random: &mut Random) -> Vec<Move> {
    let slots: Vec<u32> = (0..editor.slots.len() as u32)
        .filter(|&at| editor.slots[at as usize].alive && editor.slots[at as usize].trojan)
        .collect();
    let pool = Pool::of(editor);
    let mut found = Vec::new();
    for slot in slots {
        expansions(editor, slot, &mut found);
        whole(editor, slot, random, &mut found);
        passings(editor, slot, &pool, random, &mut found);
    }
    found
}

fn expansions(editor: &mut Editor, slot: u32, found: &mut Vec<Move>) {
    let mut made: Vec<Circuit> = Vec::new();
    let plain = EXPANSIONS.into_iter().map(|rule| (rule, 0));
    let inputs = editor.cell(slot).pins.len().min(8) as u16;
    let by_input = (0..inputs).flat_map(|pin| [(MuxExpansion, pin), (PinSwap, pin)]);
    for (rule, pin) in plain.chain(by_input) {
        let Some((_, circuit)) = replacement(editor, slot, rule, pin) else { continue };
        let alone = circuit.gates.len() == 1 && rule != PinSwap;
        if alone || made.contains(&circuit) {
            continue;
        }
        if circuit.gates.iter().any(|gate| editor.library.find(gate.table).is_none()) {
            continue;
        }
        let added = circuit.gates.len() as i32 - 1;
        found.push(Move { rule, slot, pin, extra: NONE, added });
        made.push(circuit);
    }
}

fn whole(editor: &mut Editor, slot: u32, random: &mut Random, found: &mut Vec<Move>) {
    for pin in 0..editor.cell(slot).pins.len() as u16 {
        if editor.cell(slot).pins[usize::from(pin)].role == Role::Data
            && editor.contracts(slot, pin as u8)
        {
            found.push(Move { rule: Contraction, slot, pin, extra: NONE, added: -1 });
        }
    }
    if let Some(functions) = editor.functions(slot)
        && let [(pin, ..)] = functions[..]
        && editor.loads(editor.slots[slot as usize].pins[usize::from(pin)]).len() > 1
    {
        let extra = random.word() as u32 >> 1;
        found.push(Move { rule: Duplicate, slot, pin: 0, extra, added: 1 });
    }
    if let Some(inversion) = editor.inversion(slot) {
        let added = inversion.added() as i32;
        found.push(Move { rule: StateInversion, slot, pin: 0, extra: NONE, added });
    }
}

fn passings(
    editor: &mut Editor,
    slot: u32,
    pool: &Pool,
    random: &mut Random,
    found: &mut Vec<Move>,
) {
    for pin in 0..editor.cell(slot).pins.len() as u16 {
        let net = editor.slots[slot as usize].pins[usize::from(pin)];
        let role = editor.cell(slot).pins[usize::from(pin)].role;
        if net == NONE || pool.special[net as usize] {
            continue;
        }
        let rules: &[Rule] = match role {
            Role::Output => &OUTPUTS,
            Role::Data => &INPUTS,
            _ => continue,
        };
        for &rule in rules {
            let Some(circuit) = passing(rule).map(Passing::circuit) else { continue };
            if circuit.gates.iter().any(|gate| editor.library.find(gate.table).is_none()) {
                continue;
            }
            let added = circuit.gates.len() as i32;
            for extra in pool.taps(editor, slot, circuit.inputs - 1, random) {
                found.push(Move { rule, slot, pin, extra, added });
            }
        }
        if role == Role::Output {
            for rule in TAPS {
                if let Some(at) = pool.reader(editor, net, random) {
                    let (extra, pin) = at;
                    found.push(Move { rule, slot, pin, extra, added: 2 });
                }
            }
        }
    }
}

/// Where taps go.
struct Pool {
    /// Nets of clocks, resets and constants: nothing is tapped there.
    special: Vec<bool>,
    kept: Vec<u32>,
    all: Vec<u32>,
    /// Cells of the design that are not rewritten.
    hosts: Vec<u32>,
}

impl Pool {
    fn of(editor: &Editor) -> Self {
        let mut special = vec![false; editor.nets as usize];
        for net in [editor.base.zero, editor.base.one].into_iter().flatten() {
            special[net as usize] = true;
        }
        let (mut kept, mut hosts) = (Vec::new(), Vec::new());
        for (at, slot) in editor.slots.iter().enumerate().filter(|(_, slot)| slot.alive) {
            let cell = &editor.library.types[slot.kind as usize];
            for (pin, &net) in cell.pins.iter().zip(&slot.pins).filter(|(_, net)| **net != NONE) {
                match pin.role {
                    Role::Clock | Role::Reset | Role::Scan | Role::Power => {
                        special[net as usize] = true;
                    }
                    Role::Output if cell.family == Family::FlipFlop => kept.push(net),
                    _ => {}
                }
            }
            if !slot.trojan && !cell.keeps() {
                hosts.push(at as u32);
            }
        }
        kept.extend(&editor.base.inputs);
        kept.retain(|&net| !special[net as usize]);
        let inputs: std::collections::HashSet<u32> = editor.base.inputs.iter().copied().collect();
        let all = (0..editor.nets)
            .filter(|&net| !special[net as usize])
            .filter(|net| editor.driver(*net).is_some() || inputs.contains(net))
            .collect();
        Self { special, kept, all, hosts }
    }

    /// Nets that a cell could tap: one near it, one that a flip-flop or port drives, one
    /// from anywhere.
    fn taps(&self, editor: &Editor, slot: u32, wanted: usize, random: &mut Random) -> Vec<u32> {
        if wanted == 0 {
            return vec![NONE];
        }
        let mut taps = Vec::new();
        if let Some(net) = self.near(editor, slot, random) {
            taps.push(net);
        }
        for pool in [&self.kept, &self.all] {
            if !pool.is_empty() {
                taps.push(pool[random.below(pool.len())]);
            }
        }
        taps.sort_unstable();
        taps.dedup();
        taps
    }

    /// A net that the cell reads, one or two cells away.
    fn near(&self, editor: &Editor, slot: u32, random: &mut Random) -> Option<u32> {
        let mut at = slot;
        let mut found = None;
        for _ in 0..=random.below(3) {
            let cell = editor.cell(at);
            let nets: Vec<u32> = cell
                .pins
                .iter()
                .zip(&editor.slots[at as usize].pins)
                .filter(|(pin, net)| pin.role == Role::Data && **net != NONE)
                .map(|(_, &net)| net)
                .filter(|&net| !self.special[net as usize])
                .collect();
            if nets.is_empty() {
                break;
            }
            let net = nets[random.below(nets.len())];
            found = Some(net);
            let Some((driver, _)) = editor.driver(net) else { break };
            at = driver;
        }
        found
    }

    /// An input of a cell of the rest of the design: one that reads this net, or any.
    fn reader(&self, editor: &Editor, net: u32, random: &mut Random) -> Option<(u32, u16)> {
        if self.hosts.is_empty() {
            return None;
        }
        let near: Vec<u32> = editor
            .loads(net)
            .iter()
            .map(|&(slot, _)| slot)
            .filter(|&slot| !editor.slots[slot as usize].trojan && !editor.cell(slot).keeps())
            .collect();
        let host = if near.is_empty() || random.below(2) == 0 {
            self.hosts[random.below(self.hosts.len())]
        } else {
            near[random.below(near.len())]
        };
        let pins: Vec<u16> = editor
            .cell(host)
            .pins
            .iter()
            .enumerate()
            .filter(|(at, pin)| {
                let read = editor.slots[host as usize].pins[*at];
                pin.role == Role::Data
                    && read != NONE
                    && read != net
                    && !self.special[read as usize]
            })
            .map(|(at, _)| at as u16)
            .collect();
        (!pins.is_empty()).then(|| (host, pins[random.below(pins.len())]))
    }
}

/// Make a move.
///
/// # Errors
/// `Refused`; nothing has changed then.
pub fn apply(editor: &mut Editor, step: &Move) -> Result<(), Refused> {
    let Move { rule, slot, pin, extra, .. } = *step;
    if editor.slots.get(slot as usize).is_none_or(|slot| !slot.alive) {
        return Err(Refused::Unfit);
    }
    if let Some(passing) = passing(rule) {
        return pass(editor, step, passing);
    }
    match rule {
        Contraction => editor.contract(slot, pin as u8),
        Duplicate => editor.duplicate(slot, u64::from(extra)),
        StateInversion => editor.invert_state(slot),
        _ => {
            let (pins, circuit) = replacement(editor, slot, rule, pin).ok_or(Refused::Unfit)?;
            editor.replace(slot, &pins, &circuit)
        }
    }
}

fn pass(editor: &mut Editor, step: &Move, passing: Passing) -> Result<(), Refused> {
    let Move { rule, slot, pin, extra, .. } = *step;
    let circuit = passing.circuit();
    let taps: &[u32] = if circuit.inputs == 1 { &[] } else { &[extra] };
    if TAPS.contains(&rule) {
        let net = editor.first_output(slot).ok_or(Refused::Unfit)?;
        if editor.slots.get(extra as usize).is_none_or(|host| !host.alive) {
            return Err(Refused::Unfit);
        }
        return editor.pass_input((extra, pin), &circuit, &[net], slot);
    }
    let nets = &editor.slots[slot as usize].pins;
    let (Some(role), Some(&net)) = (
        editor.cell(slot).pins.get(usize::from(pin)).map(|pin| pin.role),
        nets.get(usize::from(pin)),
    ) else {
        return Err(Refused::Unfit);
    };
    if taps.contains(&net) {
        return Err(Refused::Unfit);
    }
    match role {
        Role::Output => editor.pass_output((slot, pin), &circuit, taps),
        _ => editor.pass_input((slot, pin), &circuit, taps, slot),
    }
}
