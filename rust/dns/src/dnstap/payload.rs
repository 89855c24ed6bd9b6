//! The messages `Dnstap` and `Message` of `dnstap.proto`.

use super::protobuf::{Fields, Value};
use crate::rows::Transport;

const MAPPED: u128 = 0xFFFF << 32;
const TYPE_MESSAGE: u64 = 1;
const MICROS: i64 = 1_000_000;
/// 9999-12-31: later times have no date.
const LAST_S: u64 = 253_402_300_799;

/// Who spoke with whom; a query and its response are of the same kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    #[default]
    Unknown,
    Auth,
    Resolver,
    Client,
    Forwarder,
    Stub,
    Tool,
    Update,
}

impl Kind {
    /// The name in `dnstap.proto`, without `_QUERY` and `_RESPONSE`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Auth => "AUTH",
            Self::Resolver => "RESOLVER",
            Self::Client => "CLIENT",
            Self::Forwarder => "FORWARDER",
            Self::Stub => "STUB",
            Self::Tool => "TOOL",
            Self::Update => "UPDATE",
        }
    }

    /// Of `Message.Type`: queries are odd, their responses follow.
    const fn of(number: u64) -> Self {
        match number.div_ceil(2) {
            1 => Self::Auth,
            2 => Self::Resolver,
            3 => Self::Client,
            4 => Self::Forwarder,
            5 => Self::Stub,
            6 => Self::Tool,
            7 => Self::Update,
            _ => Self::Unknown,
        }
    }
}

/// What a frame says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payload<'a> {
    pub identity: &'a [u8],
    pub kind: Kind,
    is_response: bool,
    pub transport: Transport,
    pub query_address: u128,
    pub response_address: u128,
    pub query_port: u16,
    pub response_port: u16,
    pub query_us: Option<i64>,
    pub response_us: Option<i64>,
    query: Option<&'a [u8]>,
    response: Option<&'a [u8]>,
}

/// Seconds and nanoseconds of a time, which are two fields.
#[derive(Clone, Copy, Default)]
struct Time {
    seconds: Option<u64>,
    nanos: u64,
}

impl Time {
    fn micros(self) -> Option<i64> {
        let seconds = self.seconds.filter(|seconds| *seconds <= LAST_S)?;
        Some(seconds as i64 * MICROS + (self.nanos / 1000) as i64 % MICROS)
    }
}

impl<'a> Payload<'a> {
    /// Reads a frame; `None` when it is not of dnstap.
    #[inline]
    pub fn read(data: &'a [u8]) -> Option<Self> {
        let mut payload = Self { transport: Transport::Unknown, ..Self::default() };
        let (mut fields, mut kind) = (Fields::new(data), None);
        while let Some((number, value)) = fields.next().ok()? {
            match (number, value) {
                (1, Value::Bytes(identity)) => payload.identity = identity,
                (14, Value::Bytes(message)) => payload.read_message(message)?,
                (15, Value::Number(number)) => kind = Some(number),
                _ => {}
            }
        }
        (kind == Some(TYPE_MESSAGE)).then_some(payload)
    }

    fn read_message(&mut self, data: &'a [u8]) -> Option<()> {
        let (mut asked, mut answered) = (Time::default(), Time::default());
        let mut fields = Fields::new(data);
        while let Some((number, value)) = fields.next().ok()? {
            match (number, value) {
                (1, Value::Number(kind)) => {
                    self.kind = Kind::of(kind);
                    self.is_response = kind.is_multiple_of(2);
                }
                (3, Value::Number(protocol)) => self.transport = transport(protocol),
                (4, Value::Bytes(bytes)) => self.query_address = address(bytes)?,
                (5, Value::Bytes(bytes)) => self.response_address = address(bytes)?,
                (6, Value::Number(port)) => self.query_port = port as u16,
                (7, Value::Number(port)) => self.response_port = port as u16,
                (8, Value::Number(seconds)) => asked.seconds = Some(seconds),
                (9, Value::Number(nanos)) => asked.nanos = nanos,
                (10, Value::Bytes(bytes)) => self.query = Some(bytes),
                (12, Value::Number(seconds)) => answered.seconds = Some(seconds),
                (13, Value::Number(nanos)) => answered.nanos = nanos,
                (14, Value::Bytes(bytes)) => self.response = Some(bytes),
                _ => {}
            }
        }
        self.query_us = asked.micros();
        self.response_us = answered.micros();
        Some(())
    }

    /// The DNS message: of a response frame the response, which may repeat the query.
    #[inline]
    pub fn dns(&self) -> Option<&'a [u8]> {
        let (own, other) = if self.is_response {
            (self.response, self.query)
        } else {
            (self.query, self.response)
        };
        own.or(other)
    }
}

fn address(bytes: &[u8]) -> Option<u128> {
    match bytes.len() {
        0 => Some(0),
        4 => Some(MAPPED | u128::from(u32::from_be_bytes(bytes.try_into().ok()?))),
        16 => Some(u128::from_be_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// Of `SocketProtocol`.
const fn transport(protocol: u64) -> Transport {
    match protocol {
        1 => Transport::Udp,
        2 => Transport::Tcp,
        3 => Transport::Tls,
        4 => Transport::Https,
        7 => Transport::Quic,
        _ => Transport::Unknown,
    }
}
