//! What a value mentions, as keys that can be looked for.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

/// Where a key is looked for; the keys of different sections never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Addresses as 128-bit numbers, IPv4 as IPv4-mapped IPv6 (RFC 4291, 2.5.5.2).
    Address,
    /// The first 64 bits of the SHA-256 of a text.
    Text,
    /// The same of a domain name that lies above (or is) one that is mentioned.
    Parent,
}

impl Section {
    pub const ALL: [Self; 3] = [Self::Address, Self::Text, Self::Parent];

    /// The section of a number, as callers from outside name it.
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// One thing that is mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub section: Section,
    pub value: u128,
}

/// How the values of a column are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two columns: high and low 64 bits of an address.
    Address,
    Domain,
    Url,
    Email,
    /// A number of an autonomous system.
    System,
    /// An account, perhaps with its domain in front (`DOMAIN\name`).
    User,
    /// Whatever it looks like.
    Any,
    /// A hash or another word.
    Word,
}

impl Kind {
    pub const COUNT: usize = Self::Word as usize + 1;

    /// The kind that a table calls so.
    pub fn of_word(word: &str) -> Self {
        match word {
            "ip" => Self::Address,
            "domain" | "host" => Self::Domain,
            "url" => Self::Url,
            "email" => Self::Email,
            "asn" => Self::System,
            "user" => Self::User,
            "text" => Self::Any,
            _ => Self::Word,
        }
    }
}

/// The key of a text as such: callers say what to look for in the same words.
pub fn text_key(text: &str) -> u128 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |value, byte| value << 8 | u128::from(*byte))
}

/// The number of an address.
pub fn address_key(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
        IpAddr::V6(six) => six.to_bits(),
    }
}

/// Whether a text in a column of that kind may have the key of an address. Cheap, and only
/// wrong in saying so of too many.
pub fn may_hold_address(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Address | Kind::System | Kind::User | Kind::Word => false,
        Kind::Url => true,
        Kind::Domain | Kind::Email | Kind::Any => {
            let end = text.trim_end().trim_end_matches(['.', '>', ']']);
            text.contains(':') || end.ends_with(|last: char| last.is_ascii_digit())
        }
    }
}

/// Adds the keys of a text in a column of that kind.
pub fn put_keys(kind: Kind, text: &str, out: &mut Vec<Key>) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    match kind {
        Kind::Url => put_url(text, out),
        Kind::Email => put_email(&text.to_lowercase(), out),
        Kind::Domain => put_name(&text.to_lowercase(), out),
        Kind::User => put_user(&text.to_lowercase(), out),
        Kind::Any => put_any(text, out),
        Kind::System => put(Section::Text, &format!("as{text}"), out),
        Kind::Address | Kind::Word => put(Section::Text, &text.to_lowercase(), out),
    }
}

fn put(section: Section, text: &str, out: &mut Vec<Key>) {
    out.push(Key { section, value: text_key(text) });
}

fn put_any(text: &str, out: &mut Vec<Key>) {
    if text.contains("://") {
        put_url(text, out);
    } else if text.contains('@') {
        put_email(&text.to_lowercase(), out);
    } else {
        put_name(&text.to_lowercase(), out);
    }
}

fn put_user(text: &str, out: &mut Vec<Key>) {
    put(Section::Text, text, out);
    if let Some((_, name)) = text.rsplit_once('\\') {
        put(Section::Text, name, out);
    }
}

/// A name in lower case; an address written as text counts as the address.
fn put_name(text: &str, out: &mut Vec<Key>) {
    let name = text.strip_suffix('.').unwrap_or(text);
    if let Ok(address) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        out.push(Key { section: Section::Address, value: address_key(address) });
        return;
    }
    put(Section::Text, name, out);
    if is_name(name) {
        let mut rest = name;
        loop {
            put(Section::Parent, rest, out);
            match rest.split_once('.') {
                Some((_, above)) if !above.is_empty() => rest = above,
                _ => break,
            }
        }
    }
}

/// Whether a text can be a domain name, as far as its bytes and its length go.
fn is_name(text: &str) -> bool {
    text.len() <= 1024 && !text.bytes().any(|byte| byte.is_ascii_whitespace() || byte == b'/')
}

fn put_email(text: &str, out: &mut Vec<Key>) {
    put(Section::Text, text, out);
    if let Some((_, domain)) = text.rsplit_once('@') {
        put_name(domain.trim_end_matches('>'), out);
    }
}

fn put_url(text: &str, out: &mut Vec<Key>) {
    put(Section::Text, &canonical_url(text), out);
    if let Some(host) = host_of(text) {
        put_name(&host.to_lowercase(), out);
    }
}

/// The URL with scheme and host in lower case (RFC 3986, 6.2.2.1).
pub fn canonical_url(text: &str) -> String {
    let Some(start) = text.find("://") else { return text.to_owned() };
    let end = text[start + 3..].find(['/', '?', '#']).map_or(text.len(), |at| start + 3 + at);
    text[..end].to_lowercase() + &text[end..]
}

/// The host of a URL (RFC 3986, 3.2): between user information and port.
fn host_of(text: &str) -> Option<&str> {
    let rest = &text[text.find("://")? + 3..];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return host.find(']').map(|end| &host[..=end]);
    }
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(kind: Kind, text: &str) -> Vec<Key> {
        let mut out = Vec::new();
        put_keys(kind, text, &mut out);
        out
    }

    fn text(section: Section, text: &str) -> Key {
        Key { section, value: text_key(text) }
    }

    #[test]
    fn a_text_is_the_head_of_its_sha256() {
        // FIPS 180-2, B.1: SHA-256 of "abc" is ba7816bf 8f01cfea ...
        assert_eq!(text_key("abc"), 0xba78_16bf_8f01_cfea);
    }

    #[test]
    fn a_name_is_found_below_everything_above_it() {
        let found = keys(Kind::Domain, "WWW.Example.COM.");
        let above = ["www.example.com", "example.com", "com"];
        let expected = [text(Section::Text, "www.example.com")]
            .into_iter()
            .chain(above.map(|name| text(Section::Parent, name)));
        assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_url_mentions_itself_and_its_host() {
        let found = keys(Kind::Url, "HTTP://user:pw@Bad.Example:8080/Path?q=1#x");
        assert_eq!(found[0], text(Section::Text, "http://user:pw@bad.example:8080/Path?q=1#x"));
        assert_eq!(found[1], text(Section::Text, "bad.example"));
        assert!(found.contains(&text(Section::Parent, "example")));
    }

    #[test]
    fn an_address_written_as_text_is_the_address() {
        let four = Key { section: Section::Address, value: 0xffff_c000_0201 };
        assert_eq!(keys(Kind::Any, "192.0.2.1"), [four]);
        assert_eq!(keys(Kind::Url, "https://192.0.2.1/x")[1], four);
        let six = Key { section: Section::Address, value: (0x2001_0db8 << 96) + 1 };
        assert_eq!(keys(Kind::Url, "https://[2001:db8::1]:443/")[1], six);
    }

    #[test]
    fn texts_passed_over_have_no_address() {
        let texts = [
            "192.0.2.1",
            "192.0.2.1.",
            "[192.0.2.1]",
            "2001:db8::a",
            "a@192.0.2.1",
            "a@[192.0.2.1]",
            "<a@192.0.2.1>",
            "http://192.0.2.1/x",
            "http://[2001:db8::a]",
            "::ffff:192.0.2.1 ",
            "www.example.com",
            "a@example.com",
            "1.example.com",
            "x",
        ];
        let kinds = [Kind::Domain, Kind::Url, Kind::Email, Kind::User, Kind::Any, Kind::Word];
        for kind in kinds {
            for text in texts {
                let held = keys(kind, text).iter().any(|key| key.section == Section::Address);
                assert!(!held || may_hold_address(kind, text), "{kind:?} {text}");
            }
        }
        assert!(!may_hold_address(Kind::Domain, "www.example.com"));
    }

    #[test]
    fn an_account_is_found_with_and_without_its_domain() {
        let found = keys(Kind::User, r"CORP\Alice");
        assert_eq!(found, [text(Section::Text, r"corp\alice"), text(Section::Text, "alice")]);
    }
}
