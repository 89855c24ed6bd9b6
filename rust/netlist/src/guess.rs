//! Directions of pins of unknown cells, by the rule that a net has exactly one driver.

use crate::cell::{Family, Function, Role};
use crate::design::{Design, NONE};

/// Names that libraries give to outputs; only asked where the nets alone cannot tell.
const OUTPUTS: [&str; 28] = [
    "Y", "YN", "Z", "ZN", "ZQ", "X", "Q", "QN", "QB", "QBAR", "Q_N", "O", "OUT", "OUT1", "OUT2",
    "DOUT", "CO", "COUT", "CON", "SUM", "SO", "SN_OUT", "GCLK", "ECK", "GCK", "HI", "LO", "p0",
];

/// Guess which pins of unknown cells are outputs: those whose nets nothing else drives.
pub fn directions(design: &mut Design) {
    let open: Vec<bool> = design.types.iter().map(is_open).collect();
    if !open.contains(&true) {
        return;
    }
    let mut driven = driven(design);
    for round in 0..2 {
        let (with, without) = votes(design, &open, &driven);
        for (kind, cell) in design.types.iter_mut().enumerate().filter(|(kind, _)| open[*kind]) {
            for (at, pin) in cell.pins.iter_mut().enumerate() {
                let free = pin.role == Role::Data && without[kind][at] > 0 && with[kind][at] == 0;
                let named = OUTPUTS.iter().any(|name| {
                    pin.name.split('[').next().is_some_and(|pin| pin.eq_ignore_ascii_case(name))
                });
                if free && (round > 0 || named) {
                    pin.role = Role::Output;
                    pin.function = Some(Function::Unknown);
                }
            }
        }
        driven = self::driven(design);
    }
}

/// Unknown, and no output is known from elsewhere.
fn is_open(cell: &crate::cell::CellType) -> bool {
    cell.family == Family::Unknown && cell.pins.iter().all(|pin| pin.role != Role::Output)
}

fn driven(design: &Design) -> Vec<bool> {
    let mut driven = vec![false; design.nets as usize];
    let fixed = design.inputs.iter().chain(&design.zero).chain(&design.one);
    fixed.for_each(|&net| driven[net as usize] = true);
    for instance in 0..design.len() as u32 {
        for (pin, &net) in design.cell(instance).pins.iter().zip(design.pins(instance)) {
            if pin.role == Role::Output && net != NONE {
                driven[net as usize] = true;
            }
        }
    }
    driven
}

type Votes = Vec<Vec<u32>>;

/// How many pins of each kind are on nets with and without a driver.
fn votes(design: &Design, open: &[bool], driven: &[bool]) -> (Votes, Votes) {
    let none = || design.types.iter().map(|cell| vec![0_u32; cell.pins.len()]).collect();
    let (mut with, mut without): (Votes, Votes) = (none(), none());
    for instance in 0..design.len() as u32 {
        let kind = design.cells[instance as usize] as usize;
        if !open[kind] {
            continue;
        }
        for (at, &net) in design.pins(instance).iter().enumerate().filter(|(_, net)| **net != NONE)
        {
            if driven[net as usize] {
                with[kind][at] += 1;
            } else {
                without[kind][at] += 1;
            }
        }
    }
    (with, without)
}
