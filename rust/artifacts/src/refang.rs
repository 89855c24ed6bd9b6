//! Taking away what keeps people from clicking on a value.
//!
//! Everybody defangs in their own way: brackets of any sort around a dot, an `@`, a colon or
//! the word for it; letters of the scheme changed. [`mark`] knows what stands at a place of
//! a text, for a single value and for a whole report alike.

use std::borrow::Cow;

/// `text` without defanging; as it is when there is none.
pub fn refang(text: &str) -> Cow<'_, str> {
    let mut plain = String::new();
    let mut copied = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        if let Some(found) = mark(bytes, at) {
            // Blanks around `(dot)` belong to it.
            let before = found.blanks.min(at - copied);
            plain.push_str(&text[copied..at - before]);
            plain.push_str(found.plain);
            at += found.length;
            copied = at;
        } else {
            at += 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    plain.push_str(&text[copied..]);
    Cow::Owned(plain)
}

/// Something defanged: how long it is, what it means, how many blanks before it go, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub length: usize,
    pub plain: &'static str,
    pub blanks: usize,
}

/// What is defanged at `at`, which need not be the beginning of a character.
pub fn mark(text: &[u8], at: usize) -> Option<Mark> {
    match text[at] {
        // The last two begin full-width brackets and their Japanese kin.
        b'[' | b'(' | b'{' | b'<' | 0xE3 | 0xEF => bracketed(text, at),
        b'\\' => escaped(text, at),
        b'.' => closed_only(text, at),
        b'h' | b'H' | b'm' | b'M' | b'f' | b'F' | b't' | b'T' => scheme(text, at),
        _ => None,
    }
}

/// (what stands in brackets, what it means, whether blanks around it go).
const INSIDE: [(&str, &str, bool); 22] = [
    (".", ".", true),
    ("．", ".", true),
    ("。", ".", true),
    ("dot", ".", true),
    ("d0t", ".", true),
    ("ドット", ".", true),
    ("point", ".", true),
    ("@", "@", true),
    ("＠", "@", true),
    ("at", "@", true),
    ("アットマーク", "@", true),
    ("アット", "@", true),
    ("://", "://", false),
    (":/", ":/", false),
    (":", ":", false),
    ("：", ":", false),
    ("//", "//", false),
    ("/", "/", false),
    ("-", "-", false),
    ("www", "www", false),
    ("http", "http", false),
    ("https", "https", false),
];

const OPENING: [&str; 8] = ["[", "(", "{", "<", "［", "（", "｛", "【"];
const CLOSING: [&str; 8] = ["]", ")", "}", ">", "］", "）", "｝", "】"];

fn bracketed(text: &[u8], start: usize) -> Option<Mark> {
    let first = one_of(text, start, &OPENING)?;
    let mut at = start + first;
    // Some double them.
    while let Some(more) = one_of(text, at, &OPENING).filter(|_| at - start < 4) {
        at += more;
    }
    let doubled = at > start + first;
    at += blanks(text, at);
    let (plain, blank, length) = inside(text, at)?;
    at += length;
    let after = at + blanks(text, at);
    let Some(close) = one_of(text, after, &CLOSING) else {
        return opened_only(text, start, at, plain, doubled);
    };
    at = after + close;
    if let Some(more) = one_of(text, at, &CLOSING).filter(|_| doubled) {
        at += more;
    }
    let mut found = Mark { length: at - start, plain, blanks: 0 };
    if blank && word_before(text, start - blanks_before(text, start)) {
        let behind = blanks(text, at);
        if text.get(at + behind).is_some_and(|b| is_word(*b)) {
            found.blanks = blanks_before(text, start);
            found.length += behind;
        }
    }
    // `f(.)` in prose is code: a dot is one only beside a word.
    let beside = text.get(start + found.length).is_some_and(|b| is_word(*b) || *b == b'/');
    let between = beside && word_before(text, start);
    (plain != "." || between || found.blanks > 0).then_some(found)
}

/// `evil[.com`: the closing bracket was forgotten.
fn opened_only(
    text: &[u8],
    start: usize,
    at: usize,
    plain: &'static str,
    doubled: bool,
) -> Option<Mark> {
    let square = text[start] == b'[' && !doubled && plain == "." && text[start + 1] == b'.';
    let between = word_before(text, start) && text.get(at).is_some_and(|b| is_word(*b));
    if !square || !between {
        return None;
    }
    // `evil[.com]`: the bracket closes behind the label.
    Some(Mark { length: at - start, plain, blanks: 0 })
}

/// `evil.]com`: the opening bracket was forgotten.
fn closed_only(text: &[u8], at: usize) -> Option<Mark> {
    let closed = text.get(at + 1) == Some(&b']') && text.get(at + 2).is_some_and(|b| is_word(*b));
    (closed && word_before(text, at)).then_some(Mark { length: 2, plain: ".", blanks: 0 })
}

/// `evil\.example`: escaped as for a regular expression; but not in a path.
fn escaped(text: &[u8], at: usize) -> Option<Mark> {
    let dot = text.get(at + 1) == Some(&b'.') && text.get(at + 2).is_some_and(|b| is_word(*b));
    if !dot || !word_before(text, at) {
        return None;
    }
    let from = at.saturating_sub(64);
    let start =
        text[from..at].iter().rposition(u8::is_ascii_whitespace).map_or(from, |p| from + p + 1);
    let before = &text[start..at];
    let path =
        before.iter().enumerate().any(|(i, b)| *b == b'\\' && before.get(i + 1) != Some(&b'.'));
    let drive = before.get(1) == Some(&b':');
    (!path && !drive).then_some(Mark { length: 2, plain: ".", blanks: 0 })
}

fn inside(text: &[u8], at: usize) -> Option<(&'static str, bool, usize)> {
    let rest = &text[at..];
    // Longer ones first where one begins with another: `://` before `:`.
    INSIDE
        .iter()
        .filter(|(word, _, _)| starts(rest, word))
        .max_by_key(|(word, _, _)| word.len())
        .map(|(word, plain, blank)| (*plain, *blank, word.len()))
}

/// Schemes as they are written, and what they mean; each is followed by [`SEPARATORS`].
const SCHEMES: [(&str, &str); 22] = [
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("hxxxps", "https"),
    ("hxxxp", "http"),
    ("htxps", "https"),
    ("htxp", "http"),
    ("hxtps", "https"),
    ("hxtp", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("h__ps", "https"),
    ("h__p", "http"),
    ("h--ps", "https"),
    ("h--p", "http"),
    ("meows", "https"),
    ("meow", "http"),
    ("fxps", "ftps"),
    ("fxp", "ftp"),
    ("http[s]", "https"),
    ("http(s)", "https"),
    ("ttps", "https"),
    ("ttp", "http"),
];

/// How `://` is written.
const SEPARATORS: [&str; 13] = [
    "://",
    "[://]",
    "[:]//",
    "(:)//",
    "{:}//",
    "[:/]/",
    ":[//]",
    ":\\\\",
    "[:]\\\\",
    ":[/][/]",
    "[:][/][/]",
    "_//",
    "：／／",
];

fn scheme(text: &[u8], at: usize) -> Option<Mark> {
    if at > 0 && is_word(text[at - 1]) {
        return None;
    }
    if !may_be_scheme(text[at], text.get(at + 1).copied()?) {
        return None;
    }
    let rest = &text[at..];
    let plain_scheme = [("https", "https://"), ("http", "http://"), ("ftp", "ftp://")];
    if let Some((word, plain)) = plain_scheme.iter().find(|(word, _)| starts(rest, word)) {
        // A plain scheme whose separator alone is odd.
        let odd = SEPARATORS[1..].iter().find(|s| starts(&rest[word.len()..], s));
        if let Some(odd) = odd {
            return Some(Mark { length: word.len() + odd.len(), plain, blanks: 0 });
        }
    }
    let (word, plain) = SCHEMES.iter().find(|(word, _)| starts(rest, word))?;
    let separator = SEPARATORS.iter().find(|s| starts(&rest[word.len()..], s))?;
    let plain = match *plain {
        "http" => "http://",
        "https" => "https://",
        "ftp" => "ftp://",
        _ => "ftps://",
    };
    Some(Mark { length: word.len() + separator.len(), plain, blanks: 0 })
}

/// The second letter decides for nearly all words.
pub(crate) fn may_be_scheme(first: u8, second: u8) -> bool {
    let second = second.to_ascii_lowercase();
    match first.to_ascii_lowercase() {
        b'h' => matches!(second, b't' | b'x' | b'*' | b'_' | b'-'),
        b'm' => second == b'e',
        b'f' => matches!(second, b'x' | b't'),
        _ => second == b't',
    }
}

fn one_of(text: &[u8], at: usize, words: &[&str]) -> Option<usize> {
    let rest = text.get(at..)?;
    words.iter().find(|word| rest.starts_with(word.as_bytes())).map(|word| word.len())
}

/// Whether `text` begins with `word`, whatever the case of its ASCII letters.
fn starts(text: &[u8], word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()))
}

fn blanks(text: &[u8], at: usize) -> usize {
    text[at.min(text.len())..].iter().take(2).take_while(|b| **b == b' ').count()
}

fn blanks_before(text: &[u8], at: usize) -> usize {
    text[..at].iter().rev().take(2).take_while(|b| **b == b' ').count()
}

fn word_before(text: &[u8], at: usize) -> bool {
    at > 0 && is_word(text[at - 1])
}

/// A byte of a name; all of those outside of ASCII may be.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_defanging() {
        for (text, plain) in [
            ("198[.]51[.]100[.]7", "198.51.100.7"),
            ("evil(.)example(dot)com", "evil.example.com"),
            ("evil{.}example [dot] com", "evil.example.com"),
            ("evil[.example.]com", "evil.example.com"),
            ("evil\\.example\\.com", "evil.example.com"),
            ("hxxp://evil[.]com", "http://evil.com"),
            ("hXXps[:]//evil.com", "https://evil.com"),
            ("h**p://evil.com", "http://evil.com"),
            ("meows://evil.com", "https://evil.com"),
            ("ttp://evil.com", "http://evil.com"),
            ("https[://]evil.com", "https://evil.com"),
            ("http[s]://evil.com", "https://evil.com"),
            ("ops (at) example (dot) net", "ops@example.net"),
            ("admin[@]example[.]org", "admin@example.org"),
            ("taro（アット）example．jp", "taro@example．jp"),
            ("2001:db8[:]:1", "2001:db8::1"),
            ("evil[[.]]com", "evil.com"),
            ("evil［．］com", "evil.com"),
        ] {
            assert_eq!(refang(text), plain);
        }
    }

    #[test]
    fn what_is_not_defanged_stays() {
        for text in [
            "plain.example",
            "a (see b) c",
            "C:\\.ssh\\id",
            "x[1]",
            "http://a.example/",
            "attp://x",
            "f(.)",
        ] {
            assert_eq!(refang(text), text);
        }
    }
}
