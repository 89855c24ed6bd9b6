//! Records of one template that stand side by side, read a field at a time.

use crate::template::Place;
use crate::wire::number;

/// `count` records of `stride` bytes each.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    pub body: &'a [u8],
    pub stride: usize,
    pub count: usize,
    /// Where the fields stand in each record.
    pub places: &'a [Place],
    /// Where the first record stands in the datagram.
    pub at: usize,
}

impl<'a> Records<'a> {
    /// One of the records.
    #[must_use]
    pub fn record(&self, index: usize) -> Self {
        let skipped = index * self.stride;
        let body = self.body.get(skipped..).unwrap_or_default();
        Self { body, count: 1, at: self.at + skipped, ..*self }
    }

    /// A field of the first record.
    #[must_use]
    pub fn first(&self, field: usize) -> &'a [u8] {
        let Place { at, length } = self.places[field];
        self.body.get(at..at + length).unwrap_or_default()
    }

    /// A number of the first record.
    #[must_use]
    pub fn number(&self, field: usize) -> u64 {
        number(self.first(field))
    }

    /// The bytes of a field in every record.
    pub fn bytes(&self, field: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let Place { at, length } = self.places[field];
        let records = self.body.chunks_exact(self.stride).take(self.count);
        records.map(move |record| record.get(at..at + length).unwrap_or_default())
    }

    /// Writes a field of every record, a number of up to eight bytes, as `cast` gives it.
    #[inline]
    pub fn numbers<T>(&self, field: usize, out: &mut [T], cast: impl Fn(u64) -> T) {
        match self.places[field].length {
            1 => self.sized::<1, T>(field, out, |bytes| cast(u64::from(bytes[0]))),
            2 => self.sized(field, out, |bytes| cast(u64::from(u16::from_be_bytes(bytes)))),
            4 => self.sized(field, out, |bytes| cast(u64::from(u32::from_be_bytes(bytes)))),
            8 => self.sized(field, out, |bytes| cast(u64::from_be_bytes(bytes))),
            _ => {
                for (slot, bytes) in out.iter_mut().zip(self.bytes(field)) {
                    *slot = cast(number(bytes));
                }
            }
        }
    }

    /// Writes the eight bytes of a field that begin `skip` bytes into it, as signed words.
    #[inline]
    pub fn words(&self, field: usize, skip: usize, out: &mut [i64]) {
        let at = self.places[field].at + skip;
        self.sized_at(at, out, |bytes| u64::from_be_bytes(bytes) as i64);
    }

    #[inline]
    fn sized<const N: usize, T>(&self, field: usize, out: &mut [T], cast: impl Fn([u8; N]) -> T) {
        self.sized_at(self.places[field].at, out, cast);
    }

    #[inline]
    fn sized_at<const N: usize, T>(&self, at: usize, out: &mut [T], cast: impl Fn([u8; N]) -> T) {
        for (slot, record) in out.iter_mut().zip(self.body.chunks_exact(self.stride)) {
            if let Some(bytes) = record.get(at..).and_then(|rest| rest.first_chunk::<N>()) {
                *slot = cast(*bytes);
            }
        }
    }
}
