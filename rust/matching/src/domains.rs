//! Domains and what is below them.
//!
//! An owner is a rule twice, plus one where the entry was written with a dot before it
//! (`.example.com`): such an entry means what is below the domain, and not itself.

use std::borrow::Cow;

use kaname_names::spelling;

use crate::fold::fold;
use crate::owners::OwnersBuilder;
use crate::texts::{Full, Texts};

/// Domains of all rules.
#[derive(Default)]
pub struct Domains {
    texts: Texts,
    labels: usize,
}

impl Domains {
    /// Makes `rule` an owner of the domain; false if there is none in `text`.
    pub fn add(&mut self, text: &str, rule: u32, owners: &mut OwnersBuilder) -> Result<bool, Full> {
        let text = text.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(text);
        let bare = text.trim_start_matches('.');
        let name = spelled(bare);
        if name.is_empty() {
            return Ok(false);
        }
        let below = u32::from(bare.len() < text.len());
        self.texts.add(&name, rule << 1 | below, owners)?;
        self.labels = self.labels.max(name.split('.').count());
        Ok(true)
    }

    /// (domain, owners, whether it is the whole name) of every entry around `name`,
    /// the most specific first. `name` is as `spelled` gives it.
    pub fn around<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, u32, bool)> + 'a {
        let numeric = name.as_bytes().last().is_some_and(u8::is_ascii_digit)
            && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        // The last label of a name is no number (RFC 3696, 2): around an address is nothing.
        let mut at = if numeric { Some(0) } else { self.start(name) };
        std::iter::from_fn(move || {
            let suffix = &name[at?..];
            let whole = suffix.len() == name.len();
            let dot = if numeric { None } else { suffix.find('.') };
            at = dot.map(|dot| name.len() - suffix.len() + dot + 1);
            Some((suffix, whole))
        })
        .filter_map(|(suffix, whole)| self.texts.owners(suffix).map(|head| (suffix, head, whole)))
    }

    /// Where the longest suffix begins that an entry can be; None if there are no entries.
    fn start(&self, name: &str) -> Option<usize> {
        let last = self.labels.checked_sub(1)?;
        let dot = name.bytes().enumerate().rev().filter(|(_, byte)| *byte == b'.').nth(last);
        Some(dot.map_or(0, |(place, _)| place + 1))
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn settle(&mut self) {
        self.texts.settle();
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.texts.bytes()
    }
}

/// The spelling of a domain in which it is looked up: folded, A-labels, no root dot.
pub fn spelled(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return match fold(name) {
            Cow::Borrowed(name) => Cow::Borrowed(name.trim_end_matches('.')),
            Cow::Owned(name) => Cow::Owned(name.trim_end_matches('.').to_owned()),
        };
    }
    spelling::canonical(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(texts: &[&str]) -> Domains {
        let mut owners = OwnersBuilder::default();
        let mut domains = Domains::default();
        for text in texts {
            assert!(domains.add(text, 0, &mut owners).unwrap(), "{text}");
        }
        domains
    }

    fn around<'a>(domains: &'a Domains, name: &'a str) -> Vec<(&'a str, bool)> {
        domains.around(name).map(|(suffix, _, whole)| (suffix, whole)).collect()
    }

    #[test]
    fn a_domain_stands_for_what_is_below_it() {
        let domains = domains(&["example.com", "www.example.com", "com"]);
        assert_eq!(
            around(&domains, "a.b.www.example.com"),
            [("www.example.com", false), ("example.com", false), ("com", false)]
        );
        assert_eq!(around(&domains, "example.com"), [("example.com", true), ("com", false)]);
        assert_eq!(around(&domains, "badexample.com"), [("com", false)]);
        assert!(around(&domains, "example.org").is_empty());
    }

    #[test]
    fn names_in_other_scripts_meet_their_a_labels() {
        let domains = domains(&["*.例え.テスト"]);
        assert_eq!(
            around(&domains, "x.xn--r8jz45g.xn--zckzah"),
            [("xn--r8jz45g.xn--zckzah", false)]
        );
    }

    #[test]
    fn an_address_is_only_itself() {
        let domains = domains(&["2.1", "192.0.2.1"]);
        assert_eq!(around(&domains, "192.0.2.1"), [("192.0.2.1", true)]);
        assert!(around(&domains, "198.51.2.1").is_empty());
    }

    #[test]
    fn dots_alone_are_no_domain() {
        let mut owners = OwnersBuilder::default();
        assert!(!Domains::default().add("..", 0, &mut owners).unwrap());
        assert!(around(&Domains::default(), "example.com").is_empty());
    }
}
