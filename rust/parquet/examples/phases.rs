//! Where the time of an ingest goes: `phases CAPTURE`.

use std::fs::File;
use std::time::Duration;

use kaname_packets::feed::Feed;
use kaname_packets::flowtuple::{SortRoom, aggregate};
use kaname_packets::rows::{FlowRows, Labels, Pools};
use kaname_packets::stage::Stage;
use kaname_parquet::{Encoding, FileWriter, Settings};

const ROWS: usize = 1 << 18;

/// CPU time of this process so far.
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    Duration::from_nanos(text.split(' ').next().and_then(|field| field.parse().ok()).expect("ns"))
}

fn encoding(column: &str) -> Encoding {
    match column {
        "ts" | "row_in_src" | "src_lo" => Encoding::Delta,
        "dst_lo" | "uniq_dst" | "packets" | "octets" | "uniq_sport" | "ttl_mode" | "first_s" => {
            Encoding::Split
        }
        _ => Encoding::Dictionary,
    }
}

fn main() {
    let path = std::env::args().nth(1).expect("a capture");
    let mut file = File::open(path).expect("readable");
    let mut feed = Feed::new(Stage::new(false));
    let (mut decode, mut gather) = (Duration::ZERO, Duration::ZERO);
    let (mut arrow, mut parquet) = (Duration::ZERO, Duration::ZERO);
    let pools = Pools::default();
    let mut room = SortRoom::default();
    let mut rows = FlowRows::new(&pools, ROWS);
    let settings = Settings { group_rows: 1 << 20, level: 1, threads: 1, metadata: Vec::new() };
    let mut writer = None;
    let mut more = true;
    while more {
        let start = cpu();
        more = feed.read_from(&mut file).expect("a capture");
        if !more {
            feed.finish().expect("a capture");
        }
        decode += cpu().saturating_sub(start);
        let start = cpu();
        for minute in feed.stage.take_closed() {
            aggregate(&minute, &mut room, &mut rows);
            feed.stage.pool().give(minute.packets);
        }
        gather += cpu().saturating_sub(start);
        if rows.len() > ROWS || !more {
            let start = cpu();
            let full = std::mem::replace(&mut rows, FlowRows::new(&pools, ROWS));
            let batch = full.into_batch(&Labels::default());
            arrow += cpu().saturating_sub(start);
            let start = cpu();
            let open = writer.get_or_insert_with(|| {
                let schema = batch.schema();
                let open = FileWriter::new(std::io::sink(), &schema, encoding, settings.clone());
                open.expect("room").expect("known columns")
            });
            open.write(&batch).expect("room");
            parquet += cpu().saturating_sub(start);
        }
    }
    let start = cpu();
    let written = writer.expect("rows").finish().expect("room").1;
    parquet += cpu().saturating_sub(start);
    println!("decode {decode:?} gather {gather:?} arrow {arrow:?} parquet {parquet:?} {written:?}");
}
