//! Domain names: lower case, no root dot, A-labels (UTS 46, non-transitional).

use idna::AsciiDenyList;

/// Names of this kind have at least two labels.
pub fn domain(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let text = text.strip_prefix("*.").unwrap_or(text);
    let name = a_labels(text)?;
    (name.contains('.') && is_name(&name)).then_some(name)
}

/// A host of a URL that is no address: one label will do.
pub fn host(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let name = a_labels(text)?;
    is_name(&name).then_some(name)
}

fn a_labels(text: &str) -> Option<String> {
    if text.is_ascii() && !text.contains("xn--") && !text.contains("XN--") {
        return Some(text.to_ascii_lowercase());
    }
    let list = AsciiDenyList::EMPTY;
    idna::domain_to_ascii_cow(text.as_bytes(), list).ok().map(std::borrow::Cow::into_owned)
}

/// Whether a name in lower case is one: labels of letters, digits, `-` and `_`, at most 63
/// long, not beginning with `-`; 253 in all; the last no number (RFC 3696, 2).
fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > 253 {
        return false;
    }
    let labels = bytes.split(|byte| *byte == b'.');
    let top = bytes.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    labels.clone().all(is_label) && top.iter().any(u8::is_ascii_alphabetic)
}

fn is_label(label: &[u8]) -> bool {
    let plain = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    let ends = label.first() != Some(&b'-') && label.last() != Some(&b'-');
    !label.is_empty() && label.len() <= 63 && ends && label.iter().all(plain)
}

/// Whether the last label of a name in lower case is a top level that was delegated.
pub fn has_known_top(name: &str) -> bool {
    let Some((_, top)) = name.rsplit_once('.') else { return false };
    is_known_top(top)
}

/// Whether a label in lower case is a delegated top level (Public Suffix List, ICANN part).
pub fn is_known_top(top: &str) -> bool {
    let found = psl::suffix(top.as_bytes());
    found.is_some_and(|suffix| suffix.is_known())
}

/// Top levels that are in use without having been delegated (RFC 6761, RFC 7686, RFC 9476,
/// and what networks at home use).
pub fn is_special_top(top: &str) -> bool {
    const TOPS: [&str; 13] = [
        "alt",
        "bit",
        "corp",
        "example",
        "home",
        "i2p",
        "internal",
        "invalid",
        "lan",
        "local",
        "localhost",
        "onion",
        "test",
    ];
    TOPS.contains(&top)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_one_spelling() {
        for (text, shown) in [
            ("WWW.Example.COM.", Some("www.example.com")),
            ("例え.テスト", Some("xn--r8jz45g.xn--zckzah")),
            ("例え。example。jp", Some("xn--r8jz45g.example.jp")),
            // Non-transitional: the sharp s stays (UTS 46, table 1).
            ("faß.de", Some("xn--fa-hia.de")),
            ("XN--R8JZ45G.example", Some("xn--r8jz45g.example")),
            ("_dmarc.example.com", Some("_dmarc.example.com")),
            ("*.example.com", Some("example.com")),
            ("example", None),
            ("", None),
            ("a..b", None),
            ("-a.example", None),
            ("a b.example", None),
            ("192.0.2.1", None),
            ("a.b/c", None),
        ] {
            assert_eq!(domain(text).as_deref(), shown, "{text}");
        }
        assert_eq!(domain(&format!("{}.com", "a".repeat(64))), None);
        assert_eq!(domain(&format!("{}com", "abcdefg.".repeat(32))), None);
    }

    #[test]
    fn top_levels_are_looked_up() {
        assert!(has_known_top("example.com"));
        assert!(has_known_top("a.xn--zckzah") || !has_known_top("a.exe"));
        assert!(!has_known_top("evil.exe"));
        assert!(is_special_top("onion"));
    }
}
