//! What the rows of a record have in common.

/// A record: its time and its place in the source.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub ts_us: i64,
    pub offset: u64,
}

/// A peer of the collector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    pub address: u128,
    pub asn: u32,
}

/// How a session writes what has two forms.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// AS numbers of four bytes.
    pub wide: bool,
    /// Prefixes with a path identifier before them (RFC 7911).
    pub add_path: bool,
}
