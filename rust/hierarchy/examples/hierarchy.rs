//! Binary flows of agurim (`aguri_flow.h`) on standard input, aggregates on standard output.
//!
//!     cargo run --release -p kaname-hierarchy --example hierarchy -- PERCENT < FLOWS
//!
//! Prints one line an aggregate and part, in the words of AGURI-2.0, and to standard error
//! how long the search took without reading.

use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use kaname_hierarchy::{Axis, Count, Flow, Part, Prefix, hierarchy};

const RECORD: usize = 56;

fn word(record: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]])
}

fn address(record: &[u8], at: usize, version: u8) -> u128 {
    if version == 4 {
        return 0xffff << 32 | u128::from(word(record, at));
    }
    (0..4).fold(0, |sum, n| sum << 32 | u128::from(word(record, at + 4 * n)))
}

fn flow(record: &[u8]) -> Flow {
    let port = |at: usize| u16::from_be_bytes([record[at], record[at + 1]]);
    let version = record[36];
    Flow {
        src: address(record, 0, version),
        dst: address(record, 16, version),
        sport: port(32),
        dport: port(34),
        proto: record[37],
        count: Count { packets: u64::from(word(record, 40)), octets: u64::from(word(record, 44)) },
    }
}

fn v4(prefix: Prefix) -> String {
    let text = Ipv4Addr::from((prefix.bits >> 96) as u32);
    match prefix.length {
        0 => "*".into(),
        32 => text.to_string(),
        length => format!("{text}/{length}"),
    }
}

fn v6(prefix: Prefix) -> String {
    let text = Ipv6Addr::from(prefix.bits);
    match prefix.length {
        0 => "*::".into(),
        128 => text.to_string(),
        length => format!("{text}/{length}"),
    }
}

fn port(prefix: Prefix) -> String {
    let number = (prefix.bits >> 104) as u16;
    if number == 0 { "*".into() } else { number.to_string() }
}

fn text(part: Part) -> String {
    match part {
        Part::V4(src, dst) => format!("{} {}", v4(src), v4(dst)),
        Part::V6(src, dst) => format!("{} {}", v6(src), v6(dst)),
        Part::Service(src, dst) => {
            let proto = (src.bits >> 120) as u8;
            let proto = if proto == 0 { "*".into() } else { proto.to_string() };
            format!("{proto}:{}:{}", port(src), port(dst))
        }
    }
}

fn main() -> std::io::Result<()> {
    let percent = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1);
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let flows: Vec<Flow> = bytes.chunks_exact(RECORD).map(flow).collect();
    let start = Instant::now();
    let found = hierarchy(&flows, percent, Axis::Address);
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{} flows in {seconds:.3} s", flows.len());
    for aggregate in found {
        let whole = aggregate.count;
        println!("{}: {}\t{}", text(aggregate.part), whole.octets, whole.packets);
        for (part, count) in aggregate.parts {
            #[expect(clippy::cast_precision_loss, reason = "shares are printed with two digits")]
            let share = |n: u64, of: u64| n as f64 / of as f64 * 100.0;
            let octets = share(count.octets, whole.octets);
            let packets = share(count.packets, whole.packets);
            println!("\t[{}] {octets:.2}% {packets:.2}%", text(part));
        }
    }
    Ok(())
}
