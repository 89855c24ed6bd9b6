//! Sums over the observations of artifacts that have many, by stamp: asked in microseconds
//! whatever their number, and still answered for each audience alone.

use std::collections::HashMap;

use crate::stamps::Stamps;

/// What observations of one stamp say together.
#[derive(Clone, Copy)]
pub struct Sum {
    pub count: u32,
    pub first: i64,
    pub last: i64,
    /// Mentions of other artifacts in them.
    pub others: u64,
}

impl Sum {
    /// Nothing yet.
    pub const NONE: Self = Self { count: 0, first: i64::MAX, last: i64::MIN, others: 0 };

    /// Add an observation.
    pub fn add(&mut self, at: i64, others: usize) {
        self.count += 1;
        self.first = self.first.min(at);
        self.last = self.last.max(at);
        self.others += others as u64;
    }

    /// Add those of another sum.
    pub fn join(&mut self, other: &Self) {
        self.count += other.count;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.others += other.others;
    }
}

/// Sums of one artifact.
#[derive(Default)]
pub struct Sums {
    by_stamp: HashMap<u32, Sum>,
}

impl Sums {
    /// Add an observation.
    pub fn add(&mut self, stamp: u32, at: i64, others: usize) {
        self.by_stamp.entry(stamp).or_insert(Sum::NONE).add(at, others);
    }

    /// (stamp, sum) of all.
    pub fn all(&self) -> impl Iterator<Item = (u32, &Sum)> {
        self.by_stamp.iter().map(|(stamp, sum)| (*stamp, sum))
    }

    /// Bytes that they take, about.
    pub fn bytes(&self) -> usize {
        self.by_stamp.capacity() * (size_of::<(u32, Sum)>() + 1)
    }
}

/// Sources of stamps, each once.
pub fn sources(stamps: &Stamps, seen: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    for stamp in seen {
        let source = stamps.get(stamp).source;
        if !found.contains(&source) {
            found.push(source);
        }
    }
    found
}
