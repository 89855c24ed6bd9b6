//! Any bytes as a capture: nothing panics, the counters add up, every packet is in a row,
//! and how the bytes are cut does not show.
#![no_main]

use kaname_packets::batches::{Batches, TableBatch};
use kaname_packets::feed::Feed;
use kaname_packets::report::{Outcome, Report};
use kaname_packets::rows::Labels;
use kaname_packets::stage::Stage;
use libfuzzer_sys::fuzz_target;

/// The account and the rows of a stream that is pushed in pieces of `size` bytes.
fn read(data: &[u8], size: usize) -> Option<(Report, Vec<TableBatch>)> {
    let mut feed = Feed::new(Stage::new(true));
    let mut batches = Batches::new(Labels::default(), 1 << 10);
    for piece in data.chunks(size.max(1)) {
        feed.push(piece).ok()?;
    }
    feed.finish().ok()?;
    for minute in feed.stage.take_closed() {
        batches.add(&minute);
    }
    batches.add_attacks(feed.stage.take_attacks());
    batches.flush();
    batches.add_packets(feed.stage.take_packets());
    let rows: Vec<TableBatch> = std::iter::from_fn(|| batches.pop()).collect();
    let packets = rows.iter().filter(|(table, _)| *table == "packets");
    let packets: u64 = packets.map(|(_, batch)| batch.num_rows() as u64).sum();
    let report = feed.stage.report().clone();
    let decoded = report.outcomes[Outcome::Ipv4 as usize] + report.outcomes[Outcome::Ipv6 as usize];
    assert_eq!(packets, decoded);
    Some((report, rows))
}

fuzz_target!(|data: &[u8]| {
    let whole = read(data, data.len());
    let size = usize::from(data.last().copied().unwrap_or(0)) + 1;
    assert_eq!(whole, read(data, size));
});
