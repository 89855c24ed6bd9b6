//! A filter that others read as well: the layout of DCSO's Bloom filters, version 1.
//!
//! Little-endian words: version, capacity, false-positive rate (a double), hashes, bits,
//! values; then the bits in words of 64, then whatever belongs to the filter. A value sets
//! one bit for each hash; the hashes follow each other from its FNV-1 digest.

const VERSION: u64 = 1;
const HEADER: usize = 48;
const MODULUS: u64 = 18_446_744_073_709_551_557;
const FACTOR: u64 = 18_446_744_073_709_550_147;
const MOST_BITS: u64 = 1 << 36;
const MOST_HASHES: u64 = 64;

/// Bytes that are no such filter, or one beyond the limits.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAFilter;

/// A set that says "perhaps" to a known share of what is not in it, and never "no" wrongly.
#[derive(Clone, Debug, PartialEq)]
pub struct Bloom {
    capacity: u64,
    rate: f64,
    hashes: u64,
    size: u64,
    count: u64,
    words: Vec<u64>,
    data: Vec<u8>,
}

impl Bloom {
    /// An empty filter that says "perhaps" to about `rate` of other values once it holds
    /// `capacity`; None if `rate` is not between 0 and 1, or the filter would be too large.
    pub fn new(capacity: u64, rate: f64) -> Option<Self> {
        if !(rate > 0.0 && rate < 1.0) || capacity == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "the layout defines it so")]
        let of = capacity as f64;
        let ln2 = std::f64::consts::LN_2;
        let bits = (of * rate.ln() / (ln2 * ln2)).abs().ceil();
        let size = if bits <= 1e12 { bits as u64 } else { return None };
        #[expect(clippy::cast_precision_loss, reason = "the layout defines it so")]
        let hashes = (ln2 * size as f64 / of).ceil() as u64;
        if size > MOST_BITS || hashes > MOST_HASHES {
            return None;
        }
        let words = vec![0; size.div_ceil(64) as usize];
        Some(Self { capacity, rate, hashes, size, count: 0, words, data: Vec::new() })
    }

    /// The filter in these bytes.
    ///
    /// # Errors
    ///
    /// They are no filter, too few, or say sizes beyond the limits.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAFilter> {
        let word = |place: usize| {
            let found = bytes.get(place * 8..place * 8 + 8).ok_or(NotAFilter)?;
            Ok(u64::from_le_bytes(found.try_into().map_err(|_| NotAFilter)?))
        };
        let (version, capacity, rate) = (word(0)?, word(1)?, f64::from_bits(word(2)?));
        let (hashes, size, count) = (word(3)?, word(4)?, word(5)?);
        let fits = (1..=MOST_BITS).contains(&size) && (1..=MOST_HASHES).contains(&hashes);
        if version & 0xff != VERSION || !fits {
            return Err(NotAFilter);
        }
        let end = HEADER + size.div_ceil(64) as usize * 8;
        let body = bytes.get(HEADER..end).ok_or(NotAFilter)?;
        let words = body.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        let data = bytes[end..].to_vec();
        Ok(Self { capacity, rate, hashes, size, count, words, data })
    }

    /// The bytes of the filter, with `data` behind it.
    pub fn write(&self, data: &[u8]) -> Vec<u8> {
        let head =
            [VERSION, self.capacity, self.rate.to_bits(), self.hashes, self.size, self.count];
        let words = head.iter().chain(&self.words).flat_map(|word| word.to_le_bytes());
        words.chain(data.iter().copied()).collect()
    }

    /// Adds a value; false if it may have been there already.
    pub fn add(&mut self, value: &[u8]) -> bool {
        let mut is_new = false;
        for bit in self.bits(value) {
            let word = &mut self.words[(bit / 64) as usize];
            let mask = 1 << (bit % 64);
            is_new |= *word & mask == 0;
            *word |= mask;
        }
        self.count += u64::from(is_new);
        is_new
    }

    /// Whether the value may be in it.
    pub fn may_hold(&self, value: &[u8]) -> bool {
        self.bits(value).all(|bit| self.words[(bit / 64) as usize] >> (bit % 64) & 1 == 1)
    }

    fn bits(&self, value: &[u8]) -> impl Iterator<Item = u64> + use<> {
        let (size, mut hash) = (self.size, fnv1(value) % MODULUS);
        (0..self.hashes).map(move |_| {
            hash = hash.wrapping_mul(FACTOR) % MODULUS;
            hash % size
        })
    }

    /// The values that were added and were new.
    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    pub fn hashes(&self) -> u64 {
        self.hashes
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// What lies behind the filter.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The share of other values to which it says "perhaps", from the bits that are set.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn false_positives(&self) -> f64 {
        let set: u64 = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
        (set as f64 / self.size as f64).powi(self.hashes as i32)
    }
}

/// The 64-bit FNV-1 digest.
fn fnv1(value: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte);
    value.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_it_is_found_and_little_else() {
        let mut filter = Bloom::new(10_000, 0.001).unwrap();
        for number in 0..10_000_u32 {
            filter.add(&number.to_le_bytes());
        }
        assert!((0..10_000_u32).all(|number| filter.may_hold(&number.to_le_bytes())));
        let wrong = (10_000..210_000_u32).filter(|n| filter.may_hold(&n.to_le_bytes())).count();
        // 200 of 200,000 are expected; 300 are seven standard deviations more.
        assert!(wrong < 300, "{wrong}");
        assert!((0.0008..0.0012).contains(&filter.false_positives()));
        assert_eq!(Bloom::parse(&filter.write(b"")).unwrap(), filter);
    }

    #[test]
    fn the_digest_is_the_published_one() {
        assert_eq!(fnv1(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1(b"a"), 0xaf63_bd4c_8601_b7be);
        assert_eq!(fnv1(b"foobar"), 0x340d_8765_a4dd_a9c2);
    }

    #[test]
    fn damage_is_refused() {
        let whole = Bloom::new(100, 0.01).unwrap().write(b"note");
        assert_eq!(Bloom::parse(&whole).unwrap().data(), b"note");
        assert_eq!(Bloom::parse(&whole[..whole.len() - 5]), Err(NotAFilter));
        for (place, byte) in [(0, 2), (24, 0), (24, 65), (39, 1)] {
            let mut wrong = whole.clone();
            wrong[place] = byte;
            assert_eq!(Bloom::parse(&wrong), Err(NotAFilter), "{place}");
        }
        assert!(Bloom::new(0, 0.1).is_none());
        assert!(Bloom::new(10, 1.0).is_none());
        assert!(Bloom::new(u64::MAX, 0.1).is_none());
    }
}
