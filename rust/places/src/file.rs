//! The file that tables are kept in: compact, with a checksum, refused when it is not whole.
//!
//! ```text
//! "KNAMNET1"  CRC-32 of all that follows, 4 bytes, little end first
//! text        what the tables were made from, told by whoever made them (JSON)
//! countries   count, then two letters each; a value of the first table is a place, from 1
//! names       count, then AS (less the one before it) and text, each
//! tables      country, origin AS: count, then start (less the one before it), value, length
//! ```
//!
//! Numbers are LEB128, texts are a length and UTF-8. A start is told as the zero bits that
//! its distance ends with (one byte) and the rest of the distance, since borders lie between
//! large blocks. Every count is held against the bytes that are left before anything is
//! reserved for it.

use crate::pieces::Piece;

const MAGIC: &[u8; 8] = b"KNAMNET1";
const HEAD: usize = 12;
/// Most bits of the numbers of this file.
const BITS: u32 = 128;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub about: String,
    pub countries: Vec<[u8; 2]>,
    /// Names of AS, ascending by their number.
    pub names: Vec<(u32, String)>,
    pub country: Vec<Piece>,
    pub origin: Vec<Piece>,
}

/// Why a file was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It does not begin as such a file does.
    Magic,
    /// The checksum is of other bytes.
    Checksum,
    /// It ends too early, goes on too long, or a number in it cannot be.
    Form,
}

impl Contents {
    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend([0; 4]);
        put_text(&mut out, &self.about);
        put(&mut out, self.countries.len() as u128);
        out.extend(self.countries.iter().flatten());
        put(&mut out, self.names.len() as u128);
        let mut before = 0;
        for (number, name) in &self.names {
            put(&mut out, u128::from(number - before));
            put_text(&mut out, name);
            before = *number;
        }
        for pieces in [&self.country, &self.origin] {
            put_pieces(&mut out, pieces);
        }
        let sum = crc32fast::hash(&out[HEAD..]);
        out[8..HEAD].copy_from_slice(&sum.to_le_bytes());
        out
    }

    /// What the bytes of a file say.
    ///
    /// # Errors
    ///
    /// They are not those of a whole file.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refused> {
        if bytes.len() < HEAD || &bytes[..8] != MAGIC {
            return Err(Refused::Magic);
        }
        if crc32fast::hash(&bytes[HEAD..]).to_le_bytes() != bytes[8..HEAD] {
            return Err(Refused::Checksum);
        }
        let mut left = Left(&bytes[HEAD..]);
        let contents = left.contents().ok_or(Refused::Form)?;
        if left.0.is_empty() { Ok(contents) } else { Err(Refused::Form) }
    }
}

fn put(out: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u128);
    out.extend(text.as_bytes());
}

fn put_pieces(out: &mut Vec<u8>, pieces: &[Piece]) {
    put(out, pieces.len() as u128);
    let mut before = 0;
    for piece in pieces {
        let distance = piece.start - before;
        let zeros = if distance == 0 { 0 } else { distance.trailing_zeros() };
        out.push(zeros as u8);
        put(out, distance >> zeros);
        put(out, u128::from(piece.value));
        out.push(piece.length);
        before = piece.start;
    }
}

/// The bytes that are not read yet; every read is `None` where they do not suffice.
struct Left<'a>(&'a [u8]);

impl<'a> Left<'a> {
    fn contents(&mut self) -> Option<Contents> {
        let about = self.text()?;
        let countries = self.countries()?;
        let names = self.names()?;
        let country = self.pieces(countries.len())?;
        let origin = self.pieces(u32::MAX as usize)?;
        Some(Contents { about, countries, names, country, origin })
    }

    fn bytes(&mut self, size: usize) -> Option<&'a [u8]> {
        let (taken, left) = self.0.split_at_checked(size)?;
        self.0 = left;
        Some(taken)
    }

    fn number(&mut self) -> Option<u128> {
        let (mut number, mut shift) = (0_u128, 0);
        loop {
            let byte = *self.bytes(1)?.first()?;
            let bits = u128::from(byte & 0x7F);
            if shift >= BITS || bits > u128::MAX >> shift {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
            shift += 7;
        }
    }

    /// A number of things of at least `least` bytes each, all of which must be there.
    fn count(&mut self, least: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len() / least).then_some(count)
    }

    fn text(&mut self) -> Option<String> {
        let size = self.count(1)?;
        String::from_utf8(self.bytes(size)?.to_vec()).ok()
    }

    fn countries(&mut self) -> Option<Vec<[u8; 2]>> {
        let count = self.count(2)?;
        let letters = self.bytes(count * 2)?;
        if !letters.iter().all(u8::is_ascii_uppercase) {
            return None;
        }
        Some(letters.as_chunks::<2>().0.to_vec())
    }

    fn names(&mut self) -> Option<Vec<(u32, String)>> {
        let count = self.count(2)?;
        let mut names = Vec::with_capacity(count);
        let mut number = 0_u32;
        for _ in 0..count {
            number = number.checked_add(u32::try_from(self.number()?).ok()?)?;
            names.push((number, self.text()?));
        }
        Some(names)
    }

    /// Pieces in ascending order, of values up to `most`.
    fn pieces(&mut self, most: usize) -> Option<Vec<Piece>> {
        let count = self.count(4)?;
        let mut pieces: Vec<Piece> = Vec::with_capacity(count);
        for _ in 0..count {
            let zeros = u32::from(*self.bytes(1)?.first()?);
            let more = self.number()?;
            if zeros > more.leading_zeros() || zeros >= BITS {
                return None;
            }
            let more = more << zeros;
            let start = match pieces.last() {
                Some(_) if more == 0 => return None,
                Some(last) => last.start.checked_add(more)?,
                None => more,
            };
            let value = u32::try_from(self.number()?).ok()?;
            let length = *self.bytes(1)?.first()?;
            if value as usize > most || u32::from(length) > BITS {
                return None;
            }
            pieces.push(Piece { start, value, length });
        }
        Some(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        let piece = |start, value, length| Piece { start, value, length };
        Contents {
            about: "{\"a\":1}".to_owned(),
            countries: vec![*b"JP", *b"US"],
            names: vec![(2500, "WIDE Project".to_owned()), (2907, "SINET 学術".to_owned())],
            country: vec![piece(0, 0, 0), piece(1 << 100, 2, 0), piece(u128::MAX, 1, 128)],
            origin: vec![piece(0, u32::MAX, 24)],
        }
    }

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(Contents::decode(&contents().encode()), Ok(contents()));
        let empty = Contents::default();
        assert_eq!(Contents::decode(&empty.encode()), Ok(empty));
    }

    #[test]
    fn a_file_that_is_cut_or_changed_anywhere_is_refused() {
        let whole = contents().encode();
        for size in 0..whole.len() {
            assert!(Contents::decode(&whole[..size]).is_err(), "{size} bytes");
        }
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 0x40;
            assert!(Contents::decode(&changed).is_err(), "byte {place}");
        }
    }

    /// With the right checksum, so that the claims themselves are what is refused.
    fn sealed(body: &[u8]) -> Vec<u8> {
        [MAGIC.as_slice(), &crc32fast::hash(body).to_le_bytes(), body].concat()
    }

    #[test]
    fn claims_that_cannot_be_are_refused_before_memory_is_taken() {
        let huge = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]; // 2^56 - 1 of them
        let endless = [0xFF; 64];
        let standing = [0, 1, b'J', b'P', 0, 2, 0, 5, 1, 0, 0, 0, 1, 0, 0]; // one start twice
        let beyond = [0, 1, b'J', b'P', 0, 1, 0, 0, 2, 0, 0]; // a second of one country
        let longer = [0, 1, b'J', b'P', 0, 1, 0, 0, 1, 129, 0]; // a prefix of 129 bits
        let shifted = [0, 0, 0, 1, 127, 3, 0, 0, 0]; // 3 and 127 zeros are 129 bits
        let small = [0, 1, b'j', b'p', 0, 0, 0];
        let more = [0, 0, 0, 0, 0, 0];
        let rest = [&small[..], &more, &shifted, &[0], &[1, 0xFF]];
        for body in [&huge[..], &endless, &standing, &beyond, &longer].into_iter().chain(rest) {
            assert_eq!(Contents::decode(&sealed(body)), Err(Refused::Form), "{body:?}");
        }
        assert_eq!(Contents::decode(&sealed(&[0; 5])), Ok(Contents::default()));
    }
}
