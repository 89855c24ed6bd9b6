//! Fingerprints: `<type>:<value>`, with the length that the type has.

/// Types that are hexadecimal digits of one length.
const HEX: [(&str, usize); 11] = [
    ("ja3", 32),
    ("ja3s", 32),
    ("hassh", 32),
    ("hasshserver", 32),
    ("imphash", 32),
    ("richhash", 32),
    ("pehash", 40),
    ("authentihash", 64),
    ("jarm", 62),
    ("telfhash", 72),
    ("tlsh", 70),
];

/// A fingerprint with its type in front.
pub fn fingerprint(text: &str) -> Option<String> {
    let (kind, value) = text.split_once(':')?;
    let kind = kind.trim().to_ascii_lowercase();
    typed(&kind, value.trim()).map(|value| format!("{kind}:{value}"))
}

/// The value of a fingerprint of the type in its spelling.
pub fn typed(kind: &str, value: &str) -> Option<String> {
    match kind {
        "ssdeep" => ssdeep(value),
        "ja4" => ja4(value),
        "tlsh" => tlsh(value),
        _ => {
            let (_, length) = HEX.iter().find(|(name, _)| *name == kind)?;
            hex(value, *length)
        }
    }
}

/// The type that a word names, as reports write it.
pub fn kind_of(word: &str) -> Option<&'static str> {
    let plain: String = word
        .chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    let plain = if plain == "importhash" { "imphash" } else { plain.as_str() };
    let plain = if plain == "richpe" || plain == "richheaderhash" { "richhash" } else { plain };
    let hex = HEX.iter().map(|(name, _)| *name);
    hex.chain(["ssdeep", "ja4"]).find(|name| *name == plain)
}

fn hex(value: &str, length: usize) -> Option<String> {
    let all = value.len() == length && value.bytes().all(|b| b.is_ascii_hexdigit());
    all.then(|| value.to_ascii_lowercase())
}

/// TLSH in its version 4 begins with `T1`, in upper case by custom.
fn tlsh(value: &str) -> Option<String> {
    let bare = value.strip_prefix("T1").or_else(|| value.strip_prefix("t1")).unwrap_or(value);
    hex(bare, 70).map(|bare| format!("t1{bare}"))
}

/// `<block size>:<signature>:<signature of twice the block size>`, base64.
fn ssdeep(value: &str) -> Option<String> {
    let value = value.split(',').next().unwrap_or_default();
    let mut parts = value.split(':');
    let (size, first, second) = (parts.next()?, parts.next()?, parts.next()?);
    let blocks: u64 = size.parse().ok()?;
    let doubled = blocks.is_multiple_of(3) && (blocks / 3).is_power_of_two();
    let signed = |part: &str| {
        part.len() <= 64
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
    };
    let whole = parts.next().is_none() && doubled && signed(first) && signed(second);
    (whole && !first.is_empty()).then(|| value.to_owned())
}

/// JA4: `t13d1516h2_8daaf6152771_e5627efa2ab1`.
fn ja4(value: &str) -> Option<String> {
    let value = value.to_ascii_lowercase();
    let mut parts = value.split('_');
    let (head, ciphers, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let plain = head.len() == 10 && head.bytes().all(|b| b.is_ascii_alphanumeric());
    let digests = hex(ciphers, 12).is_some() && hex(rest, 12).is_some();
    (plain && digests && parts.next().is_none()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_says_the_length() {
        let ja3 = "JA3:E7D705A3286E19EA42F587B344EE6865";
        assert_eq!(fingerprint(ja3).as_deref(), Some("ja3:e7d705a3286e19ea42f587b344ee6865"));
        assert_eq!(fingerprint("ja3:e7d7"), None);
        assert_eq!(fingerprint("e7d705a3286e19ea42f587b344ee6865"), None);
        let ja4 = "ja4:t13d1516h2_8daaf6152771_e5627efa2ab1";
        assert_eq!(fingerprint(ja4).as_deref(), Some(ja4));
        let ssdeep = "ssdeep:3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C";
        assert_eq!(fingerprint(ssdeep).as_deref(), Some(ssdeep));
        assert_eq!(fingerprint("ssdeep:5:ab:cd"), None);
    }

    #[test]
    fn words_of_reports_name_types() {
        assert_eq!(kind_of("Import Hash"), Some("imphash"));
        assert_eq!(kind_of("JARM"), Some("jarm"));
        assert_eq!(kind_of("md5"), None);
    }
}
