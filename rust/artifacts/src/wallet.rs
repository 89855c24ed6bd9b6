//! Addresses of currencies whose checksum holds.

use crate::checksum::{base58check, is_erc55, is_segwit};

/// Version bytes of Base58Check addresses: Bitcoin, Litecoin, Dogecoin, Dash, Tron.
const VERSIONS: [u8; 9] = [0x00, 0x05, 0x30, 0x32, 0x1e, 0x16, 0x4c, 0x10, 0x41];

/// Zcash has two of them: t1 and t3.
const ZCASH: [[u8; 2]; 2] = [[0x1c, 0xb8], [0x1c, 0xbd]];

/// An address. Those that ignore case come in lower case.
pub fn wallet(text: &str) -> Option<String> {
    let text = text.strip_prefix("bitcoin:").unwrap_or(text);
    if let Some(digits) = text.strip_prefix("0x") {
        let hex = digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        return (hex && is_erc55(digits)).then(|| text.to_ascii_lowercase());
    }
    if is_segwit(text, "bc") || is_segwit(text, "ltc") {
        return Some(text.to_ascii_lowercase());
    }
    is_base58(text).then(|| text.to_owned())
}

/// All of these versions give 34 characters or a few less, or 35.
fn is_base58(text: &str) -> bool {
    if !(26..=35).contains(&text.len()) {
        return false;
    }
    let Some(payload) = base58check(text) else { return false };
    match payload.len() {
        21 => VERSIONS.contains(&payload[0]),
        22 => ZCASH.contains(&[payload[0], payload[1]]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_decide() {
        for text in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        ] {
            assert_eq!(wallet(text).as_deref(), Some(text));
        }
        let mixed = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        assert_eq!(wallet(mixed), Some(mixed.to_lowercase()));
        for text in ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "0x5aAe", "", "hello"] {
            assert_eq!(wallet(text), None, "{text}");
        }
    }
}
