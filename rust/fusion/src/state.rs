//! What is known, in memory: artifacts, observations, and the questions about one artifact.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::artifacts::Artifacts;
use crate::eye::Eye;
use crate::hash::HashKey;
use crate::observations::Observations;
use crate::stamps::Stamps;
use crate::sums::{Sum, Sums, sources};
use crate::table::Table;
use crate::wire::View;

/// From so many observations on an artifact has sums.
const MANY: u32 = 64;
const DAY: i64 = 86_400_000_000; // microseconds
/// So many mentions of a batch are entered before room is asked for again.
const ROOM: usize = 1 << 24;
/// Kinds of artifacts, and some that one batch may bring.
const KINDS: usize = 128;
const OBSERVATION: u8 = 0xff; // class of hashed identifiers; kinds of artifacts are lower

/// What a look-up tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Brief {
    pub first: i64,
    pub last: i64,
    pub observations: u32,
    pub sources: u32,
}

/// What one source contributed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFacts {
    pub source: String,
    pub count: u32,
    pub first: i64,
    pub last: i64,
}

/// Everything countable about an artifact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    pub brief: Brief,
    /// Mentions of other artifacts beside it.
    pub degree: u64,
    /// The freest marking among the observations, by position.
    pub rank: u8,
    pub sources: Vec<SourceFacts>,
    pub roles: Vec<(String, u32)>,
    /// Day since the epoch, observations on it.
    pub days: Vec<(i64, u32)>,
}

/// All of it.
pub struct State {
    key: HashKey,
    bits: u64,
    pub(crate) artifacts: Artifacts,
    pub(crate) observations: Observations,
    pub stamps: Stamps,
    ids: Table,
    sums: HashMap<u32, Sums>,
    pub(crate) taken_back: u32,
}

impl State {
    /// Nothing known; `bits` of hashes count (all but in tests of collisions).
    pub fn new(markings: &[String], key: HashKey, bits: u64) -> Self {
        Self {
            key,
            bits,
            artifacts: Artifacts::new(key, bits),
            observations: Observations::default(),
            stamps: Stamps::new(markings),
            ids: Table::default(),
            sums: HashMap::new(),
            taken_back: 0,
        }
    }

    /// What hashes are made with.
    pub(crate) fn key(&self) -> HashKey {
        self.key
    }

    /// (tag, number) of identifiers, for a snapshot.
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = (u64, u32)> {
        self.ids.entries()
    }

    /// Put the arrays of a snapshot in place.
    pub(crate) fn put(
        &mut self,
        artifacts: Artifacts,
        observations: Observations,
        taken_back: u32,
    ) {
        self.ids = Table::with_room(observations.len());
        (self.artifacts, self.observations) = (artifacts, observations);
        self.taken_back = taken_back;
        for artifact in 0..self.artifacts.len() as u32 {
            if self.artifacts.count(artifact) >= MANY {
                self.sum_up(artifact);
            }
        }
    }

    /// Put an identifier of a snapshot in place; none: there is no such observation.
    pub(crate) fn put_identifier(&mut self, tag: u64, number: u32) -> Option<()> {
        ((number as usize) < self.observations.len()).then(|| self.ids.insert(tag, number))
    }

    /// Enter an observation whose record is at ``place``; what it mentions is appended to
    /// ``touched`` as (artifact, whether new). None: a marking that is not known, or full.
    pub fn add(
        &mut self,
        view: &View<'_>,
        place: u64,
        touched: &mut Vec<(u32, bool)>,
    ) -> Option<u32> {
        if !self.observations.has_room(view.mentions.len()) {
            return None;
        }
        let stamp = self.stamps.number(view)?;
        let from = touched.len();
        for mention in &view.mentions {
            touched.push(self.artifacts.intern(mention.kind, mention.value)?);
        }
        let mentioned: Vec<u32> = touched[from..].iter().map(|(number, _)| *number).collect();
        let number = self.observations.push(view.at, place, stamp, &mentioned);
        for (position, artifact) in mentioned.iter().enumerate() {
            if !mentioned[..position].contains(artifact) {
                self.mention(*artifact, number, stamp, view.at, mentioned.len() - 1);
            }
        }
        self.identify(view.id, number);
        Some(number)
    }

    fn mention(&mut self, artifact: u32, number: u32, stamp: u32, at: i64, others: usize) {
        let found = self.stamps.get(stamp);
        let rank = (found.audience == 0).then_some(found.rank);
        self.artifacts.mention(artifact, number, rank);
        let count = self.artifacts.count(artifact);
        if count == MANY {
            self.sum_up(artifact);
        } else if let Some(sums) = (count > MANY).then(|| self.sums.get_mut(&artifact)).flatten() {
            sums.add(stamp, at, others);
        }
    }

    /// Make the sums of an artifact anew.
    fn sum_up(&mut self, artifact: u32) {
        let mut sums = Sums::default();
        for number in self.artifacts.mentions(artifact) {
            let row = self.observations.row(number);
            if row.stands() {
                let others = self.observations.mentioned(number).len().saturating_sub(1);
                sums.add(row.stamp(), row.at, others);
            }
        }
        self.sums.insert(artifact, sums);
    }

    fn identify(&mut self, id: &str, number: u32) {
        let tag = self.tag(id);
        // Only who was taken back can be there: the store adds nothing twice.
        self.ids.insert(tag, number);
    }

    fn tag(&self, id: &str) -> u64 {
        self.key.hash(OBSERVATION, id.as_bytes()) & self.bits
    }

    /// The standing observation of that identifier, where ``is`` says of the place of a
    /// record whether it is meant: two identifiers may have one tag.
    pub fn observation(&self, id: &str, mut is: impl FnMut(u64) -> bool) -> Option<u32> {
        self.ids.find(self.tag(id), |number| {
            let row = self.observations.row(number);
            row.stands() && is(row.place)
        })
    }

    /// Its source no longer stands by it; the artifacts it mentions.
    pub fn take_back(&mut self, number: u32) -> Vec<u32> {
        let artifacts = self.observations.mentioned(number).to_vec();
        self.observations.take_back(number);
        self.taken_back += 1;
        for artifact in &artifacts {
            self.artifacts.close(*artifact);
            if self.sums.contains_key(artifact) {
                self.sum_up(*artifact);
            }
        }
        artifacts
    }

    /// Where the record of an observation is.
    pub fn place(&self, number: u32) -> u64 {
        self.observations.row(number).place
    }

    /// Whether an observation can be entered: its marking is known, and it has room.
    pub fn fits(&self, view: &View<'_>) -> bool {
        let kinds = &self.artifacts.kinds;
        self.stamps.rank(view.tlp).is_some()
            && self.observations.has_room(view.mentions.len() + ROOM)
            && (kinds.all().len() < KINDS
                || view.mentions.iter().all(|mention| kinds.find(mention.kind).is_some()))
    }

    /// How many artifacts and standing observations there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.artifacts.len(), self.observations.len() - self.taken_back as usize)
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        let sums: usize = self.sums.values().map(Sums::bytes).sum();
        self.artifacts.bytes() + self.observations.bytes() + self.ids.bytes() + sums
    }

    /// The number of an artifact, if it was met.
    pub fn find(&self, kind: &str, value: &str) -> Option<u32> {
        self.artifacts.find(kind, value)
    }

    /// Kind and value of an artifact.
    pub fn name(&self, artifact: u32) -> (&str, String) {
        let mut value = String::new();
        self.artifacts.write(artifact, &mut value);
        (self.artifacts.kinds.word(u32::from(self.artifacts.kind(artifact))), value)
    }

    /// The kind of an artifact; its value is put behind what ``into`` holds.
    pub fn write_name(&self, artifact: u32, into: &mut String) -> &str {
        self.artifacts.write(artifact, into);
        self.artifacts.kinds.word(u32::from(self.artifacts.kind(artifact)))
    }

    /// Observations that mention it and may be seen, the latest to come in first.
    pub fn seen<'a>(&'a self, artifact: u32, eye: &'a Eye) -> impl Iterator<Item = u32> + 'a {
        let numbers = self.artifacts.mentions(artifact);
        let count = numbers.len();
        let latest = (0..count).rev().map(move |at| numbers.get(at));
        latest.filter(move |&number| self.visible(number, eye))
    }

    #[inline]
    pub(crate) fn visible(&self, number: u32, eye: &Eye) -> bool {
        let row = self.observations.row(number);
        row.stands() && eye.sees(self.stamps.get(row.stamp()))
    }

    /// What a look-up tells; none where nothing may be seen.
    pub fn brief(&self, artifact: u32, eye: &Eye) -> Option<Brief> {
        let (sum, sources) = self.sum(artifact, eye);
        (sum.count > 0).then_some(Brief {
            first: sum.first,
            last: sum.last,
            observations: sum.count,
            sources,
        })
    }

    /// How many observations that may be seen mention it.
    #[inline]
    pub fn observed(&self, artifact: u32, eye: &Eye) -> u32 {
        let all = self.artifacts.count_for(artifact, eye.rank);
        all.unwrap_or_else(|| self.sum(artifact, eye).0.count)
    }

    /// Mentions of others beside it, where it is in so many observations that they are
    /// summed up.
    pub(crate) fn summed_degree(&self, artifact: u32, eye: &Eye) -> Option<u64> {
        (self.artifacts.count(artifact) >= MANY).then(|| self.degree(artifact, eye))
    }

    /// Mentions of others beside it, in what may be seen.
    pub fn degree(&self, artifact: u32, eye: &Eye) -> u64 {
        self.sum(artifact, eye).0.others
    }

    /// The sum of what may be seen, and the number of its sources.
    fn sum(&self, artifact: u32, eye: &Eye) -> (Sum, u32) {
        let mut total = Sum::NONE;
        if let Some(sums) = self.sums.get(&artifact) {
            let seen = || sums.all().filter(|(stamp, _)| eye.sees(self.stamps.get(*stamp)));
            seen().for_each(|(_, sum)| total.join(sum));
            return (total, sources(&self.stamps, seen().map(|(stamp, _)| stamp)).len() as u32);
        }
        let mut stamps = Vec::new();
        for number in self.seen(artifact, eye) {
            let row = self.observations.row(number);
            total.add(row.at, self.observations.mentioned(number).len().saturating_sub(1));
            stamps.push(row.stamp());
        }
        (total, sources(&self.stamps, stamps.into_iter()).len() as u32)
    }

    /// Everything countable; none where nothing may be seen.
    pub fn facts(&self, artifact: u32, eye: &Eye) -> Option<Facts> {
        let brief = self.brief(artifact, eye)?;
        let mut sources: BTreeMap<u32, Sum> = BTreeMap::new();
        let mut roles: BTreeMap<u32, u32> = BTreeMap::new();
        let mut days: BTreeMap<i64, u32> = BTreeMap::new();
        let mut rank = u8::MAX;
        for number in self.seen(artifact, eye) {
            let row = self.observations.row(number);
            let stamp = self.stamps.get(row.stamp());
            rank = rank.min(stamp.rank);
            sources.entry(stamp.source).or_insert(Sum::NONE).add(row.at, 0);
            *days.entry(row.at.div_euclid(DAY)).or_default() += 1;
            for role in self.roles(artifact, number) {
                *roles.entry(role).or_default() += 1;
            }
        }
        let word = |number| self.stamps.words.word(number).to_owned();
        let of = |(source, sum): (u32, Sum)| SourceFacts {
            source: word(source),
            count: sum.count,
            first: sum.first,
            last: sum.last,
        };
        Some(Facts {
            brief,
            degree: self.degree(artifact, eye),
            rank,
            sources: sources.into_iter().map(of).collect(),
            roles: roles.into_iter().map(|(role, count)| (word(role), count)).collect(),
            days: days.into_iter().collect(),
        })
    }

    /// Roles of an artifact in an observation, each once.
    pub fn roles(&self, artifact: u32, number: u32) -> BTreeSet<u32> {
        let stamp = self.stamps.get(self.observations.row(number).stamp());
        let mentioned = self.observations.mentioned(number).iter().zip(&stamp.roles);
        mentioned.filter(|(found, _)| **found == artifact).map(|(_, role)| *role).collect()
    }
}
