//! What is mentioned beside one artifact, and the most observed part of the whole store.

use std::collections::HashMap;

use crate::eye::Eye;
use crate::pivot::Near;
use crate::state::State;

/// An artifact beside another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Relation {
    pub artifact: u32,
    /// The role, a number of words, that it has most often there.
    pub role: u32,
    /// Observations that mention both.
    pub observations: u32,
    /// Mentions of others beside it, over the whole store.
    pub degree: u64,
    /// Observations that mention it.
    pub mentions: u32,
}

impl State {
    /// What is mentioned beside an artifact in its latest `scan` observations; most first.
    pub fn relations(&self, artifact: u32, eye: &Eye, scan: usize, limit: usize) -> Vec<Relation> {
        let mut beside: HashMap<u32, HashMap<u32, u32>> = HashMap::new();
        for number in self.seen(artifact, eye).take(scan) {
            let stamp = self.stamps.get(self.observations.row(number).stamp());
            let mentioned = self.observations.mentioned(number).iter().zip(&stamp.roles);
            for (&other, &role) in mentioned.filter(|(other, _)| **other != artifact) {
                *beside.entry(other).or_default().entry(role).or_default() += 1;
            }
        }
        let mut found: Vec<(u32, u32, u32)> = beside
            .iter()
            .map(|(&other, roles)| {
                let role = roles.iter().max_by_key(|(role, count)| (**count, **role));
                (roles.values().sum(), other, role.map_or(0, |(role, _)| *role))
            })
            .collect();
        found.sort_unstable_by_key(|&(count, other, _)| (std::cmp::Reverse(count), other));
        found.truncate(limit);
        let of = |(observations, other, role)| Relation {
            artifact: other,
            role,
            observations,
            degree: self.degree(other, eye),
            mentions: self.brief(other, eye).map_or(0, |brief| brief.observations),
        };
        found.into_iter().map(of).collect()
    }

    /// The `cap` most observed artifacts and what joins them; how many there are in all.
    /// Observations of more than `most` artifacts join nothing: they are lists.
    pub fn overview(&self, eye: &Eye, cap: usize, most: usize) -> (Near, usize) {
        let mut counted: Vec<(u32, u32)> = (0..self.artifacts.len() as u32)
            .filter_map(|number| Some((self.brief(number, eye)?.observations, number)))
            .collect();
        let total = counted.len();
        counted.sort_unstable_by_key(|&(count, number)| (std::cmp::Reverse(count), number));
        counted.truncate(cap);
        let mut near = Near { truncated: total > cap, ..Near::default() };
        let mut positions = HashMap::new();
        for (position, &(_, number)) in counted.iter().enumerate() {
            positions.insert(number, position as u32);
            near.artifacts.push(number);
            near.distances.push(0);
            near.observed.push(self.observed(number, eye));
        }
        near.edges = self.edges_among(&positions, eye, most);
        (near, total)
    }

    fn edges_among(
        &self,
        positions: &HashMap<u32, u32>,
        eye: &Eye,
        most: usize,
    ) -> Vec<(u32, u32, u32)> {
        let mut edges = Vec::new();
        for number in (0..self.observations.len() as u32).filter(|&n| self.visible(n, eye)) {
            let mentioned = self.observations.mentioned(number);
            if mentioned.len() > most {
                continue;
            }
            let mut here: Vec<u32> =
                mentioned.iter().filter_map(|other| positions.get(other).copied()).collect();
            here.sort_unstable();
            here.dedup();
            for (order, &a) in here.iter().enumerate() {
                edges.extend(here[order + 1..].iter().map(|&b| (a, b)));
            }
        }
        edges.sort_unstable();
        edges
            .chunk_by(|one, other| one == other)
            .map(|c| (c[0].0, c[0].1, c.len() as u32))
            .collect()
    }
}
