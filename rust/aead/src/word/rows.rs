//! Messages beside each other: which bytes of them a word takes, and that it stays within them.

#![expect(unsafe_code, reason = "places of many messages at once; bounds are checked here")]

use core::marker::PhantomData;

use super::{Block, MOST, Spot, Word};

/// Bytes of several messages that are only read.
pub struct Rows<'a> {
    places: [*mut u8; MOST],
    lengths: [usize; MOST],
    shortest: usize,
    longest: usize,
    life: PhantomData<&'a [u8]>,
}

impl<'a> Rows<'a> {
    /// Pieces of one buffer, from where to where; the last fills up the rows that are left.
    #[inline(always)]
    pub fn cut(buffer: &'a [u8], pieces: impl Iterator<Item = (usize, usize)>) -> Self {
        let (first, bytes) = (buffer.as_ptr().cast_mut(), buffer.len());
        Self::of(pieces.map(|(from, to)| {
            assert!(from <= to && to <= bytes, "within the buffer");
            (first.wrapping_add(from), to - from)
        }))
    }

    #[inline(always)]
    fn of(messages: impl Iterator<Item = (*mut u8, usize)>) -> Self {
        let mut rows = Self {
            places: [core::ptr::null_mut(); MOST],
            lengths: [0; MOST],
            shortest: usize::MAX,
            longest: 0,
            life: PhantomData,
        };
        let mut filled = 0;
        for (row, (place, length)) in messages.take(MOST).enumerate() {
            rows.places[row] = place;
            rows.lengths[row] = length;
            rows.shortest = rows.shortest.min(length);
            rows.longest = rows.longest.max(length);
            filled = row + 1;
        }
        for row in filled.max(1)..MOST {
            rows.places[row] = rows.places[filled.max(1) - 1];
            rows.lengths[row] = rows.lengths[filled.max(1) - 1];
        }
        rows.shortest = rows.shortest.min(rows.longest);
        rows
    }

    /// The same bytes in every row.
    #[inline(always)]
    pub fn same(bytes: &'a [u8]) -> Self {
        Self {
            places: [bytes.as_ptr().cast_mut(); MOST],
            lengths: [bytes.len(); MOST],
            shortest: bytes.len(),
            longest: bytes.len(),
            life: PhantomData,
        }
    }

    pub fn lengths(&self) -> &[usize; MOST] {
        &self.lengths
    }

    /// 16 bytes of one message; all have them.
    #[inline(always)]
    pub fn block(&self, message: usize, from: usize) -> Block {
        assert!(from + 16 <= self.shortest, "within the shortest message");
        // SAFETY: all messages are at least as long as the shortest.
        unsafe { self.places[message].wrapping_add(from).cast::<Block>().read() }
    }

    /// Bytes that every message has.
    pub fn shortest(&self) -> usize {
        self.shortest
    }

    pub fn longest(&self) -> usize {
        self.longest
    }

    #[inline(always)]
    pub fn spot(&self, at: usize, degree: usize) -> Spot<'_> {
        Spot { places: &self.places, lengths: &self.lengths, message: 0, at, degree }
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
        unsafe { W::gather(self.spot(from, degree)) }
    }

    /// As many as a message has, then zeros.
    #[inline(always)]
    pub fn load_part<W: Word>(&self, from: usize, degree: usize) -> W {
        // SAFETY: of each message no more is read than is left of it.
        unsafe { W::gather_part(self.spot(from, degree)) }
    }
}

/// Bytes of several messages that are changed in place.
pub struct Texts<'a>(Rows<'a>);

impl<'a> Texts<'a> {
    /// Messages; rows of the same message are given the same bytes.
    #[inline(always)]
    pub fn new(messages: impl Iterator<Item = &'a mut [u8]>) -> Self {
        Self(Rows::of(messages.map(|bytes| (bytes.as_mut_ptr(), bytes.len()))))
    }

    /// Pieces of one buffer, from where to where; they do not lie over each other.
    #[inline(always)]
    pub fn cut(buffer: &'a mut [u8], pieces: impl Iterator<Item = (usize, usize)>) -> Self {
        let (first, bytes) = (buffer.as_mut_ptr(), buffer.len());
        Self(Rows::of(pieces.map(|(from, to)| {
            assert!(from <= to && to <= bytes, "within the buffer");
            (first.wrapping_add(from), to - from)
        })))
    }

    pub fn rows(&self) -> &Rows<'a> {
        &self.0
    }

    #[inline(always)]
    pub fn store<W: Word>(&mut self, word: W, from: usize, degree: usize) {
        assert!(from + 16 * degree <= self.0.shortest, "within the shortest message");
        // SAFETY: as for `load`; the places come from exclusive borrows.
        unsafe { word.scatter(self.0.spot(from, degree)) }
    }

    #[inline(always)]
    pub fn store_part<W: Word>(&mut self, word: W, from: usize, degree: usize) {
        // SAFETY: as for `load_part`; the places come from exclusive borrows.
        unsafe { word.scatter_part(self.0.spot(from, degree)) }
    }
}
