//! How often each net is 1 when inputs are even and independent.
//!
//! Exact for trees: truth tables are summed over, values flow in the order of logic, and
//! loops through flip-flops are gone through until nothing moves (Parker and McCluskey,
//! "Probabilistic treatment of general combinational networks", IEEE TC 24(6), 1975).

use kaname_netlist::design::{Design, NONE};

use crate::functions::{ALWAYS, Chance, EVEN, NEVER, Prepared, Rule};
use crate::graph::Graph;
use crate::order::{Order, Run};

/// Loops are gone through this often at most, and until nothing moves by more than [`STILL`].
const SWEEPS: u32 = 12;
const STILL: f32 = 1e-3;
/// Who reads a net is asked again when its rarer chance moved by this part of itself.
const WORTH: f32 = 1e-3;

/// What is asked about a design whose types are prepared.
pub struct Setting<'a> {
    pub design: &'a Design,
    pub graph: &'a Graph,
    pub kinds: &'a [Prepared],
    pub order: &'a Order,
}

impl Setting<'_> {
    pub fn kind(&self, cell: u32) -> &Prepared {
        &self.kinds[self.design.cells[cell as usize] as usize]
    }
}

/// The chances of all nets.
pub struct Chances {
    pub nets: Vec<Chance>,
    /// Cells whose inputs moved since they were asked.
    stale: Vec<bool>,
}

impl Chances {
    pub fn new(setting: &Setting) -> Self {
        let mut found = Self::start(setting);
        for run in &setting.order.groups {
            if setting.order.in_loop(setting.order.cells[run.from as usize]) {
                found.settle(setting, *run);
            } else {
                found.visit(setting, setting.order.cells[run.from as usize]);
            }
        }
        found
    }

    /// Every net even, constants known.
    pub fn start(setting: &Setting) -> Self {
        let mut nets = vec![EVEN; setting.design.nets as usize];
        for (net, chance) in [(setting.design.zero, NEVER), (setting.design.one, ALWAYS)] {
            if let Some(net) = net {
                nets[net as usize] = chance;
            }
        }
        Self { nets, stale: vec![true; setting.graph.cells] }
    }

    pub fn of(&self, net: u32) -> Chance {
        if net == NONE { EVEN } else { self.nets[net as usize] }
    }

    /// What a rule of a cell says now.
    pub fn ask(&self, setting: &Setting, cell: u32, rule: &Rule) -> Chance {
        let pins = setting.design.pins(cell);
        let inputs = rule.inputs();
        let chance = |at: &u8| self.of(pins[usize::from(*at)]);
        if inputs.len() <= 8 {
            let mut few = [EVEN; 8];
            inputs.iter().zip(&mut few).for_each(|(at, slot)| *slot = chance(at));
            return rule.chance(&mut few[..inputs.len()]);
        }
        rule.chance(&mut inputs.iter().map(chance).collect::<Vec<_>>())
    }

    /// What a cell that keeps something takes next.
    fn next(&self, setting: &Setting, cell: u32) -> Chance {
        setting.kind(cell).next.as_ref().map_or(EVEN, |rule| self.ask(setting, cell, rule))
    }

    /// Say what the chance of a net is.
    pub fn set(&mut self, setting: &Setting, net: u32, chance: Chance) {
        self.write(setting, net, chance);
    }

    /// The same, and remember who has to be asked again.
    fn update(&mut self, setting: &Setting, cell: u32, net: u32, chance: Chance) -> f32 {
        let before = self.of(net).one;
        let moved = self.write(setting, net, chance);
        if (before - chance.one).abs() > WORTH * chance.rarer() {
            for &load in setting.graph.loads.of(cell) {
                self.stale[load as usize] = true;
            }
            // What goes half of the way has the other half to go.
            self.stale[cell as usize] |=
                setting.graph.keeps[cell as usize] || setting.order.in_knot(cell);
        }
        moved
    }

    fn write(&mut self, setting: &Setting, net: u32, chance: Chance) -> f32 {
        let fixed = |one: Option<u32>| one == Some(net);
        if net == NONE
            || setting.graph.drivers.several(net)
            || fixed(setting.design.zero)
            || fixed(setting.design.one)
        {
            return 0.0;
        }
        let slot = &mut self.nets[net as usize];
        let moved = (slot.one - chance.one).abs();
        *slot = chance;
        moved
    }

    /// Settle a cell outside of loops.
    fn visit(&mut self, setting: &Setting, cell: u32) {
        let kind = setting.kind(cell);
        let state = setting.graph.keeps[cell as usize].then(|| self.next(setting, cell));
        for (pin, rule) in &kind.outputs {
            let chance = self.output(setting, cell, rule, state);
            self.update(setting, cell, setting.design.pins(cell)[usize::from(*pin)], chance);
        }
    }

    fn output(&self, setting: &Setting, cell: u32, rule: &Rule, state: Option<Chance>) -> Chance {
        match (rule, state) {
            (Rule::State { inverted: true }, Some(state)) => state.opposite(),
            (Rule::State { inverted: false }, Some(state)) => state,
            _ => self.ask(setting, cell, rule),
        }
    }

    /// Settle a loop.
    fn settle(&mut self, setting: &Setting, run: Run) {
        for _ in 0..SWEEPS {
            if self.sweep(setting, run) <= STILL {
                break;
            }
        }
    }

    fn sweep(&mut self, setting: &Setting, run: Run) -> f32 {
        let mut moved = 0f32;
        let mut later = Vec::new();
        for knot in setting.order.knots(run) {
            if setting.graph.keeps[knot[0] as usize] {
                continue;
            }
            if !setting.order.in_knot(knot[0]) {
                if std::mem::take(&mut self.stale[knot[0] as usize]) {
                    self.visit(setting, knot[0]);
                }
                continue;
            }
            for &cell in knot {
                self.propose(setting, cell, &mut later);
            }
            moved = moved.max(self.settle_on(setting, &mut later));
        }
        for &cell in &setting.order.cells[run.range()] {
            if setting.graph.keeps[cell as usize] {
                self.propose(setting, cell, &mut later);
            }
        }
        moved.max(self.settle_on(setting, &mut later))
    }

    fn settle_on(&mut self, setting: &Setting, later: &mut Vec<(u32, u32, Chance)>) -> f32 {
        let moves = later.drain(..);
        moves.fold(0f32, |most, (cell, net, to)| most.max(self.update(setting, cell, net, to)))
    }

    /// Half of what was and half of what would be next, so that nothing swings for ever.
    fn propose(&mut self, setting: &Setting, cell: u32, later: &mut Vec<(u32, u32, Chance)>) {
        if !std::mem::take(&mut self.stale[cell as usize]) {
            return;
        }
        let state = setting.graph.keeps[cell as usize].then(|| self.next(setting, cell));
        for (pin, rule) in &setting.kind(cell).outputs {
            let net = setting.design.pins(cell)[usize::from(*pin)];
            let (now, next) = (self.of(net), self.output(setting, cell, rule, state));
            let chance = Chance {
                zero: f32::midpoint(now.zero, next.zero),
                one: f32::midpoint(now.one, next.one),
            };
            later.push((cell, net, chance));
        }
    }

    /// The chance of the rarest output of a cell.
    pub fn cell(&self, setting: &Setting, cell: u32) -> Chance {
        let pins = setting.design.pins(cell);
        let nets = setting.kind(cell).outputs.iter().map(|(pin, _)| pins[usize::from(*pin)]);
        let chances = nets.filter(|net| *net != NONE).map(|net| self.of(net));
        chances.min_by(|a, b| a.rarer().total_cmp(&b.rarer())).unwrap_or(EVEN)
    }
}
