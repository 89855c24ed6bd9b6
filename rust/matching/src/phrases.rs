//! Phrases anywhere in a text: one automaton for all (Aho and Corasick, 1975).

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use hashbrown::HashMap;

use crate::owners::{NOBODY, OwnersBuilder};

/// Bytes of phrases up to which they become a table.
const TABLE: usize = 250_000;

/// Phrases under construction, folded.
#[derive(Default)]
pub struct PhrasesBuilder {
    heads: Vec<u32>,
    texts: Vec<Box<str>>,
    places: HashMap<Box<str>, usize>,
}

impl PhrasesBuilder {
    pub fn add(&mut self, text: &str, rule: u32, owners: &mut OwnersBuilder) {
        let place = *self.places.entry(text.into()).or_insert_with(|| {
            self.texts.push(text.into());
            self.heads.push(NOBODY);
            self.heads.len() - 1
        });
        self.heads[place] = owners.join(self.heads[place], rule);
    }

    /// The automaton; None when it would be too large for its numbers.
    pub fn build(self) -> Option<Phrases> {
        if self.texts.is_empty() {
            return Some(Phrases::default());
        }
        let size: usize = self.texts.iter().map(|text| text.len()).sum();
        // A table is about 250 bytes for each byte of the phrases, and twice as fast.
        let kind =
            if size <= TABLE { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(kind))
            .build(self.texts.iter().map(|text| text.as_bytes()));
        let automaton = Some(automaton.ok()?);
        Some(Phrases { automaton, heads: self.heads, texts: self.texts })
    }
}

/// Phrases of all rules.
#[derive(Default)]
pub struct Phrases {
    automaton: Option<AhoCorasick>,
    heads: Vec<u32>,
    texts: Vec<Box<str>>,
}

impl Phrases {
    /// (phrase, owners) of every occurrence in a folded text; overlapping ones, too.
    pub fn within<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (&'a str, u32)> + 'a {
        let found = self.automaton.iter().flat_map(move |all| all.find_overlapping_iter(text));
        found.map(|found| {
            let place = found.pattern().as_usize();
            (&*self.texts[place], self.heads[place])
        })
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let texts: usize = self.texts.iter().map(|text| text.len() + 20).sum();
        self.automaton.as_ref().map_or(0, AhoCorasick::memory_usage) + texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_inside_phrases_are_found() {
        let mut owners = OwnersBuilder::default();
        let mut builder = PhrasesBuilder::default();
        for (rule, text) in ["example", "amp", "example", "ランサム"].iter().enumerate() {
            builder.add(text, rule as u32, &mut owners);
        }
        let phrases = builder.build().unwrap();
        let owners = owners.build();
        let within = |text: &str| {
            let found = phrases.within(text);
            let mut rules: Vec<u32> = found.flat_map(|(_, head)| owners.of(head)).collect();
            rules.sort_unstable();
            rules
        };
        assert_eq!(within("an example"), [0, 1, 2]);
        assert_eq!(within("新ランサムウェア"), [3]);
        assert!(within("sample"[..2].as_ref()).is_empty());
        assert_eq!(phrases.len(), 3);
    }
}
