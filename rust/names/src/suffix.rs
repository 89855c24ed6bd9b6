//! The registered domain of a name, by the Public Suffix List (ICANN and private section).
//!
//! The list is compiled in, so that a lake never depends on the network or on what was
//! installed beside it; `Cargo.lock` says which edition. Names below a top level that the
//! list does not know follow its default rule `*` (publicsuffix.org, "Algorithm").

use std::borrow::Cow;

use crate::spelling::canonical;

/// The registered domain of a name that is spelled as [`canonical`] spells it. None for a
/// public suffix itself, a single label, an address, and text that is no name.
pub fn registered(name: &str) -> Option<&str> {
    let bytes = name.as_bytes();
    let top = bytes.rsplit(|byte| *byte == b'.').next()?;
    // No top level is all digits (RFC 3696, 2): this is an address.
    if top.len() == bytes.len() || top.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let domain = psl::domain(bytes)?;
    let start = bytes.len().checked_sub(domain.as_bytes().len())?;
    let found = name.get(start..)?;
    let whole = !name.starts_with('.') && !name.contains("..");
    whole.then_some(found)
}

/// The registered domain of a name however it is spelled.
pub fn registered_of(name: &str) -> Option<Cow<'_, str>> {
    match canonical(name) {
        Cow::Borrowed(name) => registered(name).map(Cow::Borrowed),
        Cow::Owned(name) => registered(&name).map(|found| Cow::Owned(found.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cases: &[(&str, Option<&str>)]) {
        for (name, expected) in cases {
            assert_eq!(registered_of(name).as_deref(), *expected, "{name:?}");
        }
    }

    /// From publicsuffix.org's tests/test_psl.txt, where a name is expected in the form it
    /// was given in; ours come as A-labels.
    #[test]
    fn the_list_s_own_vectors() {
        check(&[
            ("COM", None),
            ("example.COM", Some("example.com")),
            ("WwW.example.COM", Some("example.com")),
            (".com", None),
            (".example", None),
            (".example.com", None),
            ("example", None),
            ("example.example", Some("example.example")),
            ("a.b.example.example", Some("example.example")),
            ("biz", None),
            ("a.b.domain.biz", Some("domain.biz")),
            ("uk.com", None),
            ("a.b.example.uk.com", Some("example.uk.com")),
            ("test.ac", Some("test.ac")),
            ("c.mm", None),
            ("b.c.mm", Some("b.c.mm")),
            ("a.b.c.mm", Some("b.c.mm")),
            ("jp", None),
            ("www.test.jp", Some("test.jp")),
            ("ac.jp", None),
            ("www.test.ac.jp", Some("test.ac.jp")),
            ("kyoto.jp", None),
            ("test.kyoto.jp", Some("test.kyoto.jp")),
            ("ide.kyoto.jp", None),
            ("a.b.ide.kyoto.jp", Some("b.ide.kyoto.jp")),
            ("c.kobe.jp", None),
            ("a.b.c.kobe.jp", Some("b.c.kobe.jp")),
            ("city.kobe.jp", Some("city.kobe.jp")),
            ("www.city.kobe.jp", Some("city.kobe.jp")),
            ("www.ck", Some("www.ck")),
            ("test.ck", None),
            ("k12.ak.us", None),
            ("www.test.k12.ak.us", Some("test.k12.ak.us")),
            ("食狮.com.cn", Some("xn--85x722f.com.cn")),
            ("食狮.公司.cn", Some("xn--85x722f.xn--55qx5d.cn")),
            ("www.食狮.公司.cn", Some("xn--85x722f.xn--55qx5d.cn")),
            ("公司.cn", None),
            ("食狮.中国", Some("xn--85x722f.xn--fiqs8s")),
            ("中国", None),
            ("www.xn--85x722f.xn--55qx5d.cn", Some("xn--85x722f.xn--55qx5d.cn")),
            ("xn--fiqs8s", None),
        ]);
    }

    #[test]
    fn addresses_and_single_labels_have_none() {
        check(&[
            ("192.0.2.1", None),
            ("::ffff:192.0.2.1", None),
            ("2001:db8::1", None),
            ("[2001:db8::1]", None),
            ("localhost", None),
            ("", None),
            (".", None),
            ("a..com", None),
        ]);
    }

    #[test]
    fn the_root_dot_and_escapes_do_no_harm() {
        check(&[
            ("www.example.co.jp.", Some("example.co.jp")),
            (r"a\.b.example.com", Some("example.com")),
            (r"www.a\.b.com", Some(r"a\046b.com")),
            ("_sip._tcp.example.com", Some("example.com")),
            ("1.2.0.192.in-addr.arpa", Some("192.in-addr.arpa")),
            ("user.github.io", Some("user.github.io")),
        ]);
    }
}
