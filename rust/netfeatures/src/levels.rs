//! Distances over data edges.

use crate::graph::Graph;

/// As far as distances are told: this far, farther, or not reached at all.
pub const FARTHEST: u8 = 63;

/// Levels from cells that `start` names (they get 1) towards the outputs.
pub fn forward(graph: &Graph, start: impl Fn(u32) -> bool) -> Vec<u8> {
    spread(graph.cells, start, |cell, visit| {
        graph.loads.of(cell).iter().for_each(|load| visit(*load));
    })
}

/// Levels from cells that `start` names (they get 1) towards the inputs.
pub fn backward(graph: &Graph, start: impl Fn(u32) -> bool) -> Vec<u8> {
    spread(graph.cells, start, |cell, visit| graph.before(cell).for_each(visit))
}

fn spread(
    cells: usize,
    start: impl Fn(u32) -> bool,
    next: impl Fn(u32, &mut dyn FnMut(u32)),
) -> Vec<u8> {
    let mut level = vec![FARTHEST; cells];
    let mut front: Vec<u32> = (0..cells as u32).filter(|cell| start(*cell)).collect();
    for cell in &front {
        level[*cell as usize] = 1;
    }
    for far in 2..FARTHEST {
        let mut ahead = Vec::new();
        for &cell in &front {
            next(cell, &mut |other| {
                let slot = &mut level[other as usize];
                if *slot == FARTHEST {
                    *slot = far;
                    ahead.push(other);
                }
            });
        }
        if ahead.is_empty() {
            break;
        }
        front = ahead;
    }
    level
}
