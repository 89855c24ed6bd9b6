//! A table of texts: all bytes in one place, five bytes of index and eight of columns each.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use crate::owners::{NOBODY, OwnersBuilder};

/// No more room: texts of one table are at most 4 GiB together.
#[derive(Debug)]
pub struct Full;

/// Texts, each with the chain of its owners.
#[derive(Default)]
pub struct Texts {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    heads: Vec<u32>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Texts {
    /// Makes `rule` an owner of `text`.
    pub fn add(&mut self, text: &str, rule: u32, owners: &mut OwnersBuilder) -> Result<(), Full> {
        let place = match self.place(text) {
            Some(place) => place,
            None => self.append(text)?,
        };
        let head = &mut self.heads[place as usize];
        *head = owners.join(*head, rule);
        Ok(())
    }

    fn append(&mut self, text: &str) -> Result<u32, Full> {
        let end = u32::try_from(self.bytes.len() + text.len()).map_err(|_| Full)?;
        let place = self.ends.len() as u32;
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(end);
        self.heads.push(NOBODY);
        let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
        let hash = hasher.hash_one(text.as_bytes());
        let again = |other: &u32| hasher.hash_one(slice(bytes, ends, *other));
        self.index.insert_unique(hash, place, again);
        Ok(place)
    }

    fn place(&self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text.as_bytes());
        let same = |place: &u32| slice(&self.bytes, &self.ends, *place) == text.as_bytes();
        self.index.find(hash, same).copied()
    }

    /// The chain of the owners of `text`.
    pub fn owners(&self, text: &str) -> Option<u32> {
        self.place(text).map(|place| self.heads[place as usize])
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Gives room back that was kept for more.
    pub fn settle(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.heads.shrink_to_fit();
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let columns = (self.ends.capacity() + self.heads.capacity()) * 4;
        self.bytes.capacity() + columns + self.index.allocation_size()
    }
}

fn slice<'a>(bytes: &'a [u8], ends: &[u32], place: u32) -> &'a [u8] {
    let place = place as usize;
    let start = if place == 0 { 0 } else { ends[place - 1] };
    &bytes[start as usize..ends[place] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_with_all_their_owners() {
        let mut owners = OwnersBuilder::default();
        let mut texts = Texts::default();
        for number in 0..1000 {
            texts.add(&format!("text {number}"), 1, &mut owners).unwrap();
        }
        texts.add("text 7", 2, &mut owners).unwrap();
        texts.add("", 2, &mut owners).unwrap();
        texts.settle();
        let owners = owners.build();
        let of = |text: &str| texts.owners(text).map(|head| owners.of(head).collect::<Vec<_>>());
        assert_eq!(of("text 999"), Some(vec![1]));
        assert_eq!(of("text 7"), Some(vec![2, 1]));
        assert_eq!(of(""), Some(vec![2]));
        assert_eq!(of("text"), None);
        assert_eq!(texts.len(), 1001);
    }
}
