//! Hexadecimal digests, fingerprints and wallets, told apart by what stands before them.

use crate::context::{ends_in, last_place, left, without_joints};
use crate::extract::{Role, Scan};
use crate::kind::Kind;
use crate::{fingerprint, wallet, word};

/// A word of letters and digits alone.
pub fn digest(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let text = scan.text;
    let length = end - start;
    if !(26..=128).contains(&length) {
        return None;
    }
    let shown = std::str::from_utf8(&text[start..end]).ok()?;
    if !shown.bytes().all(|b| b.is_ascii_hexdigit()) {
        return other(scan, shown, start, end);
    }
    let known = matches!(length, 32 | 40 | 56 | 62 | 64 | 70 | 72 | 96 | 128);
    if !known || shown.bytes().all(|b| b == shown.as_bytes()[0]) {
        return None;
    }
    let left = left(text, start);
    if !left.iter().any(|b| b.is_ascii_alphabetic() || *b >= 0x80) {
        // A cell of a table, a line of a list: nothing is said of it.
        let value = word::hash(shown)?;
        scan.keep(Kind::Hash, value, start, end, Role::Indicator);
        return Some(end);
    }
    if is_no_digest(&left, length) {
        return Some(end);
    }
    match named(&left) {
        Some("certificate") => {
            let value = word::certificate(shown)?;
            scan.keep(Kind::Certificate, value, start, end, Role::Indicator);
        }
        Some(kind) if kind != "hash" => {
            if let Some(value) = fingerprint::typed(kind, shown) {
                scan.keep(
                    Kind::Fingerprint,
                    format!("{kind}:{value}"),
                    start,
                    end,
                    Role::Indicator,
                );
            } else if let Some(value) = word::hash(shown) {
                scan.keep(Kind::Hash, value, start, end, Role::Indicator);
            }
        }
        _ => {
            let value = word::hash(shown)?;
            scan.keep(Kind::Hash, value, start, end, Role::Indicator);
        }
    }
    Some(end)
}

/// Words right before a hexadecimal number that is no digest of a file.
const OTHERS: [&str; 32] = [
    "key",
    "keys",
    "token",
    "uuid",
    "guid",
    "nonce",
    "salt",
    "iv",
    "id",
    "secret",
    "password",
    "session",
    "cookie",
    "serial",
    "serial number",
    "api key",
    "campaign id",
    "client id",
    "bot id",
    "build id",
    "トークン",
    "鍵",
    "キー",
    "シリアル番号",
    "パスワード",
    "識別子",
    "serialnumber",
    "etag",
    "trace",
    "build-id",
    "checksum of block",
    "block hash",
];

const COMMITS: [&str; 16] = [
    "commit",
    "commits",
    "commit id",
    "commit hash",
    "revision",
    "changeset",
    "git",
    "tree",
    "blob",
    "tag",
    "branch",
    "sha of commit",
    "コミット",
    "リビジョン",
    "コミットid",
    "コミットハッシュ",
];

fn is_no_digest(left: &[u8], length: usize) -> bool {
    let bare = without_joints(left);
    ends_in(bare, &OTHERS) || length == 40 && ends_in(bare, &COMMITS)
}

/// The type that was named last before a digest.
fn named(left: &[u8]) -> Option<&'static str> {
    const NAMES: [(&str, &str); 27] = [
        ("md5", "hash"),
        ("sha1", "hash"),
        ("sha-1", "hash"),
        ("sha256", "hash"),
        ("sha-256", "hash"),
        ("sha512", "hash"),
        ("ハッシュ", "hash"),
        ("imphash", "imphash"),
        ("import hash", "imphash"),
        ("imp hash", "imphash"),
        ("ja3s", "ja3s"),
        ("ja3", "ja3"),
        ("jarm", "jarm"),
        ("hassh", "hassh"),
        ("rich header hash", "richhash"),
        ("richhash", "richhash"),
        ("rich pe", "richhash"),
        ("pehash", "pehash"),
        ("authentihash", "authentihash"),
        ("telfhash", "telfhash"),
        ("tlsh", "tlsh"),
        ("thumbprint", "certificate"),
        ("certificate", "certificate"),
        ("cert", "certificate"),
        ("拇印", "certificate"),
        ("サムプリント", "certificate"),
        ("証明書", "certificate"),
    ];
    let places = NAMES
        .iter()
        .filter_map(|(word, kind)| last_place(left, word).map(|at| (at, word.len(), *kind)));
    places.max_by_key(|(at, length, _)| (*at, *length)).map(|(_, _, kind)| kind)
}

fn other(scan: &mut Scan<'_>, shown: &str, start: usize, end: usize) -> Option<usize> {
    if shown.len() == 72 && matches!(shown.as_bytes()[0], b'T' | b't') {
        let value = fingerprint::typed("tlsh", shown)?;
        scan.keep(Kind::Fingerprint, format!("tlsh:{value}"), start, end, Role::Indicator);
        return Some(end);
    }
    let value = wallet::wallet(shown)?;
    scan.keep(Kind::Wallet, value, start, end, Role::Indicator);
    Some(end)
}

/// ssdeep: a number, a colon, and two signatures; JA4 by its shape.
pub fn fuzzy(scan: &mut Scan<'_>, start: usize) -> Option<usize> {
    let text = scan.text;
    let part = |b: &u8| b.is_ascii_alphanumeric() || b"+/:".contains(b);
    let end = start + text[start..].iter().take(160).take_while(|b| part(b)).count();
    let shown = std::str::from_utf8(&text[start..end]).ok()?;
    let value = fingerprint::typed("ssdeep", shown)?;
    let named = last_place(&left(text, start), "ssdeep").is_some();
    if !named && shown.len() < 40 {
        return None;
    }
    scan.keep(Kind::Fingerprint, format!("ssdeep:{value}"), start, end, Role::Indicator);
    Some(end)
}

/// A JA4 fingerprint, which holds underscores.
pub fn ja4(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    if end - start != 36 {
        return None;
    }
    let shown = std::str::from_utf8(&scan.text[start..end]).ok()?;
    let value = fingerprint::typed("ja4", shown)?;
    scan.keep(Kind::Fingerprint, format!("ja4:{value}"), start, end, Role::Indicator);
    Some(end)
}
