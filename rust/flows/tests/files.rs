//! Files of IPFIX messages: damage costs the damaged message only.

mod built;

use std::io::Cursor;

use built::{ipfix, numbers, set, template, words};
use kaname_flows::account::{Outcome, Report};
use kaname_flows::rows::Labels;
use kaname_flows::source::{Content, Source};

fn octets(file: &[u8]) -> (Vec<i64>, Report) {
    let input = Box::new(Cursor::new(file.to_vec()));
    let mut source = Source::new(input, Content::Messages, 1000, true);
    let mut found = Vec::new();
    while !source.has_ended() {
        if let Some(rows) = source.step().expect("bytes in memory") {
            found.extend(numbers(&rows.into_batch(&Labels::default()), "octets"));
        }
    }
    (found, source.report())
}

fn message(number: u32) -> Vec<u8> {
    ipfix(number, 1, &[set(300, &words(&[1, 2, number]))])
}

fn file() -> Vec<Vec<u8>> {
    let known = ipfix(0, 1, &[set(2, &template(300, &[(8, 4), (12, 4), (1, 4)]))]);
    std::iter::once(known).chain((0..5).map(message)).collect()
}

#[test]
fn messages_stand_one_behind_the_other() {
    let (found, report) = octets(&file().concat());
    assert_eq!(found, [0, 1, 2, 3, 4]);
    assert!(!report.damaged);
}

#[test]
fn the_next_whole_message_is_found_behind_damage() {
    let mut parts = file();
    parts[3] = b"not a message at all".to_vec();
    let (found, report) = octets(&parts.concat());
    assert_eq!(found, [0, 1, 3, 4]);
    assert_eq!(report.outcomes[Outcome::Malformed as usize], 1);
}

#[test]
fn what_stands_before_the_end_of_a_cut_file_is_kept() {
    let whole = file().concat();
    let (found, report) = octets(&whole[..whole.len() - 1]);
    assert_eq!(found, [0, 1, 2, 3]);
    assert!(report.damaged);
}
