//! Addresses and domains that stand alone.

use std::net::{IpAddr, Ipv6Addr};

use crate::address;
use crate::context::{is_listed, is_numbered};
use crate::extract::{Role, Scan};
use crate::kind::Kind;
use crate::names::{Place, domain_at};

/// The end of a run of letters, digits, `.`, `-`, `_`; letters of two bytes (Latin, Greek,
/// Cyrillic) belong to it.
pub fn run(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < text.len() {
        let byte = text[at];
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            at += 1;
        } else if is_two_byte_letter(byte) {
            at += 2;
        } else {
            break;
        }
    }
    at
}

/// The first byte of a letter between U+00C0 and U+04FF.
pub fn is_two_byte_letter(byte: u8) -> bool {
    matches!(byte, 0xC3..=0xD3)
}

/// Looks for what stands alone at `start`; where to go on when there is something.
pub fn host(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let end = start + text[start..end].iter().rposition(|b| !matches!(b, b'.' | b'-' | b'_'))? + 1;
    let word = &text[start..end];
    if end - start == 17
        && let Some(value) = std::str::from_utf8(word).ok().and_then(crate::word::mac)
    {
        scan.keep(Kind::Mac, value, start, end, Role::Context);
        return Some(end);
    }
    if !word.contains(&b'.') {
        return None;
    }
    let number = word.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    let login = number && start > 0 && text[start - 1] == b'@';
    if !login && !may_begin(text, start) {
        return None;
    }
    if number {
        return numbers(scan, start, end);
    }
    name(scan, start, end)
}

/// Not in the middle of something longer.
fn may_begin(text: &[u8], start: usize) -> bool {
    let Some(last) = start.checked_sub(1) else { return true };
    let inside =
        |at: usize| text[at].is_ascii_alphanumeric() || matches!(text[at], b'-' | b'_' | b'.');
    match text[last] {
        b'.' | b'@' => last == 0 || !inside(last - 1),
        _ => !inside(last),
    }
}

/// An address, a prefix, or a range of addresses.
fn numbers(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let mut from = start;
    let mut found = None;
    for part in text[start..end].split(|b| *b == b'-') {
        let to = from + part.len();
        if let Some(address) = address::v4(part) {
            found = Some(if to == end {
                one(scan, from, to, address.into())
            } else {
                scan.keep(Kind::Ip, address.to_string(), from, to, role_of(address.into()));
                to
            });
        } else if found.is_none() {
            return None;
        }
        from = to + 1;
    }
    found.map(|at| at.max(end))
}

fn role_of(address: IpAddr) -> Role {
    if address::is_local(address) { Role::Context } else { Role::Indicator }
}

fn one(scan: &mut Scan<'_>, start: usize, end: usize, address: IpAddr) -> usize {
    let text = scan.text;
    let (length, after) = digits(text, end, b'/', 3);
    let prefix = length.filter(|_| !text.get(after).is_some_and(u8::is_ascii_alphanumeric));
    if let Some(value) = prefix.and_then(|n| address::prefix(&format!("{address}/{n}"))) {
        scan.keep(Kind::Prefix, value, start, after, role_of(address));
        return after;
    }
    let sure = scan.folded.is_defanged(start, end);
    let listed = scan.numbered.is_some_and(|last| is_listed(text, last, start));
    if !sure && (listed || is_numbered(text, start, end)) {
        scan.numbered = Some(end);
        return end;
    }
    let (port, after) = digits(text, end, b':', 5);
    let port = port.and_then(|port| u16::try_from(port).ok());
    scan.keep(Kind::Ip, address.to_string(), start, end, role_of(address));
    scan.set_port(port);
    if port.is_some() { path(text, after) } else { path(text, end) }
}

/// A number behind a sign, and where it ends.
fn digits(text: &[u8], at: usize, sign: u8, most: usize) -> (Option<u32>, usize) {
    if text.get(at) != Some(&sign) {
        return (None, at);
    }
    let count = text[at + 1..].iter().take(most + 1).take_while(|b| b.is_ascii_digit()).count();
    let digits = std::str::from_utf8(&text[at + 1..at + 1 + count]).unwrap_or_default();
    if count > most { (None, at) } else { (digits.parse().ok(), at + 1 + count) }
}

/// The end of the path that follows a host without a scheme: nothing in it stands alone.
fn path(text: &[u8], at: usize) -> usize {
    if text.get(at) != Some(&b'/') {
        return at;
    }
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"/._-~%?=&+#$!*'@".contains(b);
    at + text[at..].iter().take_while(|b| part(b)).count()
}

fn name(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let mut place = Place { text, start, end, defanged: scan.folded.is_defanged(start, end) };
    let found = domain_at(&place).or_else(|| {
        // "evil.example. The" without its blank.
        let dot = text[start..end].iter().rposition(|b| *b == b'.')?;
        let next = text[start + dot + 1..end].first()?;
        place.end = start + dot;
        next.is_ascii_uppercase().then(|| domain_at(&place))?
    });
    let (value, inner) = found?;
    let role = if inner { Role::Context } else { scan.role(start, place.end) };
    scan.keep(Kind::Domain, value, start, place.end, role);
    let (port, after) = digits(text, place.end, b':', 5);
    let port = port.and_then(|port| u16::try_from(port).ok());
    scan.set_port(port);
    Some(path(text, if port.is_some() { after } else { place.end }).max(end))
}

/// IPv6 at `start`, or a hardware address; where to go on.
pub fn colons(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let text = scan.text;
    let part = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let length = text[start..].iter().take(64).take_while(|b| part(b)).count();
    let word = &text[start..start + length];
    let several =
        word.iter().position(|b| *b == b':').is_some_and(|at| word[at + 1..].contains(&b':'));
    if !several || text.get(start + length).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    if start > 0 && matches!(text[start - 1], b':' | b'.' | b'-' | b'_') {
        return None;
    }
    let mut end = start + length;
    while end > start
        && (text[end - 1] == b'.' || text[end - 1] == b':' && !text[..end].ends_with(b"::"))
    {
        end -= 1;
    }
    let word = std::str::from_utf8(&text[start..end]).ok()?;
    if let Some(value) = crate::word::mac(word) {
        scan.keep(Kind::Mac, value, start, end, Role::Context);
        return Some(end);
    }
    let address: Ipv6Addr = word.parse().ok()?;
    if !word.bytes().any(|b| b.is_ascii_digit()) || word.len() < 6 {
        return None; // a scope of a program
    }
    let address = address.to_ipv4_mapped().map_or(IpAddr::V6(address), IpAddr::V4);
    let (length, after) = digits(text, end, b'/', 3);
    if let Some(value) = length.and_then(|n| address::prefix(&format!("{address}/{n}"))) {
        scan.keep(Kind::Prefix, value, start, after, role_of(address));
        return Some(after);
    }
    scan.keep(Kind::Ip, address.to_string(), start, end, role_of(address));
    Some(end)
}

/// A name whose first label is Chinese characters or kana; `dot` is where that label ends.
pub fn ideographic(scan: &mut Scan<'_>, dot: usize) -> Option<usize> {
    let text = scan.text;
    let end = run(text, dot + 1);
    let end =
        dot + 1 + text[dot + 1..end].iter().rposition(|b| !matches!(b, b'.' | b'-' | b'_'))? + 1;
    let start = label_start(text, dot)?;
    let whole = text[dot + 1..end].contains(&b'.') || is_parted(text, start);
    let file = std::str::from_utf8(&text[dot + 1..end]).is_ok_and(crate::guess::is_suffix);
    if !whole || file {
        return None;
    }
    let place = Place { text, start, end, defanged: scan.folded.is_defanged(start, end) };
    let (value, _) = domain_at(&place)?;
    let role = scan.role(start, end);
    scan.keep(Kind::Domain, value, start, end, role);
    Some(path(text, end))
}

/// Where the label before `dot` begins: behind what is no letter, or behind a particle.
fn label_start(text: &[u8], dot: usize) -> Option<usize> {
    const PARTICLES: [&str; 5] = ["は", "が", "を", "、", "："];
    let from = dot.saturating_sub(189);
    let mut start = dot;
    while start >= from + 3
        && matches!(text[start - 3], 0xE3..=0xE9)
        && !text[start - 3..].starts_with(&[0xE3, 0x80])
    {
        let letter = &text[start - 3..start];
        if PARTICLES.iter().any(|p| p.as_bytes() == letter) {
            break;
        }
        start -= 3;
    }
    (start < dot).then_some(start)
}

fn is_parted(text: &[u8], start: usize) -> bool {
    let quoted =
        ["「", "『", "（", "　"].iter().any(|sign| text[..start].ends_with(sign.as_bytes()));
    start == 0
        || quoted
        || text[start - 1].is_ascii_whitespace()
        || b"\"'`(|".contains(&text[start - 1])
}
