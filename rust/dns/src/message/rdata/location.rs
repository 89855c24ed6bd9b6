//! LOC records (RFC 1876).

use std::io::Write;

use crate::message::name::Fault;

/// The equator, or the prime meridian, in thousandths of a second of arc.
const MIDDLE: u32 = 1 << 31;
/// The base of altitudes: 100,000 m below the reference spheroid, in centimetres.
const BASE: i64 = 10_000_000;

/// Appends the 16 bytes of a location.
pub fn write(data: [u8; 16], text: &mut Vec<u8>) -> Result<(), Fault> {
    let [version, size, horizontal, vertical, ..] = data;
    if version != 0 {
        return Err(Fault::Data);
    }
    let word = |at: usize| u32::from_be_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]);
    angle(word(4), ('N', 'S'), text);
    text.push(b' ');
    angle(word(8), ('E', 'W'), text);
    let altitude = i64::from(word(12)) - BASE;
    let sign = if altitude < 0 { "-" } else { "" };
    let altitude = altitude.unsigned_abs();
    // Writing to a vector does not fail.
    let _ = write!(text, " {sign}{}.{:02}m", altitude / 100, altitude % 100);
    for precision in [size, horizontal, vertical] {
        let centimetres = centimetres(precision)?;
        let _ = write!(text, " {}.{:02}m", centimetres / 100, centimetres % 100);
    }
    Ok(())
}

fn angle(value: u32, (ahead, behind): (char, char), text: &mut Vec<u8>) {
    let side = if value >= MIDDLE { ahead } else { behind };
    let thousandths = value.abs_diff(MIDDLE);
    let (seconds, fraction) = (thousandths / 1000, thousandths % 1000);
    let (degrees, minutes) = (seconds / 3600, seconds / 60 % 60);
    let _ = write!(text, "{degrees} {minutes} {}.{fraction:03} {side}", seconds % 60);
}

/// Four bits of mantissa, four of the power of ten.
fn centimetres(precision: u8) -> Result<u64, Fault> {
    let (mantissa, power) = (u64::from(precision >> 4), u32::from(precision & 15));
    if mantissa > 9 || power > 9 { Err(Fault::Data) } else { Ok(mantissa * 10u64.pow(power)) }
}
