//! What rows hold besides: who says it, and of whom.

use std::collections::HashMap;
use std::fmt::Write;

use super::payload::Kind;

/// Different identities that are kept; a server has one.
const MOST: usize = 4096;

/// Texts of the column `ext`, each kept once.
#[derive(Debug, Default)]
pub struct Contexts {
    numbers: HashMap<(Vec<u8>, Kind), u16>,
    texts: Vec<String>,
    /// The last one that was asked for: nearly always the next as well.
    last: Option<(Vec<u8>, Kind, u16)>,
}

impl Contexts {
    /// The number of a context, counted from 1.
    #[inline]
    pub fn of(&mut self, identity: &[u8], kind: Kind) -> u16 {
        if let Some((known, same, number)) = &self.last
            && *same == kind
            && known == identity
        {
            return *number;
        }
        let number = self.find(identity, kind);
        self.last = Some((identity.to_vec(), kind, number));
        number
    }

    fn find(&mut self, identity: &[u8], kind: Kind) -> u16 {
        let key = (identity.to_vec(), kind);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        if self.numbers.len() >= MOST && !identity.is_empty() {
            return self.find(b"", kind);
        }
        self.texts.push(text(identity, kind));
        let number = self.texts.len() as u16;
        self.numbers.insert(key, number);
        number
    }

    /// All texts, in the order of their numbers.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

/// A JSON object.
fn text(identity: &[u8], kind: Kind) -> String {
    let mut text = format!("{{\"dnstap\":\"{}\"", kind.name());
    if !identity.is_empty() {
        text.push_str(",\"identity\":\"");
        push_escaped(&String::from_utf8_lossy(identity), &mut text);
        text.push('"');
    }
    text.push('}');
    text
}

/// RFC 8259, 7
fn push_escaped(value: &str, text: &mut String) {
    for letter in value.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            // Writing to a string does not fail.
            '\0'..=' ' if letter != ' ' => drop(write!(text, "\\u{:04x}", u32::from(letter))),
            _ => text.push(letter),
        }
    }
}
