//! What is near an artifact: breadth first over observations, around hubs, within a cap.
//!
//! Rows, mentions and artifacts lie anywhere in memory, and waiting for them is what takes
//! the time. So many artifacts are passed through at once, in loops that each load one
//! thing for all of them: the processor then waits for many of them together.

use std::collections::HashMap;

use crate::eye::Eye;
use crate::state::State;

/// Artifacts passed through at once.
const TOGETHER: usize = 64;

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
    /// Observations that mention each, over the whole store.
    pub observed: Vec<u32>,
    /// Positions of two artifacts, the lower first, and in how many observations both are.
    pub edges: Vec<(u32, u32, u32)>,
    /// Positions of hubs that were reached and not passed through, and the mentions of
    /// others beside each.
    pub gated: Vec<(u32, u64)>,
    /// More was near than the cap allows.
    pub truncated: bool,
}

impl State {
    /// Everything within reach of ``seeds`` in what ``eye`` sees. A seed is passed through
    /// even when it is a hub, up to the cap. Edges are those of artifacts passed through.
    pub fn near(&self, eye: &Eye, seeds: &[u32], reach: Reach) -> Near {
        let mut search = Search::new(self, eye, reach);
        for &seed in seeds {
            if self.observed(seed, eye) > 0 {
                search.reach(seed, 0);
            }
        }
        search.go();
        search.finish()
    }
}

struct Search<'a> {
    state: &'a State,
    eye: &'a Eye,
    reach: Reach,
    positions: HashMap<u32, u32, Mix>,
    /// Whether each was passed through.
    passed: Vec<bool>,
    edges: Vec<u64>,
    near: Near,
}

/// A position, and where the mentions of an observation of it lie.
type Span = (u32, (u32, u32));

impl<'a> Search<'a> {
    fn new(state: &'a State, eye: &'a Eye, reach: Reach) -> Self {
        Self {
            state,
            eye,
            reach,
            positions: HashMap::default(),
            passed: Vec::new(),
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
        self.passed.push(false);
        Some(position)
    }

    fn go(&mut self) {
        let seeds = self.near.artifacts.len();
        let mut at = 0;
        while self.more(at) {
            let distance = self.near.distances[at];
            let end = (at + TOGETHER).min(self.near.artifacts.len());
            let layer = (at..end).take_while(|&next| self.near.distances[next] == distance);
            let end = at + layer.count();
            self.pass(at..end, seeds);
            at = end;
        }
    }

    /// Whether to pass through the artifact at a position.
    fn more(&self, at: usize) -> bool {
        let distance = self.near.distances.get(at);
        !self.near.truncated && distance.is_some_and(|distance| *distance < self.reach.hops)
    }

    /// Reach everything that is mentioned beside the artifacts at these positions.
    fn pass(&mut self, positions: std::ops::Range<usize>, seeds: usize) {
        let state = self.state;
        let mut numbers = Vec::new();
        for at in positions {
            let artifact = self.near.artifacts[at];
            let summed = state.summed_degree(artifact, self.eye);
            match summed.filter(|degree| at >= seeds && *degree > self.reach.gate) {
                Some(degree) => self.near.gated.push((at as u32, degree)),
                None => numbers.extend(state.artifacts.mentions(artifact).map(|n| (at as u32, n))),
            }
        }
        let seen = numbers.into_iter().filter(|(_, number)| state.visible(*number, self.eye));
        let spans: Vec<Span> = seen.map(|(at, n)| (at, state.observations.span(n))).collect();
        for own in spans.chunk_by(|one, other| one.0 == other.0) {
            let degree: u64 =
                own.iter().map(|(_, (from, end))| u64::from(end - from).saturating_sub(1)).sum();
            let at = own[0].0;
            if at as usize >= seeds && degree > self.reach.gate {
                self.near.gated.push((at, degree));
            } else {
                self.passed[at as usize] = true;
                for (_, span) in own {
                    self.join_all(at, *span);
                }
            }
        }
    }

    fn join_all(&mut self, at: u32, span: (u32, u32)) {
        let artifact = self.near.artifacts[at as usize];
        let distance = self.near.distances[at as usize] + 1;
        let mentioned = self.state.observations.at(span);
        for (order, &other) in mentioned.iter().enumerate() {
            if other != artifact && !mentioned[..order].contains(&other) {
                self.join(at, other, distance);
            }
        }
    }

    fn join(&mut self, at: u32, other: u32, distance: u8) {
        if let Some(to) = self.reach(other, distance) {
            // The other end gave this edge when it was passed through.
            if to > at || !self.passed[to as usize] {
                self.edges.push(u64::from(at.min(to)) << 32 | u64::from(at.max(to)));
            }
        }
    }

    fn finish(mut self) -> Near {
        let (state, eye) = (self.state, self.eye);
        let artifacts = &self.near.artifacts;
        self.near.observed = artifacts.iter().map(|one| state.observed(*one, eye)).collect();
        let last = self.near.distances.iter().position(|distance| *distance >= self.reach.hops);
        let seen = artifacts.iter().enumerate().skip(last.unwrap_or(artifacts.len()));
        let hubs = seen.filter_map(|(at, one)| Some((at as u32, state.summed_degree(*one, eye)?)));
        self.near.gated.extend(hubs.filter(|(_, degree)| *degree > self.reach.gate));
        self.near.gated.sort_unstable();
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
