//! URLs and mail addresses in a text.

use crate::context::{left, without_joints};
use crate::extract::{Role, Scan};
use crate::hosts::is_two_byte_letter;
use crate::kind::Kind;
use crate::{address, domain, url, word};

const SCHEMES: [&str; 24] = [
    "http", "https", "ftp", "ftps", "sftp", "ssh", "tcp", "udp", "ws", "wss", "ldap", "ldaps",
    "rmi", "dns", "smb", "telnet", "mqtt", "socks", "socks4", "socks5", "gopher", "irc", "rtsp",
    "scp",
];

/// A URL whose scheme is the end of the word between `start` and `colon`.
pub fn link(scan: &mut Scan<'_>, start: usize, colon: usize) -> Option<usize> {
    let text = scan.text;
    let scheme = text[start..colon]
        .iter()
        .rposition(|b| !b.is_ascii_alphanumeric())
        .map_or(start, |p| start + p + 1);
    let name = std::str::from_utf8(&text[scheme..colon]).ok()?.to_ascii_lowercase();
    let meant = meant(&name)?;
    let host_end = authority(text, colon + 3);
    let end = trimmed(text, scheme, rest(text, host_end));
    let shown = std::str::from_utf8(&text[colon..end]).ok()?;
    let value = url::url(&format!("{meant}{shown}"))?;
    let host = url::host(&value)?.to_owned();
    let address = address::parsed(&host);
    if address.is_none() && !host.contains('.') {
        return Some(end);
    }
    let inner = address.is_some_and(address::is_local)
        || !domain::has_known_top(&host) && is_inner(&host) && address.is_none();
    let role = if inner { Role::Context } else { link_role(scan, scheme, end, meant != name) };
    scan.keep(Kind::Url, value.clone(), scheme, end, role);
    keep_host(scan, colon + 3, host_end.min(end), host, address.is_some(), role);
    Some(end.max(host_end))
}

/// The scheme that a word is or, in full-width letters, defangs.
fn meant(name: &str) -> Option<&str> {
    match name {
        "hxxp" | "meow" | "ttp" => Some("http"),
        "hxxps" | "meows" | "ttps" => Some("https"),
        "fxp" => Some("ftp"),
        _ => SCHEMES.contains(&name).then_some(name),
    }
}

fn is_inner(host: &str) -> bool {
    [".local", ".lan", ".internal", ".corp", ".home"].iter().any(|top| host.ends_with(top))
}

fn keep_host(
    scan: &mut Scan<'_>,
    start: usize,
    end: usize,
    host: String,
    address: bool,
    role: Role,
) {
    let place = &scan.text[start..end];
    let user = place.iter().rposition(|b| *b == b'@').map_or(0, |p| p + 1);
    let start = start + user;
    let bracket = scan.text[start..end].first() == Some(&b'[');
    let sign = if bracket { b']' } else { b':' };
    let length = scan.text[start..end].iter().position(|b| *b == sign).unwrap_or(end - start);
    let from = start + usize::from(bracket);
    let kind = if address { Kind::Ip } else { Kind::Domain };
    let value = if address { address::ip(&host).unwrap_or(host) } else { host };
    scan.keep(kind, value, from, start + length, role);
}

/// The end of user, host and port. Letters outside of ASCII belong to a host where they
/// begin a label, and behind others of their sort.
fn authority(text: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut inside = true;
    while at < text.len() {
        let byte = text[at];
        if byte >= 0x80 {
            if !(inside || is_two_byte_letter(byte)) || !is_letter(text, at) {
                break;
            }
            at += width(byte);
            continue;
        }
        let open = byte == b'[' && at == start || byte == b']' && text[start] == b'[';
        if !byte.is_ascii_alphanumeric() && !b".-_:@%".contains(&byte) && !open {
            break;
        }
        inside = byte == b'.' || byte == b'@';
        at += 1;
    }
    at.min(text.len())
}

fn is_letter(text: &[u8], at: usize) -> bool {
    let end = (at + width(text[at])).min(text.len());
    let letter = std::str::from_utf8(&text[at..end]).ok().and_then(|s| s.chars().next());
    letter.is_some_and(char::is_alphanumeric)
}

fn width(byte: u8) -> usize {
    match byte {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    }
}

/// The end of path, query and fragment: ASCII, brackets in pairs.
fn rest(text: &[u8], start: usize) -> usize {
    let mut open = 0i32;
    let mut at = start;
    if !text.get(at).is_some_and(|b| b"/?#".contains(b)) {
        return at;
    }
    while at < text.len() {
        let byte = text[at];
        let stop = byte <= b' ' || byte >= 0x7F || b"<>\"`{}|^\\'[]".contains(&byte);
        if stop || byte == b')' && open == 0 || byte == b',' && text[at + 1..].starts_with(b"http")
        {
            break;
        }
        open += i32::from(byte == b'(') - i32::from(byte == b')');
        at += 1;
    }
    at
}

/// Without the punctuation of the sentence.
fn trimmed(text: &[u8], start: usize, end: usize) -> usize {
    let around = start.checked_sub(1).map(|at| text[at]).filter(|b| b"*_~".contains(b));
    let mut end = end;
    while end > start && (b".,;:!?".contains(&text[end - 1]) || around == Some(text[end - 1])) {
        end -= 1;
    }
    end
}

const REFERENCE_WORDS: [&str; 34] = [
    "reference",
    "references",
    "ref",
    "ref.",
    "source",
    "sources",
    "see",
    "see also",
    "read more",
    "more information",
    "more details",
    "further reading",
    "via",
    "available at",
    "available here",
    "published at",
    "published on",
    "blog",
    "blog post",
    "article",
    "advisory",
    "report",
    "whitepaper",
    "white paper",
    "link",
    "参考",
    "参考文献",
    "参考url",
    "参考リンク",
    "出典",
    "参照",
    "引用元",
    "参照先",
    "関連記事",
];

/// Hosts of those who write reports and of registers that reports point to.
const PUBLISHERS: [&str; 44] = [
    "welivesecurity.com",
    "eset.com",
    "virustotal.com",
    "mitre.org",
    "nist.gov",
    "cisa.gov",
    "first.org",
    "jpcert.or.jp",
    "ipa.go.jp",
    "jvn.jp",
    "nict.go.jp",
    "nicter.jp",
    "npa.go.jp",
    "nisc.go.jp",
    "microsoft.com",
    "mandiant.com",
    "fireeye.com",
    "crowdstrike.com",
    "paloaltonetworks.com",
    "kaspersky.com",
    "securelist.com",
    "trendmicro.com",
    "talosintelligence.com",
    "proofpoint.com",
    "sophos.com",
    "symantec.com",
    "broadcom.com",
    "sentinelone.com",
    "checkpoint.com",
    "recordedfuture.com",
    "secureworks.com",
    "malwarebytes.com",
    "bleepingcomputer.com",
    "thehackernews.com",
    "krebsonsecurity.com",
    "zdnet.com",
    "wikipedia.org",
    "twitter.com",
    "x.com",
    "volexity.com",
    "unit42.paloaltonetworks.com",
    "abuse.ch",
    "lac.co.jp",
    "rfc-editor.org",
];

fn link_role(scan: &Scan<'_>, start: usize, end: usize, changed: bool) -> Role {
    if changed || scan.folded.is_defanged(start, end) {
        return Role::Indicator;
    }
    let text = scan.text;
    // AsciiDoc: url[words]; Markdown: [words](url).
    if text.get(end) == Some(&b'[') || text[..start].ends_with(b"](") {
        return Role::Reference;
    }
    let left = left(text, start);
    let bare = without_joints(&left);
    let said = REFERENCE_WORDS.iter().any(|word| crate::context::ends_in(bare, &[word]));
    let host =
        text[start..end].splitn(4, |b| *b == b'/').nth(2).unwrap_or_default().to_ascii_lowercase();
    let publisher = PUBLISHERS.iter().any(|known| {
        let before = host.strip_suffix(known.as_bytes());
        before.is_some_and(|before| before.is_empty() || before.ends_with(b"."))
    });
    if said || publisher || scan.in_references(start) { Role::Reference } else { Role::Indicator }
}

/// A mail address that begins at `start`.
pub fn mail(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let text = scan.text;
    let local = |b: &u8| b.is_ascii_alphanumeric() || b"._-+%".contains(b);
    let at = start + text[start..].iter().take(65).take_while(|b| local(b)).count();
    if text.get(at) != Some(&b'@') || start > 0 && local(&text[start - 1]) {
        return None;
    }
    let end = crate::hosts::run(text, at + 1);
    let end = at
        + 1
        + text[at + 1..end].iter().rposition(|b| b.is_ascii_alphanumeric() || *b >= 0x80)?
        + 1;
    let shown = std::str::from_utf8(&text[start..end]).ok()?;
    let value = word::mail(shown)?;
    let (_, host) = value.rsplit_once('@')?;
    let (_, top) = host.rsplit_once('.')?;
    if !domain::is_known_top(top) && !domain::is_special_top(top) {
        return None;
    }
    scan.keep(Kind::Mail, value, start, end, Role::Indicator);
    Some(end)
}
