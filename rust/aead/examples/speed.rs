//! Gbit/s of every path on this machine, packets of a size, in CPU time of one core.

use std::time::Instant;

use kaname_aead::lanes::{Lane, Way};
use kaname_aead::path::Path;

fn main() {
    for size in [64, 256, 1350, 4096, 16384] {
        for path in Path::here() {
            for way in [Way::Seal, Way::Open] {
                let many = (1 << 20) / size / path.lanes() * path.lanes();
                let mut texts = vec![vec![7_u8; size]; many];
                let mut best = f64::MAX;
                for _ in 0..if path == Path::Portable { 5 } else { 60 } {
                    let begun = Instant::now();
                    for group in texts.chunks_mut(path.lanes()) {
                        let mut lanes: Vec<Lane<'_>> = group
                            .iter_mut()
                            .map(|text| Lane { key: &[1; 32], nonce: &[2; 16], data: &[], text })
                            .collect();
                        std::hint::black_box(path.run(&mut lanes, way));
                    }
                    best = best.min(begun.elapsed().as_secs_f64());
                }
                let sealing = way == Way::Seal;
                #[expect(clippy::cast_precision_loss, reason = "a figure to look at")]
                let speed = (many * size * 8) as f64 / best / 1e9;
                println!("{size:6} {:9} seal={sealing:5} {speed:8.1} Gbit/s", path.name());
            }
        }
    }
}
