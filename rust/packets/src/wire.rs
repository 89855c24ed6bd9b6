//! Numbers at an offset of a slice, or nothing when the slice is too short.

#[inline]
pub fn u8_at(data: &[u8], at: usize) -> Option<u8> {
    data.get(at).copied()
}

#[inline]
pub fn be16(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at + 2)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}

#[inline]
pub fn be32(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at + 4)?;
    Some(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

#[inline]
pub fn be128(data: &[u8], at: usize) -> Option<u128> {
    let bytes: [u8; 16] = data.get(at..at + 16)?.try_into().ok()?;
    Some(u128::from_be_bytes(bytes))
}

/// A 32-bit number in the byte order of a capture.
#[inline]
pub fn u32_in(data: &[u8], at: usize, big: bool) -> Option<u32> {
    let bytes: [u8; 4] = data.get(at..at + 4)?.try_into().ok()?;
    Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
}

/// A 16-bit number in the byte order of a capture.
#[inline]
pub fn u16_in(data: &[u8], at: usize, big: bool) -> Option<u16> {
    let bytes: [u8; 2] = data.get(at..at + 2)?.try_into().ok()?;
    Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
}
