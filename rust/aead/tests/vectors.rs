//! The draft's vectors, and lengths that it leaves out, on every path that this machine has.

use kaname_aead::lanes::{Lane, Way};
use kaname_aead::path::Path;

struct Vector {
    key: [u8; 32],
    nonce: [u8; 16],
    data: Vec<u8>,
    text: Vec<u8>,
    sealed: Vec<u8>,
    tag: Vec<u8>,
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Values of `"name": "hex"`, in the order of the file.
fn values(json: &str, name: &str) -> Vec<Vec<u8>> {
    let mark = format!("\"{name}\": \"");
    json.split(&mark).skip(1).map(|rest| bytes(rest.split('"').next().unwrap())).collect()
}

fn vectors() -> Vec<Vector> {
    let mut found = Vec::new();
    for name in ["rocca_s_draft05.json", "rocca_s_lengths.json"] {
        let path = format!("../../../shared/data/hardware-crypto/cipher/{name}");
        let json = std::fs::read_to_string(path).unwrap();
        let [keys, nonces, data, texts, sealed, tags] =
            ["key", "nonce", "ad", "msg", "ct", "tag"].map(|name| values(&json, name));
        for (i, key) in keys.into_iter().enumerate() {
            found.push(Vector {
                key: key.try_into().unwrap(),
                nonce: nonces[i].clone().try_into().unwrap(),
                data: data[i].clone(),
                text: texts[i].clone(),
                sealed: sealed[i].clone(),
                tag: tags[i].clone(),
            });
        }
    }
    assert_eq!(found.len(), 15);
    found
}

/// All vectors beside each other in groups, so that lanes differ in everything.
fn on(path: Path, way: Way) {
    let all = vectors();
    for from in 0..all.len() {
        let group: Vec<&Vector> = (0..path.lanes()).map(|i| &all[(from + i) % all.len()]).collect();
        let (given, wanted): (Vec<_>, Vec<_>) = group
            .iter()
            .map(|one| match way {
                Way::Seal => (one.text.clone(), one.sealed.clone()),
                Way::Open => (one.sealed.clone(), one.text.clone()),
            })
            .unzip();
        let mut texts = given;
        let mut lanes: Vec<Lane<'_>> = group
            .iter()
            .zip(&mut texts)
            .map(|(one, text)| Lane { key: &one.key, nonce: &one.nonce, data: &one.data, text })
            .collect();
        let tags = path.run(&mut lanes, way);
        for (i, one) in group.iter().enumerate() {
            assert_eq!(tags[i][..], one.tag[..], "{path:?}, tag of vector {}", from + i);
        }
        assert_eq!(texts, wanted, "{path:?}, texts of vector {from}");
    }
}

#[test]
fn every_path_seals_as_the_draft_says() {
    Path::here().for_each(|path| on(path, Way::Seal));
}

#[test]
fn every_path_opens_what_the_draft_sealed() {
    Path::here().for_each(|path| on(path, Way::Open));
}
