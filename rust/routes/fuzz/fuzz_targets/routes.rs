//! Any bytes as an MRT file: nothing panics, and how the bytes are cut does not show.
#![no_main]

use arrow_array::RecordBatch;
use kaname_routes::report::Report;
use kaname_routes::rows::Labels;
use kaname_routes::stage::Stage;
use libfuzzer_sys::fuzz_target;

/// The account and the rows of a stream that is pushed in pieces of `size` bytes.
fn read(data: &[u8], size: usize) -> (Report, Vec<RecordBatch>) {
    let mut stage = Stage::new(Labels::default(), 1 << 20);
    let mut rows = Vec::new();
    for piece in data.chunks(size.max(1)) {
        rows.extend(stage.push(piece));
    }
    rows.extend(stage.finish());
    (stage.report().clone(), rows)
}

fuzz_target!(|data: &[u8]| {
    let size = usize::from(data.last().copied().unwrap_or(0)) + 1;
    assert_eq!(read(data, data.len()), read(data, size));
});
