//! Messages beside each other: which bytes of them a word takes, and that it stays within them.

#![expect(unsafe_code, reason = "places of many messages at once; bounds are checked here")]

use core::marker::PhantomData;

use super::{MOST, Places, Word};

/// Bytes of several messages that are only read.
pub struct Rows<'a> {
    places: Places,
    lengths: [usize; MOST],
    shortest: usize,
    longest: usize,
    life: PhantomData<&'a [u8]>,
}

impl<'a> Rows<'a> {
    /// The messages, of which the last fills up the rows that are left.
    #[inline(always)]
    pub fn new(messages: impl Iterator<Item = &'a [u8]>) -> Self {
        Self::of(messages.map(|bytes| (bytes.as_ptr().cast_mut(), bytes.len())))
    }

    #[inline(always)]
    fn of(messages: impl Iterator<Item = (*mut u8, usize)>) -> Self {
        let (mut shortest, mut longest) = (usize::MAX, 0);
        let (mut places, mut lengths) = ([core::ptr::null_mut(); MOST], [0; MOST]);
        let mut last = (core::ptr::null_mut(), 0);
        let mut messages = messages.fuse();
        for (place, length) in places.iter_mut().zip(&mut lengths) {
            if let Some(next) = messages.next() {
                last = next;
                shortest = shortest.min(next.1);
                longest = longest.max(next.1);
            }
            (*place, *length) = last;
        }
        Self { places, lengths, shortest: shortest.min(longest), longest, life: PhantomData }
    }

    pub fn lengths(&self) -> &[usize; MOST] {
        &self.lengths
    }

    /// Bytes that every message has.
    pub fn shortest(&self) -> usize {
        self.shortest
    }

    pub fn longest(&self) -> usize {
        self.longest
    }

    #[inline(always)]
    fn at(&self, from: usize) -> Places {
        self.places.map(|place| place.wrapping_add(from))
    }

    /// What each message has from `from` on; nothing where it is shorter.
    #[inline(always)]
    pub fn left(&self, from: usize) -> [usize; MOST] {
        self.lengths.map(|length| length.saturating_sub(from))
    }

    /// `16 * degree` bytes of each message; all have them.
    #[inline(always)]
    pub fn load<W: Word>(&self, from: usize, degree: usize) -> W {
        assert!(from + 16 * degree <= self.shortest, "within the shortest message");
        // SAFETY: all messages are at least as long as the shortest.
        unsafe { W::gather(&self.at(from), degree) }
    }

    /// As many as a message has, then zeros.
    #[inline(always)]
    pub fn load_part<W: Word>(&self, from: usize, degree: usize) -> W {
        // SAFETY: of each message no more is read than is left of it.
        unsafe { W::gather_part(&self.at(from), &self.left(from), degree) }
    }
}

/// Bytes of several messages that are changed in place.
pub struct Texts<'a>(Rows<'a>);

impl<'a> Texts<'a> {
    /// As `Rows::new`: rows of the same message are given the same bytes.
    #[inline(always)]
    pub fn new(messages: impl Iterator<Item = &'a mut [u8]>) -> Self {
        Self(Rows::of(messages.map(|bytes| (bytes.as_mut_ptr(), bytes.len()))))
    }

    pub fn rows(&self) -> &Rows<'a> {
        &self.0
    }

    #[inline(always)]
    pub fn store<W: Word>(&mut self, word: W, from: usize, degree: usize) {
        assert!(from + 16 * degree <= self.0.shortest, "within the shortest message");
        // SAFETY: as for `load`; the places come from exclusive borrows.
        unsafe { word.scatter(&self.0.at(from), degree) }
    }

    #[inline(always)]
    pub fn store_part<W: Word>(&mut self, word: W, from: usize, degree: usize) {
        // SAFETY: as for `load_part`; the places come from exclusive borrows.
        unsafe { word.scatter_part(&self.0.at(from), &self.0.left(from), degree) }
    }
}
