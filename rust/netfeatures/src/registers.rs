//! What is odd about a flip-flop: its clock, its reset, its enable, and feeding itself.
//!
//! A Trojan's counter is often clocked or reset by something rare, or has no reset where all
//! others have one. Cells that keep nothing get what means "nothing odd".

use std::collections::HashMap;

use kaname_netlist::cell::Family;
use kaname_netlist::design::NONE;

use crate::columns::Columns;
use crate::graph::{FLOATING, Graph, INPUT};
use crate::levels::FARTHEST;
use crate::probability::Setting;
use crate::rareness::{EVEN, told};

/// Buffers and inverters on the way back to where a clock starts.
const BUFFERS: usize = 64;
/// A flip-flop that feeds itself over more cells is not called a self-loop.
const ROUND: usize = 8;
const CROWD: usize = 256;

pub const REGISTERS: [&str; 13] = [
    "clock_share",
    "clock_derived",
    "clock_rareness",
    "reset_share",
    "reset_derived",
    "reset_rareness",
    "has_reset",
    "reset_missing",
    "enable_share",
    "self_loop",
    "near_clock_share",
    "sequential_in",
    "sequential_out",
];

/// Where the control of each flip-flop starts.
struct Control {
    net: Vec<u32>,
    members: HashMap<u32, u32>,
    all: u32,
}

impl Control {
    fn new(setting: &Setting, net: impl Fn(u32) -> u32) -> Self {
        let cells = setting.graph.cells as u32;
        let keeps = |cell: u32| setting.graph.keeps[cell as usize];
        let net: Vec<u32> = (0..cells)
            .map(|cell| if keeps(cell) { origin(setting, net(cell)) } else { NONE })
            .collect();
        let mut members = HashMap::new();
        for &net in net.iter().filter(|net| **net != NONE) {
            *members.entry(net).or_insert(0) += 1;
        }
        let all = (0..cells).filter(|cell| keeps(*cell)).count() as u32;
        Self { net, members, all }
    }

    fn has(&self, at: usize) -> bool {
        self.net[at] != NONE
    }

    /// The share of flip-flops that are controlled alike, or 1 where there is no control.
    fn share(&self, at: usize) -> f32 {
        self.members.get(&self.net[at]).map_or(1.0, |count| *count as f32 / self.all as f32)
    }

    fn driver(&self, setting: &Setting, at: usize) -> Option<u32> {
        let net = self.net[at];
        let driver = if net == NONE { NONE } else { setting.graph.drivers.only(net) };
        (driver != NONE).then_some(driver)
    }

    fn rareness(&self, setting: &Setting, at: usize, rare: &[u32]) -> f32 {
        let even = if self.has(at) { EVEN } else { 0 };
        told(self.driver(setting, at).map_or(even, |driver| rare[driver as usize]))
    }
}

/// Back over buffers and inverters; nothing for constants.
fn origin(setting: &Setting, mut net: u32) -> u32 {
    let constant = |net: u32| Some(net) == setting.design.zero || Some(net) == setting.design.one;
    for _ in 0..BUFFERS {
        if net == NONE || constant(net) {
            return NONE;
        }
        let driver = setting.graph.drivers.only(net);
        if driver == NONE {
            return net;
        }
        match setting.graph.family[driver as usize] {
            Family::Constant => return NONE,
            Family::Buffer => match setting.kind(driver).data.first() {
                Some(pin) => net = setting.design.pins(driver)[usize::from(*pin)],
                None => return net,
            },
            _ => return net,
        }
    }
    net
}

/// Those of [`REGISTERS`] that tell of clocks, resets and enables.
const CONTROLS: [&str; 10] = [
    "clock_share",
    "clock_derived",
    "clock_rareness",
    "reset_share",
    "reset_derived",
    "reset_rareness",
    "has_reset",
    "reset_missing",
    "enable_share",
    "near_clock_share",
];

fn controls(setting: &Setting, rare: &[u32], columns: &Columns) {
    let first = |cell: u32, pins: &[u8]| {
        let pins = pins.iter().map(|pin| setting.design.pins(cell)[usize::from(*pin)]);
        let origins = pins.filter(|net| origin(setting, *net) != NONE);
        origins.min_by_key(|net| (setting.graph.drivers.only(*net) == NONE, 0)).unwrap_or(NONE)
    };
    let clock = Control::new(setting, |cell| first(cell, &setting.kind(cell).clock));
    let reset = Control::new(setting, |cell| first(cell, &setting.kind(cell).reset));
    let enable = Control::new(setting, |cell| first(cell, &setting.kind(cell).enable));
    let is = |yes: bool| f32::from(u8::from(yes));
    columns.put("clock_share", |at| clock.share(at));
    columns.put("clock_derived", |at| is(clock.driver(setting, at).is_some()));
    columns.put("clock_rareness", |at| clock.rareness(setting, at, rare));
    columns.put("reset_share", |at| reset.share(at));
    columns.put("reset_derived", |at| is(reset.driver(setting, at).is_some()));
    columns.put("reset_rareness", |at| reset.rareness(setting, at, rare));
    columns.put("has_reset", |at| is(reset.has(at)));
    let with_reset = (0..setting.graph.cells).filter(|at| reset.has(*at)).count() as f32;
    columns.put("reset_missing", |at| {
        let lacks = setting.graph.keeps[at] && !reset.has(at);
        if lacks { with_reset / clock.all.max(1) as f32 } else { 0.0 }
    });
    columns.put("enable_share", |at| enable.share(at));
    columns.put("near_clock_share", |at| {
        let cell = at as u32;
        let around = setting.graph.before(cell).chain(setting.graph.loads.of(cell).iter().copied());
        around.fold(clock.share(at), |least, other| least.min(clock.share(other as usize)))
    });
}

pub fn put(setting: &Setting, rare: &[u32], columns: &Columns) {
    if !columns.want_any(REGISTERS) {
        return;
    }
    if columns.want_any(CONTROLS) {
        controls(setting, rare, columns);
    }
    if columns.wants("self_loop") {
        let found = rounds(setting.graph);
        columns.put("self_loop", |at| f32::from(found[at]));
    }
    stages(setting.graph, columns);
}

/// Cells from a flip-flop's output back to its own input, or 0.
fn rounds(graph: &Graph) -> Vec<u8> {
    let mut seen = vec![u32::MAX; graph.cells];
    (0..graph.cells as u32)
        .map(|cell| if graph.keeps[cell as usize] { round(graph, cell, &mut seen) } else { 0 })
        .collect()
}

fn round(graph: &Graph, home: u32, seen: &mut [u32]) -> u8 {
    let mut front = vec![home];
    for far in 1..=ROUND {
        let mut ahead = Vec::new();
        for source in front.iter().flat_map(|cell| graph.before(*cell)) {
            if source == home {
                return far as u8;
            }
            let slot = &mut seen[source as usize];
            if *slot != home && !graph.keeps[source as usize] {
                *slot = home;
                ahead.push(source);
            }
        }
        if ahead.len() > CROWD {
            break;
        }
        front = ahead;
    }
    0
}

/// The fewest flip-flops on a way from primary inputs, and to primary outputs.
fn stages(graph: &Graph, columns: &Columns) {
    if columns.wants("sequential_in") {
        let found = fewest(
            graph,
            |cell| graph.sources.of(cell).iter().any(|at| *at >= FLOATING && *at == INPUT),
            |cell, visit| graph.loads.of(cell).iter().for_each(|load| visit(*load)),
        );
        columns.put("sequential_in", |at| f32::from(found[at]));
    }
    if columns.wants("sequential_out") {
        let found = fewest(
            graph,
            |cell| graph.outputs[cell as usize] > 0,
            |cell, visit| graph.before(cell).for_each(visit),
        );
        columns.put("sequential_out", |at| f32::from(found[at]));
    }
}

/// Flip-flops on the way, both ends counted, by a search in rings of one flip-flop each.
fn fewest(
    graph: &Graph,
    start: impl Fn(u32) -> bool,
    next: impl Fn(u32, &mut dyn FnMut(u32)),
) -> Vec<u8> {
    let mut found = vec![FARTHEST; graph.cells];
    let mut rings: Vec<Vec<u32>> = vec![Vec::new(); usize::from(FARTHEST) + 1];
    let cost = |cell: u32| u8::from(graph.keeps[cell as usize]);
    for cell in (0..graph.cells as u32).filter(|cell| start(*cell)) {
        found[cell as usize] = cost(cell);
        rings[usize::from(cost(cell))].push(cell);
    }
    for far in 0..FARTHEST {
        while let Some(cell) = rings[usize::from(far)].pop() {
            if found[cell as usize] != far {
                continue;
            }
            next(cell, &mut |other| {
                let there = (far + cost(other)).min(FARTHEST);
                if there < found[other as usize] {
                    found[other as usize] = there;
                    rings[usize::from(there)].push(other);
                }
            });
        }
    }
    found
}
