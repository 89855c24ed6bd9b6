//! Against vectors of RFCs and the wire and presentation forms of dnspython 2.9.2.

use super::edns::{Edns, OPT};
use super::mnemonic::{RCODES, TYPES, class_of, rcode_of, type_of, write_type};
use super::name::{self, Fault};
use super::*;

/// Type, data in hexadecimal (`dns.rdata.from_text(...).to_wire()`), and `to_text()` of it
/// without root dots, quotes of service parameters but where they are needed, and blanks
/// in base 64; CERT with numbers, LOC with all precisions (RFC 1876, 3).
const VECTORS: [(u16, &str, &str); 27] = [
    (
        6,
        "026e73076578616d706c65000a686f73746d6173746572076578616d706c65000000000100001c20\
         00000e100012750000000e10",
        "ns.example hostmaster.example 1 7200 3600 1209600 3600",
    ),
    (15, "000a046d61696c076578616d706c6500", "10 mail.example"),
    (16, "0b763d73706631202d616c6c066122625c6301", r#""v=spf1 -all" "a\"b\\c\001""#),
    (33, "0001000201bb04686f7374076578616d706c6500", "1 2 443 host.example"),
    (
        35,
        "0064000a0175074532552b73697018215e2e2a24217369703a61406578616d706c652e636f6d2100",
        r#"100 10 "u" "E2U+sip" "!^.*$!sip:a@example.com!" ."#,
    ),
    (257, "000569737375656c657473656e63727970742e6f7267", r#"0 issue "letsencrypt.org""#),
    (
        43,
        "ec4505012bb183af5f22588179a53b0a98631fad1a292118",
        "60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118",
    ),
    (
        48,
        "010003080103d22a6ca77f35b893206fd35e4c506d83788437",
        "256 3 8 AQPSKmynfzW4kyBv015MUG2DeIQ3",
    ),
    (
        46,
        "00010503000151803e7c9dd73e5510d70a52076578616d706c6503636f6d00a090755ba58d1affa576f437\
         5831b4",
        "A 5 3 86400 20030322173103 20030220173103 2642 example.com oJB1W6WNGv+ldvQ3WDG0",
    ),
    (
        47,
        "04686f7374076578616d706c6503636f6d000006400100000003041b0000000000000000000000000000\
         00000000000000000000000020",
        "host.example.com A MX RRSIG NSEC TYPE1234",
    ),
    (
        50,
        "0101000c04aabbccdd1417f3df17b2b2adaef615257de4d2020b80ac6c7c0006400000000002",
        "1 1 12 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
    ),
    (51, "0100000000", "1 0 0 -"),
    (52, "0301010123456789abcdef", "3 1 1 0123456789abcdef"),
    (
        44,
        "0201123456789abcdef67890123456789abcdef67890",
        "2 1 123456789abcdef67890123456789abcdef67890",
    ),
    (
        29,
        "0033161389172dd070be15f000988d20",
        "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m",
    ),
    (
        64,
        "001003666f6f076578616d706c65000000000400010003000100060268320268330003000220fb00040008\
         c0000201c00002020006001020010db8000000000000000000000001",
        "16 foo.example mandatory=alpn,port alpn=\"h2,h3\" port=8443 \
         ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1",
    ),
    (65, "000005616c696173076578616d706c6500", "0 alias.example"),
    (
        256,
        "000a00016674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963",
        r#"10 1 "ftp://ftp1.example.com/public""#,
    ),
    (37, "000100010533115c6f2f64", "1 1 5 MxFcby9k"),
    (13, "03435055024f53", r#""CPU" "OS""#),
    (108, "00005e00532a", "00-00-5e-00-53-2a"),
    (106, "000a20010db811401000", "10 2001:0db8:1140:1000"),
    (62, "000000420003000460000008", "66 3 A NS AAAA"),
    (28, "20010db8000000000000000000000001", "2001:db8::1"),
    (17, "0161076578616d706c65000162076578616d706c6500", "a.example b.example"),
    (
        49,
        "000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40",
        "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
    ),
    // RFC 3597, 5
    (731, "abcdef012345", r"\# 6 abcdef012345"),
];

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).expect("hexadecimal")
}

/// A response to `example. IN kind` with one answer.
fn response(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut message = hex("123485800001000100000000076578616d706c6500");
    message.extend(kind.to_be_bytes());
    message.extend([0, 1, 0xC0, 12]);
    message.extend(kind.to_be_bytes());
    message.extend([0, 1, 0, 0, 0, 60]);
    message.extend((data.len() as u16).to_be_bytes());
    message.extend(data);
    message
}

fn answer(message: &[u8]) -> String {
    let parsed = Message::read(message, &mut Vec::new()).expect("a message");
    let record = parsed.records().next().expect("an answer").expect("whole");
    let mut text = Vec::new();
    rdata::write(message, &record, &mut text);
    String::from_utf8(text).expect("ASCII")
}

#[test]
fn data_of_records() {
    for (kind, data, expected) in VECTORS {
        assert_eq!(answer(&response(kind, &hex(data))), expected, "type {kind}");
    }
    assert_eq!(answer(&response(1, &[192, 0, 2, 1])), "192.0.2.1");
}

/// RFC 3597, 5: what does not fit its type is still data.
#[test]
fn data_that_does_not_fit_its_type() {
    assert_eq!(answer(&response(1, &[192, 0, 2])), r"\# 3 c00002");
    assert_eq!(answer(&response(1, &[])), r"\# 0");
    assert_eq!(answer(&response(15, &[0, 10, 3, b'a'])), r"\# 4 000a0361");
    assert_eq!(answer(&response(29, &[0; 15])), r"\# 15 000000000000000000000000000000");
}

/// RFC 1035, 4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
#[test]
fn the_example_of_compression() {
    let mut message = vec![0; 93];
    message[20..32].copy_from_slice(b"\x01F\x03ISI\x04ARPA\x00");
    message[40..46].copy_from_slice(b"\x03FOO\xC0\x14");
    message[64..66].copy_from_slice(b"\xC0\x1A");
    let read = |at| {
        let mut text = Vec::new();
        let end = name::read(&message, at, &mut text).expect("a name");
        (String::from_utf8(text).expect("ASCII"), end)
    };
    assert_eq!(read(20), ("f.isi.arpa".to_owned(), 32));
    assert_eq!(read(40), ("foo.f.isi.arpa".to_owned(), 46));
    assert_eq!(read(64), ("arpa".to_owned(), 66));
    assert_eq!(read(92), (String::new(), 93));
    assert_eq!(name::skip(&message, 40), Ok(46));
}

#[test]
fn names_that_are_none() {
    let fault = |message: &[u8], at| name::read(message, at, &mut Vec::new());
    assert_eq!(fault(b"\xC0\x00", 0), Err(Fault::Loop));
    assert_eq!(fault(b"\x01a\xC0\x00", 0), Err(Fault::Loop));
    assert_eq!(fault(b"\xC0\x04\x00\x00\x00", 0), Err(Fault::Loop), "forwards");
    assert_eq!(fault(b"\x40", 0), Err(Fault::LabelType));
    assert_eq!(fault(b"\x05abc", 0), Err(Fault::Short));
    assert_eq!(fault(b"\xC0", 0), Err(Fault::Short));
    let label = [&[63][..], &[b'a'; 63]].concat();
    let mut longest = label.repeat(4);
    // 3 * 64 + 62 + 1 = 255 bytes are a name, 256 are none (RFC 1035, 2.3.4).
    longest[3 * 64] = 61;
    longest.truncate(3 * 64 + 62);
    longest.push(0);
    assert_eq!(fault(&longest, 0), Ok(255));
    assert_eq!(fault(&[&label.repeat(4)[..], &[0]].concat(), 0), Err(Fault::LongName));
    // 16 pointers are followed, 17 are not.
    let mut chain = vec![0];
    for hop in 0u8..17 {
        chain.extend([0xC0, if hop == 0 { 0 } else { 2 * hop - 1 }]);
    }
    assert_eq!(fault(&chain, 31), Ok(33));
    assert_eq!(fault(&chain, 33), Err(Fault::Hops));
}

/// RFC 4343, 2.1: a dot or a byte that does not print is escaped; RFC 1035, 2.3.3: case
/// does not matter.
#[test]
fn odd_bytes_are_escaped() {
    let mut text = Vec::new();
    name::read(b"\x06A.b\\ \xFF\x03Org\x00", 0, &mut text).expect("a name");
    assert_eq!(text, br"a\046b\092\032\255.org");
}

/// RFC 6891, 6.1.3: extended code 1 and code 0 of the header are BADVERS (16).
#[test]
fn extended_codes_and_flags() {
    let message = hex("00008400000000000000000100002904d0018080000000");
    let parsed = Message::read(&message, &mut Vec::new()).expect("a message");
    let record = parsed.records().next().expect("a record").expect("whole");
    assert_eq!((record.section, record.kind), (Section::Additional, OPT));
    let edns = Edns::of(&record);
    assert_eq!((edns.rcode, edns.version, edns.dnssec_ok), (1, 0x80, true));
    assert_eq!(edns.client_subnet(), None);
}

/// RFC 7871, 6: family, source and scope length, as many address bytes as the length needs.
#[test]
fn client_subnets() {
    let subnet = |options: &str| {
        let options = hex(options);
        let found = Edns { options: &options, ..Edns::default() }.client_subnet();
        found.map(|subnet| {
            let mut text = String::new();
            subnet.write(&mut text);
            text
        })
    };
    assert_eq!(subnet("0008000700011800c63364").as_deref(), Some("198.51.100.0/24"));
    assert_eq!(
        subnet("000a00080102030405060708 0008000b0002380020010db8fd1342".replace(' ', "").as_str())
            .as_deref(),
        Some("2001:db8:fd13:4200::/56")
    );
    assert_eq!(subnet("0008000400010000").as_deref(), Some("0.0.0.0/0"));
    assert_eq!(subnet("0008000400012100"), None, "33 bits of IPv4");
    assert_eq!(subnet("0008000400030000"), None, "a family that is none");
    assert_eq!(subnet("0008ffff0001"), None, "cut");
}

#[test]
fn mnemonics() {
    let name = |kind| {
        let mut text = Vec::new();
        write_type(kind, &mut text);
        String::from_utf8(text).expect("ASCII")
    };
    assert!(TYPES.is_sorted_by_key(|(_, number)| number));
    assert!(RCODES.is_sorted_by_key(|(_, number)| number));
    assert_eq!((name(1), name(65), name(65534)), ("A".into(), "HTTPS".into(), "TYPE65534".into()));
    assert_eq!((type_of("aaaa"), type_of("TYPE65"), type_of("NOPE")), (Some(28), Some(65), None));
    assert_eq!((type_of("TYPE"), type_of("TYPE65536"), type_of("TYPE+1")), (None, None, None));
    assert_eq!((class_of("IN"), class_of("CLASS42")), (Some(1), Some(42)));
    assert_eq!((rcode_of("NXDOMAIN"), rcode_of("RCODE24")), (Some(3), Some(24)));
}

#[test]
fn records_end_where_the_message_does() {
    let whole = response(1, &[192, 0, 2, 1]);
    let cut = &whole[..whole.len() - 1];
    let parsed = Message::read(cut, &mut Vec::new()).expect("a question");
    let records: Vec<_> = parsed.records().collect();
    assert!(matches!(records[..], [Err(Fault::Short)]));
    assert!(Message::read(&whole[..11], &mut Vec::new()).is_err());
    assert!(Message::read(&whole[..24], &mut Vec::new()).is_err());
}
