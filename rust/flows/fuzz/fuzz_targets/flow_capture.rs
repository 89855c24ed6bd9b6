//! Any bytes as a capture of exports, a capture of packets, or a file of messages: nothing
//! panics, the sum of the outcomes is the records, and the rows are the flows.
#![no_main]

use kaname_flows::account::{OUTCOMES, Outcome, Report};
use kaname_flows::rows::Labels;
use kaname_flows::source::{Content, Source};
use libfuzzer_sys::fuzz_target;

/// Rows and account of a source; `None` when it is not what it should be at all.
fn read(data: &[u8], content: Content) -> Option<(u64, Report)> {
    let mut source = Source::new(Box::new(std::io::Cursor::new(data.to_vec())), content, 64, true);
    let mut rows = 0;
    while !source.has_ended() {
        if let Some(found) = source.step().ok()? {
            rows += found.into_batch(&Labels::default()).num_rows() as u64;
        }
    }
    Some((rows, source.report()))
}

fuzz_target!(|data: &[u8]| {
    for content in [Content::Exports, Content::Packets, Content::Messages] {
        let Some((rows, report)) = read(data, content) else { continue };
        let flows = report.outcomes[Outcome::Flow as usize];
        assert_eq!(report.outcomes.len(), OUTCOMES.len());
        // A flow of packets has one packet at least; of exports each is a row.
        assert!(if content == Content::Packets { rows <= flows } else { rows == flows });
    }
});
