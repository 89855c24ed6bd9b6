//! Kinds that are one word or short text: hashes, mail addresses, numbers, names.

use crate::domain;

/// MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512 in lower case, by length; a name of the
/// algorithm in front goes.
pub fn hash(text: &str) -> Option<String> {
    let value = match text.rsplit_once([':', '=']) {
        Some((name, value)) if is_algorithm(name.trim()) => value.trim(),
        Some(_) => return None,
        None => text,
    };
    let length = matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128);
    (length && value.bytes().all(|b| b.is_ascii_hexdigit())).then(|| value.to_ascii_lowercase())
}

fn is_algorithm(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let known = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];
    known.iter().any(|known| known.eq_ignore_ascii_case(&plain))
}

/// The digest of a certificate: SHA-256, or what older lists have. Colons between go.
pub fn certificate(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let length = matches!(plain.len(), 40 | 64);
    (length && plain.bytes().all(|b| b.is_ascii_hexdigit())).then(|| plain.to_ascii_lowercase())
}

/// A mail address: the domain in its spelling, the local part as it is (RFC 5321, 2.4).
pub fn mail(text: &str) -> Option<String> {
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let text = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text);
    let (local, name) = text.rsplit_once('@')?;
    let plain = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || local.len() > 64 || dots || !local.chars().all(plain) {
        return None;
    }
    domain::domain(name).map(|name| format!("{local}@{name}"))
}

/// `AS64500`: 32 bits (RFC 6793), no dots (RFC 5396, asplain).
pub fn asn(text: &str) -> Option<String> {
    let digits =
        text.get(..2).filter(|p| p.eq_ignore_ascii_case("as")).map_or(text, |_| &text[2..]);
    let digits =
        digits.get(..1).filter(|p| p.eq_ignore_ascii_case("n")).map_or(digits, |_| &digits[1..]);
    let digits = digits.trim_start();
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number: u32 = plain.then(|| digits.parse().ok())??;
    Some(format!("AS{number}"))
}

/// `CVE-2024-3400`, however its parts are joined.
pub fn vulnerability(text: &str) -> Option<String> {
    let rest = text.get(..3).filter(|p| p.eq_ignore_ascii_case("cve")).map(|_| &text[3..])?;
    let rest = joined(rest)?;
    let (year, number) = rest.split_at_checked(4)?;
    let number = joined(number)?;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let known = digits(year) && ("1999".."2100").contains(&year);
    (known && (4..=9).contains(&number.len()) && digits(number))
        .then(|| format!("CVE-{year}-{number}"))
}

/// What follows a hyphen of any sort.
fn joined(text: &str) -> Option<&str> {
    let hyphen =
        ['-', '_', ' ', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}'];
    text.strip_prefix(hyphen)
}

/// `T1059` or `T1059.001`; ATT&CK counts from T1001 on, and no technique has less than
/// four digits.
pub fn technique(text: &str) -> Option<String> {
    let rest = text.strip_prefix(['T', 't'])?;
    let (number, sub) = rest.split_once(['.', '/']).map_or((rest, None), |(n, s)| (n, Some(s)));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if number.len() != 4 || !digits(number) || !("1001".."1999").contains(&number) {
        return None;
    }
    match sub {
        None => Some(format!("T{number}")),
        Some(sub) if sub.len() == 3 && digits(sub) && sub != "000" => {
            Some(format!("T{number}.{sub}"))
        }
        Some(_) => None,
    }
}

/// A hardware address in lower case with colons.
pub fn mac(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mark = *bytes.get(2)?;
    if bytes.len() != 17 || !matches!(mark, b':' | b'-') {
        return None;
    }
    let whole = bytes
        .iter()
        .enumerate()
        .all(|(at, byte)| if at % 3 == 2 { *byte == mark } else { byte.is_ascii_hexdigit() });
    whole.then(|| text.replace('-', ":").to_ascii_lowercase())
}

/// A name or a path of a file, without quotes around it.
pub fn file(text: &str) -> Option<String> {
    let text = text.trim_matches(['"', '\'', '`']);
    (text.len() <= 4096).then(|| verbatim(text))?
}

/// What machines compare byte by byte: a mutex, a User-Agent.
pub fn verbatim(text: &str) -> Option<String> {
    (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_known_by_their_length() {
        let md5 = "D41D8CD98F00B204E9800998ECF8427E";
        assert_eq!(hash(md5), Some(md5.to_lowercase()));
        assert_eq!(hash(&format!("MD5: {md5}")), Some(md5.to_lowercase()));
        assert_eq!(hash(&format!("imphash:{md5}")), None);
        assert_eq!(hash(&md5[1..]), None);
        assert_eq!(hash("z41d8cd98f00b204e9800998ecf8427e"), None);
    }

    #[test]
    fn mail_keeps_its_local_part() {
        assert_eq!(mail("Taro.Y+x@Example.JP").as_deref(), Some("Taro.Y+x@example.jp"));
        assert_eq!(mail("<a@example.com>").as_deref(), Some("a@example.com"));
        for text in ["a@b", "@example.com", "a..b@example.com", "a b@example.com", "example.com"] {
            assert_eq!(mail(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_of_systems_and_vulnerabilities() {
        assert_eq!(asn("as 64500").as_deref(), Some("AS64500"));
        assert_eq!(asn("64500").as_deref(), Some("AS64500"));
        assert_eq!(asn("ASN64500").as_deref(), Some("AS64500"));
        assert_eq!(asn("AS4294967296"), None);
        assert_eq!(asn("ASdf"), None);
        assert_eq!(vulnerability("cve-2021-44228").as_deref(), Some("CVE-2021-44228"));
        assert_eq!(vulnerability("CVE\u{2011}2024\u{2013}3400").as_deref(), Some("CVE-2024-3400"));
        assert_eq!(vulnerability("CVE-1998-0001"), None);
        assert_eq!(vulnerability("CVE-2024-34"), None);
    }

    #[test]
    fn techniques_and_hardware_addresses() {
        assert_eq!(technique("t1059.001").as_deref(), Some("T1059.001"));
        assert_eq!(technique("T1566").as_deref(), Some("T1566"));
        for text in ["T1000", "T10590", "T1059.1", "T1059.000", "1059"] {
            assert_eq!(technique(text), None, "{text}");
        }
        assert_eq!(mac("00-1A-2B-3C-4D-5E").as_deref(), Some("00:1a:2b:3c:4d:5e"));
        assert_eq!(mac("00:1A-2B:3C:4D:5E"), None);
    }
}
