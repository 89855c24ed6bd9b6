//! Any bytes as TCP segments and fragments between two hosts: a byte says what comes, how
//! long it is and where it belongs. Nothing panics, and every frame has one outcome.
#![no_main]

use kaname_dns::capture::{Capture, PORTS};
use kaname_packets::container::{Frame, Sink};
use kaname_packets::rows::Labels;
use libfuzzer_sys::fuzz_target;

fn datagram(proto: u8, id: u8, place: u16, payload: &[u8]) -> Vec<u8> {
    let mut data = vec![0x45, 0];
    data.extend((20 + payload.len() as u16).to_be_bytes());
    data.extend([0, id]);
    data.extend(place.to_be_bytes());
    data.extend([64, proto, 0, 0, 192, 0, 2, 1, 198, 51, 100, 53]);
    data.extend(payload);
    data
}

fn segment(seq: u32, bits: u8, payload: &[u8]) -> Vec<u8> {
    let mut data = vec![0x9C, 0x40, 0, 53];
    data.extend(seq.to_be_bytes());
    data.extend([0, 0, 0, 0, 5 << 4, bits, 0xFF, 0xFF, 0, 0, 0, 0]);
    data.extend(payload);
    data
}

fuzz_target!(|data: &[u8]| {
    let mut capture = Capture::new(PORTS.to_vec());
    let (mut rest, mut frames, mut rows) = (data, 0, 0);
    while let [kind, at, length, behind @ ..] = rest {
        let (payload, after) = behind.split_at(usize::from(*length).min(behind.len()));
        rest = after;
        let packet = match kind % 4 {
            0 | 1 => {
                let seq = u32::MAX.wrapping_sub(64).wrapping_add(u32::from(*at));
                datagram(6, 1, 0, &segment(seq, kind >> 2, payload))
            }
            _ => datagram(17, kind >> 4, u16::from(*at) | u16::from(kind & 4) << 11, payload),
        };
        let frame = Frame {
            offset: frames * 100,
            ts_us: frames as i64 * i64::from(kind >> 3) * 10_000,
            link: 101,
            wire_length: packet.len() as u32 + u32::from(kind & 8),
            data: &packet,
        };
        capture.frame(&frame);
        frames += 1;
    }
    rows += capture.finish(&Labels::default()).iter().map(|batch| batch.num_rows() as u64).sum::<u64>();
    let (framed, dns) = capture.report();
    assert_eq!(framed.records() + dns.outcomes.iter().sum::<u64>(), frames);
    let tally = capture.exchanges().tally();
    assert_eq!(rows, tally.queries + tally.responses - tally.joined);
});
