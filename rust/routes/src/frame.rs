//! Where records begin and end: the common header of MRT (RFC 6396, sections 2 and 3).

/// Bytes of the common header.
pub const HEADER: usize = 12;
/// The largest record that is believed. A table entry of 2,000 peers with long paths has
/// less than 1 MiB.
pub const MOST: usize = 16 << 20;
/// A record that is found by searching is of about the time of the one before.
const NEAR_S: u32 = 86_400;

pub const BGP: u16 = 5;
pub const TABLE_DUMP: u16 = 12;
pub const TABLE_DUMP_V2: u16 = 13;
pub const BGP4MP: u16 = 16;
pub const BGP4MP_ET: u16 = 17;

/// The common header. `length` is that of the body behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub seconds: u32,
    pub kind: u16,
    pub subtype: u16,
    pub length: usize,
}

impl Header {
    /// The header at the beginning of `data`, if it can be one.
    #[must_use]
    pub fn read(data: &[u8]) -> Option<Self> {
        let word = |at: usize| Some(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?));
        let (seconds, kinds, length) = (word(0)?, word(4)?, word(8)? as usize);
        let (kind, subtype) = ((kinds >> 16) as u16, kinds as u16);
        let believable = length <= MOST && length >= least(kind) && subtype <= most(kind)?;
        believable.then_some(Self { seconds, kind, subtype, length })
    }
}

/// The highest subtype of a type in use (IANA registry "MRT"), if the type is.
fn most(kind: u16) -> Option<u16> {
    match kind {
        BGP => Some(7),
        TABLE_DUMP => Some(4),
        TABLE_DUMP_V2 | BGP4MP | BGP4MP_ET => Some(12),
        11 | 32 | 33 | 48 | 49 => Some(0),
        _ => None,
    }
}

/// Bytes that a body has at least.
fn least(kind: u16) -> usize {
    match kind {
        TABLE_DUMP => 22,
        // A state change of collectors of 2000 has no peer.
        BGP | BGP4MP | BGP4MP_ET | TABLE_DUMP_V2 => 8,
        _ => 0,
    }
}

/// Whether `head`, the beginning of a source, begins with a record of BGP and goes on with
/// another, or is not long enough to tell.
#[must_use]
pub fn is_mrt(head: &[u8]) -> bool {
    let Some(first) = Header::read(head) else { return false };
    let ours = [BGP, TABLE_DUMP, TABLE_DUMP_V2, BGP4MP, BGP4MP_ET].contains(&first.kind);
    let next = HEADER + first.length;
    ours && (head.len() < next + HEADER || follows(head, next) || follows(head, next + 4))
}

fn follows(data: &[u8], at: usize) -> bool {
    data.get(at..).is_none_or(|rest| rest.len() < HEADER || Header::read(rest).is_some())
}

/// What stands at a place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// More bytes are needed to tell.
    More,
    /// A record; whether its length was 4 short; whether another follows it.
    Record { header: Header, short: bool, followed: bool },
    /// No header.
    Nothing,
    /// A header whose body the source does not hold.
    Cut,
}

/// Looks at the beginning of `data`; `last` says that nothing follows it.
#[must_use]
pub fn step(data: &[u8], last: bool) -> Step {
    if data.len() < HEADER {
        return if last { Step::Cut } else { Step::More };
    }
    let Some(header) = Header::read(data) else { return Step::Nothing };
    let end = HEADER + header.length;
    // Old collectors wrote 4 bytes more than the length says: the next header tells.
    if !last && data.len() < end + 4 + HEADER {
        return Step::More;
    }
    if data.len() < end {
        return Step::Cut;
    }
    let followed = ends_or_follows(data, end);
    let short = header.kind == TABLE_DUMP && !followed && ends_or_follows(data, end + 4);
    Step::Record { header, short, followed: followed || short }
}

fn ends_or_follows(data: &[u8], at: usize) -> bool {
    data.len() == at || data.get(at..).is_some_and(|rest| Header::read(rest).is_some())
}

/// The first place from `from` on that begins a record of about the time `seconds` with
/// another record, or the end, behind it. `Err` is the place to go on from with more bytes.
///
/// # Errors
///
/// None was found.
pub fn search(data: &[u8], from: usize, seconds: Option<u32>, last: bool) -> Result<usize, usize> {
    for at in from..data.len().saturating_sub(HEADER - 1) {
        let Some(header) = Header::read(&data[at..]) else { continue };
        if seconds.is_some_and(|seconds| seconds.abs_diff(header.seconds) > NEAR_S) {
            continue;
        }
        let end = at + HEADER + header.length;
        if !last && data.len() < end + 4 + HEADER {
            return Err(at);
        }
        if ends_or_follows(data, end) || ends_or_follows(data, end + 4) {
            return Ok(at);
        }
    }
    Err(if last { data.len() } else { data.len().saturating_sub(HEADER - 1).max(from) })
}
