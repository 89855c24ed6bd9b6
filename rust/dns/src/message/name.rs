//! Names of messages, with compression (RFC 1035, 4.1.4), as the lake spells them: lower
//! case, no root dot, odd bytes as `\DDD`.

use kaname_names::spelling::{is_plain, push_byte};

/// Bytes of a name on the wire, the root included (RFC 1035, 2.3.4).
pub const MOST_NAME: usize = 255;
/// Pointers followed in one name.
pub const MOST_HOPS: usize = 16;
/// Characters of a name when every byte is odd.
pub const MOST_TEXT: usize = 4 * MOST_NAME;

/// Why a name, or what holds it, cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The message ends too early.
    Short,
    /// More than 255 bytes.
    LongName,
    /// A length byte of a kind that does not exist (RFC 6891, 5).
    LabelType,
    /// A pointer that does not point backwards: a loop.
    Loop,
    /// More than 16 pointers in one name.
    Hops,
    /// Record data whose length does not fit its type.
    Data,
}

impl Fault {
    /// The reason as reports give it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Short => "message_short",
            Self::LongName => "name_long",
            Self::LabelType => "label_type",
            Self::Loop => "pointer_loop",
            Self::Hops => "pointer_hops",
            Self::Data => "record_data",
        }
    }
}

/// What each byte of a label is written as; 0 when it is odd.
const WRITTEN: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if is_plain(byte as u8) {
            table[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// One step of a walk over a name.
enum Step<'a> {
    Label(&'a [u8]),
    Pointer(usize),
    Root,
}

#[inline]
fn step(message: &[u8], at: usize) -> Result<Step<'_>, Fault> {
    let length = *message.get(at).ok_or(Fault::Short)?;
    match length {
        0 => Ok(Step::Root),
        1..=63 => {
            let label = message.get(at + 1..at + 1 + usize::from(length));
            label.map(Step::Label).ok_or(Fault::Short)
        }
        0xC0.. => {
            let low = *message.get(at + 1).ok_or(Fault::Short)?;
            Ok(Step::Pointer(usize::from(length & 0x3F) << 8 | usize::from(low)))
        }
        _ => Err(Fault::LabelType),
    }
}

/// Appends the name at `at` to `text` and returns where the message goes on behind it. The
/// root is written as nothing.
///
/// # Errors
///
/// The name is not whole, too long or loops; `text` may have grown.
#[inline]
pub fn read(message: &[u8], at: usize, text: &mut Vec<u8>) -> Result<usize, Fault> {
    let (mut at, mut end) = (at, None);
    let (mut wire, mut hops, mut start) = (1, 0, at);
    let begin = text.len();
    loop {
        match step(message, at)? {
            Step::Root => return Ok(end.unwrap_or(at + 1)),
            Step::Label(label) => {
                wire += label.len() + 1;
                if wire > MOST_NAME {
                    return Err(Fault::LongName);
                }
                if text.len() > begin {
                    text.push(b'.');
                }
                push_label(label, text);
                at += 1 + label.len();
            }
            Step::Pointer(target) => {
                end.get_or_insert(at + 2);
                hops += 1;
                if target >= start {
                    return Err(Fault::Loop);
                }
                if hops > MOST_HOPS {
                    return Err(Fault::Hops);
                }
                (at, start) = (target, target);
            }
        }
    }
}

/// Where the message goes on behind the name at `at`; pointers are not followed.
///
/// # Errors
///
/// The name is not whole.
#[inline]
pub fn skip(message: &[u8], mut at: usize) -> Result<usize, Fault> {
    loop {
        match step(message, at)? {
            Step::Root => return Ok(at + 1),
            Step::Pointer(_) => return Ok(at + 2),
            Step::Label(label) => at += 1 + label.len(),
        }
    }
}

#[inline]
fn push_label(label: &[u8], text: &mut Vec<u8>) {
    let begin = text.len();
    text.extend_from_slice(label);
    let mut odd = false;
    for byte in &mut text[begin..] {
        *byte = WRITTEN[usize::from(*byte)];
        odd |= *byte == 0;
    }
    if odd {
        text.truncate(begin);
        for byte in label {
            push_byte(text, *byte);
        }
    }
}
