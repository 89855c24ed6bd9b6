//! What no vector says: that all paths agree for every length, and what is refused.

use kaname_aead::{Aead, Algorithm, Batch, Cuts, Direction, Error, Path, Stream};

/// Numbers that look random, the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

fn aead(algorithm: Algorithm, path: Path, tag: usize) -> Aead {
    Aead::new(algorithm, &[0x42; 32], tag, Some(path)).unwrap()
}

/// Each length of a message from 0 to 300, with data of another length.
#[test]
fn paths_agree_for_every_length() {
    let mut numbers = Numbers(7);
    for algorithm in Algorithm::ALL {
        for length in 0..=300 {
            let nonce = numbers.bytes(algorithm.nonce_length());
            let data_length = (numbers.next() % 301) as usize;
            let (data, text) = (numbers.bytes(data_length), numbers.bytes(length));
            let sealed = |path| {
                let mut sealed = text.clone();
                let tag = aead(algorithm, path, 32).seal(&nonce, &data, &mut sealed).unwrap();
                (sealed, tag.bytes().to_vec())
            };
            let expected = sealed(Path::Portable);
            for path in Path::here() {
                assert_eq!(sealed(path), expected, "{algorithm:?} {path:?} {length}");
                let mut opened = expected.0.clone();
                let aead = aead(algorithm, path, 32);
                assert!(aead.open(&nonce, &data, &mut opened, &expected.1).unwrap());
                assert_eq!(opened, text, "{algorithm:?} {path:?} {length}");
            }
        }
    }
}

struct Packets {
    nonces: Vec<u8>,
    buffer: Vec<u8>,
    texts: Vec<u64>,
    data: Vec<u8>,
    datas: Vec<u64>,
}

impl Packets {
    fn new(algorithm: Algorithm, count: usize, numbers: &mut Numbers) -> Self {
        let mut cut = |most: u64| {
            let mut cuts = vec![0];
            for _ in 0..count {
                // One in four has nothing, and the others differ much.
                let length =
                    if numbers.next().is_multiple_of(4) { 0 } else { numbers.next() % most };
                cuts.push(cuts[cuts.len() - 1] + length);
            }
            cuts
        };
        let (texts, datas) = (cut(400), cut(90));
        Self {
            nonces: numbers.bytes(count * algorithm.nonce_length()),
            buffer: numbers.bytes(texts[count] as usize),
            data: numbers.bytes(datas[count] as usize),
            texts,
            datas,
        }
    }

    fn batch(&mut self) -> Batch<'_> {
        Batch {
            nonces: &self.nonces,
            buffer: &mut self.buffer,
            cuts: Cuts::new(&self.texts),
            data: Some((&self.data, Cuts::new(&self.datas))),
        }
    }
}

/// Packets of unlike lengths, each as if it had been sealed alone; then some are tampered with.
#[test]
fn a_batch_of_unlike_packets_is_each_of_them() {
    let mut numbers = Numbers(11);
    for algorithm in Algorithm::ALL {
        for path in Path::here() {
            for count in [1, 2, 5, 8, 63] {
                let mut packets = Packets::new(algorithm, count, &mut numbers);
                let plain = packets.buffer.clone();
                let aead = aead(algorithm, path, 32);
                let mut tags = vec![0; 32 * count];
                aead.seal_batch(packets.batch(), &mut tags).unwrap();
                for i in 0..count {
                    let of = |cuts: &[u64]| cuts[i] as usize..cuts[i + 1] as usize;
                    let mut text = plain[of(&packets.texts)].to_vec();
                    let size = algorithm.nonce_length();
                    let nonce = &packets.nonces[i * size..][..size];
                    let data = &packets.data[of(&packets.datas)];
                    let tag = aead.seal(nonce, data, &mut text).unwrap();
                    assert_eq!(text, packets.buffer[of(&packets.texts)]);
                    assert_eq!(tag.bytes(), &tags[32 * i..][..32]);
                }
                for i in (0..count).step_by(3) {
                    tags[32 * i + 31] ^= 1;
                }
                let mut right = vec![false; count];
                aead.open_batch(packets.batch(), &tags, &mut right).unwrap();
                for (i, right) in right.into_iter().enumerate() {
                    let of = packets.texts[i] as usize..packets.texts[i + 1] as usize;
                    assert_eq!(right, i % 3 != 0, "{algorithm:?} {path:?} {i} of {count}");
                    let zeros = vec![0; of.len()];
                    let expected = if right { &plain[of.clone()] } else { &zeros };
                    assert_eq!(&packets.buffer[of], expected);
                }
            }
        }
    }
}

#[test]
fn short_tags_are_the_halves_added_up() {
    for path in Path::here() {
        let mut text = *b"a message of some bytes";
        let nonce = [9; 32];
        let whole = aead(Algorithm::Aegis256, path, 32).seal(&nonce, b"", &mut text.clone());
        let short = aead(Algorithm::Aegis256, path, 16).seal(&nonce, b"", &mut text).unwrap();
        let (low, high) = whole.as_ref().unwrap().bytes().split_at(16);
        let sum: Vec<u8> = low.iter().zip(high).map(|(a, b)| a ^ b).collect();
        assert_eq!(short.bytes(), sum);
    }
}

#[test]
fn lengths_that_an_algorithm_does_not_have_are_refused() {
    let of = |key: usize, tag| Aead::new(Algorithm::RoccaS, &vec![0; key], tag, None).err();
    assert_eq!(of(16, 32), Some(Error::Key { expected: 32, found: 16 }));
    assert_eq!(of(32, 16), Some(Error::Tag { algorithm: Algorithm::RoccaS, found: 16 }));
    let aead = Aead::new(Algorithm::RoccaS, &[0; 32], 32, None).unwrap();
    let nonce = Error::Nonce { expected: 16, found: 12 };
    assert_eq!(aead.seal(&[0; 12], b"", &mut []).err(), Some(nonce));
    let mut text = *b"sealed";
    let tag = Error::Tag { algorithm: Algorithm::RoccaS, found: 31 };
    assert_eq!(aead.open(&[0; 16], b"", &mut text, &[0; 31]), Err(tag));
    assert_eq!(&text, b"sealed", "nothing is changed by a call that is refused");
}

/// Offsets that would have a message begin before another one ends, or reach beyond the buffer.
#[test]
fn offsets_that_do_not_fit_are_refused() {
    let aead = Aead::new(Algorithm::RoccaS, &[0; 32], 32, None).unwrap();
    for (offsets, message) in [([0, 8, 4], 1), ([0, 4, 9], 2), ([0, u64::MAX, u64::MAX], 1)] {
        let mut buffer = [5; 8];
        let cuts = Cuts::new(&offsets);
        let batch = Batch { nonces: &[0; 32], buffer: &mut buffer, cuts, data: None };
        let refused = aead.seal_batch(batch, &mut [0; 64]);
        assert_eq!(refused, Err(Error::Offsets { message }));
        assert_eq!(buffer, [5; 8]);
    }
    let cuts = Cuts::new(&[0, 4, 8]);
    let mut buffer = [5; 8];
    let batch = Batch { nonces: &[0; 31], buffer: &mut buffer, cuts, data: None };
    let nonces = Error::Buffer { what: "nonces", expected: 32, found: 31 };
    assert_eq!(aead.seal_batch(batch, &mut [0; 64]), Err(nonces));
    let batch = Batch { nonces: &[0; 32], buffer: &mut buffer, cuts, data: Some((b"", cuts)) };
    assert_eq!(aead.seal_batch(batch, &mut [0; 64]), Err(Error::Offsets { message: 1 }));
}

#[test]
fn a_stream_ends_once_and_goes_one_way() {
    let aead = Aead::new(Algorithm::Aegis256X4, &[0; 32], 32, None).unwrap();
    let mut stream = Stream::new(&aead, &[0; 32], b"", Direction::Seal).unwrap();
    assert!(stream.verify(&[0; 32]).is_err());
    stream.finish().unwrap();
    assert!(stream.update(&mut [1]).is_err());
    assert!(stream.finish().is_err());
    let mut stream = Stream::new(&aead, &[0; 32], b"", Direction::Open).unwrap();
    assert!(stream.finish().is_err());
    assert!(!stream.verify(&[0; 32]).unwrap());
}

#[test]
fn a_path_that_is_not_here_is_refused() {
    for path in Path::ALL.into_iter().filter(|path| !path.is_here()) {
        let refused = Aead::new(Algorithm::RoccaS, &[0; 32], 32, Some(path)).err();
        assert_eq!(refused, Some(Error::Path(path)));
    }
}
