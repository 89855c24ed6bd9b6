//! Vectors of draft-nakano-rocca-s and RFC 10032, and those that a peer has made.

mod rfc10032;

use kaname_aead::Algorithm;
use rfc10032::Row;

pub struct Vector {
    pub name: String,
    pub algorithm: Algorithm,
    pub key: Vec<u8>,
    pub nonce: Vec<u8>,
    pub data: Vec<u8>,
    pub text: Vec<u8>,
    pub sealed: Vec<u8>,
    pub tag: Vec<u8>,
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Values of `"name": "..."`, in the order of the file.
fn values<'a>(json: &'a str, name: &str) -> Vec<&'a str> {
    let mark = format!("\"{name}\": \"");
    json.split(&mark).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

fn file(name: &str) -> String {
    let folder =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/hardware-crypto/cipher");
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

fn rocca(name: &str) -> Vec<Vector> {
    let json = file(name);
    let [keys, nonces, data, texts, sealed, tags] =
        ["key", "nonce", "ad", "msg", "ct", "tag"].map(|name| values(&json, name));
    let vector = |i: usize| Vector {
        name: format!("{name} {i}"),
        algorithm: Algorithm::RoccaS,
        key: bytes(keys[i]),
        nonce: bytes(nonces[i]),
        data: bytes(data[i]),
        text: bytes(texts[i]),
        sealed: bytes(sealed[i]),
        tag: bytes(tags[i]),
    };
    (0..keys.len()).map(vector).collect()
}

/// The peer's tags have 32 bytes; they follow the ciphertext.
fn aegis() -> Vec<Vector> {
    let json = file("aegis_pyaegis.json");
    let [names, keys, nonces, data, texts, sealed] =
        ["alg", "key", "nonce", "ad", "msg", "ct_and_tag"].map(|name| values(&json, name));
    let vector = |i: usize| {
        let (sealed, text) = (bytes(sealed[i]), bytes(texts[i]));
        let algorithm = match names[i] {
            "Aegis256" => Algorithm::Aegis256,
            "Aegis256X2" => Algorithm::Aegis256X2,
            "Aegis256X4" => Algorithm::Aegis256X4,
            _ => return None,
        };
        let (sealed, tag) = sealed.split_at(text.len());
        Some(Vector {
            name: format!("{} {i}", names[i]),
            algorithm,
            key: bytes(keys[i]),
            nonce: bytes(nonces[i]),
            data: bytes(data[i]),
            text,
            sealed: sealed.to_vec(),
            tag: tag.to_vec(),
        })
    };
    (0..names.len()).filter_map(vector).collect()
}

fn published(rows: &[Row]) -> Vec<Vector> {
    let vector = |row: &Row, tag: &str| Vector {
        name: format!("RFC 10032, {:?}, tag {tag}", row.algorithm),
        algorithm: row.algorithm,
        key: bytes(row.key),
        nonce: bytes(row.nonce),
        data: bytes(row.data),
        text: bytes(row.text),
        sealed: bytes(row.sealed),
        tag: bytes(tag),
    };
    rows.iter().flat_map(|row| row.tags.map(|tag| vector(row, tag))).collect()
}

/// Messages of RFC 10032 that are to be refused.
pub fn forged() -> Vec<Vector> {
    published(rfc10032::FORGED)
}

pub fn all() -> Vec<Vector> {
    let mut all = rocca("rocca_s_draft05.json");
    all.extend(rocca("rocca_s_lengths.json"));
    all.extend(aegis());
    all.extend(published(rfc10032::SEALED));
    assert_eq!(all.len(), 48);
    all
}
