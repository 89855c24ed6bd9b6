//! The cheapest way from each net to where it can be seen, whatever a step costs.

use kaname_netlist::design::NONE;

use crate::probability::Setting;

/// Loops are gone through this often at most.
const SWEEPS: u32 = 12;

/// Lower `see`, a cost for each net, until nothing is cheaper: `offer` says for a cell what
/// its inputs cost by way of it, as (net, cost).
pub fn backward(
    setting: &Setting,
    see: &mut [u32],
    offer: impl Fn(u32, &[u32], &mut Vec<(u32, u32)>),
) {
    let keeps = |cell: u32| setting.graph.keeps[cell as usize];
    let mut later = Vec::new();
    for run in setting.order.groups.iter().rev() {
        let cells = &setting.order.cells[run.range()];
        let looped = setting.order.in_loop(cells[0]);
        for _ in 0..if looped { SWEEPS } else { 1 } {
            let mut moved = false;
            for knot in cells.chunk_by(|a, b| setting.order.same_knot(*a, *b)).rev() {
                if !keeps(knot[0]) {
                    for cell in knot {
                        offer(*cell, see, &mut later);
                    }
                    moved |= lower(see, &mut later);
                }
            }
            for cell in cells.iter().filter(|cell| keeps(**cell)) {
                offer(*cell, see, &mut later);
            }
            if !(moved | lower(see, &mut later)) {
                break;
            }
        }
    }
}

fn lower(see: &mut [u32], later: &mut Vec<(u32, u32)>) -> bool {
    let mut moved = false;
    for (net, cost) in later.drain(..) {
        if net != NONE && cost < see[net as usize] {
            see[net as usize] = cost;
            moved = true;
        }
    }
    moved
}
