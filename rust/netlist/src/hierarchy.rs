//! Which module is the top, which modules it is made of, and whether that can be opened.

use std::collections::HashMap;

use crate::library::Library;
use crate::models;
use crate::module::{Module, Source, Use};
use crate::problem::Problems;
use crate::reading::Refused;
use crate::verilog::{is_primitive, spanned};

/// Instances (and nets) that a design may have beside one for every two bytes of its text.
const INSTANCES: u64 = 4_000_000;
/// Bytes of names that it may have beside eight for every byte of its text.
const NAMES: u64 = 64_000_000;

/// What a use of a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Cell,
    /// A module of the same text, by its place.
    Module(usize),
}

pub struct Hierarchy {
    pub meanings: Vec<Meaning>,
    pub top: usize,
    /// Modules that the design is made of, the innermost first.
    pub reached: Vec<usize>,
}

impl Hierarchy {
    /// How often each module is opened in the design.
    pub fn opened(&self, source: &Source) -> Vec<u64> {
        let mut times = vec![0_u64; source.modules.len()];
        times[self.top] = 1;
        for &at in self.reached.iter().rev() {
            for child in children(&source.modules[at], &self.meanings) {
                times[child] = times[child].saturating_add(times[at]);
            }
        }
        times
    }

    /// Where behaviour begins in a module of the design.
    pub fn behaviour(&self, source: &Source) -> Option<u32> {
        self.reached.iter().filter_map(|&at| source.modules[at].behaviour).min()
    }
}

/// Find the top (`wanted`, or what no other module has) and the modules it is made of.
///
/// # Errors
///
/// Where there is none, one contains itself, or they would unfold too far.
pub fn find(
    text: &[u8],
    source: &Source,
    library: &Library,
    wanted: Option<&str>,
    problems: &mut Problems,
) -> Result<Hierarchy, Refused> {
    let mut by_name = HashMap::new();
    for (at, module) in source.modules.iter().enumerate() {
        if *by_name.entry(module.name.as_str()).or_insert(at) != at {
            problems.add(module.at as usize, "module_twice", module.name.as_bytes());
        }
    }
    let mut meaning = |one: &Use| {
        let Some(&at) = by_name.get(one.name.as_str()) else { return Meaning::Cell };
        if wanted == Some(one.name.as_str()) {
            return Meaning::Module(at);
        }
        let module = &source.modules[at];
        match standing(text, source, module, library) {
            Standing::Open => return Meaning::Module(at),
            Standing::Cell => {}
            Standing::Assumed => problems.add(module.at as usize, "assumed", one.name.as_bytes()),
        }
        Meaning::Cell
    };
    let meanings: Vec<Meaning> = source.uses.iter().map(&mut meaning).collect();
    let top = choose(source, &meanings, &by_name, wanted, problems)?;
    let reached = reached(source, &meanings, top)?;
    tell_overrides(source, &meanings, problems);
    fits(text, source, &meanings, &reached)?;
    Ok(Hierarchy { meanings, top, reached })
}

/// A module is read once, with the values that it gives its parameters itself.
fn tell_overrides(source: &Source, meanings: &[Meaning], problems: &mut Problems) {
    for &(used, at) in source.modules.iter().flat_map(|module| &module.overrides) {
        if let Meaning::Module(child) = meanings[used as usize]
            && source.modules[child].parameters
        {
            problems.add(at as usize, "parameters", source.modules[child].name.as_bytes());
        }
    }
}

/// How far a module can be taken for the cell of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is opened like any other.
    Open,
    /// It does what the table says, or says nothing.
    Cell,
    /// It may do what the table says; its behaviour is not worked out.
    Assumed,
}

/// Whether a module describes a cell. A name is not enough: whoever hides something in a
/// module may call it like a gate, so that what it does is worked out and compared.
fn standing(text: &[u8], source: &Source, module: &Module, library: &Library) -> Standing {
    if module.model {
        return Standing::Cell;
    }
    let names: Vec<String> = module
        .ports
        .iter()
        .map(|port| String::from_utf8_lossy(spanned(text, &source.made, port.name)).into_owned())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let single = module.ports.iter().all(|port| module.bits(&port.nets).len() == 1);
    if !single || names.is_empty() || names.len() > 250 {
        return Standing::Open;
    }
    let known = library.find(&module.name, &names);
    let used = |used: &u32| source.uses[*used as usize].name.as_str();
    let leaf = module
        .uses
        .iter()
        .map(used)
        .all(|name| is_primitive(name) || name.starts_with("$_") || source.udps.contains(name));
    let opaque = module.behaviour.is_some()
        || module.uses.iter().map(used).any(|name| source.udps.contains(name));
    match known {
        _ if !leaf => Standing::Open,
        Some(_) if opaque => Standing::Assumed,
        None if opaque && module.cell => Standing::Assumed,
        Some(_) if module.uses.is_empty() && module.aliases.is_empty() => Standing::Cell,
        Some(cell) if models::agrees(text, source, module, &cell) => Standing::Cell,
        _ => Standing::Open,
    }
}

fn choose(
    source: &Source,
    meanings: &[Meaning],
    by_name: &HashMap<&str, usize>,
    wanted: Option<&str>,
    problems: &mut Problems,
) -> Result<usize, Refused> {
    if let Some(name) = wanted {
        let names = || source.modules.iter().take(8).map(|one| one.name.clone()).collect();
        return by_name
            .get(name)
            .copied()
            .ok_or_else(|| Refused::NoSuchTop(name.to_owned(), names()));
    }
    let mut inside = vec![false; source.modules.len()];
    for module in &source.modules {
        for &used in &module.uses {
            if let Meaning::Module(child) = meanings[used as usize] {
                inside[child] = true;
            } else if let Some(&model) = by_name.get(source.uses[used as usize].name.as_str()) {
                inside[model] = true;
            }
        }
    }
    let free = |at: &usize| !inside[*at] && !source.modules[*at].model;
    let size = |at: &usize| (source.modules[*at].uses.len(), std::cmp::Reverse(*at));
    let tops: Vec<usize> = (0..source.modules.len()).filter(free).collect();
    let Some(top) = tops.iter().copied().max_by_key(size) else {
        return Err(match source.modules.first() {
            Some(module) => Refused::Recursion(module.name.clone()),
            None => Refused::NoModule,
        });
    };
    if tops.len() > 1 {
        problems.general("tops", &source.modules[top].name);
    }
    Ok(top)
}

fn children<'s>(module: &'s Module, meanings: &'s [Meaning]) -> impl Iterator<Item = usize> + 's {
    module.uses.iter().filter_map(|&used| match meanings[used as usize] {
        Meaning::Module(child) => Some(child),
        Meaning::Cell => None,
    })
}

/// Modules under `top`, every one behind those it is made of.
fn reached(source: &Source, meanings: &[Meaning], top: usize) -> Result<Vec<usize>, Refused> {
    let mut state = vec![0_u8; source.modules.len()];
    let mut order = Vec::new();
    let mut stack = vec![(top, false)];
    while let Some((at, done)) = stack.pop() {
        if done {
            state[at] = 2;
            order.push(at);
            continue;
        }
        if state[at] != 0 {
            continue;
        }
        state[at] = 1;
        stack.push((at, true));
        let mut below: Vec<usize> = children(&source.modules[at], meanings).collect();
        below.sort_unstable();
        below.dedup();
        for child in below {
            match state[child] {
                0 => stack.push((child, false)),
                1 => return Err(Refused::Recursion(source.modules[child].name.clone())),
                _ => {}
            }
        }
    }
    Ok(order)
}

/// Refuse what a short text blows up: counted before anything is opened.
fn fits(
    text: &[u8],
    source: &Source,
    meanings: &[Meaning],
    reached: &[usize],
) -> Result<(), Refused> {
    let mut sizes: HashMap<usize, (u64, u64, u64)> = HashMap::new();
    for &at in reached {
        let module = &source.modules[at];
        let (mut cells, mut nets, mut names) = (0_u64, u64::from(module.nets()), 0_u64);
        for (place, &used) in module.uses.iter().enumerate() {
            let own = u64::from(module.names[place].len);
            match meanings[used as usize] {
                Meaning::Cell => {
                    cells = cells.saturating_add(1);
                    names = names.saturating_add(own);
                }
                Meaning::Module(child) => {
                    let (more, below, text) = sizes[&child];
                    cells = cells.saturating_add(more);
                    nets = nets.saturating_add(below);
                    let prefixes = (own + 1).saturating_mul(more.saturating_add(below));
                    names = names.saturating_add(text).saturating_add(prefixes);
                }
            }
        }
        for wire in &module.wires {
            let each = u64::from(wire.name.len) + 8;
            names = names.saturating_add(u64::from(wire.width()).saturating_mul(each));
        }
        sizes.insert(at, (cells, nets, names));
    }
    let size = text.len() as u64;
    let (cells, nets, names) = sizes[&reached[reached.len() - 1]];
    let most = INSTANCES + size / 2;
    if cells.max(nets / 4) > most {
        return Err(Refused::TooLarge { what: "instances", found: cells.max(nets / 4), most });
    }
    let most = (NAMES + 8 * size).min(u64::from(u32::MAX / 2));
    if names > most {
        return Err(Refused::TooLarge { what: "names", found: names, most });
    }
    Ok(())
}
