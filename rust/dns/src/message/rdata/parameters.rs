//! Parameters of service bindings (RFC 9460, 2.1 and 7; RFC 9461, RFC 9540).

use data_encoding::BASE64;

use super::cursor::Cursor;
use super::text::{push_bytes, push_number, push_quoted, push_v4, push_v6};
use crate::message::name::Fault;

const KEYS: [&str; 9] = [
    "mandatory",
    "alpn",
    "no-default-alpn",
    "port",
    "ipv4hint",
    "ech",
    "ipv6hint",
    "dohpath",
    "ohttp",
];

/// Appends all parameters that are left: `key=value`, with blanks between them.
pub fn write(from: &mut Cursor, text: &mut Vec<u8>) -> Result<(), Fault> {
    let mut first = true;
    while !from.is_done() {
        if !first {
            text.push(b' ');
        }
        first = false;
        let (key, length) = (from.u16()?, from.u16()?);
        push_key(key, text);
        let value = from.take(usize::from(length))?;
        if !value.is_empty() {
            text.push(b'=');
            push_value(key, &mut Cursor::new(value, 0, value.len()), text)?;
        }
    }
    Ok(())
}

fn push_key(key: u16, text: &mut Vec<u8>) {
    if let Some(name) = KEYS.get(usize::from(key)) {
        text.extend_from_slice(name.as_bytes());
    } else {
        text.extend_from_slice(b"key");
        push_number(u32::from(key), text);
    }
}

fn push_value(key: u16, value: &mut Cursor, text: &mut Vec<u8>) -> Result<(), Fault> {
    match key {
        0 => list(value, text, |value, text| value.u16().map(|key| push_key(key, text)))?,
        1 => {
            text.push(b'"');
            list(value, text, |value, text| value.string().map(|name| push_bytes(name, text)))?;
            text.push(b'"');
        }
        3 => push_number(u32::from(value.u16()?), text),
        4 => list(value, text, |value, text| value.array().map(|v4| push_v4(v4, text)))?,
        5 => text.extend_from_slice(BASE64.encode(value.rest()).as_bytes()),
        6 => list(value, text, |value, text| value.array().map(|v6| push_v6(v6, text)))?,
        _ => push_quoted(value.rest(), text),
    }
    // What is left over does not fit the key.
    if value.is_done() { Ok(()) } else { Err(Fault::Data) }
}

/// Values with commas between them.
fn list(
    value: &mut Cursor,
    text: &mut Vec<u8>,
    push: impl Fn(&mut Cursor, &mut Vec<u8>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    push(value, text)?;
    while !value.is_done() {
        text.push(b',');
        push(value, text)?;
    }
    Ok(())
}
