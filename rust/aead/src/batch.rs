//! Many packets of one buffer, in place: those of like length beside each other.

use crate::engine::{Group, Way};
use crate::word::MOST;
use crate::word::rows::{Rows, Texts};
use crate::{Aead, Error, aead};

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
        let rises = self.0.is_sorted();
        if rises && self.0.last().is_none_or(|last| *last <= bytes as u64) {
            return Ok(());
        }
        let falls = self.0.windows(2).position(|pair| pair[0] > pair[1]);
        let beyond = self.0.iter().position(|offset| *offset > bytes as u64);
        Err(Error::Offsets { message: falls.or(beyond).unwrap_or(0) })
    }

    /// The first and the past-the-last byte of a message.
    #[inline(always)]
    fn of(self, message: usize) -> (usize, usize) {
        (self.0[message] as usize, self.0[message + 1] as usize)
    }

    fn length(self, message: usize) -> usize {
        let (from, to) = self.of(message);
        to - from
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
    pub fn seal_batch(&self, mut batch: Batch<'_>, tags: &mut [u8]) -> Result<(), Error> {
        self.check_batch(&batch, tags.len())?;
        self.each(&mut batch, Way::Seal, |number, tag| {
            tag.put(&mut tags[number * self.tag..][..self.tag]);
            true
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
        mut batch: Batch<'_>,
        tags: &[u8],
        right: &mut [bool],
    ) -> Result<(), Error> {
        self.check_batch(&batch, tags.len())?;
        let (expected, found) = (batch.cuts.count(), right.len());
        if expected != found {
            return Err(Error::Buffer { what: "verdicts", expected, found });
        }
        self.each(&mut batch, Way::Open, |number, tag| {
            right[number] = tag.is(&tags[number * self.tag..][..self.tag]);
            right[number]
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

    /// Run all packets, and hand on the number and the tag of each, which is kept or wiped.
    fn each(
        &self,
        batch: &mut Batch<'_>,
        way: Way,
        mut kept: impl FnMut(usize, &aead::Tag) -> bool,
    ) {
        let order = by_length(batch);
        let number = |at: usize| order.as_ref().map_or(at, |order| order[at] as usize);
        let (cuts, size) = (batch.cuts, self.algorithm.nonce_length());
        let (count, most) = (cuts.count(), self.here.messages(self.algorithm));
        let (data, data_cuts) = batch.data.unwrap_or((&[], Cuts(&[])));
        let mut tags = [[0; 32]; MOST];
        let mut group = Group {
            count: 0,
            keys: Rows::new(&self.key),
            nonces: Rows::new(batch.nonces),
            data: Rows::new(data),
            texts: Texts::new(batch.buffer),
        };
        for first in (0..count).step_by(most) {
            let these = most.min(count - first);
            group.count = these;
            group.nonces.cut(these, most, |row| {
                let from = number(first + row) * size;
                (from, from + size)
            });
            if !data_cuts.0.is_empty() {
                group.data.cut(these, most, |row| data_cuts.of(number(first + row)));
            }
            group.texts.cut(these, most, |row| cuts.of(number(first + row)));
            self.here.run(self.algorithm, &mut group, way, &mut tags);
            for (row, tag) in tags[..these].iter().enumerate() {
                if !kept(number(first + row), &aead::Tag::new(*tag, self.tag)) {
                    group.texts.wipe(row);
                }
            }
        }
    }
}

/// The packets in the order of their lengths, where they do not come so.
fn by_length(batch: &Batch<'_>) -> Option<Vec<u32>> {
    let length =
        |at: usize| (batch.cuts.length(at), batch.data.map_or(0, |(_, cuts)| cuts.length(at)));
    let count = batch.cuts.count();
    if (0..count).is_sorted_by_key(length) {
        return None;
    }
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.sort_unstable_by_key(|at| length(*at as usize));
    Some(order)
}
