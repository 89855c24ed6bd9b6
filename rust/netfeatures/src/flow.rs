//! The cheapest way from each net to where it can be seen, whatever a step costs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use kaname_netlist::design::NONE;

use crate::probability::Setting;

/// Costs of seeing each net, `most` where it cannot be seen: 0 at primary outputs.
///
/// `offer` says what the inputs of a cell cost by way of one of its outputs, as (net, cost),
/// given that output's net and what it costs to see. It is asked once for each output, the
/// cheapest first (Dijkstra), so costs may not fall on the way.
pub fn backward(
    setting: &Setting,
    most: u32,
    offer: impl Fn(u32, u32, u32, &mut Vec<(u32, u32)>),
) -> Vec<u32> {
    let mut see = vec![most; setting.design.nets as usize];
    let mut heap = BinaryHeap::new();
    for &net in &setting.design.outputs {
        see[net as usize] = 0;
        heap.push(Reverse((0, net)));
    }
    let mut later = Vec::new();
    while let Some(Reverse((seen, net))) = heap.pop() {
        if seen > see[net as usize] {
            continue;
        }
        setting.graph.drivers.each(net, |cell| offer(cell, net, seen, &mut later));
        for (from, cost) in later.drain(..) {
            if from != NONE && cost < see[from as usize] {
                see[from as usize] = cost;
                heap.push(Reverse((cost, from)));
            }
        }
    }
    see
}
