//! Where the time goes: reading and decoding, aggregation, Arrow.
use std::fs::File;
use std::time::Duration;

use kaname_packets::flowtuple::{SortRoom, aggregate};
use kaname_packets::rows::{FlowRows, Labels, Pools};
use kaname_packets::source::Feed;
use kaname_packets::stage::Stage;

/// CPU time of this process so far.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    Duration::from_nanos(text.split(' ').next().and_then(|field| field.parse().ok()).expect("ns"))
}

fn main() {
    let path = std::env::args().nth(1).expect("a capture");
    let mut file = File::open(path).expect("readable");
    let mut feed = Feed::new(Stage::new(false));
    let (mut decode, mut gather, mut arrow) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let pools = Pools::default();
    let mut room = SortRoom::default();
    let mut rows = FlowRows::new(&pools);
    let mut total = 0;
    let mut more = true;
    while more {
        let start = cpu();
        more = feed.read_from(&mut file).expect("a capture");
        if !more {
            feed.finish().expect("a capture");
        }
        decode += cpu() - start;
        let start = cpu();
        for minute in feed.stage.take_closed() {
            aggregate(&minute, &mut room, &mut rows);
            feed.stage.pool().give(minute.packets);
        }
        gather += cpu() - start;
        let start = cpu();
        if rows.len() > 1 << 20 || !more {
            total += std::mem::replace(&mut rows, FlowRows::new(&pools))
                .into_batch(&Labels::default())
                .num_rows();
        }
        arrow += cpu() - start;
    }
    println!("decode {decode:?} gather {gather:?} arrow {arrow:?} rows {total}");
}
