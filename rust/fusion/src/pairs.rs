//! Which artifacts were mentioned together, how often, and in which roles.

use std::collections::HashMap;

use crate::eye::Eye;
use crate::state::State;

/// One row for each pair, roles and kind of observation.
#[derive(Default)]
pub struct Pairs {
    pub a: Vec<u32>,
    pub b: Vec<u32>,
    pub role_a: Vec<u32>,
    pub role_b: Vec<u32>,
    pub kind: Vec<u32>,
    pub observations: Vec<u32>,
    pub first: Vec<i64>,
    pub last: Vec<i64>,
}

/// One row for each artifact, role, kind of observation and source.
#[derive(Default)]
pub struct Mentions {
    pub artifact: Vec<u32>,
    pub role: Vec<u32>,
    pub kind: Vec<u32>,
    pub source: Vec<u32>,
    pub observations: Vec<u32>,
}

type Pair = (u32, u32, u32, u32, u32);

impl State {
    /// Pairs in the observations that may be seen and mention at most `most` artifacts.
    /// `a` is the lower number; roles and kinds are numbers of words.
    pub fn pairs(&self, eye: &Eye, most: usize) -> Pairs {
        let mut found: HashMap<Pair, (u32, i64, i64)> = HashMap::new();
        for number in (0..self.observations.len() as u32).filter(|&n| self.visible(n, eye)) {
            if self.observations.mentioned(number).len() <= most {
                self.pairs_of(number, &mut found);
            }
        }
        let mut rows: Vec<_> = found.into_iter().collect();
        rows.sort_unstable();
        let mut pairs = Pairs::default();
        for ((a, b, role_a, role_b, kind), (observations, first, last)) in rows {
            pairs.a.push(a);
            pairs.b.push(b);
            pairs.role_a.push(role_a);
            pairs.role_b.push(role_b);
            pairs.kind.push(kind);
            pairs.observations.push(observations);
            pairs.first.push(first);
            pairs.last.push(last);
        }
        pairs
    }

    fn pairs_of(&self, number: u32, found: &mut HashMap<Pair, (u32, i64, i64)>) {
        let row = self.observations.row(number);
        let stamp = self.stamps.get(row.stamp());
        let mentioned = self.observations.mentioned(number);
        for (at, (&one, &role)) in mentioned.iter().zip(&stamp.roles).enumerate() {
            for (&other, &other_role) in mentioned.iter().zip(&stamp.roles).skip(at + 1) {
                let mut ends = [(one, role), (other, other_role)];
                ends.sort_unstable();
                let [(a, role_a), (b, role_b)] = ends;
                if a == b {
                    continue;
                }
                let key = (a, b, role_a, role_b, stamp.kind);
                let sum = found.entry(key).or_insert((0, i64::MAX, i64::MIN));
                *sum = (sum.0 + 1, sum.1.min(row.at), sum.2.max(row.at));
            }
        }
    }

    /// Mentions in the observations that may be seen, counted.
    pub fn mention_counts(&self, eye: &Eye) -> Mentions {
        let mut found: HashMap<(u32, u32, u32, u32), u32> = HashMap::new();
        for number in (0..self.observations.len() as u32).filter(|&n| self.visible(n, eye)) {
            let stamp = self.stamps.get(self.observations.row(number).stamp());
            for (&artifact, &role) in self.observations.mentioned(number).iter().zip(&stamp.roles) {
                *found.entry((artifact, role, stamp.kind, stamp.source)).or_default() += 1;
            }
        }
        let mut rows: Vec<_> = found.into_iter().collect();
        rows.sort_unstable();
        let mut mentions = Mentions::default();
        for ((artifact, role, kind, source), observations) in rows {
            mentions.artifact.push(artifact);
            mentions.role.push(role);
            mentions.kind.push(kind);
            mentions.source.push(source);
            mentions.observations.push(observations);
        }
        mentions
    }
}
