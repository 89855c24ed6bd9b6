//! Any bytes as pieces of a message, as offsets of a batch, and as something that was sealed:
//! a stream gives what the whole gives, all paths agree, and what is hostile is refused.
#![no_main]

use kaname_aead::{Aead, Algorithm, Batch, Cuts, Direction, Path, Stream};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&[kind, split, piece], rest)) = input.split_first_chunk::<3>() else { return };
    let algorithm = Algorithm::ALL[usize::from(kind) % 4];
    let (data, text) = rest.split_at(usize::from(split).min(rest.len()));
    let nonce = &[kind; 32][..algorithm.nonce_length()];
    let mut before: Option<(Vec<u8>, Vec<u8>)> = None;
    for path in Path::here() {
        let aead = Aead::new(algorithm, &[piece; 32], 32, Some(path)).unwrap();
        let mut sealed = text.to_vec();
        let tag = aead.seal(nonce, data, &mut sealed).unwrap().bytes().to_vec();
        let mut stream = Stream::new(&aead, nonce, data, Direction::Seal).unwrap();
        let mut pieces = text.to_vec();
        for part in pieces.chunks_mut(usize::from(piece).max(1)) {
            stream.update(part).unwrap();
        }
        assert_eq!((&pieces, stream.finish().unwrap().bytes()), (&sealed, &tag[..]));
        let made = (sealed.clone(), tag.clone());
        assert_eq!(before.get_or_insert_with(|| made.clone()), &made);
        assert!(aead.open(nonce, data, &mut sealed, &tag).unwrap());
        assert_eq!(sealed, text);
        hostile(&aead, nonce, data, text);
    }
});

/// What nobody sealed is not opened, and leaves nothing.
fn hostile(aead: &Aead, nonce: &[u8], data: &[u8], text: &[u8]) {
    let mut forged = text.to_vec();
    assert!(!aead.open(nonce, data, &mut forged, &[0x5a; 32]).unwrap());
    assert!(forged.iter().all(|byte| *byte == 0));
    let offsets: Vec<u64> = data.iter().map(|byte| u64::from(*byte)).collect();
    let (count, mut buffer) = (offsets.len().saturating_sub(1), text.to_vec());
    let batch = Batch {
        nonces: &nonce.repeat(count),
        buffer: &mut buffer,
        cuts: Cuts::new(&offsets),
        data: None,
    };
    let mut right = vec![true; count];
    if aead.open_batch(batch, &vec![0; 32 * count], &mut right).is_ok() {
        assert!(right.iter().all(|right| !right));
        if count > 0 {
            let all = offsets[0] as usize..offsets[count] as usize;
            assert!(buffer[all].iter().all(|byte| *byte == 0));
        }
    } else {
        assert_eq!(buffer, text);
    }
}
