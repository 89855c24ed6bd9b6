//! Any bytes as a stream of dnstap: nothing panics, every message is in a row, and how the
//! bytes are cut does not show.
#![no_main]

use arrow_array::RecordBatch;
use kaname_dns::dnstap::{Account, Decoder};
use kaname_packets::rows::Labels;
use libfuzzer_sys::fuzz_target;

fn read(data: &[u8], size: usize) -> Option<(Account, Vec<RecordBatch>)> {
    let mut decoder = Decoder::new(None);
    for piece in data.chunks(size.max(1)) {
        decoder.push(0, piece).ok()?;
    }
    decoder.close(0);
    let batches = decoder.take(&Labels::default(), true);
    let rows: u64 = batches.iter().map(|batch| batch.num_rows() as u64).sum();
    let tally = decoder.exchanges().tally();
    assert_eq!(rows, tally.queries + tally.responses - tally.joined);
    assert_eq!(decoder.account().outcomes[0], tally.queries + tally.responses);
    Some((decoder.account().clone(), batches))
}

fuzz_target!(|data: &[u8]| {
    let whole = read(data, data.len());
    let size = usize::from(data.last().copied().unwrap_or(0)) + 1;
    assert_eq!(whole, read(data, size));
});
