//! Artifacts: each kind and value once, by number, with the observations that mention it.

use crate::hash::HashKey;
use crate::postings::{Head, Numbers, Pool};
use crate::table::Table;
use crate::texts::{Packed, Texts};
use crate::words::Words;

/// One artifact: 16 bytes.
#[derive(Clone, Copy)]
struct Entry {
    text: u32,
    head: Head,
}

/// All artifacts.
pub struct Artifacts {
    key: HashKey,
    /// Of the hash only these bits count; fewer in tests, so that artifacts collide.
    bits: u64,
    table: Table,
    entries: Vec<Entry>,
    texts: Texts,
    pool: Pool,
    pub kinds: Words,
}

impl Artifacts {
    /// None yet.
    pub fn new(key: HashKey, bits: u64) -> Self {
        Self {
            key,
            bits,
            table: Table::default(),
            entries: Vec::new(),
            texts: Texts::default(),
            pool: Pool::default(),
            kinds: Words::default(),
        }
    }

    /// Words of the entries, bytes of texts, numbers of postings, kinds; for a snapshot.
    #[expect(clippy::type_complexity, reason = "taken apart where it is asked for")]
    pub fn parts(&self) -> (impl Iterator<Item = [u32; 4]>, &[u8], &[u32], &[Box<str>]) {
        let entries = self.entries.iter().map(|entry| {
            let [word, first, second] = entry.head.words();
            [entry.text, word, first, second]
        });
        (entries, self.texts.bytes(), self.pool.numbers(), self.kinds.all())
    }

    /// Artifacts of the parts of a snapshot that holds so many observations.
    pub fn of(
        (key, bits): (HashKey, u64),
        kinds: &[&[u8]],
        texts: &[u8],
        entries: &[u32],
        pool: Vec<u32>,
        observations: u32,
    ) -> Option<Self> {
        let mut found = Self::new(key, bits);
        for kind in kinds {
            found.kinds.number(std::str::from_utf8(kind).ok()?);
        }
        found.texts = Texts::of(texts);
        found.pool = Pool::with(pool);
        found.table = Table::with_room(entries.len() / 4);
        let mut value = String::new();
        for words in entries.chunks_exact(4) {
            let &[text, word, first, second] = words else { return None };
            let head = Head::of(&[word, first, second], &found.pool, observations)?;
            let number = found.entries.len() as u32;
            found.entries.push(Entry { text, head });
            value.clear();
            found.texts.write(text, &mut value);
            let tag = found.tag(found.texts.kind(text), &value);
            found.table.insert(tag, number);
        }
        Some(found)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of an artifact, if it was met.
    #[inline]
    pub fn find(&self, kind: &str, value: &str) -> Option<u32> {
        let kind = self.kinds.find(kind)? as u8;
        self.lookup(kind, value, &Packed::of(value))
    }

    /// The number of an artifact, and whether it is new. None when no more fit.
    pub fn intern(&mut self, kind: &str, value: &str) -> Option<(u32, bool)> {
        let kind = u8::try_from(self.kinds.number(kind)).ok()?;
        let packed = Packed::of(value);
        if let Some(number) = self.lookup(kind, value, &packed) {
            return Some((number, false));
        }
        let number = u32::try_from(self.entries.len()).ok()?;
        let text = self.texts.put(kind, &packed)?;
        self.entries.push(Entry { text, head: Head::default() });
        self.table.insert(self.tag(kind, value), number);
        Some((number, true))
    }

    /// Note that an observation mentions it, which all see up to a marking, or only some.
    pub fn mention(&mut self, number: u32, observation: u32, rank: Option<u8>) {
        let head = &mut self.entries[number as usize].head;
        self.pool.push(head, observation);
        head.close_to(rank);
    }

    /// Note that one of its observations was taken back.
    pub fn close(&mut self, number: u32) {
        self.entries[number as usize].head.close_to(None);
    }

    /// How many observations mention it, where all of them are seen up to that marking.
    #[inline]
    pub fn count_for(&self, number: u32, rank: u8) -> Option<u32> {
        let head = &self.entries[number as usize].head;
        head.open_to(rank).then(|| head.count())
    }

    /// Observations that mention it, in the order they came.
    #[inline]
    pub fn mentions(&self, number: u32) -> Numbers<'_> {
        self.pool.of(&self.entries[number as usize].head)
    }

    /// How many observations mention it, seen or not.
    #[inline]
    pub fn count(&self, number: u32) -> u32 {
        self.entries[number as usize].head.count()
    }

    /// Its kind as a number of `kinds`.
    pub fn kind(&self, number: u32) -> u8 {
        self.texts.kind(self.entries[number as usize].text)
    }

    /// Its value, behind what ``into`` holds.
    pub fn write(&self, number: u32, into: &mut String) {
        self.texts.write(self.entries[number as usize].text, into);
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> usize {
        let entries = self.entries.len() * size_of::<Entry>();
        entries + self.table.bytes() + self.texts.bytes().len() + self.pool.bytes()
    }

    #[inline]
    fn lookup(&self, kind: u8, value: &str, packed: &Packed<'_>) -> Option<u32> {
        self.table.find(self.tag(kind, value), |number| {
            self.texts.is(self.entries[number as usize].text, kind, packed)
        })
    }

    fn tag(&self, kind: u8, value: &str) -> u64 {
        self.key.hash(kind, value.as_bytes()) & self.bits
    }
}
