//! Values of artifacts, close together: IPv4 addresses in 4 bytes, hex digits in half.
//!
//! An entry is a byte for the kind, the length and form as LEB128, and the bytes. A place
//! counts pairs of bytes, so that 32 bits reach 8 GiB.

const PLAIN: usize = 0;
const QUAD: usize = 1;
const HEX: usize = 2;
const LONGEST_HEX: usize = 128; // digits: SHA-512

/// Where a text is.
pub type Place = u32;

/// The arena.
#[derive(Default)]
pub struct Texts {
    bytes: Vec<u8>,
}

/// A text as it is kept.
pub enum Packed<'a> {
    Plain(&'a [u8]),
    Quad([u8; 4]),
    Hex([u8; LONGEST_HEX / 2], usize),
}

impl<'a> Packed<'a> {
    /// The shortest form that gives the same text back.
    pub fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        if let Some(quad) = quad(bytes) {
            return Self::Quad(quad);
        }
        hex(bytes).unwrap_or(Self::Plain(bytes))
    }

    fn form(&self) -> usize {
        match self {
            Self::Plain(_) => PLAIN,
            Self::Quad(_) => QUAD,
            Self::Hex(..) => HEX,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(bytes) => bytes,
            Self::Quad(quad) => quad,
            Self::Hex(bytes, length) => &bytes[..*length],
        }
    }
}

/// A dotted quad without leading zeros.
fn quad(bytes: &[u8]) -> Option<[u8; 4]> {
    if bytes.len() < 7 || bytes.len() > 15 || !bytes[0].is_ascii_digit() {
        return None;
    }
    let mut quad = [0; 4];
    let mut parts = bytes.split(|&byte| byte == b'.');
    for octet in &mut quad {
        *octet = self::octet(parts.next()?)?;
    }
    parts.next().is_none().then_some(quad)
}

fn octet(digits: &[u8]) -> Option<u8> {
    let whole = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.len() <= 3;
    if !whole || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0_u16, |value, digit| value * 10 + u16::from(digit - b'0'));
    u8::try_from(value).ok()
}

fn hex(bytes: &[u8]) -> Option<Packed<'static>> {
    if bytes.len() < 16 || bytes.len() > LONGEST_HEX || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let mut packed = [0; LONGEST_HEX / 2];
    for (pair, byte) in bytes.chunks_exact(2).zip(&mut packed) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(Packed::Hex(packed, bytes.len() / 2))
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl Texts {
    /// Keep a text; none when 8 GiB are full.
    pub fn put(&mut self, kind: u8, text: &Packed<'_>) -> Option<Place> {
        let place = u32::try_from(self.bytes.len() / 2).ok()?;
        let bytes = text.bytes();
        self.bytes.push(kind);
        let mut head = bytes.len() << 2 | text.form();
        while head >= 0x80 {
            self.bytes.push(head as u8 | 0x80);
            head >>= 7;
        }
        self.bytes.push(head as u8);
        self.bytes.extend_from_slice(bytes);
        if !self.bytes.len().is_multiple_of(2) {
            self.bytes.push(0);
        }
        Some(place)
    }

    /// Whether that kind and text are at ``place``.
    #[inline]
    pub fn is(&self, place: Place, kind: u8, text: &Packed<'_>) -> bool {
        let (found, form, bytes) = self.at(place);
        found == kind && form == text.form() && bytes == text.bytes()
    }

    /// The kind at ``place``.
    pub fn kind(&self, place: Place) -> u8 {
        self.bytes.get(place as usize * 2).copied().unwrap_or(0)
    }

    /// The text at ``place``, behind what ``into`` holds.
    pub fn write(&self, place: Place, into: &mut String) {
        use std::fmt::Write;
        let (_, form, bytes) = self.at(place);
        // Writing to a String does not fail.
        let _ = match (form, bytes) {
            (QUAD, [a, b, c, d]) => write!(into, "{a}.{b}.{c}.{d}"),
            (HEX, _) => bytes.iter().try_for_each(|byte| write!(into, "{byte:02x}")),
            _ => into.write_str(std::str::from_utf8(bytes).unwrap_or_default()),
        };
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// An arena of bytes that a snapshot held.
    pub fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec() }
    }

    /// Kind, form and bytes of the entry; a place outside gives an empty one.
    #[inline]
    fn at(&self, place: Place) -> (u8, usize, &[u8]) {
        let mut at = place as usize * 2;
        let kind = self.bytes.get(at).copied().unwrap_or(0);
        let (mut head, mut shift) = (0_usize, 0);
        loop {
            at += 1;
            let byte = self.bytes.get(at).copied().unwrap_or(0);
            head |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 || shift > 35 {
                break;
            }
        }
        let bytes = self.bytes.get(at + 1..at + 1 + (head >> 2)).unwrap_or_default();
        (kind, head & 3, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(text: &str) -> (String, usize) {
        let mut texts = Texts::default();
        let place = texts.put(3, &Packed::of(text)).unwrap_or_default();
        assert!(texts.is(place, 3, &Packed::of(text)));
        assert!(!texts.is(place, 4, &Packed::of(text)));
        let mut found = String::new();
        texts.write(place, &mut found);
        (found, texts.bytes().len())
    }

    #[test]
    fn every_text_comes_back_as_it_was() {
        let long = "x".repeat(70_000);
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for text in [
            "192.0.2.1",
            "0.0.0.0",
            "255.255.255.255",
            "256.0.0.1",
            "01.2.3.4",
            "1.2.3",
            "1.2.3.4.5",
            "1..2.3",
            "2001:db8::1",
            hash,
            &hash.to_uppercase(),
            "abcdef",
            "00ff00ff00ff00f",
            "",
            "日本語.example",
            &long,
        ] {
            assert_eq!(back(text).0, text);
        }
    }

    #[test]
    fn addresses_and_hashes_are_short() {
        assert_eq!(back("203.0.113.255").1, 6);
        assert_eq!(back(&"ab".repeat(32)).1, 36); // kind, two of length, 32, one to be even
    }
}
