//! Any bytes as datagrams of exporters (NetFlow, IPFIX, sFlow by their version word): nothing
//! panics, the counters add up, every flow is a row, and nothing waits in the end. Each
//! datagram is preceded by its length in two bytes, so templates and data may follow another.
#![no_main]

use kaname_flows::account::Outcome;
use kaname_flows::decoder::Decoder;
use kaname_flows::message::Export;
use kaname_flows::rows::Labels;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut decoder = Decoder::new(true, 16);
    let mut rest = data;
    while let [high, low, behind @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(behind.len());
        let (data, next) = behind.split_at(length);
        decoder.push(&Export { data, exporter: 1, received_us: 1, base: None });
        rest = next;
    }
    decoder.finish();
    let rows = decoder.take_rows().into_batch(&Labels::default());
    assert_eq!(rows.num_rows() as u64, decoder.out.report.outcomes[Outcome::Flow as usize]);
    assert_eq!(decoder.out.waiting, 0);
    let mut again = Decoder::new(true, 16);
    assert!(again.restore(&decoder.snapshot()));
});
