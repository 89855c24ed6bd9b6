//! Checksums that addresses of currencies carry.

use sha2::{Digest, Sha256};
use tiny_keccak::{Hasher, Keccak};

const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Payload with version, when the four bytes at the end are right (Base58Check).
pub fn base58check(text: &str) -> Option<Vec<u8>> {
    let bytes = base58(text)?;
    let (payload, sum) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    let digest = Sha256::digest(Sha256::digest(payload));
    (digest[..4] == *sum).then(|| payload.to_vec())
}

/// At most 128 characters: the cost grows with the square.
fn base58(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > 128 {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for letter in text.bytes() {
        let mut carry = BITCOIN.iter().position(|known| *known == letter)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xFF) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xFF) as u8);
            carry >>= 8;
        }
    }
    let zeros = text.bytes().take_while(|letter| *letter == b'1').count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    Some(bytes)
}

/// Whether a segwit address holds (BIP 173 for version 0, BIP 350 for later ones).
pub fn is_segwit(text: &str, prefix: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if lower != text && text.to_ascii_uppercase() != text || text.len() > 90 {
        return false;
    }
    let Some(data) = lower.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('1')) else {
        return false;
    };
    let values: Option<Vec<u8>> = data
        .bytes()
        .map(|letter| BECH32.iter().position(|known| *known == letter).map(|at| at as u8))
        .collect();
    let Some(values) = values else { return false };
    if values.len() < 14 {
        return false;
    }
    let wanted = if values[0] == 0 { 1 } else { 0x2bc8_30a3 };
    values[0] <= 16 && polymod(prefix, &values) == wanted
}

fn polymod(prefix: &str, values: &[u8]) -> u32 {
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let high = prefix.bytes().map(|letter| letter >> 5);
    let low = prefix.bytes().map(|letter| letter & 31);
    let expanded = high.chain([0]).chain(low).chain(values.iter().copied());
    expanded.fold(1, |sum: u32, value| {
        let top = sum >> 25;
        let next = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        (0..5).filter(|bit| top >> bit & 1 == 1).fold(next, |sum, bit| sum ^ GENERATORS[bit])
    })
}

/// Whether the letters of an Ethereum address are of the case that its hash says (ERC-55);
/// `digits` are the forty after `0x`. Addresses of one case carry no sum.
pub fn is_erc55(digits: &str) -> bool {
    let lower = digits.to_ascii_lowercase();
    if lower == digits || digits.to_ascii_uppercase() == digits {
        return true;
    }
    let mut hash = [0u8; 32];
    let mut keccak = Keccak::v256();
    keccak.update(lower.as_bytes());
    keccak.finalize(&mut hash);
    digits.bytes().enumerate().all(|(at, letter)| {
        let nibble = hash[at / 2] >> (4 * (1 - at % 2)) & 15;
        !letter.is_ascii_alphabetic() || letter.is_ascii_uppercase() == (nibble >= 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_address_of_bitcoin() {
        assert_eq!(base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa").map(|p| p[0]), Some(0));
        assert_eq!(base58check("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"), None);
        assert_eq!(base58check("0OIl"), None);
    }

    /// BIP 173 and BIP 350, test vectors.
    #[test]
    fn segwit_vectors() {
        assert!(is_segwit("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc"));
        assert!(is_segwit("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "bc"));
        assert!(!is_segwit("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "bc"));
        assert!(!is_segwit("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "bc"));
        assert!(!is_segwit("Bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bc"));
    }

    /// ERC-55, test cases.
    #[test]
    fn erc55_vectors() {
        assert!(is_erc55("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
        assert!(is_erc55("fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"));
        assert!(is_erc55("de709f2102306220921060314715629080e2fb77"));
        assert!(!is_erc55("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"));
    }
}
