//! Any bytes as a file of network tables: nothing panics, and what is read can be asked.
#![no_main]

use kaname_places::FOUR;
use kaname_places::file::Contents;
use kaname_places::table::Table;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = Contents::decode(data);
    // Behind the right head, so that the claims in the body are what is tried.
    let head = [b"KNAMNET1".as_slice(), &crc32fast::hash(data).to_le_bytes()].concat();
    let Ok(read) = Contents::decode(&[&head, data].concat()) else { return };
    assert_eq!(Contents::decode(&read.encode()).as_ref(), Ok(&read));
    for pieces in [read.country, read.origin] {
        let borders: Vec<u128> = pieces.iter().map(|piece| piece.start).collect();
        let table = Table::new(pieces);
        for border in borders.into_iter().chain([0, FOUR, u128::MAX]) {
            for address in [border.wrapping_sub(1), border] {
                let found = table.find(address);
                let (high, low) = ((address >> 64) as i64, address as i64);
                assert_eq!(table.values(&[high], &[low], |value| value), [found.value]);
                assert!(found.first <= address && address <= found.last);
            }
        }
    }
});
