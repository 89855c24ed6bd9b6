//! A text as a scanner wants it: without defanging, full-width forms as ASCII; with the way
//! back to the places of the original.

use crate::refang::{mark, may_be_scheme};

/// The folded text and how its places lead back.
#[derive(Debug, Default)]
pub struct Folded {
    pub text: Vec<u8>,
    /// (place in the folded text, place in the original): from there on, both go in step.
    steps: Vec<(u32, u32)>,
    /// Places at which something was defanged, ascending.
    marks: Vec<u32>,
}

/// A closing bracket that belongs to `[.com]` is looked for this far.
const FORGOTTEN: usize = 64;

impl Folded {
    /// Folds a text of less than 4 GiB.
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut folded = Self { text: Vec::with_capacity(bytes.len() + 8), ..Self::default() };
        folded.steps.push((0, 0));
        let mut at = 0;
        let mut forgotten = 0;
        while at < bytes.len() {
            let plain = plain_run(bytes, at);
            folded.text.extend_from_slice(&bytes[at..at + plain]);
            at += plain;
            if at == bytes.len() {
                break;
            }
            if let Some(found) = mark(bytes, at) {
                folded.replace(found.blanks, at, found.length, found.plain);
                forgotten = if bytes[at..].starts_with(b"[.") && found.length == 2 {
                    at + FORGOTTEN
                } else {
                    0
                };
                at += found.length;
            } else if bytes[at] == b']' && at < forgotten {
                folded.step(at + 1);
                forgotten = 0;
                at += 1;
            } else {
                at += folded.one(bytes, at);
            }
        }
        folded
    }

    /// Where a place of the folded text is in the original.
    pub fn original(&self, place: usize) -> usize {
        let step = self.steps.partition_point(|(folded, _)| *folded as usize <= place) - 1;
        let (folded, original) = self.steps[step];
        original as usize + place - folded as usize
    }

    /// Whether something between two places was defanged.
    pub fn is_defanged(&self, start: usize, end: usize) -> bool {
        let next = self.marks.partition_point(|place| (*place as usize) < start);
        self.marks.get(next).is_some_and(|place| (*place as usize) < end)
    }

    fn step(&mut self, original: usize) {
        self.steps.push((self.text.len() as u32, original as u32));
    }

    fn replace(&mut self, blanks: usize, at: usize, length: usize, plain: &str) {
        let blanks = blanks.min(self.text.iter().rev().take_while(|b| **b == b' ').count());
        self.text.truncate(self.text.len() - blanks);
        self.step(at - blanks);
        self.marks.push(self.text.len() as u32);
        self.text.extend_from_slice(plain.as_bytes());
        self.step(at + length);
    }

    /// Takes one character over; how long it was.
    fn one(&mut self, bytes: &[u8], at: usize) -> usize {
        let rest = &bytes[at..];
        let length = match rest[0] {
            0..=0x7F => 1,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            _ => 4,
        };
        match self.ascii(&rest[..length.min(rest.len())], &rest[length.min(rest.len())..]) {
            Plain::Ascii(plain) => {
                self.step(at);
                self.text.push(plain);
                self.step(at + length);
            }
            Plain::Nothing => self.step(at + length),
            Plain::Itself => self.text.extend_from_slice(&rest[..length]),
        }
        length
    }

    /// What stands for a character, before others.
    fn ascii(&self, letter: &[u8], after: &[u8]) -> Plain {
        match letter {
            // Soft hyphen, zero-width space, joiners, word joiner, byte order mark.
            [0xC2, 0xAD] | [0xE2, 0x80, 0x8B..=0x8D] | [0xE2, 0x81, 0xA0] | [0xEF, 0xBB, 0xBF] => {
                Plain::Nothing
            }
            // Hyphens up to the en dash, minus; one dot leader, small full stop.
            [0xE2, 0x80, 0x90..=0x93] | [0xE2, 0x88, 0x92] => Plain::Ascii(b'-'),
            [0xE2, 0x80, 0xA4] | [0xEF, 0xB9, 0x92] => Plain::Ascii(b'.'),
            // Full stops of ideographic text part labels only between ASCII.
            [0xEF, 0xBC, 0x8E] | [0xE3, 0x80, 0x82] | [0xEF, 0xBD, 0xA1] => {
                let before = self.text.last().is_some_and(u8::is_ascii_alphanumeric);
                if before && begins_word(after) { Plain::Ascii(b'.') } else { Plain::Itself }
            }
            [0xEF, 0xBC | 0xBD, _] => full_width(letter).map_or(Plain::Itself, Plain::Ascii),
            _ => Plain::Itself,
        }
    }
}

/// What stands for a character.
enum Plain {
    Ascii(u8),
    /// It is only there to break lines.
    Nothing,
    Itself,
}

/// How many bytes from `at` on stand for themselves.
fn plain_run(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end < bytes.len() && (!INTERESTING[usize::from(bytes[end])] || is_harmless(bytes, end)) {
        end += 1;
    }
    end - at
}

/// Signs and letters that begin nothing here, told by their neighbours: most do not.
fn is_harmless(bytes: &[u8], at: usize) -> bool {
    let next = bytes.get(at + 1).copied().unwrap_or(b' ');
    match bytes[at] {
        b'.' => next != b']',
        b'\\' => next != b'.',
        first if first.is_ascii_alphabetic() => {
            let inside = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
            inside || !may_be_scheme(first, next)
        }
        _ => false,
    }
}

/// Whether ASCII or full-width letters or digits begin here.
fn begins_word(text: &[u8]) -> bool {
    match text {
        [first, ..] if first.is_ascii_alphanumeric() => true,
        [0xEF, 0xBC | 0xBD, _, ..] => {
            full_width(&text[..3]).is_some_and(|b| b.is_ascii_alphanumeric())
        }
        _ => false,
    }
}

/// The ASCII of a full-width form that values are made of. Brackets are left alone: they
/// stand around values, and part them from what follows.
fn full_width(letter: &[u8]) -> Option<u8> {
    let code = (u32::from(letter[1] & 0x3F) << 6) | u32::from(letter[2] & 0x3F);
    let ascii = u8::try_from((0xF000 + code).checked_sub(0xFF01)? + 0x21).ok()?;
    let part = ascii.is_ascii_alphanumeric() || b":/@-_?=&%#~+".contains(&ascii);
    part.then_some(ascii)
}

/// Bytes at which something may have to be done.
static INTERESTING: [bool; 256] = interesting();

const fn interesting() -> [bool; 256] {
    let mut table = [false; 256];
    let ascii = b"[](){<\\.hHmMfFtT";
    let mut at = 0;
    while at < ascii.len() {
        table[ascii[at] as usize] = true;
        at += 1;
    }
    table[0xC2] = true;
    table[0xE2] = true;
    table[0xE3] = true;
    table[0xEF] = true;
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        String::from_utf8(Folded::of(text).text).unwrap_or_default()
    }

    #[test]
    fn places_lead_back() {
        let text = "通信先は198[.]51です";
        let folded = Folded::of(text);
        let start = folded.text.iter().position(|b| *b == b'1').unwrap_or(0);
        assert_eq!(&folded.text[start..start + 6], b"198.51");
        assert_eq!(&text[folded.original(start)..folded.original(start + 6)], "198[.]51");
        assert!(folded.is_defanged(start, start + 6));
        assert!(!folded.is_defanged(start, start + 3));
    }

    #[test]
    fn full_width_and_invisible_characters() {
        assert_eq!(folded("ｈｘｘｐ：／／ａ．ｂ（x）"), "hxxp://a.b（x）");
        assert_eq!(folded("ev\u{200b}il\u{ad}.com"), "evil.com");
        assert_eq!(folded("です。evil"), "です。evil");
        assert_eq!(folded("evil。com"), "evil.com");
        assert_eq!(folded("evil[.com]/a [x]"), "evil.com/a [x]");
    }
}
