//! Finding artifacts in the text of a report.
//!
//! One pass over the folded text. At the beginning of each word, what can begin there is
//! tried; what is found is skipped. Each trial looks at its own word and at a bounded piece
//! before and behind it, so the time grows with the text and not faster.
//!
//! Kana and Chinese characters are no parts of words here, so a value between them is seen;
//! `\b` of regular expressions would not see it.

use crate::fold::Folded;
use crate::kind::Kind;
use crate::{digests, hosts, links, paths, word};

/// What something does in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It belongs to what is reported.
    Indicator,
    /// It leads to another publication.
    Reference,
    /// It is about anybody's machine: a private address, a path of the system.
    Context,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Indicator => "indicator",
            Self::Reference => "reference",
            Self::Context => "context",
        }
    }
}

/// An artifact in a text: `start` and `end` are bytes of the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub kind: Kind,
    pub value: String,
    pub start: usize,
    pub end: usize,
    pub role: Role,
    pub port: Option<u16>,
}

/// The state of a pass.
pub struct Scan<'t> {
    pub text: &'t [u8],
    pub folded: &'t Folded,
    /// Where the last number ended that was a version and no address.
    pub numbered: Option<usize>,
    /// Places of headings, and whether a list of references begins there.
    headings: Vec<(usize, bool)>,
    found: Vec<Found>,
}

impl Scan<'_> {
    /// Something between two places of the folded text.
    pub fn keep(&mut self, kind: Kind, value: String, start: usize, end: usize, role: Role) {
        let (start, end) = (self.folded.original(start), self.folded.original(end));
        self.found.push(Found { kind, value, start, end, role, port: None });
    }

    /// The port of what was kept last.
    pub fn set_port(&mut self, port: Option<u16>) {
        if let Some(last) = self.found.last_mut() {
            last.port = port;
        }
    }

    /// The role of a name that stands alone.
    pub fn role(&self, start: usize, end: usize) -> Role {
        let defanged = self.folded.is_defanged(start, end);
        if !defanged && self.in_references(start) { Role::Reference } else { Role::Indicator }
    }

    /// Whether a place is below a heading like "References".
    pub fn in_references(&self, place: usize) -> bool {
        let next = self.headings.partition_point(|(at, _)| *at <= place);
        next > 0 && self.headings[next - 1].1
    }
}

/// Everything in a text, in the order of its places.
pub fn extract(text: &str) -> Vec<Found> {
    let folded = Folded::of(text);
    let headings = headings(&folded.text);
    let mut scan =
        Scan { text: &folded.text, folded: &folded, numbered: None, headings, found: Vec::new() };
    let mut at = 0;
    while at < scan.text.len() {
        at = step(&mut scan, at);
    }
    scan.found
}

/// One step; where the next begins.
fn step(scan: &mut Scan<'_>, at: usize) -> usize {
    let text = scan.text;
    let byte = text[at];
    if byte.is_ascii_alphanumeric() || byte == b'_' || hosts::is_two_byte_letter(byte) {
        return word_at(scan, at);
    }
    let found = match byte {
        b'%' => paths::variable_path(scan, at),
        b'.' if at > 0 && text[at - 1] >= 0x80 => hosts::ideographic(scan, at),
        0xE3 if text[at..].starts_with("ミューテックス".as_bytes()) => {
            paths::mutex(scan, at + "ミューテックス".len())
        }
        _ => None,
    };
    found.unwrap_or(at + 1)
}

/// What begins with the word at `start`; where to go on.
fn word_at(scan: &mut Scan<'_>, start: usize) -> usize {
    let text = scan.text;
    let inner = start > 0 && (text[start - 1].is_ascii_alphanumeric() || ends_letter(text, start));
    let mut end = start;
    while end < text.len() && text[end].is_ascii_alphanumeric() {
        end += 1;
    }
    if end == start {
        end += if text[start] == b'_' { 1 } else { 2 };
    }
    let end = end.min(text.len());
    if inner {
        return end;
    }
    structured(scan, start).or_else(|| plain(scan, start, end)).unwrap_or(end)
}

/// Whether a letter of two bytes ends before `at`.
fn ends_letter(text: &[u8], at: usize) -> bool {
    at >= 2 && hosts::is_two_byte_letter(text[at - 2]) && text[at - 1] & 0xC0 == 0x80
}

/// URLs, mail addresses, addresses, domains: what holds signs.
fn structured(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let text = scan.text;
    // Runs are looked at once, from where they begin.
    let begins = start == 0
        || !matches!(text[start - 1], b'.' | b'-' | b'_')
        || start < 2
        || !text[start - 2].is_ascii_alphanumeric();
    if !begins {
        return None;
    }
    let run = hosts::run(text, start);
    if text[run..].starts_with(b"://")
        && let Some(end) = links::link(scan, start, run)
    {
        return Some(end);
    }
    let next = text.get(run).copied();
    if matches!(next, Some(b'@' | b'+' | b'%'))
        && let Some(end) = links::mail(scan, start)
    {
        return Some(end);
    }
    if next == Some(b':') {
        let found = hosts::colons(scan, start).or_else(|| {
            let number = text[start..run].iter().all(u8::is_ascii_digit);
            number.then(|| digests::fuzzy(scan, start))?
        });
        if found.is_some() {
            return found;
        }
    }
    hosts::host(scan, start, run).or_else(|| digests::ja4(scan, start, run))
}

/// What is one word of letters and digits, or begins with a word of its own.
fn plain(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    match text[start].to_ascii_lowercase() {
        b'h' if text.get(end).is_some_and(|b| b"\\:_".contains(b)) => {
            let hive = start
                + text[start..]
                    .iter()
                    .take(20)
                    .take_while(|b| b.is_ascii_alphabetic() || **b == b'_')
                    .count();
            if let Some(end) = paths::registry_key(scan, start, hive) {
                return Some(end);
            }
        }
        b'c' if end - start == 3 => {
            if let Some(end) = vulnerability(scan, start) {
                return Some(end);
            }
        }
        b't' if end - start == 5 => return technique(scan, start, end),
        b'a' if text[start..end].starts_with(b"AS") => return system(scan, start, end),
        b'm' | b'u' => {
            if let Some(end) = behind_word(scan, start, end) {
                return Some(end);
            }
        }
        _ => {}
    }
    if end - start == 1
        && let Some(end) = paths::drive_path(scan, start)
    {
        return Some(end);
    }
    digests::digest(scan, start, end)
}

fn behind_word(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let word = text[start..end].to_ascii_lowercase();
    match word.as_slice() {
        b"mutex" | b"mutexes" | b"mutant" => paths::mutex(scan, end),
        b"mozilla" if text[end..].starts_with(b"/") && text[start] == b'M' => {
            paths::agent(scan, start)
        }
        b"user" => paths::agent_value(text, start).and_then(|value| paths::agent(scan, value)),
        _ => None,
    }
}

fn vulnerability(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let text = scan.text;
    let rest = &text[start + 3..(start + 18).min(text.len())];
    let part = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'_' | b' ');
    let mut end = start + 3 + rest.iter().take_while(|b| part(b)).count();
    while end > start && !text[end - 1].is_ascii_alphanumeric() {
        end -= 1;
    }
    // "CVE-2024-3400 and": not more than two groups of digits.
    let groups =
        text[start + 3..end].split(|b| !b.is_ascii_digit()).filter(|g| !g.is_empty()).count();
    if groups != 2 || text.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return first_two(scan, start, end);
    }
    let value = word::vulnerability(std::str::from_utf8(&text[start..end]).ok()?)?;
    scan.keep(Kind::Vulnerability, value, start, end, Role::Indicator);
    Some(end)
}

/// Of more groups of digits, the first two: `CVE-2024-3400 2024`.
fn first_two(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let first = start + 4 + text.get(start + 4..end)?.iter().position(|b| !b.is_ascii_digit())?;
    let digits = text.get(first + 1..end)?.iter().take_while(|b| b.is_ascii_digit()).count();
    let stop = first + 1 + digits;
    if text.get(stop).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let value = word::vulnerability(std::str::from_utf8(&text[start..stop]).ok()?)?;
    scan.keep(Kind::Vulnerability, value, start, stop, Role::Indicator);
    Some(stop)
}

fn technique(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let joined = start > 0 && matches!(text[start - 1], b'-' | b'_');
    if joined || text[start] != b'T' {
        return None;
    }
    let sub = matches!(text.get(end), Some(b'.' | b'/'))
        && text.get(end + 1..end + 4).is_some_and(|d| d.iter().all(u8::is_ascii_digit))
        && !text.get(end + 4).is_some_and(u8::is_ascii_alphanumeric);
    let stop = if sub { end + 4 } else { end };
    let shown = std::str::from_utf8(&text[start..stop]).ok()?;
    let value = word::technique(shown).or_else(|| word::technique(&shown[..5]))?;
    let stop = start + value.len();
    scan.keep(Kind::Technique, value, start, stop, Role::Context);
    Some(stop)
}

/// `AS64500`, `ASN 64500`. Short numbers need a word: AS2 is a protocol, AS400 a machine.
fn system(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let letters = text[start..end].iter().take_while(|b| b.is_ascii_uppercase()).count();
    let mut from = start + letters;
    let named = letters == 3 && text[start..].starts_with(b"ASN");
    if !(letters == 2 || named) {
        return digests::digest(scan, start, end);
    }
    if from == end && named {
        from += text[from..].iter().take(3).take_while(|b| b" :#".contains(b)).count();
    }
    let digits = text[from..].iter().take(11).take_while(|b| b.is_ascii_digit()).count();
    let stop = from + digits;
    if digits == 0
        || text.get(stop).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.')
            && !is_sentence_end(text, stop)
    {
        return digests::digest(scan, start, end);
    }
    let left = crate::context::left(text, start);
    let said = named
        || crate::context::holds(
            &left,
            &["autonomous", "asn", "isp", "hosting", "hosted", "network", "自律システム"],
        );
    if digits < 4 && !said {
        return None;
    }
    let value = word::asn(std::str::from_utf8(&text[from..stop]).ok()?)?;
    scan.keep(Kind::Asn, value, start, stop, Role::Indicator);
    Some(stop)
}

fn is_sentence_end(text: &[u8], at: usize) -> bool {
    text[at] == b'.' && !text.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
}

/// Lines that are headings, by the marks of Markdown and AsciiDoc, or because they consist
/// of a word for references.
fn headings(text: &[u8]) -> Vec<(usize, bool)> {
    const REFERENCES: [&str; 12] = [
        "references",
        "reference",
        "sources",
        "further reading",
        "external links",
        "links",
        "参考文献",
        "参考",
        "参考情報",
        "参考リンク",
        "出典",
        "関連リンク",
    ];
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split(|b| *b == b'\n') {
        let start = at;
        at += line.len() + 1;
        let plain = line.trim_ascii();
        let marked = matches!(plain.first(), Some(b'#' | b'=')) && plain.len() < 200;
        if plain.is_empty() || (!marked && plain.len() > 24) {
            continue;
        }
        let words: Vec<u8> = plain.to_ascii_lowercase();
        let words = words.trim_ascii();
        let words = trim_marks(words);
        let references = REFERENCES.iter().any(|known| known.as_bytes() == words);
        if marked || references {
            found.push((start, references));
        }
    }
    found
}

fn trim_marks(words: &[u8]) -> &[u8] {
    let inside =
        |b: &u8| !matches!(b, b'#' | b'=' | b' ' | b':' | b'*' | b'_' | b'0'..=b'9' | b'.');
    let start = words.iter().position(inside).unwrap_or(words.len());
    let end = words.iter().rposition(inside).map_or(start, |p| p + 1);
    let words = &words[start..end];
    words.strip_suffix("：".as_bytes()).unwrap_or(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        extract(text).into_iter().map(|f| (f.kind.name().to_owned(), f.value)).collect()
    }

    #[test]
    fn a_url_gives_its_host_too() {
        let text = "C2 is hxxp://evil-update.example[.]com/gate.php";
        let all = extract(text);
        assert_eq!(all.len(), 2);
        assert_eq!(&text[all[0].start..all[0].end], "hxxp://evil-update.example[.]com/gate.php");
        assert_eq!(&text[all[1].start..all[1].end], "evil-update.example[.]com");
        assert_eq!(all[1].value, "evil-update.example.com");
    }

    #[test]
    fn ports_do_not_break_addresses() {
        let all = extract("beacons to 198[.]51[.]100[.]23:8443 every 60s");
        assert_eq!((all[0].value.as_str(), all[0].port), ("198.51.100.23", Some(8443)));
    }

    #[test]
    fn links_are_told_from_indicators() {
        let role = |text: &str| extract(text).first().map(|f| f.role);
        assert_eq!(role("Reference: https://www.example.com/blog/report"), Some(Role::Reference));
        assert_eq!(role("[words](https://www.example.com/a)"), Some(Role::Reference));
        assert_eq!(role("https://www.example.com/a[words]"), Some(Role::Reference));
        assert_eq!(role("## 参考文献\n- https://www.example.com/a"), Some(Role::Reference));
        assert_eq!(role("posts to https://www.example.com/a"), Some(Role::Indicator));
        assert_eq!(role("from 192.168.0.1"), Some(Role::Context));
    }

    #[test]
    fn kana_around_a_value_do_not_hide_it() {
        assert_eq!(
            found("通信先は198[.]51[.]100[.]7です。"),
            [("ip".into(), "198.51.100.7".into())]
        );
        assert_eq!(
            found("メールアドレスtaro＠example.jpから"),
            [("mail".into(), "taro@example.jp".into())]
        );
    }
}
