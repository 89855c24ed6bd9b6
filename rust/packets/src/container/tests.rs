//! Containers by hand-built bytes.

use super::{Container, Frame, NotACapture, Piece, Sink};
use crate::report::{Note, Outcome, Report};

#[derive(Debug, Default)]
pub(super) struct Kept {
    pub frames: Vec<(u64, i64, u32, Vec<u8>)>,
    pub report: Report,
}

impl Sink for Kept {
    fn frame(&mut self, frame: &Frame) {
        self.frames.push((frame.offset, frame.ts_us, frame.link, frame.data.to_vec()));
        self.report.count(Outcome::NotIp);
    }

    fn report(&mut self) -> &mut Report {
        &mut self.report
    }
}

pub(super) fn read(data: &[u8], size: usize) -> Result<Kept, NotACapture> {
    let (mut kept, mut container, mut held, mut base) =
        (Kept::default(), Container::default(), Vec::new(), 0);
    for piece in data.chunks(size) {
        held.extend_from_slice(piece);
        let done = container.read(Piece { data: &held, base, last: false }, &mut kept)?;
        held.drain(..done);
        base += done as u64;
    }
    container.read(Piece { data: &held, base, last: true }, &mut kept)?;
    Ok(kept)
}

fn file_header() -> Vec<u8> {
    let mut out = 0xa1b2_c3d4u32.to_le_bytes().to_vec();
    out.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0]);
    out
}

fn record(seconds: u32, data: &[u8]) -> Vec<u8> {
    let length = data.len() as u32;
    let words = [seconds, 5, length, length];
    let mut out: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    out.extend_from_slice(data);
    out
}

fn capture(records: &[Vec<u8>]) -> Vec<u8> {
    [file_header(), records.concat()].concat()
}

#[test]
fn records_have_offset_time_and_link() {
    let data = capture(&[record(100, b"first"), record(101, b"second")]);
    let kept = read(&data, 1000).unwrap();
    let expected =
        vec![(24, 100_000_005, 101, b"first".to_vec()), (45, 101_000_005, 101, b"second".to_vec())];
    assert_eq!(kept.frames, expected);
    assert!(!kept.report.damaged);
}

#[test]
fn pieces_of_any_size_give_the_same_frames() {
    let mut damaged = record(102, b"lost");
    damaged[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    let records = [record(100, b"one"), damaged, record(103, &[7; 90]), record(104, b"four")];
    let data = capture(&records);
    let whole = read(&data, data.len()).unwrap();
    assert_eq!(whole.frames.len(), 3);
    for size in 1..40 {
        let pieces = read(&data, size).unwrap();
        assert_eq!(pieces.frames, whole.frames, "pieces of {size}");
        assert_eq!(pieces.report, whole.report, "pieces of {size}");
    }
}

#[test]
fn a_length_that_swallows_the_next_record_is_found_out() {
    let mut lying = record(100, b"abcd");
    lying[8..12].copy_from_slice(&24u32.to_le_bytes());
    let data = capture(&[lying, record(101, b"efgh"), record(102, b"ijkl"), record(103, b"mnop")]);
    let kept = read(&data, 7).unwrap();
    let found: Vec<_> = kept.frames.iter().map(|frame| frame.3.as_slice()).collect();
    assert_eq!(found, [b"efgh", b"ijkl", b"mnop"]);
    assert_eq!(kept.report.outcomes[Outcome::BadRecord as usize], 1);
    assert_eq!(kept.report.notes[Note::SkippedBytes as usize], 20);
}

#[test]
fn a_jump_of_the_clock_is_no_damage() {
    let data = capture(&[record(100, b"a"), record(3_000_000_000, b"b"), record(101, b"c")]);
    let kept = read(&data, 11).unwrap();
    assert_eq!(kept.frames.len(), 3);
    assert!(!kept.report.damaged);
}

#[test]
fn what_is_no_capture_is_said() {
    assert_eq!(read(b"", 1).err(), Some(NotACapture::Empty));
    assert_eq!(read(&file_header()[..20], 1).err(), Some(NotACapture::ShortHeader));
    assert!(matches!(read(b"GIF89a", 1), Err(NotACapture::Magic(_))));
}
