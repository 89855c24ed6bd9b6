//! Modules to one flat design: hierarchy opened, aliases joined, cells looked up.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use crate::cell::CellType;
use crate::design::{Design, NONE};
use crate::hierarchy::{self, Hierarchy, Meaning};
use crate::lexer::Span;
use crate::library::Library;
use crate::module::{BUNDLE, Direction, Module, ONE, Source, Use, ZERO};
use crate::problem::Problems;
use crate::reading::Refused;
use crate::resolve::{self, Resolved};
use crate::verilog::spanned;

pub struct Flat {
    pub design: Design,
    /// Where behaviour is described in a module that is part of the design.
    pub behaviour: Option<u32>,
}

/// Flatten the module `top`, or the one that no other has.
///
/// # Errors
///
/// Where there is no such module, a module contains itself, or the design would be far
/// larger than its text.
pub fn flatten(
    text: &[u8],
    source: Source,
    library: &Library,
    top: Option<&str>,
    problems: &mut Problems,
) -> Result<Flat, Refused> {
    let hierarchy = hierarchy::find(text, &source, library, top, problems)?;
    let behaviour = hierarchy.behaviour(&source);
    let (types, cells) = resolve::resolve(text, &source, library, &hierarchy, problems);
    let top = hierarchy.top;
    let mut builder = Builder {
        text,
        hierarchy: &hierarchy,
        cells: &cells,
        design: Design { name: source.modules[top].name.clone(), types, ..Design::default() },
        left: hierarchy.opened(&source),
        port_of: HashMap::new(),
        source,
        parents: vec![ZERO, ONE],
        scopes: Vec::new(),
        problems,
    };
    builder.open(top);
    Ok(Flat { design: builder.finished(), behaviour })
}

/// A module opened in the design: its nets from 2 on begin at `base`.
struct Scope {
    module: usize,
    base: u32,
    prefix: String,
}

struct Builder<'s, 'p> {
    text: &'s [u8],
    source: Source,
    /// How often each module is still to be opened.
    left: Vec<u64>,
    hierarchy: &'s Hierarchy,
    cells: &'s [Vec<Option<Resolved>>],
    design: Design,
    /// Ports of a module by the places of a use's pins, once they are looked up.
    port_of: HashMap<u32, Rc<[Option<usize>]>>,
    /// Of every net, one that it is the same as; the root is the smallest.
    parents: Vec<u32>,
    scopes: Vec<Scope>,
    problems: &'p mut Problems,
}

fn global(base: u32, net: u32) -> u32 {
    if net < 2 || net == NONE { net } else { base + net - 2 }
}

impl Builder<'_, '_> {
    fn name(&self, span: Span) -> &[u8] {
        spanned(self.text, &self.source.made, span)
    }

    fn open(&mut self, top: usize) {
        self.design.pin_start.push(0);
        let mut waiting = VecDeque::new();
        let first = self.scope(top, String::new());
        waiting.push_back(first);
        while let Some(scope) = waiting.pop_front() {
            self.instances(scope, &mut waiting);
        }
    }

    fn scope(&mut self, module: usize, prefix: String) -> usize {
        let base = self.parents.len() as u32;
        let nets = self.source.modules[module].nets() - 2;
        self.parents.extend(base..base + nets);
        let aliases = std::mem::take(&mut self.source.modules[module].aliases);
        for &(a, b) in &aliases {
            self.join(global(base, a), global(base, b));
        }
        self.source.modules[module].aliases = aliases;
        self.scopes.push(Scope { module, base, prefix });
        self.scopes.len() - 1
    }

    fn root(&mut self, mut net: u32) -> u32 {
        while self.parents[net as usize] != net {
            let up = self.parents[self.parents[net as usize] as usize];
            self.parents[net as usize] = up;
            net = up;
        }
        net
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        // Nothing joins the two constants.
        if high > ONE {
            self.parents[high as usize] = low;
        }
    }

    fn instances(&mut self, scope: usize, waiting: &mut VecDeque<usize>) {
        let Scope { module: number, base, .. } = self.scopes[scope];
        let prefix = self.scopes[scope].prefix.clone();
        let mut module = std::mem::take(&mut self.source.modules[number]);
        self.reserve(&module);
        for at in 0..module.uses.len() {
            let used = module.uses[at] as usize;
            match self.hierarchy.meanings[used] {
                Meaning::Cell => {
                    self.instance(&module, used, module.instance_pins(at), base);
                    self.named_instance(&prefix, module.names[at]);
                }
                Meaning::Module(child) => {
                    let name = String::from_utf8_lossy(self.name(module.names[at]));
                    let inner = self.scope(child, format!("{prefix}{name}/"));
                    self.connect(&module, at, base, inner);
                    waiting.push_back(inner);
                }
            }
        }
        self.left[number] -= 1;
        if self.left[number] == 0 {
            // Half of what is held: gone before the nets are numbered.
            module.forget_instances();
        }
        self.source.modules[number] = module;
    }

    /// Room for the instances of a large module, so that nothing is held twice.
    fn reserve(&mut self, module: &Module) {
        const LARGE: usize = 1 << 16;
        if module.uses.len() > LARGE {
            self.design.cells.reserve(module.uses.len());
            self.design.pin_start.reserve(module.uses.len());
            self.design.pin_net.reserve(module.pins.len());
            self.design.instance_names.start.reserve(module.uses.len() + 1);
        }
    }

    #[inline]
    fn named_instance(&mut self, prefix: &str, name: Span) {
        let name = spanned(self.text, &self.source.made, name);
        let names = &mut self.design.instance_names;
        if names.start.is_empty() {
            names.start.push(0);
        }
        names.text.push_str(prefix);
        match std::str::from_utf8(name) {
            Ok(name) => names.text.push_str(name),
            Err(_) => names.text.push_str(&String::from_utf8_lossy(name)),
        }
        names.start.push(names.text.len() as u32);
    }

    #[inline]
    fn instance(&mut self, module: &Module, used: usize, row: &[u32], base: u32) {
        let by_arity = &self.cells[used];
        let arity = if self.source.uses[used].positional { row.len() } else { 0 };
        let Some(Some(resolved)) = by_arity.get(arity) else { return self.nothing() };
        let pins = &mut self.design.pin_net;
        for &(slot, bit) in &resolved.places {
            let net = row.get(slot as usize).copied().unwrap_or(NONE);
            let net = if net == NONE || net & BUNDLE == 0 {
                if bit == 0 { net } else { NONE }
            } else {
                module.bits(&net).get(bit as usize).copied().unwrap_or(NONE)
            };
            pins.push(global(base, net));
        }
        self.design.cells.push(resolved.kind);
        self.design.pin_start.push(pins.len() as u32);
    }

    /// Every use in a design is resolved before; kept whole all the same.
    fn nothing(&mut self) {
        self.design.cells.push(0);
        let pins = self.design.types.first().map_or(0, |kind: &CellType| kind.pins.len());
        self.design.pin_net.extend(std::iter::repeat_n(NONE, pins));
        self.design.pin_start.push(self.design.pin_net.len() as u32);
    }

    /// The ports that a use's named pins mean.
    fn ports_of(&mut self, used: u32, child: usize) -> Rc<[Option<usize>]> {
        if let Some(known) = self.port_of.get(&used) {
            return Rc::clone(known);
        }
        let ports = self.source.modules[child].ports.iter().enumerate();
        let by_name: HashMap<&[u8], usize> =
            ports.rev().map(|(at, port)| (self.name(port.name), at)).collect();
        let pins = &self.source.uses[used as usize].pins;
        let found: Rc<[Option<usize>]> =
            pins.iter().map(|pin| by_name.get(pin.as_bytes()).copied()).collect();
        self.port_of.insert(used, Rc::clone(&found));
        found
    }

    /// Join the ports of an opened module with the nets of the one it is in.
    fn connect(&mut self, parent: &Module, at: usize, base: u32, inner: usize) {
        let below = self.scopes[inner].base;
        let port_of = self.ports_of(parent.uses[at], self.scopes[inner].module);
        let child = &self.source.modules[self.scopes[inner].module];
        let used: &Use = &self.source.uses[parent.uses[at] as usize];
        let ports = &port_of;
        let mut same = Vec::new();
        for (place, net) in parent.instance_pins(at).iter().enumerate() {
            let port = if used.positional {
                child.ports.get(place)
            } else {
                ports[place].and_then(|at| child.ports.get(at))
            };
            let outside = parent.bits(net);
            let Some(port) = port else {
                if !outside.is_empty() {
                    let pin = used.pins.get(place).map_or("", String::as_str);
                    let text = format!("{}.{pin}", used.name);
                    self.problems.add(parent.names[at].at as usize, "port", text.as_bytes());
                }
                continue;
            };
            let inside = child.bits(&port.nets);
            if inside.len() != outside.len() && outside.len() > 1 {
                let text = spanned(self.text, &self.source.made, parent.names[at]);
                self.problems.add(parent.names[at].at as usize, "width", text);
            }
            let pairs = outside.iter().zip(inside).filter(|(a, b)| **a != NONE && **b != NONE);
            same.extend(pairs.map(|(&a, &b)| (global(base, a), global(below, b))));
        }
        for (a, b) in same {
            self.join(a, b);
        }
    }

    /// Number the nets that anything is on, and name them.
    fn finished(mut self) -> Design {
        let mut pins = std::mem::take(&mut self.design.pin_net);
        let mut seen = vec![false; self.parents.len()];
        for pin in &mut pins {
            if *pin != NONE {
                *pin = self.root(*pin);
                seen[*pin as usize] = true;
            }
        }
        let (inputs, outputs) = self.ports();
        for &net in inputs.iter().chain(&outputs) {
            seen[net as usize] = true;
        }
        let numbers = numbered(&seen);
        for pin in &mut pins {
            if *pin != NONE {
                *pin = numbers[*pin as usize];
            }
        }
        let mut design = std::mem::take(&mut self.design);
        design.pin_net = pins;
        let known = |nets: Vec<u32>| nets.iter().map(|&net| numbers[net as usize]).collect();
        (design.inputs, design.outputs) = (known(inputs), known(outputs));
        let constant = |net: u32| seen[net as usize].then(|| numbers[net as usize]);
        (design.zero, design.one) = (constant(ZERO), constant(ONE));
        self.name_nets(&seen, &mut design);
        design.nets = design.net_names.len() as u32;
        design
    }

    fn ports(&mut self) -> (Vec<u32>, Vec<u32>) {
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        let (top, base) = (self.scopes[0].module, self.scopes[0].base);
        let module = std::mem::take(&mut self.source.modules[top]);
        for port in &module.ports {
            for &net in module.bits(&port.nets).iter().filter(|net| **net != NONE) {
                let net = self.root(global(base, net));
                if port.direction != Direction::Output {
                    inputs.push(net);
                }
                if port.direction != Direction::Input {
                    outputs.push(net);
                }
            }
        }
        self.source.modules[top] = module;
        (inputs, outputs)
    }

    fn name_nets(&self, seen: &[bool], design: &mut Design) {
        let names = &mut design.net_names;
        for (net, name) in [(ZERO, "1'b0"), (ONE, "1'b1")] {
            if seen[net as usize] {
                names.push(name);
            }
        }
        let mut full = String::new();
        for scope in &self.scopes {
            let module = &self.source.modules[scope.module];
            for local in 2..module.nets() {
                let net = scope.base + local - 2;
                if !seen[net as usize] {
                    continue;
                }
                full.clear();
                full.push_str(&scope.prefix);
                self.local_name(module, local, &mut full);
                names.push(&full);
            }
        }
    }

    fn local_name(&self, module: &Module, local: u32, full: &mut String) {
        use std::fmt::Write as _;
        let number = module.of[local as usize];
        let Some(wire) = module.wires.get(number as usize) else {
            let _ = write!(full, "$net{local}");
            return;
        };
        match std::str::from_utf8(self.name(wire.name)) {
            Ok(name) => full.push_str(name),
            Err(_) => full.push_str(&String::from_utf8_lossy(self.name(wire.name))),
        }
        if wire.vector {
            let _ = write!(full, "[{}]", wire.index(local - wire.base));
        }
    }
}

/// Numbers of the nets that are seen, in their order.
fn numbered(seen: &[bool]) -> Vec<u32> {
    let mut next = 0;
    let number = |&held: &bool| {
        let found = next;
        next += u32::from(held);
        if held { found } else { NONE }
    };
    seen.iter().map(number).collect()
}
