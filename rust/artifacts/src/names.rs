//! Whether a dotted word is a domain: reports are full of files, code and detection names
//! that look like one.

use crate::context::{ends_in, holds, left, without_joints};
use crate::domain;

/// What is known about the place of a dotted word.
pub struct Place<'t> {
    pub text: &'t [u8],
    pub start: usize,
    pub end: usize,
    pub defanged: bool,
}

/// The domain that a dotted word is, and whether it is one of an inner network; None when
/// it is something else.
pub fn domain_at(place: &Place<'_>) -> Option<(String, bool)> {
    let word = std::str::from_utf8(&place.text[place.start..place.end]).ok()?;
    let name = domain::domain(word)?;
    let (rest, top) = name.rsplit_once('.')?;
    let known = domain::is_known_top(top);
    if !known && !domain::is_special_top(top) {
        return None;
    }
    if known && psl::domain(name.as_bytes()).is_none() {
        return None; // a public suffix by itself
    }
    let inner = !known && INNER.contains(&top);
    if place.defanged {
        return Some((name, inner));
    }
    let shown_top = word.rsplit('.').next().unwrap_or_default();
    let other =
        is_code(place, rest, top) || is_mixed(word, shown_top) || is_file(place, word, rest, top);
    (!other && !is_number(rest, top)).then_some((name, inner))
}

const INNER: [&str; 6] = ["corp", "home", "internal", "lan", "local", "localhost"];

/// Tops by which files are named, too, and far more of them than domains in reports.
const FILES: [&str; 8] = ["py", "sh", "md", "rs", "so", "zip", "mov", "cab"];

/// Tops of files that are common ones of domains, too.
const MAYBE_FILES: [&str; 6] = ["pl", "ps", "app", "pub", "bat", "cc"];

const FILE_WORDS: [&str; 26] = [
    "script",
    "file",
    "files",
    "filename",
    "drops",
    "drop",
    "dropped",
    "executes",
    "runs",
    "saved as",
    "saved to",
    "named",
    "module",
    "source",
    "perl",
    "bash",
    "python",
    "ファイル",
    "スクリプト",
    "実行",
    "保存",
    "設置",
    "生成",
    "作成",
    "open-source tool",
    "archive",
];

const DOMAIN_WORDS: [&str; 14] = [
    "domain",
    "domains",
    "hostname",
    "fqdn",
    "c2",
    "c&c",
    "host",
    "site",
    "website",
    "resolves",
    "ドメイン",
    "ホスト名",
    "サイト",
    "通信先",
];

fn is_file(place: &Place<'_>, word: &str, rest: &str, top: &str) -> bool {
    let sure = FILES.contains(&top);
    if !sure && !MAYBE_FILES.contains(&top) {
        return false;
    }
    let left = left(place.text, place.start);
    if ends_in(without_joints(&left), &DOMAIN_WORDS) || word.starts_with("www.") {
        return false;
    }
    if !sure {
        let title = word.as_bytes()[0].is_ascii_uppercase();
        return title && top == "app" || !rest.contains('.') && holds(&left, &FILE_WORDS);
    }
    !rest.contains('.') || !is_host_word(rest.split('.').next().unwrap_or_default())
}

fn is_host_word(label: &str) -> bool {
    const WORDS: [&str; 17] = [
        "www", "mail", "smtp", "ftp", "ns1", "ns2", "cdn", "api", "c2", "update", "login",
        "static", "dl", "img", "dev", "vpn", "download",
    ];
    WORDS.contains(&label)
}

/// `System.Net`, `Win64/Winnti.CG`: a top in capitals where the rest is not.
fn is_mixed(word: &str, top: &str) -> bool {
    let capital = top.bytes().any(|b| b.is_ascii_uppercase());
    let all = !word.bytes().any(|b| b.is_ascii_lowercase());
    let stem = &word[..word.len() - top.len()];
    let known = matches!(stem, "ASP." | "ADO." | "VB." | "C.");
    capital && (!all || known || stem.len() < 3)
}

/// A call, a variable, a part of a path, an attribute of an object.
fn is_code(place: &Place<'_>, rest: &str, top: &str) -> bool {
    let before = place.start.checked_sub(1).map(|at| place.text[at]);
    let after = place.text.get(place.end).copied();
    let path = before == Some(b'\\')
        || before == Some(b'/') && !place.text[..place.start].ends_with(b"//");
    let variable = matches!(before, Some(b'$' | b'#'));
    let call = after == Some(b'(') && !WEB.contains(&top);
    let first = rest.split('.').next().unwrap_or_default();
    let object = OBJECTS.contains(&first) && !WEB.contains(&top);
    let dotnet = matches!(rest, "asp" | "ado" | "vb") && top == "net";
    path || variable || call || object || dotnet
}

const WEB: [&str; 12] =
    ["com", "net", "org", "info", "biz", "ru", "cn", "jp", "de", "uk", "fr", "io"];

const OBJECTS: [&str; 30] = [
    "this", "self", "e", "event", "window", "document", "os", "sys", "string", "math", "console",
    "process", "module", "request", "response", "config", "args", "obj", "object", "item", "data",
    "file", "node", "user", "form", "element", "cls", "super", "app", "i",
];

/// `1.2.in`: numbers and a word.
fn is_number(rest: &str, top: &str) -> bool {
    let numbers =
        rest.split('.').all(|label| label.len() <= 2 && label.bytes().all(|b| b.is_ascii_digit()));
    numbers && (rest.contains('.') || rest.len() == 1 && !WEB.contains(&top))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, word: &str) -> Option<String> {
        let start = text.find(word)?;
        let place =
            Place { text: text.as_bytes(), start, end: start + word.len(), defanged: false };
        domain_at(&place).map(|(name, _)| name)
    }

    #[test]
    fn domains_and_what_looks_like_one() {
        for word in [
            "evil.com",
            "163.com",
            "EVIL.RU",
            "cdn.evil.co.jp",
            "abc.onion",
            "www.foo.sh",
            "Booking.com",
            "evil.pl",
        ] {
            assert_eq!(
                found(&format!("see {word} there"), word),
                Some(word.to_lowercase()),
                "{word}"
            );
        }
        for word in [
            "main.py",
            "System.Net",
            "Winnti.CG",
            "ASP.NET",
            "this.name",
            "1.2.in",
            "co.jp",
            "Installer.app",
            "a.exe",
        ] {
            assert_eq!(found(&format!("see {word} there"), word), None, "{word}");
        }
        assert_eq!(found("Win64/agent.ch", "agent.ch"), None);
        assert_eq!(found("the script run.pl is", "run.pl"), None);
        assert_eq!(found("domain install.sh is", "install.sh").as_deref(), Some("install.sh"));
    }
}
