//! Any bytes as a capture of DNS: nothing panics, the counters add up, every message is in
//! a row, how the bytes are cut does not show, and neither does a restart.
#![no_main]

use arrow_array::RecordBatch;
use kaname_dns::capture::account::Account;
use kaname_dns::capture::{Capture, PORTS, Pushed, share};
use kaname_packets::rows::Labels;
use libfuzzer_sys::fuzz_target;

fn new() -> Pushed {
    Pushed::new(Capture::new(PORTS.to_vec()), Labels::default())
}

/// The account and the rows, as text, of a stream that is pushed in pieces of `size` bytes.
fn read(data: &[u8], size: usize, restart: bool) -> Option<(Account, Vec<RecordBatch>)> {
    let (mut pushed, mut batches) = (new(), Vec::new());
    for piece in data.chunks(size.max(1)) {
        batches.extend(pushed.push(piece).ok()?);
        if restart && let Ok(state) = pushed.snapshot() {
            pushed = new();
            pushed.restore(&state).expect("its own snapshot");
        }
    }
    batches.extend(pushed.finish().ok()?);
    let tally = pushed.capture.exchanges().tally();
    let rows: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    assert_eq!(rows, tally.queries + tally.responses - tally.joined);
    Some((pushed.capture.report().1.clone(), batches))
}

fuzz_target!(|data: &[u8]| {
    let _ = share(data);
    let whole = read(data, data.len(), false);
    let size = usize::from(data.last().copied().unwrap_or(0)) + 16;
    assert_eq!(whole, read(data, size, true));
});
