//! What a single value is: for a search box and for columns of unknown content.

use std::borrow::Cow;

use crate::canonical::{LONGEST, folded, strict};
use crate::kind::Kind;
use crate::refang::refang;
use crate::{address, domain, registry, wallet};

/// Suffixes of files that are top levels, too: two labels and one of these is a file.
pub const FILE_TOPS: [&str; 12] =
    ["py", "sh", "md", "rs", "so", "zip", "mov", "pl", "ps", "cab", "app", "bat"];

/// The kind and spelling of a value; None when it is nothing that is known.
pub fn guess(text: &str) -> Option<(Kind, String)> {
    if text.len() > LONGEST {
        return None;
    }
    let text = folded(text);
    let text = text.trim().trim_matches(['"', '\'', '`', '<', '>', ',', ';']);
    let plain = refang(text);
    let defanged = matches!(plain, Cow::Owned(_));
    let text = plain.trim();
    let first = *text.as_bytes().first()?;
    if first.is_ascii_digit()
        && let Some(found) = address_like(text)
    {
        return Some(found);
    }
    if let Some(value) = strict(Kind::Hash, text) {
        return Some((Kind::Hash, value));
    }
    if text.contains("://") {
        return strict(Kind::Url, text).map(|value| (Kind::Url, value));
    }
    if text.contains('@') {
        return strict(Kind::Mail, text).map(|value| (Kind::Mail, value));
    }
    if text.contains(':')
        && let Some(found) = with_colon(text)
    {
        return Some(found);
    }
    short(text, first).or_else(|| name(text, defanged))
}

fn address_like(text: &str) -> Option<(Kind, String)> {
    if let Some(value) = address::v4(text.as_bytes()) {
        return Some((Kind::Ip, value.to_string()));
    }
    if let Some((host, port)) = text.split_once(':')
        && port.parse::<u16>().is_ok()
        && let Some(value) = address::v4(host.as_bytes())
    {
        return Some((Kind::Ip, value.to_string()));
    }
    strict(Kind::Prefix, text).map(|value| (Kind::Prefix, value))
}

fn with_colon(text: &str) -> Option<(Kind, String)> {
    for kind in [Kind::Ip, Kind::Prefix, Kind::Fingerprint, Kind::Registry] {
        if let Some(value) = strict(kind, text) {
            return Some((kind, value));
        }
    }
    // An address in brackets, or a name, with its port.
    let (host, port) = text.rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    match address::parsed(host).filter(|_| host.starts_with('[')) {
        Some(value) => Some((Kind::Ip, value.to_string())),
        None => name(host, true).filter(|(kind, _)| *kind == Kind::Domain),
    }
}

/// What begins with a mark of its own.
fn short(text: &str, first: u8) -> Option<(Kind, String)> {
    let kinds: &[Kind] = match first {
        b'a' | b'A' => &[Kind::Asn],
        b'c' | b'C' => &[Kind::Vulnerability, Kind::Registry],
        b'h' | b'H' | b'\\' => &[Kind::Registry],
        _ => &[],
    };
    for kind in kinds {
        if let Some(value) = strict(*kind, text) {
            return Some((*kind, value));
        }
    }
    let long = (26..=90).contains(&text.len()) && !text.contains('.');
    long.then(|| wallet::wallet(text)).flatten().map(|value| (Kind::Wallet, value))
}

/// A domain, a URL without its scheme (by its host), or a file.
fn name(text: &str, defanged: bool) -> Option<(Kind, String)> {
    if text.contains('\\') {
        let hive = registry::registry(text);
        return hive.map(|value| (Kind::Registry, value)).or_else(|| path(text));
    }
    if let Some(found) = domain::domain(text) {
        let (rest, top) = found.rsplit_once('.')?;
        let known = domain::is_known_top(top) || domain::is_special_top(top);
        let file = FILE_TOPS.contains(&top) && !rest.contains('.') && !defanged;
        if known && !file {
            return Some((Kind::Domain, found));
        }
        return is_file(text).then(|| (Kind::File, text.to_owned()));
    }
    path(text).or_else(|| is_file(text).then(|| (Kind::File, text.to_owned())))
}

fn path(text: &str) -> Option<(Kind, String)> {
    let bytes = text.as_bytes();
    let drive =
        bytes.len() > 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'\\';
    let unc = text.starts_with("\\\\") && text.len() > 4;
    let variable = text.starts_with('%') && text[1..].contains("%\\");
    let unix = text.starts_with('/') && text[1..].contains('/') && !text.contains(' ');
    (drive || unc || variable || unix).then(|| strict(Kind::File, text))?.map(|v| (Kind::File, v))
}

/// A name with a suffix that files have.
fn is_file(text: &str) -> bool {
    let Some((stem, suffix)) = text.rsplit_once('.') else { return false };
    !stem.is_empty() && !text.contains(['/', '\n']) && crate::guess::is_suffix(suffix)
}

/// Suffixes that reports of malware name.
pub fn is_suffix(suffix: &str) -> bool {
    const SUFFIXES: [&str; 74] = [
        "7z", "apk", "app", "asp", "aspx", "bat", "bin", "bmp", "cab", "cfg", "chm", "class",
        "cmd", "conf", "cpl", "css", "csv", "dat", "db", "dll", "dmg", "doc", "docm", "docx",
        "dotm", "drv", "elf", "eml", "exe", "gif", "gz", "hta", "htm", "html", "hwp", "ico", "img",
        "ini", "iso", "jar", "jpg", "js", "jse", "json", "jsp", "jtd", "key", "lnk", "log", "md",
        "msi", "msg", "ocx", "ods", "one", "pdf", "php", "pif", "pl", "png", "ps1", "py", "rar",
        "rs", "rtf", "scr", "sh", "so", "sys", "tmp", "vbs", "vhd", "wsf", "zip",
    ];
    const MORE: [&str; 16] = [
        "tar", "tgz", "txt", "vbe", "vbscript", "xls", "xlsm", "xlsx", "xlam", "xll", "xml", "xpi",
        "yaml", "yml", "ppt", "pptx",
    ];
    let lower = suffix.to_ascii_lowercase();
    SUFFIXES.contains(&lower.as_str()) || MORE.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart() {
        for (text, kind, value) in [
            ("198[.]51[.]100[.]7:8443", Kind::Ip, "198.51.100.7"),
            ("2001:DB8::1", Kind::Ip, "2001:db8::1"),
            ("[2001:db8::1]:443", Kind::Ip, "2001:db8::1"),
            ("198.51.100.0/24", Kind::Prefix, "198.51.100.0/24"),
            ("evil[.]example[.]com", Kind::Domain, "evil.example.com"),
            ("example.com:8080", Kind::Domain, "example.com"),
            ("abc.onion", Kind::Domain, "abc.onion"),
            ("hxxps://Evil.example/A", Kind::Url, "https://evil.example/A"),
            ("a@example.com", Kind::Mail, "a@example.com"),
            ("D41D8CD98F00B204E9800998ECF8427E", Kind::Hash, "d41d8cd98f00b204e9800998ecf8427e"),
            ("as64500", Kind::Asn, "AS64500"),
            ("cve-2021-44228", Kind::Vulnerability, "CVE-2021-44228"),
            (
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                Kind::Wallet,
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            ),
            (r"HKLM\Software\X", Kind::Registry, r"HKEY_LOCAL_MACHINE\Software\X"),
            (r"C:\Windows\x.exe", Kind::File, r"C:\Windows\x.exe"),
            ("main.py", Kind::File, "main.py"),
            ("main[.]py", Kind::Domain, "main.py"),
            ("evil.exe", Kind::File, "evil.exe"),
            (
                "imphash:f34d5f2d4577ed6d9ceec516c1f5a744",
                Kind::Fingerprint,
                "imphash:f34d5f2d4577ed6d9ceec516c1f5a744",
            ),
        ] {
            assert_eq!(guess(text), Some((kind, value.to_owned())), "{text}");
        }
        for text in ["", "hello", "1.2.3", "hello world", "a.b.unknowntop", "http://"] {
            assert_eq!(guess(text), None, "{text}");
        }
    }
}
