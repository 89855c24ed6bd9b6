//! What is near an artifact: breadth first over observations, around hubs, within a cap.

use std::collections::HashMap;

use crate::eye::Eye;
use crate::state::State;

/// How far to go.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    pub hops: u8,
    /// An artifact with more mentions of others beside it is not passed through.
    pub gate: u64,
    /// Most artifacts.
    pub cap: usize,
}

/// A part of the graph.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Near {
    pub artifacts: Vec<u32>,
    pub distances: Vec<u8>,
    /// Mentions of others beside each, over the whole graph.
    pub degrees: Vec<u64>,
    /// Positions of two artifacts, the lower first, and in how many observations both are.
    pub edges: Vec<(u32, u32, u32)>,
    /// Positions of hubs that were reached and not passed through.
    pub gated: Vec<u32>,
    /// More was near than the cap allows.
    pub truncated: bool,
}

/// Everything within reach of ``seeds`` in what ``eye`` sees. A seed is passed through
/// even when it is a hub, up to the cap. Edges are those of artifacts passed through.
pub fn near(state: &State, eye: &Eye, seeds: &[u32], reach: Reach) -> Near {
    let mut search = Search::new(state, eye, reach);
    for &seed in seeds {
        if state.brief(seed, eye).is_some() {
            search.reach(seed, 0);
        }
    }
    let seeds = search.near.artifacts.len();
    let mut at = 0;
    while at < search.near.artifacts.len() && search.near.distances[at] < reach.hops {
        let degree = search.near.degrees[at];
        if at >= seeds && degree > reach.gate {
            search.near.gated.push(at as u32);
        } else {
            search.pass(at);
        }
        at += 1;
    }
    search.finish(at)
}

impl State {
    /// Everything within reach of ``seeds`` in what ``eye`` sees. A seed is passed through
    /// even when it is a hub, up to the cap. Edges are those of artifacts passed through.
    pub fn near(&self, eye: &Eye, seeds: &[u32], reach: Reach) -> Near {
        near(self, eye, seeds, reach)
    }
}

struct Search<'a> {
    state: &'a State,
    eye: &'a Eye,
    reach: Reach,
    positions: HashMap<u32, u32, Mix>,
    edges: Vec<u64>,
    near: Near,
}

impl<'a> Search<'a> {
    fn new(state: &'a State, eye: &'a Eye, reach: Reach) -> Self {
        Self {
            state,
            eye,
            reach,
            positions: HashMap::default(),
            edges: Vec::new(),
            near: Near::default(),
        }
    }

    /// The position of an artifact, new if it was not reached before; none beyond the cap.
    fn reach(&mut self, artifact: u32, distance: u8) -> Option<u32> {
        if let Some(&position) = self.positions.get(&artifact) {
            return Some(position);
        }
        if self.near.artifacts.len() >= self.reach.cap {
            self.near.truncated = true;
            return None;
        }
        let position = self.near.artifacts.len() as u32;
        self.positions.insert(artifact, position);
        self.near.artifacts.push(artifact);
        self.near.distances.push(distance);
        self.near.degrees.push(self.state.degree(artifact, self.eye));
        Some(position)
    }

    /// Reach everything that is mentioned beside the artifact at ``at``.
    fn pass(&mut self, at: usize) {
        let (artifact, distance) = (self.near.artifacts[at], self.near.distances[at] + 1);
        let state = self.state;
        for number in state.artifacts.mentions(artifact) {
            if !state.visible(number, self.eye) {
                continue;
            }
            let mentioned = state.observations.mentioned(number);
            for (order, &other) in mentioned.iter().enumerate() {
                if other != artifact && !mentioned[..order].contains(&other) {
                    self.join(at as u32, other, distance);
                }
            }
        }
    }

    fn join(&mut self, at: u32, other: u32, distance: u8) {
        if let Some(to) = self.reach(other, distance) {
            let to_passed = to < at && self.near.distances[to as usize] < self.reach.hops;
            // The other end gave this edge before, unless it was a hub.
            if !to_passed || self.near.gated.binary_search(&to).is_ok() {
                self.edges.push(u64::from(at.min(to)) << 32 | u64::from(at.max(to)));
            }
        }
    }

    fn finish(mut self, passed: usize) -> Near {
        let hubs = (passed..self.near.artifacts.len())
            .filter(|&at| self.near.degrees[at] > self.reach.gate)
            .map(|at| at as u32);
        self.near.gated.extend(hubs);
        self.edges.sort_unstable();
        for chunk in self.edges.chunk_by(|one, other| one == other) {
            let (a, b) = ((chunk[0] >> 32) as u32, chunk[0] as u32);
            self.near.edges.push((a, b, chunk.len() as u32));
        }
        self.near
    }
}

/// A hash for numbers that nobody outside chooses.
#[derive(Clone, Copy, Default)]
struct Mix;

impl std::hash::BuildHasher for Mix {
    type Hasher = Mixer;

    fn build_hasher(&self) -> Mixer {
        Mixer(0)
    }
}

struct Mixer(u64);

impl std::hash::Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        let mixed = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}
