//! A flat design as structural Verilog.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use kaname_netlist::cell::CellType;
use kaname_netlist::design::{Design, NONE};

use crate::random::Random;

/// The text of a design. With a seed the instances come in an order of their own, so that
/// their place says nothing.
pub fn write(design: &Design, seed: Option<u64>) -> String {
    let mut text = String::with_capacity(64 * design.len() + 1024);
    let ports = Ports::of(design);
    let names: Vec<String> = (0..design.nets).map(|net| ports.name(design, net)).collect();
    let list: Vec<String> = ports.declared.iter().map(|port| port.name.clone()).collect();
    let _ = writeln!(text, "module {} ({});", identifier(&design.name), list.join(", "));
    for port in &ports.declared {
        let _ = writeln!(text, "  {} {}{};", port.direction, port.range, port.name);
    }
    for net in ports.wires(design) {
        let _ = writeln!(text, "  wire {};", names[net as usize]);
    }
    for (net, bit) in [(design.zero, 0), (design.one, 1)] {
        if let Some(net) = net
            && design.outputs.contains(&net)
        {
            let _ = writeln!(text, "  assign {} = 1'b{bit};", names[net as usize]);
        }
    }
    let mut order: Vec<u32> = (0..design.len() as u32).collect();
    if let Some(seed) = seed {
        Random::new(seed).shuffle(&mut order);
    }
    for instance in order {
        instance_line(&mut text, design, instance, &names);
    }
    text.push_str("endmodule\n");
    text
}

/// Gates of the language (IEEE 1364-2005, clause 7): their pins are told by place.
const PRIMITIVES: [&str; 20] = [
    "and", "or", "xor", "nand", "nor", "xnor", "buf", "not", "bufif0", "bufif1", "notif0",
    "notif1", "nmos", "pmos", "rnmos", "rpmos", "cmos", "rcmos", "pullup", "pulldown",
];

fn positional(cell: &CellType) -> bool {
    PRIMITIVES.contains(&cell.name.as_str())
}

fn instance_line(text: &mut String, design: &Design, instance: u32, names: &[String]) {
    let (cell, nets) = (design.cell(instance), design.pins(instance));
    let name = if design.instance_names.is_empty() {
        format!("g{instance}")
    } else {
        identifier(design.instance_names.get(instance))
    };
    let said = |net: u32| match net {
        NONE => String::new(),
        net if design.zero == Some(net) => "1'b0".to_owned(),
        net if design.one == Some(net) => "1'b1".to_owned(),
        net => names[net as usize].clone(),
    };
    let pins: Vec<String> = if positional(cell) {
        nets.iter().map(|&net| said(net)).collect()
    } else {
        cell.pins
            .iter()
            .zip(nets)
            .filter(|(_, net)| **net != NONE)
            .map(|(pin, &net)| format!(".{}({})", identifier(&pin.name), said(net)))
            .collect()
    };
    let kind = if positional(cell) { cell.name.clone() } else { identifier(&cell.name) };
    let _ = writeln!(text, "  {kind} {name} ({});", pins.join(", "));
}

struct Port {
    name: String,
    direction: &'static str,
    range: String,
}

struct Ports {
    declared: Vec<Port>,
    /// Bases of names whose bits are declared as a vector.
    vectors: HashSet<String>,
    nets: HashSet<u32>,
}

impl Ports {
    fn of(design: &Design) -> Self {
        let mut direction: BTreeMap<u32, &'static str> = BTreeMap::new();
        for &net in &design.inputs {
            direction.insert(net, "input");
        }
        for &net in &design.outputs {
            let both = matches!(direction.get(&net), Some(&("input" | "inout")));
            direction.insert(net, if both { "inout" } else { "output" });
        }
        let mut groups: HashMap<String, Vec<(u32, u32)>> = HashMap::new();
        for &net in direction.keys() {
            if let Some((base, bit)) = bit(design.net_names.get(net)) {
                groups.entry(base.to_owned()).or_default().push((bit, net));
            }
        }
        let whole = |design: &Design| -> HashSet<String> {
            (0..design.net_names.len() as u32)
                .filter(|net| !direction.contains_key(net))
                .map(|net| design.net_names.get(net))
                .map(|name| bit(name).map_or(name, |(base, _)| base).to_owned())
                .collect()
        };
        let inner = whole(design);
        groups.retain(|base, bits| {
            bits.sort_unstable();
            let run = bits.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
            let alike = bits.iter().all(|(_, net)| direction[net] == direction[&bits[0].1]);
            run && alike && !inner.contains(base) && plain(base)
        });
        let mut ports = Self {
            declared: Vec::new(),
            vectors: groups.keys().cloned().collect(),
            nets: direction.keys().copied().collect(),
        };
        let mut done: HashSet<String> = HashSet::new();
        for (&net, &way) in &direction {
            let name = design.net_names.get(net);
            let base = bit(name).map(|(base, _)| base).filter(|base| groups.contains_key(*base));
            if let Some(base) = base {
                if done.insert(base.to_owned()) {
                    let bits = &groups[base];
                    let (low, high) = (bits[0].0, bits[bits.len() - 1].0);
                    let range = format!("[{high}:{low}] ");
                    ports.declared.push(Port { name: base.to_owned(), direction: way, range });
                }
            } else {
                let name = identifier(name);
                ports.declared.push(Port { name, direction: way, range: String::new() });
            }
        }
        ports
    }

    fn name(&self, design: &Design, net: u32) -> String {
        let name = design.net_names.get(net);
        let in_vector = self.nets.contains(&net)
            && bit(name).is_some_and(|(base, _)| self.vectors.contains(base));
        if in_vector { name.to_owned() } else { identifier(name) }
    }

    /// Nets of pins that are no ports, in the order of their numbers.
    fn wires(&self, design: &Design) -> Vec<u32> {
        let mut nets: Vec<u32> = design.pin_net.clone();
        nets.sort_unstable();
        nets.dedup();
        let constant = [design.zero, design.one];
        nets.retain(|net| {
            *net != NONE && !self.nets.contains(net) && !constant.contains(&Some(*net))
        });
        nets
    }
}

/// The base and the index of `name[index]`.
fn bit(name: &str) -> Option<(&str, u32)> {
    let (base, rest) = name.strip_suffix(']')?.rsplit_once('[')?;
    Some((base, rest.parse().ok()?))
}

fn plain(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$')
        && !KEYWORDS.contains(&name)
}

/// As it is, or escaped: `\` before and a space behind.
fn identifier(name: &str) -> String {
    if plain(name) { name.to_owned() } else { format!("\\{name} ") }
}

/// Those that a name in a netlist could be.
const KEYWORDS: [&str; 34] = [
    "and",
    "or",
    "xor",
    "nand",
    "nor",
    "xnor",
    "buf",
    "not",
    "module",
    "endmodule",
    "input",
    "output",
    "inout",
    "wire",
    "reg",
    "assign",
    "supply0",
    "supply1",
    "tri",
    "always",
    "begin",
    "end",
    "case",
    "if",
    "else",
    "for",
    "function",
    "task",
    "initial",
    "parameter",
    "integer",
    "posedge",
    "negedge",
    "table",
];
