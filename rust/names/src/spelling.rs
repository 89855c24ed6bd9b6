//! The one spelling of a name.
//!
//! A dot inside a label is `\046`, a backslash `\092`: a dot in the text therefore always
//! parts two labels, and whoever splits there is right.

use std::borrow::Cow;

use idna::AsciiDenyList;

/// The spelling the lake stores of a name written in master-file form (RFC 1035, 5.1), in
/// any case, with or without the root dot, in ASCII or Unicode.
///
/// Nothing is refused: what IDNA cannot map keeps its bytes, as `\DDD`.
pub fn canonical(name: &str) -> Cow<'_, str> {
    let name = without_root(name);
    if name.bytes().all(is_settled) {
        return Cow::Borrowed(name);
    }
    if name.is_ascii() {
        return Cow::Owned(respelled(name.as_bytes()));
    }
    match idna::domain_to_ascii_cow(name.as_bytes(), AsciiDenyList::EMPTY) {
        Ok(ascii) => Cow::Owned(respelled(without_root(&ascii).as_bytes())),
        Err(_) => Cow::Owned(respelled(name.as_bytes())),
    }
}

/// Appends one byte of a label as it is spelled: lower case, or `\DDD` when it is odd.
#[inline]
pub fn push_byte(text: &mut Vec<u8>, byte: u8) {
    if is_plain(byte) {
        text.push(byte.to_ascii_lowercase());
    } else {
        text.extend_from_slice(&[
            b'\\',
            b'0' + byte / 100,
            b'0' + byte / 10 % 10,
            b'0' + byte % 10,
        ]);
    }
}

/// Whether a byte of a label stands for itself: printable, and neither `.` nor `\`.
#[inline]
pub const fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7E) && byte != b'.' && byte != b'\\'
}

/// Whether a byte of a text is as [`canonical`] leaves it.
const fn is_settled(byte: u8) -> bool {
    (is_plain(byte) && !byte.is_ascii_uppercase()) || byte == b'.'
}

/// The name without the dot of the root; an escaped dot is none.
fn without_root(name: &str) -> &str {
    match name.strip_suffix('.') {
        Some(rest) if trailing_backslashes(rest).is_multiple_of(2) => rest,
        _ => name,
    }
}

fn trailing_backslashes(text: &str) -> usize {
    text.bytes().rev().take_while(|byte| *byte == b'\\').count()
}

fn respelled(name: &[u8]) -> String {
    let mut text = Vec::with_capacity(name.len() + 8);
    let mut rest = name;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'.' {
            text.push(byte);
        } else if byte == b'\\' {
            let (meant, used) = escaped(rest);
            push_byte(&mut text, meant);
            rest = &rest[used..];
        } else {
            push_byte(&mut text, byte);
        }
    }
    // Only ASCII was pushed.
    String::from_utf8(text).unwrap_or_default()
}

/// The byte that is meant after a backslash, and how many bytes say so: `\DDD` or `\X`. A
/// backslash at the end stands for itself.
fn escaped(rest: &[u8]) -> (u8, usize) {
    if let [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] = rest {
        let value = [a, b, c].iter().fold(0u16, |sum, digit| sum * 10 + u16::from(**digit - b'0'));
        if let Ok(value) = u8::try_from(value) {
            return (value, 3);
        }
    }
    rest.first().map_or((b'\\', 0), |byte| (*byte, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settled_name_is_borrowed() {
        assert!(matches!(canonical("_sip._tcp.example.com"), Cow::Borrowed(_)));
        assert!(matches!(canonical("example.com."), Cow::Borrowed("example.com")));
    }

    #[test]
    fn case_and_the_root_dot_go() {
        assert_eq!(canonical("WWW.Example.COM."), "www.example.com");
        assert_eq!(canonical("."), "");
        assert_eq!(canonical(""), "");
    }

    /// RFC 1035, 5.1: `\DDD` is the octet of that decimal value, `\X` is X itself.
    #[test]
    fn escapes_become_one_spelling() {
        assert_eq!(canonical(r"a\.b.example"), r"a\046b.example");
        assert_eq!(canonical(r"a\046b.example"), r"a\046b.example");
        assert_eq!(canonical(r"\065bc.example"), "abc.example");
        assert_eq!(canonical(r"a\\.example"), r"a\092.example");
        assert_eq!(canonical(r"a\\."), r"a\092");
        assert_eq!(canonical(r"a\."), r"a\046");
        assert_eq!(canonical(r"a\999b"), "a999b");
        assert_eq!(canonical(r"a\"), r"a\092");
        assert_eq!(canonical("a b.example"), r"a\032b.example");
    }

    /// RFC 3492, 7.1, and the IDN test domains of IANA (例え.テスト).
    #[test]
    fn unicode_becomes_a_labels() {
        assert_eq!(canonical("例え.テスト"), "xn--r8jz45g.xn--zckzah");
        assert_eq!(canonical("例え。テスト。"), "xn--r8jz45g.xn--zckzah");
        assert_eq!(canonical("BÜCHER.example"), "xn--bcher-kva.example");
        assert_eq!(canonical("_dmarc.bücher.example."), "_dmarc.xn--bcher-kva.example");
    }

    #[test]
    fn what_idna_refuses_keeps_its_bytes() {
        assert_eq!(canonical("a\u{FFFD}.example"), r"a\239\191\189.example");
    }
}
