//! Any bytes as a block of a capture ring, and as the snapshot of a stream. Nothing panics,
//! no frame lies outside the block, and every packet is counted once.
#![no_main]

use kaname_packets::ring;
use kaname_packets::stream::Stream;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut seen = 0;
    let given = ring::frames(data, 1, 0, |frame| {
        assert!(frame.data.len() <= data.len());
        seen += 1;
    });
    if let Ok(count) = given {
        assert_eq!(count, seen);
    }
    let mut stream = Stream::default();
    let _ = stream.block(data, 1);
    assert_eq!(stream.report().records(), seen);
    let _ = Stream::restore(&[b"kaname stream 1\n", data].concat());
});
