//! NetFlow v5, v9 and IPFIX by hand-built datagrams.

mod built;

use built::{
    EXPORT_US, EXPORTER, SECONDS, column, count, decode, ipfix, numbers, push, set, shorts,
    template, texts, v5, v9, words,
};
use kaname_flows::account::{Note, Outcome};
use kaname_flows::decoder::Decoder;
use kaname_flows::rows::Labels;

const SRC: u32 = 0xc633_6407; // 198.51.100.7
const DST: u32 = 0xcb00_7109; // 203.0.113.9
const MAPPED: i64 = 0xffff << 32;
/// Source, destination, octets.
const SHORT: [(u16, u16); 3] = [(8, 4), (12, 4), (1, 4)];

fn short_record(octets: u32) -> Vec<u8> {
    words(&[SRC, DST, octets])
}

/// Two numbers of 16 bits in a word.
fn pair(high: u32, low: u32) -> u32 {
    high << 16 | low
}

fn v5_record(first: u32, last: u32) -> [u32; 12] {
    let (ifs, ports, flags) = (pair(3, 4), pair(1234, 53), 0x12 << 16 | 6 << 8);
    [SRC, DST, 0, ifs, 7, 700, first, last, ports, flags, pair(64500, 64501), 0]
}

#[test]
fn a_v5_record_has_all_its_columns() {
    let (decoder, rows) = decode(&[v5(10_000, 1, 0x4064, &[v5_record(4_000, 9_000)])]);
    let expected = [
        ("ts", EXPORT_US - 6_000_000),
        ("dur_us", 5_000_000),
        ("src_lo", MAPPED | i64::from(SRC)),
        ("dst_lo", MAPPED | i64::from(DST)),
        ("sport", 1234),
        ("dport", 53),
        ("proto", 6),
        ("tcp_bits", 0x12),
        ("packets", 7),
        ("octets", 700),
        ("sampling", 100),
        ("in_if", 3),
        ("out_if", 4),
        ("src_as", 64500),
        ("dst_as", 64501),
        ("obs_domain", 0x0102),
        ("exporter_lo", EXPORTER as i64),
        ("row_in_src", 24),
    ];
    for (name, value) in expected {
        assert_eq!(numbers(&rows, name), [value], "{name}");
    }
    assert_eq!(texts(&rows, "kind"), [Some("netflow5".to_owned())]);
    assert_eq!(decoder.out.report.records(), 1);
}

#[test]
fn a_v7_record_has_its_flags_after_one_byte_and_ends_with_a_router() {
    let record = [v5_record(4_000, 9_000).as_slice(), &[0x0a00_0001]].concat();
    let head = [shorts(&[7, 1]), words(&[10_000, SECONDS, 0, 1, 0])].concat();
    let (_, rows) = decode(&[[head, words(&record)].concat()]);
    assert_eq!(texts(&rows, "kind"), [Some("netflow7".to_owned())]);
    assert_eq!(numbers(&rows, "ts"), [EXPORT_US - 6_000_000]);
    assert_eq!((numbers(&rows, "tcp_bits")[0], numbers(&rows, "proto")[0]), (0x12, 6));
    assert_eq!((numbers(&rows, "src_as")[0], numbers(&rows, "sampling")[0]), (64500, 1));
}

#[test]
fn an_uptime_that_wrapped_is_before_the_export() {
    let (_, rows) = decode(&[v5(1_000, 1, 0, &[v5_record(u32::MAX - 999, 500)])]);
    assert_eq!(numbers(&rows, "ts"), [EXPORT_US - 2_000_000]);
    assert_eq!(numbers(&rows, "dur_us"), [1_500_000]);
    assert_eq!(numbers(&rows, "sampling"), [1]);
}

#[test]
fn data_before_its_template_waits_for_it() {
    let data = v9(0, 1, 7, &[set(300, &short_record(5))]);
    let known = v9(0, 2, 7, &[set(0, &template(300, &SHORT)), set(300, &short_record(6))]);
    let (decoder, rows) = decode(&[data.clone(), known]);
    assert_eq!(numbers(&rows, "octets"), [5, 6]);
    assert_eq!(decoder.out.report.notes[Note::Waited as usize], 1);

    let (mut decoder, rows) = decode(&[data]);
    decoder.finish();
    assert_eq!(rows.num_rows(), 0);
    assert_eq!(count(&decoder.out.report, Outcome::NoTemplate), 1);
}

#[test]
fn data_waits_no_longer_than_five_minutes() {
    let mut decoder = Decoder::new(true, 16);
    let data = v9(0, 1, 7, &[set(300, &short_record(5))]);
    push(&mut decoder, &data, EXPORTER, EXPORT_US);
    let late = v9(0, 2, 7, &[set(0, &template(300, &SHORT))]);
    push(&mut decoder, &late, EXPORTER, EXPORT_US + 301_000_000);
    assert_eq!(decoder.take_rows().len(), 0);
    assert_eq!(count(&decoder.out.report, Outcome::NoTemplate), 1);
}

#[test]
fn a_template_belongs_to_its_exporter_and_domain() {
    let mut decoder = Decoder::new(true, 16);
    let other = [(12, 4), (8, 4), (1, 4)];
    let one = v9(0, 1, 7, &[set(0, &template(300, &SHORT)), set(300, &short_record(1))]);
    let two = v9(0, 1, 8, &[set(0, &template(300, &other)), set(300, &short_record(2))]);
    push(&mut decoder, &one, EXPORTER, EXPORT_US);
    push(&mut decoder, &two, EXPORTER, EXPORT_US);
    push(&mut decoder, &two, EXPORTER + 1, EXPORT_US);
    push(&mut decoder, &v9(0, 2, 7, &[set(300, &short_record(3))]), EXPORTER, EXPORT_US);
    let rows = decoder.take_rows().into_batch(&Labels::default());
    let (src, dst) = (MAPPED | i64::from(SRC), MAPPED | i64::from(DST));
    assert_eq!(numbers(&rows, "src_lo"), [src, dst, dst, src]);
    assert_eq!(numbers(&rows, "obs_domain"), [7, 8, 8, 7]);
}

#[test]
fn a_datagram_that_came_before_is_dropped() {
    let data = v9(0, 1, 7, &[set(0, &template(300, &SHORT)), set(300, &short_record(1))]);
    let (decoder, rows) = decode(&[data.clone(), data]);
    assert_eq!(rows.num_rows(), 1);
    assert_eq!(count(&decoder.out.report, Outcome::Duplicate), 1);
}

#[test]
fn missing_numbers_are_losses_in_the_unit_of_the_protocol() {
    let lost = |datagrams: &[Vec<u8>]| decode(datagrams).0.out.report.notes[Note::Lost as usize];
    let record = v5_record(0, 0);
    assert_eq!(lost(&[v5(0, 10, 0, &[record; 2]), v5(0, 15, 0, &[record])]), 3);
    let known = set(0, &template(300, &SHORT));
    assert_eq!(
        lost(&[
            v9(0, 10, 1, std::slice::from_ref(&known)),
            v9(0, 15, 1, std::slice::from_ref(&known))
        ]),
        4
    );
    let known = set(2, &template(300, &SHORT));
    let two = set(300, &[short_record(1), short_record(2)].concat());
    let more = set(300, &short_record(3));
    assert_eq!(lost(&[ipfix(10, 1, &[known, two]), ipfix(15, 1, &[more])]), 3);
}

#[test]
fn a_withdrawn_template_is_forgotten() {
    let known = set(2, &template(300, &SHORT));
    let data = set(300, &short_record(1));
    let withdrawn = set(2, &shorts(&[300, 0]));
    let (mut decoder, rows) =
        decode(&[ipfix(0, 1, &[known, data.clone()]), ipfix(1, 1, &[withdrawn, data])]);
    decoder.finish();
    assert_eq!(rows.num_rows(), 1);
    assert_eq!(count(&decoder.out.report, Outcome::NoTemplate), 1);
    assert_eq!(count(&decoder.out.report, Outcome::Template), 2);
}

#[test]
fn variable_lengths_enterprises_and_both_directions() {
    // octets, octets of the other way (RFC 5103), a name of variable length of an enterprise
    let fields = [
        shorts(&[300, 5]),
        shorts(&[8, 4, 12, 4, 1, 2]),
        shorts(&[0x8001, 2]),
        words(&[29305]),
        shorts(&[0x8005, 0xffff]),
        words(&[9999]),
    ];
    let record = |octets: u16, name: &[u8]| {
        let counters = shorts(&[octets, octets + 1]);
        [words(&[SRC, DST]), counters, vec![name.len() as u8], name.to_vec()].concat()
    };
    let records = [record(10, b"dns-over-tls"), record(20, b""), vec![0; 3]].concat();
    let (decoder, rows) = decode(&[ipfix(0, 1, &[set(2, &fields.concat()), set(300, &records)])]);
    assert_eq!(numbers(&rows, "octets"), [10, 20]);
    assert_eq!(numbers(&rows, "octets_rev"), [11, 21]);
    assert_eq!(texts(&rows, "ext"), [Some(r#"{"9999.5":"dns-over-tls"}"#.to_owned()), None]);
    assert_eq!(count(&decoder.out.report, Outcome::Malformed), 0);
}

#[test]
fn samplers_are_told_in_options() {
    // RFC 3954, 6.1: scope system, then FLOW_SAMPLER_ID and its interval
    let options = [shorts(&[400, 4, 8]), shorts(&[1, 4, 48, 1, 50, 2])].concat();
    let sampler =
        |id: u8, interval: u16| [words(&[0]), vec![id], interval.to_be_bytes().to_vec()].concat();
    let samplers = [sampler(1, 100), sampler(2, 4000)].concat();
    let flows = template(300, &[(8, 4), (12, 4), (48, 1)]);
    let flow = |id: u8| [words(&[SRC, DST]), vec![id]].concat();
    let data = [flow(1), flow(2), flow(9)].concat();
    let sets = [set(1, &options), set(400, &samplers), set(0, &flows), set(300, &data)];
    let (decoder, rows) = decode(&[v9(0, 1, 7, &sets)]);
    assert_eq!(numbers(&rows, "sampling"), [100, 4000, 1]);
    assert_eq!(count(&decoder.out.report, Outcome::Options), 2);
}

#[test]
fn packets_taken_and_skipped_are_a_rate() {
    // RFC 5476: selectorId, samplingPacketInterval, samplingPacketSpace; scope of IPFIX
    let options = [shorts(&[400, 3, 1]), shorts(&[302, 2, 305, 4, 306, 4])].concat();
    let sampler = [shorts(&[5]), words(&[1, 999])].concat();
    let flows = template(300, &[(8, 4), (12, 4), (302, 2)]);
    let data = [words(&[SRC, DST]), shorts(&[5])].concat();
    let sets = [set(3, &options), set(400, &sampler), set(2, &flows), set(300, &data)];
    let (_, rows) = decode(&[ipfix(0, 7, &sets)]);
    assert_eq!(numbers(&rows, "sampling"), [1000]);
}

#[test]
fn times_of_ipfix_are_told_in_many_ways() {
    let at = |fields: &[(u16, u16)], values: &[u8]| {
        let fields = [&[(8, 4), (12, 4)], fields].concat();
        let record = [words(&[SRC, DST]), values.to_vec()].concat();
        let message = ipfix(0, 1, &[set(2, &template(300, &fields)), set(300, &record)]);
        let (_, rows) = decode(&[message]);
        (numbers(&rows, "ts")[0] - EXPORT_US, numbers(&rows, "dur_us")[0])
    };
    let millis = |offset: i64| (EXPORT_US / 1000 + offset).to_be_bytes();
    let both = [millis(-5000), millis(-2000)].concat();
    assert_eq!(at(&[(152, 8), (153, 8)], &both), (-5_000_000, 3_000_000));
    assert_eq!(
        at(&[(150, 4), (151, 4)], &words(&[SECONDS - 5, SECONDS - 4])),
        (-5_000_000, 1_000_000)
    );
    assert_eq!(at(&[(158, 4), (159, 4)], &words(&[1500, 500])), (-1500, 1000));
    let ntp = [words(&[SECONDS + 2_208_988_800u32.wrapping_sub(10), 1 << 31])].concat();
    assert_eq!(at(&[(154, 8)], &ntp), (-9_500_000, 0));
    // flowEndMilliseconds and flowDurationMilliseconds
    assert_eq!(
        at(&[(153, 8), (161, 4)], &[millis(0).to_vec(), words(&[700])].concat()),
        (-700_000, 700_000)
    );
    // uptimes, and systemInitTimeMilliseconds in the same record
    let uptimes = [words(&[1000, 3000]), millis(-60_000).to_vec()].concat();
    assert_eq!(at(&[(22, 4), (21, 4), (160, 8)], &uptimes), (-59_000_000, 2_000_000));
}

#[test]
fn icmp_type_and_code_stand_in_the_port() {
    let flows = template(300, &[(27, 16), (28, 16), (4, 1), (178, 1), (179, 1)]);
    let address = 0x2001_0db8_u128 << 96;
    let data = [
        (address | 1).to_be_bytes().to_vec(),
        (address | 2).to_be_bytes().to_vec(),
        vec![58, 129, 0],
    ];
    let (_, rows) = decode(&[ipfix(0, 1, &[set(2, &flows), set(300, &data.concat())])]);
    assert_eq!(numbers(&rows, "dport"), [129 * 256]);
    assert_eq!(numbers(&rows, "src_hi"), [0x2001_0db8 << 32]);
    assert_eq!(numbers(&rows, "dst_lo"), [2]);
    assert_eq!(column(&rows, "vlan"), [None]);
}

#[test]
fn a_restart_needs_no_new_templates() {
    let known = v9(0, 1, 7, &[set(0, &template(300, &SHORT))]);
    let (before, _) = decode(&[known]);
    let mut after = Decoder::new(true, 16);
    assert!(after.restore(&before.snapshot()));
    assert!(!after.restore(b"something else"));
    push(&mut after, &v9(0, 2, 7, &[set(300, &short_record(9))]), EXPORTER, EXPORT_US);
    let rows = after.take_rows().into_batch(&Labels::default());
    assert_eq!(numbers(&rows, "octets"), [9]);
    assert_eq!(after.out.report.notes[Note::Lost as usize], 0);
}
