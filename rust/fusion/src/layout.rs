//! Where artifacts are drawn: cheap, and the same at every visit.
//!
//! Each component is drawn around its artifact of most edges, in rings by distance, every
//! branch within the angle of its parent's; components are packed in rows, the largest
//! first. Linear in nodes and edges, so that 100,000 take a moment. Force layouts of that
//! size take minutes on a processor.

use std::collections::VecDeque;

const RING: f32 = 1.0;

/// Positions of `nodes` joined by `edges`, about within a square around 0, 0.
pub fn layout(nodes: usize, edges: &[(u32, u32)]) -> (Vec<f32>, Vec<f32>) {
    let graph = Graph::new(nodes, edges);
    let mut drawing =
        Drawing { x: vec![0.0; nodes], y: vec![0.0; nodes], seen: vec![false; nodes] };
    let mut roots: Vec<u32> = (0..nodes as u32).collect();
    roots.sort_by_key(|&node| (std::cmp::Reverse(graph.of(node).len()), node));
    let mut parts = Vec::new();
    for root in roots {
        if !drawing.seen[root as usize] {
            parts.push(drawing.component(&graph, root));
        }
    }
    parts.sort_by_key(|part| (std::cmp::Reverse(part.members.len()), part.members[0]));
    drawing.pack(&parts);
    (drawing.x, drawing.y)
}

/// Neighbours of every node, one after the other.
struct Graph {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Graph {
    fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
        let mut starts = vec![0_u32; nodes + 1];
        for &(a, b) in edges {
            starts[a as usize + 1] += 1;
            starts[b as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut next = starts.clone();
        let mut targets = vec![0; edges.len() * 2];
        for &(a, b) in edges {
            for (from, to) in [(a, b), (b, a)] {
                targets[next[from as usize] as usize] = to;
                next[from as usize] += 1;
            }
        }
        Self { starts, targets }
    }

    fn of(&self, node: u32) -> &[u32] {
        let node = node as usize;
        &self.targets[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}

struct Part {
    members: Vec<u32>,
    radius: f32,
}

struct Drawing {
    x: Vec<f32>,
    y: Vec<f32>,
    seen: Vec<bool>,
}

impl Drawing {
    /// Draw what hangs together with ``root`` around it.
    #[expect(clippy::cast_precision_loss, reason = "numbers of nodes, on a screen")]
    fn component(&mut self, graph: &Graph, root: u32) -> Part {
        let mut queue = VecDeque::from([(root, 0.0_f32, std::f32::consts::TAU, 0.0_f32)]);
        self.seen[root as usize] = true;
        let mut part = Part { members: Vec::new(), radius: RING };
        while let Some((node, from, angle, distance)) = queue.pop_front() {
            let middle = from + angle / 2.0;
            self.x[node as usize] = distance * middle.cos();
            self.y[node as usize] = distance * middle.sin();
            part.radius = part.radius.max(distance + RING);
            part.members.push(node);
            let children = self.unseen(graph, node);
            // A ring must be long enough for the children, whatever angle they have.
            let share = angle / children.len().max(1) as f32;
            let step = RING.max(0.2 / share.max(1e-4)).min(RING * 40.0);
            for (order, child) in children.into_iter().enumerate() {
                queue.push_back((child, from + share * order as f32, share, distance + step));
            }
        }
        part
    }

    fn unseen(&mut self, graph: &Graph, node: u32) -> Vec<u32> {
        let mut found = Vec::new();
        for &other in graph.of(node) {
            if !std::mem::replace(&mut self.seen[other as usize], true) {
                found.push(other);
            }
        }
        found
    }

    /// Put the parts in rows beside each other.
    fn pack(&mut self, parts: &[Part]) {
        let area: f32 = parts.iter().map(|part| 4.0 * part.radius * part.radius).sum();
        let width = area.sqrt().max(2.0 * parts.first().map_or(0.0, |part| part.radius));
        let (mut left, mut top, mut height) = (0.0_f32, 0.0_f32, 0.0_f32);
        for part in parts {
            let side = 2.0 * part.radius;
            if left > 0.0 && left + side > width {
                (left, top, height) = (0.0, top + height, 0.0);
            }
            let (x, y) = (left + part.radius - width / 2.0, top + part.radius - width / 2.0);
            for &node in &part.members {
                self.x[node as usize] += x;
                self.y[node as usize] += y;
            }
            left += side;
            height = height.max(side);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_lie_apart_and_components_do_not_overlap() {
        let edges = [(0, 1), (0, 2), (0, 3), (4, 5)];
        let (x, y) = layout(7, &edges);
        for a in 0..7 {
            for b in 0..a {
                assert!((x[a] - x[b]).hypot(y[a] - y[b]) > 0.5, "{a} and {b}");
            }
        }
    }

    #[test]
    fn it_is_the_same_every_time() {
        let edges: Vec<(u32, u32)> = (1..5_000).map(|node| (node / 3, node)).collect();
        assert_eq!(layout(6_000, &edges), layout(6_000, &edges));
    }
}
