//! Messages beside each other: which bytes of them a word takes, and that it stays within them.

#![expect(unsafe_code, reason = "places of many messages at once; bounds are checked here")]

use core::marker::PhantomData;

use super::{Block, MOST, Spot, Word};

/// Bytes of several messages that are only read.
pub struct Rows<'a> {
    /// The buffer that messages are pieces of.
    whole: *mut u8,
    bytes: usize,
    places: [*mut u8; MOST],
    lengths: [usize; MOST],
    shortest: usize,
    longest: usize,
    /// Rows that are looked at: `engine` takes no word that has more messages.
    count: usize,
    life: PhantomData<&'a [u8]>,
}

impl<'a> Rows<'a> {
    /// All of a buffer in every row.
    #[inline(always)]
    pub fn new(buffer: &'a [u8]) -> Self {
        Self::of(buffer.as_ptr().cast_mut(), buffer.len())
    }

    #[inline(always)]
    fn of(whole: *mut u8, bytes: usize) -> Self {
        let (places, lengths) = ([whole; MOST], [bytes; MOST]);
        Self {
            whole,
            bytes,
            places,
            lengths,
            shortest: bytes,
            longest: bytes,
            count: MOST,
            life: PhantomData,
        }
    }

    /// Pieces of the buffer, from where to where: `filled` rows of so many that are looked at;
    /// the last of them fills up the others.
    #[inline(always)]
    pub fn cut(
        &mut self,
        filled: usize,
        rows: usize,
        mut piece: impl FnMut(usize) -> (usize, usize),
    ) {
        self.count = rows.min(MOST);
        (self.shortest, self.longest) = (usize::MAX, 0);
        let (mut place, mut length) = (self.whole, 0);
        for row in 0..self.count {
            if row < filled {
                let (from, to) = piece(row);
                assert!(from <= to && to <= self.bytes, "within the buffer");
                (place, length) = (self.whole.wrapping_add(from), to - from);
                self.shortest = self.shortest.min(length);
                self.longest = self.longest.max(length);
            }
            (self.places[row], self.lengths[row]) = (place, length);
        }
        self.shortest = self.shortest.min(self.longest);
    }

    pub fn count(&self) -> usize {
        self.count
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

    /// Where messages of so many lanes each go on.
    #[inline(always)]
    pub fn spot(&self, at: usize, degree: usize) -> Spot<'_> {
        Spot { places: &self.places, lengths: &self.lengths, message: 0, at, degree }
    }

    /// What each message has from `from` on; nothing where it is shorter.
    #[inline(always)]
    pub fn left(&self, from: usize) -> [usize; MOST] {
        self.lengths.map(|length| length.saturating_sub(from))
    }

    /// Bytes from `from` on that every message has: looked up once, taken in words.
    #[inline(always)]
    pub fn strip(&self, from: usize, bytes: usize) -> Strip<'_> {
        assert!(from <= self.shortest && bytes <= self.shortest - from, "within all messages");
        Strip { rows: self, from, bytes }
    }

    /// As many bytes as a message has, then zeros.
    #[inline(always)]
    pub fn load_part<W: Word>(&self, from: usize, degree: usize) -> W {
        // SAFETY: of each message no more is read than is left of it.
        unsafe { W::gather_part(self.spot(from, degree)) }
    }
}

/// Bytes that every message has.
pub struct Strip<'a> {
    rows: &'a Rows<'a>,
    from: usize,
    bytes: usize,
}

impl Strip<'_> {
    /// `16 * degree` bytes of each message.
    #[inline(always)]
    pub fn load<W: Word>(&self, at: usize, degree: usize) -> W {
        assert!(at + 16 * degree <= self.bytes, "within the strip");
        // SAFETY: every message has the bytes of the strip.
        unsafe { W::gather(self.rows.spot(self.from + at, degree)) }
    }
}

/// Bytes of several messages that are changed in place.
pub struct Texts<'a>(Rows<'a>);

impl<'a> Texts<'a> {
    /// All of a buffer in every row; pieces of it after `cut`.
    #[inline(always)]
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Self(Rows::of(buffer.as_mut_ptr(), buffer.len()))
    }

    /// As `Rows::cut`.
    #[inline(always)]
    pub fn cut(&mut self, filled: usize, rows: usize, piece: impl FnMut(usize) -> (usize, usize)) {
        self.0.cut(filled, rows, piece);
    }

    pub fn rows(&self) -> &Rows<'a> {
        &self.0
    }

    /// Zeros for all that one message has.
    pub fn wipe(&mut self, message: usize) {
        let (place, length) = (self.0.places[message], self.0.lengths[message]);
        // SAFETY: the message lies within the buffer, which is borrowed exclusively.
        unsafe { place.write_bytes(0, length) }
    }

    /// Bytes from `from` on that every message has, to be changed.
    #[inline(always)]
    pub fn strip(&mut self, from: usize, bytes: usize) -> TextStrip<'_> {
        TextStrip(self.0.strip(from, bytes))
    }

    #[inline(always)]
    pub fn store_part<W: Word>(&mut self, word: W, from: usize, degree: usize) {
        // SAFETY: of each message no more is written than is left of it; the places come from an
        // exclusive borrow.
        unsafe { word.scatter_part(self.0.spot(from, degree)) }
    }
}

/// Bytes that every message has, to be changed.
pub struct TextStrip<'a>(Strip<'a>);

impl<'a> TextStrip<'a> {
    pub fn read(&self) -> &Strip<'a> {
        &self.0
    }

    #[inline(always)]
    pub fn store<W: Word, const N: usize>(&mut self, words: [W; N], at: usize, degree: usize) {
        assert!(at + N * 16 * degree <= self.0.bytes, "within the strip");
        // SAFETY: every message has the bytes of the strip; the places come from an exclusive
        // borrow.
        unsafe { W::scatter_all(words, self.0.rows.spot(self.0.from + at, degree)) }
    }
}
