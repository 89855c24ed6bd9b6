//! The one spelling of a value whose kind is known.
//!
//! Every value goes through NFKC first. What is no value of its kind as it stands is tried
//! again without its defanging: feeds deliver `hxxp://evil[.]example`, too.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::kind::Kind;
use crate::refang::refang;
use crate::{address, domain, fingerprint, port, registry, url, wallet, word};

/// The longest value that is looked at, in bytes; URLs of phishing pages come near it.
pub const LONGEST: usize = 16 * 1024;

/// The spelling that is stored; None when `text` is no value of that kind.
pub fn canonical(kind: Kind, text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let text = folded(text);
    let text = text.trim();
    strict(kind, text).or_else(|| strict(kind, &refang(text)))
}

/// The same for text that is in NFKC, trimmed, and not defanged.
pub(crate) fn strict(kind: Kind, text: &str) -> Option<String> {
    match kind {
        Kind::Ip => address::ip(text),
        Kind::Prefix => address::prefix(text),
        Kind::Port => port::port(text),
        Kind::Domain => domain::domain(text),
        Kind::Url => url::url(text),
        Kind::Hash => word::hash(text),
        Kind::Mail => word::mail(text),
        Kind::Asn => word::asn(text),
        Kind::Vulnerability => word::vulnerability(text),
        Kind::Wallet => wallet::wallet(text),
        Kind::Registry => registry::registry(text),
        Kind::Mutex | Kind::Agent => word::verbatim(text),
        Kind::File => word::file(text),
        Kind::Fingerprint => fingerprint::fingerprint(text),
        Kind::Certificate => word::certificate(text),
        Kind::Technique => word::technique(text),
        Kind::Mac => word::mac(text),
    }
}

/// NFKC (Unicode Standard Annex 15); ASCII is returned as it is.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfkc().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_forms_are_folded() {
        assert_eq!(
            canonical(Kind::Ip, "１９８．５１．１００．７").as_deref(),
            Some("198.51.100.7")
        );
        assert_eq!(canonical(Kind::Mail, "taro＠example．jp").as_deref(), Some("taro@example.jp"));
        let url = canonical(Kind::Url, "ｈｔｔｐｓ：／／ｅｖｉｌ．ｅｘａｍｐｌｅ．ｃｏｍ／ａ");
        assert_eq!(url.as_deref(), Some("https://evil.example.com/a"));
    }

    #[test]
    fn a_defanged_value_is_taken_as_what_it_means() {
        assert_eq!(canonical(Kind::Ip, "198[.]51[.]100[.]7").as_deref(), Some("198.51.100.7"));
        let url = canonical(Kind::Url, "hxxps[://]evil[.]example/a[1].php");
        assert_eq!(url.as_deref(), Some("https://evil.example/a[1].php"));
    }

    #[test]
    fn what_is_too_long_is_nothing() {
        assert_eq!(canonical(Kind::Agent, &"a".repeat(LONGEST + 1)), None);
    }
}
