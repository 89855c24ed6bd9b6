//! What many observations have in common, kept once: who said it, of what kind, how marked.

use std::collections::HashMap;

use crate::wire::{Mention, View};
use crate::words::Words;

/// What an observation has besides its time, its artifacts and its body.
pub struct Stamp {
    pub source: u32,
    pub kind: u32,
    pub rank: u8,
    /// Number of the set of groups it is limited to; 0: not limited.
    pub audience: u32,
    pub org: u32,
    pub pap: u32,
    pub weight: f64,
    pub behaviours: Box<[u32]>,
    /// Of each mention.
    pub roles: Box<[u32]>,
    pub has_finding: bool,
}

/// Stamps by number, and the words in them.
pub struct Stamps {
    markings: Box<[Box<str>]>,
    numbers: HashMap<Box<[u8]>, u32>,
    all: Vec<Stamp>,
    pub words: Words,
    audiences: HashMap<Box<[u32]>, u32>,
    sets: Vec<Box<[u32]>>,
    key: Vec<u8>,
}

impl Stamps {
    /// None yet; ``markings`` are words, from free to closed.
    pub fn new(markings: &[String]) -> Self {
        let none: Box<[u32]> = Box::default();
        Self {
            markings: markings.iter().map(|word| word.as_str().into()).collect(),
            numbers: HashMap::new(),
            all: Vec::new(),
            words: Words::default(),
            audiences: HashMap::from([(none.clone(), 0)]),
            sets: vec![none],
            key: Vec::new(),
        }
    }

    /// The position of a marking.
    pub fn rank(&self, marking: &str) -> Option<u8> {
        self.markings.iter().position(|word| **word == *marking).map(|rank| rank as u8)
    }

    /// The words of markings.
    pub fn markings(&self) -> &[Box<str>] {
        &self.markings
    }

    /// The number of the observation's stamp, new if there was none; none of a marking
    /// that is not known.
    pub fn number(&mut self, view: &View<'_>) -> Option<u32> {
        let rank = self.rank(view.tlp)?;
        let mut key = std::mem::take(&mut self.key);
        write_key(&mut key, rank, view);
        let number = self.numbers.get(key.as_slice()).copied();
        let number = number.unwrap_or_else(|| {
            let number = self.all.len() as u32;
            let stamp = self.stamp(rank, view);
            self.all.push(stamp);
            self.numbers.insert(key.as_slice().into(), number);
            number
        });
        self.key = key;
        Some(number)
    }

    /// A stamp by number.
    #[inline]
    pub fn get(&self, number: u32) -> &Stamp {
        &self.all[number as usize]
    }

    /// What tells each from the others, by number, for a snapshot.
    pub fn keys(&self) -> Vec<&[u8]> {
        let mut keys: Vec<(&u32, &[u8])> =
            self.numbers.iter().map(|(key, number)| (number, &**key)).collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, key)| key).collect()
    }

    /// The next stamp of a snapshot; words get the numbers that they had.
    pub fn restore(&mut self, key: &[u8]) -> Option<u32> {
        let markings = self.markings.clone();
        let view = read_key(key, &markings)?;
        let next = self.all.len() as u32;
        (self.number(&view)? == next).then_some(next)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Groups of every audience.
    pub fn sets(&self) -> &[Box<[u32]>] {
        &self.sets
    }

    fn stamp(&mut self, rank: u8, view: &View<'_>) -> Stamp {
        let words = &mut self.words;
        let mut groups: Vec<u32> = view.groups.iter().map(|group| words.number(group)).collect();
        groups.sort_unstable();
        groups.dedup();
        Stamp {
            source: words.number(view.source),
            kind: words.number(view.kind),
            rank,
            org: words.number(view.org),
            pap: words.number(view.pap),
            weight: view.weight,
            behaviours: view.behaviours.iter().map(|word| words.number(word)).collect(),
            roles: view.mentions.iter().map(|mention| words.number(mention.role)).collect(),
            has_finding: !view.finding.is_empty(),
            audience: self.audience(groups.into()),
        }
    }

    fn audience(&mut self, groups: Box<[u32]>) -> u32 {
        if let Some(&number) = self.audiences.get(&groups) {
            return number;
        }
        let number = self.sets.len() as u32;
        self.sets.push(groups.clone());
        self.audiences.insert(groups, number);
        number
    }
}

fn write_key(key: &mut Vec<u8>, rank: u8, view: &View<'_>) {
    key.clear();
    key.push(rank | u8::from(!view.finding.is_empty()) << 7);
    key.extend(view.weight.to_bits().to_le_bytes());
    for text in [view.source, view.kind, view.org, view.pap] {
        put(key, text);
    }
    for list in [&view.groups, &view.behaviours] {
        key.extend((list.len() as u32).to_le_bytes());
        for text in list {
            put(key, text);
        }
    }
    view.mentions.iter().for_each(|mention| put(key, mention.role));
}

/// An observation that has the stamp of a key.
fn read_key<'a>(key: &'a [u8], markings: &'a [Box<str>]) -> Option<View<'a>> {
    let (first, rest) = key.split_first()?;
    let weight = u64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
    let mut rest = &rest[8..];
    let mut view = View {
        tlp: markings.get(usize::from(first & 0x7f))?,
        weight: f64::from_bits(weight),
        finding: if first & 0x80 == 0 { "" } else { "finding" },
        ..View::default()
    };
    for text in [&mut view.source, &mut view.kind, &mut view.org, &mut view.pap] {
        *text = take(&mut rest)?;
    }
    for list in [&mut view.groups, &mut view.behaviours] {
        let count = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?);
        rest = &rest[4..];
        for _ in 0..count {
            list.push(take(&mut rest)?);
        }
    }
    while !rest.is_empty() {
        view.mentions.push(Mention { role: take(&mut rest)?, ..Mention::default() });
    }
    Some(view)
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = u32::from_le_bytes(rest.get(..4)?.try_into().ok()?) as usize;
    let text = rest.get(4..4_usize.checked_add(length)?)?;
    *rest = &rest[4 + length..];
    std::str::from_utf8(text).ok()
}

fn put(key: &mut Vec<u8>, text: &str) {
    key.extend((text.len() as u32).to_le_bytes());
    key.extend(text.as_bytes());
}
