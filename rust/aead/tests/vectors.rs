//! Published vectors, on every path that this machine has and through every way in.

mod given;

use given::{Vector, all, forged};
use kaname_aead::{Aead, Batch, Cuts, Direction, Path, Stream};

fn on_every_path(check: impl Fn(&Aead, &Vector)) {
    for vector in all() {
        for path in Path::here() {
            let aead =
                Aead::new(vector.algorithm, &vector.key, vector.tag.len(), Some(path)).unwrap();
            check(&aead, &vector);
        }
    }
}

#[test]
fn one_message_is_sealed_as_published() {
    on_every_path(|aead, vector| {
        let mut text = vector.text.clone();
        let tag = aead.seal(&vector.nonce, &vector.data, &mut text).unwrap();
        assert_eq!(text, vector.sealed, "{}", vector.name);
        assert_eq!(tag.bytes(), vector.tag, "{}", vector.name);
    });
}

#[test]
fn one_message_is_opened() {
    on_every_path(|aead, vector| {
        let mut text = vector.sealed.clone();
        assert!(aead.open(&vector.nonce, &vector.data, &mut text, &vector.tag).unwrap());
        assert_eq!(text, vector.text, "{}", vector.name);
    });
}

/// Whatever is not as published is refused, and nothing of the plaintext is left.
#[test]
fn what_was_tampered_with_is_refused_and_wiped() {
    on_every_path(|aead, vector| {
        let flipped = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            if let Some(last) = bytes.last_mut() {
                *last ^= 0x80;
            }
            bytes
        };
        let tries = [
            (
                flipped(&vector.nonce),
                vector.data.clone(),
                vector.sealed.clone(),
                vector.tag.clone(),
            ),
            (
                vector.nonce.clone(),
                flipped(&vector.data),
                vector.sealed.clone(),
                vector.tag.clone(),
            ),
            (
                vector.nonce.clone(),
                vector.data.clone(),
                flipped(&vector.sealed),
                vector.tag.clone(),
            ),
            (
                vector.nonce.clone(),
                vector.data.clone(),
                vector.sealed.clone(),
                flipped(&vector.tag),
            ),
        ];
        for (nonce, data, mut text, tag) in tries {
            if (&nonce, &data, &text, &tag)
                == (&vector.nonce, &vector.data, &vector.sealed, &vector.tag)
            {
                continue; // There was nothing to change.
            }
            assert!(!aead.open(&nonce, &data, &mut text, &tag).unwrap(), "{}", vector.name);
            assert!(text.iter().all(|byte| *byte == 0), "{}", vector.name);
        }
    });
}

#[test]
fn a_stream_in_odd_pieces_gives_the_same() {
    on_every_path(|aead, vector| {
        for piece in [1, 7, 16, 33, 64, 100, 1000] {
            let (mut sealed, mut opened) = (vector.text.clone(), vector.sealed.clone());
            let mut stream =
                Stream::new(aead, &vector.nonce, &vector.data, Direction::Seal).unwrap();
            sealed.chunks_mut(piece).for_each(|part| stream.update(part).unwrap());
            assert_eq!(stream.finish().unwrap().bytes(), vector.tag, "{}", vector.name);
            let mut stream =
                Stream::new(aead, &vector.nonce, &vector.data, Direction::Open).unwrap();
            opened.chunks_mut(piece).for_each(|part| stream.update(part).unwrap());
            assert!(stream.verify(&vector.tag).unwrap(), "{}", vector.name);
            assert_eq!((sealed, opened), (vector.sealed.clone(), vector.text.clone()));
        }
    });
}

fn batch<'a>(
    nonces: &'a [u8],
    buffer: &'a mut [u8],
    texts: &'a [u64],
    data: &'a [u8],
    datas: &'a [u64],
) -> Batch<'a> {
    let data = Some((data, Cuts::new(datas)));
    Batch { nonces, buffer, cuts: Cuts::new(texts), data }
}

/// A batch of every number of copies that lanes could be filled or not filled with.
#[test]
fn batches_give_the_same() {
    on_every_path(|aead, vector| {
        for count in [0, 1, 2, 3, 4, 5, 7, 8, 9, 17] {
            let nonces = vector.nonce.repeat(count);
            let (mut buffer, data) = (vector.text.repeat(count), vector.data.repeat(count));
            let cuts = |each: usize| (0..=count).map(|i| (i * each) as u64).collect::<Vec<_>>();
            let (texts, datas) = (cuts(vector.text.len()), cuts(vector.data.len()));
            let mut tags = vec![0; count * vector.tag.len()];
            aead.seal_batch(batch(&nonces, &mut buffer, &texts, &data, &datas), &mut tags).unwrap();
            assert_eq!(buffer, vector.sealed.repeat(count), "{}", vector.name);
            assert_eq!(tags, vector.tag.repeat(count), "{}", vector.name);
            let mut right = vec![false; count];
            aead.open_batch(batch(&nonces, &mut buffer, &texts, &data, &datas), &tags, &mut right)
                .unwrap();
            assert_eq!(buffer, vector.text.repeat(count), "{}", vector.name);
            assert!(right.into_iter().all(|right| right), "{}", vector.name);
        }
    });
}

/// A vector with anything else in it is noticed: the checks above are not passed by all.
#[test]
fn a_wrong_vector_is_noticed() {
    for vector in all() {
        let aead = Aead::new(vector.algorithm, &vector.key, vector.tag.len(), None).unwrap();
        let mut text = vector.text.clone();
        let mut nonce = vector.nonce.clone();
        nonce[0] ^= 1;
        let tag = aead.seal(&nonce, &vector.data, &mut text).unwrap();
        assert!(!tag.is(&vector.tag), "{}", vector.name);
        assert!(text.is_empty() || text != vector.sealed, "{}", vector.name);
    }
}

#[test]
fn what_the_rfc_calls_forged_is_refused() {
    assert!(!forged().is_empty());
    for vector in forged() {
        for path in Path::here() {
            let aead =
                Aead::new(vector.algorithm, &vector.key, vector.tag.len(), Some(path)).unwrap();
            let mut text = vector.sealed.clone();
            let opened = aead.open(&vector.nonce, &vector.data, &mut text, &vector.tag);
            assert_eq!(opened, Ok(false), "{}", vector.name);
            assert!(text.iter().all(|byte| *byte == 0), "{}", vector.name);
        }
    }
}
