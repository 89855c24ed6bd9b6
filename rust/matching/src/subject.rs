//! A value that is asked about, and what of it is looked at.

use std::borrow::Cow;

use crate::domains::spelled;
use crate::fold::fold;
use crate::networks::Network;

/// The mask of a rule that is for every kind of value, and of a value of unknown kind.
pub const EVERY_KIND: u32 = u32::MAX;

/// What is inside a value besides itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Whatever it is; with `//` before a host, its host is looked at.
    #[default]
    Plain,
    /// A URL: its host is looked at, also when it is an address.
    Url,
    /// A mail address: its domain is looked at.
    Mail,
}

/// A value that is asked about. `kinds` is the bit of its kind, or `EVERY_KIND`.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub text: &'a str,
    pub kinds: u32,
    pub shape: Shape,
}

impl<'a> Subject<'a> {
    /// A value of which nothing is known but its text.
    pub fn plain(text: &'a str) -> Self {
        Self { text, kinds: EVERY_KIND, shape: Shape::Plain }
    }

    /// The text as it is compared.
    pub fn folded(&self) -> Cow<'a, str> {
        fold(self.text)
    }

    /// The name that is looked up among domains.
    pub fn name(&self) -> Cow<'a, str> {
        spelled(self.host())
    }

    /// The address or prefix that is looked up among networks.
    pub fn network(&self) -> Option<Network> {
        let text = if self.shape == Shape::Url { self.host() } else { self.text };
        // Most values are no addresses, and seen to be none at once.
        let first = text.bytes().next()?;
        if !(first.is_ascii_hexdigit() || first == b':') || text.len() > 64 {
            return None;
        }
        Network::parse(text)
    }

    fn host(&self) -> &'a str {
        match self.shape {
            Shape::Mail => self.text.rsplit_once('@').map_or(self.text, |(_, domain)| domain),
            Shape::Plain | Shape::Url => host_of(self.text).unwrap_or(self.text),
        }
    }
}

/// The host of a URL (RFC 3986, 3.2), without user, port and brackets; None if it has none.
fn host_of(text: &str) -> Option<&str> {
    let rest = behind_scheme(text).strip_prefix("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(literal) => literal.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

fn behind_scheme(text: &str) -> &str {
    let Some((scheme, rest)) = text.split_once(':') else { return text };
    let mut bytes = scheme.bytes();
    let begins = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let goes_on = bytes.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if begins && goes_on { rest } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_from_urls() {
        for (text, host) in [
            ("https://user:pw@WWW.Example.com.:8443/a?b#c", "www.example.com"),
            ("//example.com", "example.com"),
            ("http://[2001:db8::1]:80/", "2001:db8::1"),
            ("example.com", "example.com"),
            ("http:///path", "http:///path"),
            ("a b://x", "a b://x"),
            ("https://例え.テスト/", "xn--r8jz45g.xn--zckzah"),
        ] {
            assert_eq!(Subject::plain(text).name(), host, "{text}");
        }
    }

    #[test]
    fn only_a_url_lends_its_address_to_networks() {
        let text = "http://192.0.2.1/x";
        assert_eq!(Subject::plain(text).network(), None);
        let url = Subject { text, kinds: 1, shape: Shape::Url };
        assert_eq!(url.network(), Network::parse("192.0.2.1"));
    }

    #[test]
    fn a_mail_address_lends_its_domain() {
        let mail = Subject { text: "\"a@b\"@Example.com", kinds: 1, shape: Shape::Mail };
        assert_eq!(mail.name(), "example.com");
    }
}
