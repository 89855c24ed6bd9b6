//! Any bytes as a capture, without building rows: the light half of `capture`, which runs a
//! hundred times as often. Nothing panics, and there are minutes and times only where
//! packets are.
#![no_main]

use kaname_packets::feed::Feed;
use kaname_packets::report::Outcome;
use kaname_packets::stage::Stage;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut feed = Feed::new(Stage::new(false));
    if feed.push(data).is_err() || feed.finish().is_err() {
        return;
    }
    let minutes = feed.stage.take_closed();
    let attacks = feed.stage.take_attacks();
    let report = feed.stage.report();
    let decoded = report.outcomes[Outcome::Ipv4 as usize] + report.outcomes[Outcome::Ipv6 as usize];
    // an attack has 25 packets or more, and is reported once an interval
    assert!(attacks.iter().all(|attack| attack.packets >= 25 && attack.packets <= decoded));
    // a minute is there because a packet is in it
    assert!(minutes.len() as u64 <= decoded);
    assert_eq!(report.first_us.is_some(), decoded > 0);
});
