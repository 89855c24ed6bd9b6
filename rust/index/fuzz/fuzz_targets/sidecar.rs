//! Any bytes as a sidecar: as they are, and as footer and chunk of one whose checksums are
//! right, so that what lies behind them is reached. Nothing panics, and blocks that are
//! found are blocks that there are.
#![no_main]

use std::fs;

use kaname_index::{Range, Section, Sidecar};
use libfuzzer_sys::fuzz_target;

fn look(bytes: &[u8]) {
    let path = std::env::temp_dir().join(format!("kaname-fuzz-{}.kix", std::process::id()));
    fs::write(&path, bytes).expect("a place to write");
    let Ok(sidecar) = Sidecar::open(&path) else { return };
    for section in Section::ALL {
        let whole = Range { section, first: 0, last: u128::MAX };
        for posting in sidecar.find(whole).unwrap_or_default() {
            assert!((posting.block as usize) < sidecar.footer.times.len());
        }
    }
}

fuzz_target!(|data: &[u8]| {
    look(data);
    // A chunk of one section with its right checksum, in a footer with its own.
    let mut footer = vec![1];
    footer.extend_from_slice(&[0; 32]);
    footer.extend_from_slice(&9_u64.to_le_bytes());
    footer.extend_from_slice(&16_384_u32.to_le_bytes());
    footer.extend_from_slice(&4_u32.to_le_bytes());
    footer.extend_from_slice(&[0; 4 * 16]);
    footer.extend_from_slice(&1_u32.to_le_bytes());
    footer.extend_from_slice(&0_u128.to_le_bytes());
    footer.extend_from_slice(&u128::MAX.to_le_bytes());
    footer.extend_from_slice(&0_u64.to_le_bytes());
    footer.extend_from_slice(&(data.len() as u32).to_le_bytes());
    footer.extend_from_slice(&crc32fast::hash(data).to_le_bytes());
    footer.extend_from_slice(&[0; 8]);
    let mut whole = data.to_vec();
    whole.extend_from_slice(&footer);
    whole.extend_from_slice(&(footer.len() as u32).to_le_bytes());
    whole.extend_from_slice(&crc32fast::hash(&footer).to_le_bytes());
    whole.extend_from_slice(b"KNIDX\0\0\x01");
    look(&whole);
});
