//! The data edges of a design: which cell's output a data or enable pin of a cell reads.
//!
//! Clocks, resets and scan chains reach everything and say nothing: they are no edges. A TIE
//! cell and a constant in the text are the same thing, so neither is an edge.

use std::collections::HashMap;

use kaname_netlist::cell::{Family, Role};
use kaname_netlist::design::{Design, NONE};

/// What a pin reads when it reads no cell.
pub const INPUT: u32 = u32::MAX - 1;
pub const FIXED: u32 = u32::MAX - 2;
pub const FLOATING: u32 = u32::MAX - 3;

/// Rows of unequal length, one behind the other.
#[derive(Debug, Default)]
pub struct Rows {
    pub start: Vec<u32>,
    pub values: Vec<u32>,
}

impl Rows {
    pub fn of(&self, row: u32) -> &[u32] {
        let row = row as usize;
        &self.values[self.start[row] as usize..self.start[row + 1] as usize]
    }

    /// Rows out of pairs that `visit` gives twice in the same order.
    pub fn gather(rows: usize, visit: impl Fn(&mut dyn FnMut(u32, u32))) -> Self {
        let mut start = vec![0u32; rows + 1];
        visit(&mut |row, _| start[row as usize + 1] += 1);
        for row in 0..rows {
            start[row + 1] += start[row];
        }
        let mut next = start.clone();
        let mut values = vec![0u32; start[rows] as usize];
        visit(&mut |row, value| {
            let place = &mut next[row as usize];
            values[*place as usize] = value;
            *place += 1;
        });
        Self { start, values }
    }
}

#[derive(Debug)]
pub struct Graph {
    pub cells: usize,
    pub family: Vec<Family>,
    /// Whether a cell keeps a state: paths of combinational logic end at it.
    pub keeps: Vec<bool>,
    pub inverting: Vec<bool>,
    /// For each cell, what each of its data pins reads: a cell, or one of the marks above.
    pub sources: Rows,
    /// For each cell, the cells whose data pins read it, once for each pin.
    pub loads: Rows,
    /// Primary outputs that a cell drives.
    pub outputs: Vec<u32>,
    /// Clock, reset and scan pins that a cell drives.
    pub controls: Vec<[u32; 3]>,
    /// The cells that drive each net (nearly always one).
    pub drivers: Drivers,
    pub is_input: Vec<bool>,
}

/// The cells that drive each net.
#[derive(Debug, Default)]
pub struct Drivers {
    first: Vec<u32>,
    more: HashMap<u32, Vec<u32>>,
}

impl Drivers {
    fn new(design: &Design) -> Self {
        let mut found = Self { first: vec![NONE; design.nets as usize], more: HashMap::default() };
        for cell in 0..design.len() as u32 {
            let pins = &design.cell(cell).pins;
            for (pin, &net) in pins.iter().zip(design.pins(cell)) {
                if pin.role != Role::Output || net == NONE {
                    continue;
                }
                let first = &mut found.first[net as usize];
                if *first == NONE {
                    *first = cell;
                } else {
                    found.more.entry(net).or_default().push(cell);
                }
            }
        }
        found
    }

    /// The only driver of a net, or `NONE` where there is none or several.
    pub fn only(&self, net: u32) -> u32 {
        if self.several(net) { NONE } else { self.first[net as usize] }
    }

    pub fn several(&self, net: u32) -> bool {
        !self.more.is_empty() && self.more.contains_key(&net)
    }

    pub fn each(&self, net: u32, mut visit: impl FnMut(u32)) {
        let first = self.first[net as usize];
        if first != NONE {
            visit(first);
        }
        if !self.more.is_empty() {
            self.more.get(&net).into_iter().flatten().for_each(|cell| visit(*cell));
        }
    }
}

impl Graph {
    pub fn new(design: &Design) -> Self {
        let cells = design.len();
        let drivers = Drivers::new(design);
        let family: Vec<Family> =
            design.cells.iter().map(|kind| design.types[*kind as usize].family).collect();
        let keeps = design.cells.iter().map(|kind| holds(&design.types[*kind as usize])).collect();
        let inverting =
            design.cells.iter().map(|kind| design.types[*kind as usize].inverting).collect();
        let mut is_input = vec![false; design.nets as usize];
        for net in &design.inputs {
            is_input[*net as usize] = true;
        }
        let reads = Reads { design, drivers: &drivers, family: &family, is_input: &is_input };
        let sources = Rows::gather(cells, |give| reads.all(give));
        let loads = Rows::gather(cells, |give| {
            for cell in 0..cells as u32 {
                for &source in sources.of(cell) {
                    if source < FLOATING {
                        give(source, cell);
                    }
                }
            }
        });
        let (outputs, controls) = (reads.outputs(), reads.controls());
        Self {
            cells,
            family,
            keeps,
            inverting,
            sources,
            loads,
            outputs,
            controls,
            drivers,
            is_input,
        }
    }

    /// The cells that a cell reads, once for each pin.
    pub fn before(&self, cell: u32) -> impl Iterator<Item = u32> {
        self.sources.of(cell).iter().copied().filter(|source| *source < FLOATING)
    }

    /// All pins that read a cell, of any kind, and primary outputs.
    pub fn fan_out(&self, cell: u32) -> u32 {
        let at = cell as usize;
        let controls: u32 = self.controls[at].iter().sum();
        self.loads.of(cell).len() as u32 + self.outputs[at] + controls
    }
}

/// Whether a cell keeps a state, by its family where its function is not known.
fn holds(kind: &kaname_netlist::cell::CellType) -> bool {
    kind.keeps() || matches!(kind.family, Family::FlipFlop | Family::Latch)
}

struct Reads<'a> {
    design: &'a Design,
    drivers: &'a Drivers,
    family: &'a [Family],
    is_input: &'a [bool],
}

impl Reads<'_> {
    fn all(&self, give: &mut dyn FnMut(u32, u32)) {
        for cell in 0..self.design.len() as u32 {
            let pins = &self.design.cell(cell).pins;
            for (pin, &net) in pins.iter().zip(self.design.pins(cell)) {
                if matches!(pin.role, Role::Data | Role::Enable) {
                    self.read(net, |source| give(cell, source));
                }
            }
        }
    }

    /// What a pin on `net` reads.
    fn read(&self, net: u32, mut give: impl FnMut(u32)) {
        if net == NONE {
            return give(FLOATING);
        }
        if Some(net) == self.design.zero || Some(net) == self.design.one {
            return give(FIXED);
        }
        let mut found = false;
        self.drivers.each(net, |cell| {
            found = true;
            give(if self.family[cell as usize] == Family::Constant { FIXED } else { cell });
        });
        if !found {
            give(if self.is_input[net as usize] { INPUT } else { FLOATING });
        }
    }

    fn outputs(&self) -> Vec<u32> {
        let mut found = vec![0; self.design.len()];
        for &net in &self.design.outputs {
            self.drivers.each(net, |cell| found[cell as usize] += 1);
        }
        found
    }

    fn controls(&self) -> Vec<[u32; 3]> {
        let mut found = vec![[0; 3]; self.design.len()];
        for cell in 0..self.design.len() as u32 {
            let pins = &self.design.cell(cell).pins;
            for (pin, &net) in pins.iter().zip(self.design.pins(cell)) {
                let kind = match pin.role {
                    Role::Clock => 0,
                    Role::Reset => 1,
                    Role::Scan => 2,
                    _ => continue,
                };
                if net != NONE {
                    self.drivers.each(net, |from| found[from as usize][kind] += 1);
                }
            }
        }
        found
    }
}
