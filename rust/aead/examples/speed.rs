//! Gbit/s of every path on this machine, packets of a size; the best of several runs.
//!
//! `cargo run --release -p kaname-aead --example speed [ALGORITHM [SIZE [KIBIBYTES [PATH]]]]`

#![expect(clippy::cast_precision_loss, reason = "figures to look at")]

use std::time::Instant;

use kaname_aead::{Aead, Algorithm, Batch, Cuts, Path};

/// Bytes of packets in one call: what the second cache of a core holds.
const BYTES: usize = 1 << 17;
/// How long a figure is looked for: the least of short times is one that nobody disturbed.
const SECONDS: f64 = 0.3;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let algorithms: Vec<Algorithm> = match words.first() {
        Some(name) => Algorithm::named(name).into_iter().collect(),
        None => Algorithm::ALL.to_vec(),
    };
    let size = words.get(1).and_then(|size| size.parse().ok());
    let sizes = size.map_or(vec![64, 256, 1350, 4096, 16384], |size| vec![size]);
    let bytes =
        words.get(2).and_then(|size| size.parse().ok()).map_or(BYTES, |size: usize| size << 10);
    let only = words.get(3).and_then(|name| Path::named(name));
    for algorithm in algorithms {
        for &size in &sizes {
            for path in Path::here().filter(|path| only.is_none_or(|only| only == *path)) {
                let speeds = measure(algorithm, path, size, bytes);
                let [one, other, many, back] = speeds.map(|speed| format!("{speed:7.1}"));
                println!(
                    "{:12} {:9} {size:6} B  one: seal {one} open {other}  batch: seal {many} open {back} Gbit/s",
                    algorithm.name(),
                    path.name(),
                );
            }
        }
    }
}

/// Seal and open of single messages, then of batches.
fn measure(algorithm: Algorithm, path: Path, size: usize, bytes: usize) -> [f64; 4] {
    let count = (bytes / size).max(8);
    let aead = Aead::new(algorithm, &[1; 32], 32, Some(path)).unwrap();
    let nonces: Vec<u8> = (0..count * algorithm.nonce_length()).map(|at| at as u8).collect();
    let offsets: Vec<u64> = (0..=count).map(|at| (at * size) as u64).collect();
    let mut buffer = vec![7_u8; count * size];
    let mut tags = vec![0; 32 * count];
    let mut right = vec![false; count];
    let nonce = &nonces[..algorithm.nonce_length()];
    let few = ((1 << 14) / size).clamp(1, 256).min(count);
    let mut best = [f64::MAX; 4];
    let begun = Instant::now();
    while begun.elapsed().as_secs_f64() < SECONDS {
        single(&aead, &mut buffer[..few * size], size, nonce, &mut best);
        let cuts = Cuts::new(&offsets);
        let begun = Instant::now();
        let batch = Batch { nonces: &nonces, buffer: &mut buffer, cuts, data: None };
        aead.seal_batch(batch, &mut tags).unwrap();
        best[2] = best[2].min(begun.elapsed().as_secs_f64() / count as f64);
        let begun = Instant::now();
        let batch = Batch { nonces: &nonces, buffer: &mut buffer, cuts, data: None };
        aead.open_batch(batch, &tags, &mut right).unwrap();
        best[3] = best[3].min(begun.elapsed().as_secs_f64() / count as f64);
        assert!(right.iter().all(|right| *right));
    }
    best.map(|seconds| (size * 8) as f64 / seconds / 1e9)
}

/// Seal and open some messages one by one.
fn single(aead: &Aead, texts: &mut [u8], size: usize, nonce: &[u8], best: &mut [f64; 4]) {
    let count = texts.len() / size;
    let begun = Instant::now();
    let tags: Vec<_> =
        texts.chunks_exact_mut(size).map(|text| aead.seal(nonce, &[], text).unwrap()).collect();
    best[0] = best[0].min(begun.elapsed().as_secs_f64() / count as f64);
    let begun = Instant::now();
    for (text, tag) in texts.chunks_exact_mut(size).zip(&tags) {
        assert!(aead.open(nonce, &[], text, tag.bytes()).unwrap());
    }
    best[1] = best[1].min(begun.elapsed().as_secs_f64() / count as f64);
}
