//! What a reader finds before cells are known: modules, their nets, instances and aliases.

use std::collections::HashSet;

use crate::design::NONE;
use crate::lexer::Span;

/// The first two nets of every module.
pub const ZERO: u32 = 0;
pub const ONE: u32 = 1;
/// A pin's net with this bit set is a place in `bundles`.
pub const BUNDLE: u32 = 1 << 31;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Input,
    Output,
    Both,
}

/// A declared (or met) name of nets: one, or a vector of `msb` to `lsb`.
#[derive(Clone, Copy, Debug)]
pub struct Wire {
    pub name: Span,
    pub base: u32,
    pub msb: i32,
    pub lsb: i32,
    pub vector: bool,
}

impl Wire {
    pub fn width(&self) -> u32 {
        self.msb.abs_diff(self.lsb) + 1
    }

    /// The net of an index; bit 0 of `base` is the least significant one.
    pub fn bit(&self, index: i64) -> Option<u32> {
        let (low, high) = (self.msb.min(self.lsb), self.msb.max(self.lsb));
        if !(i64::from(low)..=i64::from(high)).contains(&index) {
            return None;
        }
        Some(self.base + (index - i64::from(self.lsb)).unsigned_abs() as u32)
    }

    /// The index of a place from the least significant bit.
    pub fn index(&self, place: u32) -> i64 {
        let step = if self.msb >= self.lsb { 1 } else { -1 };
        i64::from(self.lsb) + step * i64::from(place)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Port {
    /// Its name outside, which differs from the net's where it is written `.name(net)`.
    pub name: Span,
    /// Its nets, as a pin's.
    pub nets: u32,
    pub direction: Direction,
}

/// A cell's name with the pins that instances name, in the order in which they turned up.
/// One use has named pins, another of the same name has positional ones.
#[derive(Clone, Debug)]
pub struct Use {
    pub name: String,
    pub positional: bool,
    pub pins: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Module {
    pub name: String,
    pub ports: Vec<Port>,
    pub wires: Vec<Wire>,
    /// Which wire each net is of; `NONE` for nets that the reader made.
    pub of: Vec<u32>,
    pub uses: Vec<u32>,
    pub names: Vec<Span>,
    /// One more than there are instances.
    pub pin_start: Vec<u32>,
    /// By place in the use's pins; a net, `NONE`, or a bundle.
    pub pins: Vec<u32>,
    pub bundles: Vec<Vec<u32>>,
    /// Nets that are one.
    pub aliases: Vec<(u32, u32)>,
    /// Instances with values for parameters: what is used, and where it is said.
    pub overrides: Vec<(u32, u32)>,
    /// It has parameters, with whose own values it was read.
    pub parameters: bool,
    /// Where behaviour is described that is no structure.
    pub behaviour: Option<u32>,
    /// It only says what a cell looks like (a black box).
    pub model: bool,
    /// It stands between `celldefine` and `endcelldefine`.
    pub cell: bool,
    /// Where it begins in the text.
    pub at: u32,
}

impl Module {
    pub fn new(name: String, at: u32) -> Self {
        Self { name, at, of: vec![NONE, NONE], pin_start: vec![0], ..Self::default() }
    }

    pub fn nets(&self) -> u32 {
        self.of.len() as u32
    }

    /// Drop the instances; nets, names and ports stay.
    pub fn forget_instances(&mut self) {
        self.uses = Vec::new();
        self.names = Vec::new();
        self.pin_start = Vec::new();
        self.pins = Vec::new();
        self.aliases = Vec::new();
    }

    /// A net that no name of the text has.
    pub fn made(&mut self) -> u32 {
        self.of.push(NONE);
        self.of.len() as u32 - 1
    }

    /// Bits, lowest first, as a pin's net.
    pub fn bundle(&mut self, bits: Vec<u32>) -> u32 {
        match bits[..] {
            [] => NONE,
            [one] => one,
            _ => {
                self.bundles.push(bits);
                BUNDLE | (self.bundles.len() as u32 - 1)
            }
        }
    }

    /// The bits of a pin's net, lowest first.
    pub fn bits<'a>(&'a self, net: &'a u32) -> &'a [u32] {
        match *net {
            NONE => &[],
            one if one & BUNDLE == 0 => std::slice::from_ref(net),
            many => &self.bundles[(many & !BUNDLE) as usize],
        }
    }

    pub fn instance_pins(&self, at: usize) -> &[u32] {
        &self.pins[self.pin_start[at] as usize..self.pin_start[at + 1] as usize]
    }
}

/// Everything read from one text.
#[derive(Debug, Default)]
pub struct Source {
    pub modules: Vec<Module>,
    pub uses: Vec<Use>,
    /// Names of user-defined primitives.
    pub udps: HashSet<String>,
    /// Names that the reader made; a span behind the text's end is in here.
    pub made: Vec<u8>,
}
