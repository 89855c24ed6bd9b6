//! Many packets of one buffer, in place: those of like length beside each other.

use crate::engine::{Message, Way};
use crate::{Aead, Error, aead};

/// Messages that are sorted by their lengths at a time: they stay in the nearest caches.
const WINDOW: usize = 256;

/// Where messages begin in a buffer, and after the last of them where it ends.
#[derive(Clone, Copy, Debug)]
pub struct Cuts<'a>(&'a [u64]);

impl<'a> Cuts<'a> {
    /// Offsets of `n` messages: `n + 1` of them.
    pub fn new(offsets: &'a [u64]) -> Self {
        Self(offsets)
    }

    /// Messages.
    pub fn count(self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// Whether they rise, and stay within so many bytes.
    fn check(self, bytes: usize) -> Result<(), Error> {
        let falls = self.0.windows(2).position(|pair| pair[0] > pair[1]);
        let beyond = self.0.iter().position(|offset| *offset > bytes as u64);
        match falls.or(beyond) {
            Some(message) => Err(Error::Offsets { message }),
            None => Ok(()),
        }
    }

    /// The first and the past-the-last byte of a message.
    fn of(self, message: usize) -> (usize, usize) {
        (self.0[message] as usize, self.0[message + 1] as usize)
    }
}

/// Packets, their nonces one after the other, and their associated data, where they have any.
pub struct Batch<'a> {
    pub nonces: &'a [u8],
    pub buffer: &'a mut [u8],
    pub cuts: Cuts<'a>,
    pub data: Option<(&'a [u8], Cuts<'a>)>,
}

impl Aead {
    /// Encrypt all packets in place; their tags, one after the other.
    ///
    /// # Errors
    ///
    /// Lengths that do not fit each other or the algorithm; nothing is changed then.
    pub fn seal_batch(&self, batch: Batch<'_>, tags: &mut [u8]) -> Result<(), Error> {
        self.check_batch(&batch, tags.len())?;
        self.each(batch, Way::Seal, |packet, tag| {
            tags[packet.number * self.tag..][..self.tag].copy_from_slice(tag.bytes());
        });
        Ok(())
    }

    /// Decrypt all packets in place; `right` says of each whether its tag was, and one whose tag
    /// was wrong is zeros.
    ///
    /// # Errors
    ///
    /// Lengths that do not fit each other or the algorithm; nothing is changed then.
    pub fn open_batch(
        &self,
        batch: Batch<'_>,
        tags: &[u8],
        right: &mut [bool],
    ) -> Result<(), Error> {
        self.check_batch(&batch, tags.len())?;
        let (expected, found) = (batch.cuts.count(), right.len());
        if expected != found {
            return Err(Error::Buffer { what: "verdicts", expected, found });
        }
        self.each(batch, Way::Open, |packet, tag| {
            let is = tag.is(&tags[packet.number * self.tag..][..self.tag]);
            right[packet.number] = is;
            if !is {
                packet.text.fill(0);
            }
        });
        Ok(())
    }

    fn check_batch(&self, batch: &Batch<'_>, tags: usize) -> Result<(), Error> {
        let count = batch.cuts.count();
        let sizes = [
            ("nonces", count * self.algorithm.nonce_length(), batch.nonces.len()),
            ("tags", count * self.tag, tags),
        ];
        for (what, expected, found) in sizes {
            if expected != found {
                return Err(Error::Buffer { what, expected, found });
            }
        }
        batch.cuts.check(batch.buffer.len())?;
        let Some((data, cuts)) = batch.data else { return Ok(()) };
        if cuts.count() != count {
            let (expected, found) = (8 * (count + 1), 8 * cuts.0.len());
            return Err(Error::Buffer { what: "offsets of data", expected, found });
        }
        cuts.check(data.len())?;
        let long = batch.buffer.len() as u64 >= aead::LIMIT || data.len() as u64 >= aead::LIMIT;
        if long { Err(Error::TooLong) } else { Ok(()) }
    }

    /// Run all packets, and hand on each with its tag.
    fn each(&self, batch: Batch<'_>, way: Way, mut done: impl FnMut(&mut Message<'_>, aead::Tag)) {
        let (count, most) = (batch.cuts.count(), self.path.messages(self.algorithm));
        let mut rest = batch.buffer;
        let mut at = 0;
        let mut window = Vec::with_capacity(WINDOW.min(count));
        let nonces = batch.nonces.chunks_exact(self.algorithm.nonce_length());
        for (number, nonce) in nonces.enumerate() {
            let (from, to) = batch.cuts.of(number);
            let (text, after) = core::mem::take(&mut rest)[from - at..].split_at_mut(to - from);
            (rest, at) = (after, to);
            let data = batch.data.map_or(&[][..], |(data, cuts)| {
                let (from, to) = cuts.of(number);
                &data[from..to]
            });
            window.push(Message { number, key: &self.key, nonce, data, text });
            if window.len() == WINDOW || number + 1 == count {
                self.window(&mut window, most, way, &mut done);
                window.clear();
            }
        }
    }

    fn window(
        &self,
        window: &mut [Message<'_>],
        most: usize,
        way: Way,
        done: &mut impl FnMut(&mut Message<'_>, aead::Tag),
    ) {
        let size = |packet: &Message<'_>| (packet.text.len(), packet.data.len());
        if !window.is_sorted_by_key(size) {
            window.sort_unstable_by_key(size);
        }
        for packets in window.chunks_mut(most) {
            let tags = self.path.run(self.algorithm, packets, way);
            for (packet, tag) in packets.iter_mut().zip(tags) {
                done(packet, aead::Tag::new(tag, self.tag));
            }
        }
    }
}
