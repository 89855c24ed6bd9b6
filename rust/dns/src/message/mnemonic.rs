//! Names of types, classes and response codes (IANA, Domain Name System Parameters).

use std::io::Write;

/// Types that may stand in questions and records, by name.
pub const TYPES: [(&str, u16); 95] = [
    ("A", 1),
    ("NS", 2),
    ("MD", 3),
    ("MF", 4),
    ("CNAME", 5),
    ("SOA", 6),
    ("MB", 7),
    ("MG", 8),
    ("MR", 9),
    ("NULL", 10),
    ("WKS", 11),
    ("PTR", 12),
    ("HINFO", 13),
    ("MINFO", 14),
    ("MX", 15),
    ("TXT", 16),
    ("RP", 17),
    ("AFSDB", 18),
    ("X25", 19),
    ("ISDN", 20),
    ("RT", 21),
    ("NSAP", 22),
    ("NSAP-PTR", 23),
    ("SIG", 24),
    ("KEY", 25),
    ("PX", 26),
    ("GPOS", 27),
    ("AAAA", 28),
    ("LOC", 29),
    ("NXT", 30),
    ("EID", 31),
    ("NIMLOC", 32),
    ("SRV", 33),
    ("ATMA", 34),
    ("NAPTR", 35),
    ("KX", 36),
    ("CERT", 37),
    ("A6", 38),
    ("DNAME", 39),
    ("SINK", 40),
    ("OPT", 41),
    ("APL", 42),
    ("DS", 43),
    ("SSHFP", 44),
    ("IPSECKEY", 45),
    ("RRSIG", 46),
    ("NSEC", 47),
    ("DNSKEY", 48),
    ("DHCID", 49),
    ("NSEC3", 50),
    ("NSEC3PARAM", 51),
    ("TLSA", 52),
    ("SMIMEA", 53),
    ("HIP", 55),
    ("NINFO", 56),
    ("RKEY", 57),
    ("TALINK", 58),
    ("CDS", 59),
    ("CDNSKEY", 60),
    ("OPENPGPKEY", 61),
    ("CSYNC", 62),
    ("ZONEMD", 63),
    ("SVCB", 64),
    ("HTTPS", 65),
    ("DSYNC", 66),
    ("HHIT", 67),
    ("BRID", 68),
    ("SPF", 99),
    ("UINFO", 100),
    ("UID", 101),
    ("GID", 102),
    ("UNSPEC", 103),
    ("NID", 104),
    ("L32", 105),
    ("L64", 106),
    ("LP", 107),
    ("EUI48", 108),
    ("EUI64", 109),
    ("NXNAME", 128),
    ("TKEY", 249),
    ("TSIG", 250),
    ("IXFR", 251),
    ("AXFR", 252),
    ("MAILB", 253),
    ("MAILA", 254),
    ("ANY", 255),
    ("URI", 256),
    ("CAA", 257),
    ("AVC", 258),
    ("DOA", 259),
    ("AMTRELAY", 260),
    ("RESINFO", 261),
    ("WALLET", 262),
    ("TA", 32768),
    ("DLV", 32769),
];

/// Classes.
pub const CLASSES: [(&str, u16); 6] =
    [("IN", 1), ("CS", 2), ("CH", 3), ("HS", 4), ("NONE", 254), ("ANY", 255)];

/// Response codes, with the extended ones.
pub const RCODES: [(&str, u16); 20] = [
    ("NOERROR", 0),
    ("FORMERR", 1),
    ("SERVFAIL", 2),
    ("NXDOMAIN", 3),
    ("NOTIMP", 4),
    ("REFUSED", 5),
    ("YXDOMAIN", 6),
    ("YXRRSET", 7),
    ("NXRRSET", 8),
    ("NOTAUTH", 9),
    ("NOTZONE", 10),
    ("DSOTYPENI", 11),
    ("BADVERS", 16),
    ("BADKEY", 17),
    ("BADTIME", 18),
    ("BADMODE", 19),
    ("BADNAME", 20),
    ("BADALG", 21),
    ("BADTRUNC", 22),
    ("BADCOOKIE", 23),
];

/// Appends the name of a type; `TYPE123` when it has none (RFC 3597, 5).
#[inline]
pub fn write_type(kind: u16, text: &mut Vec<u8>) {
    match TYPES.binary_search_by_key(&kind, |(_, number)| *number) {
        Ok(place) => text.extend_from_slice(TYPES[place].0.as_bytes()),
        // Writing to a vector does not fail.
        Err(_) => drop(write!(text, "TYPE{kind}")),
    }
}

/// The type called `name`, in any case: a name of the list, or `TYPE123`.
pub fn type_of(name: &str) -> Option<u16> {
    number(name, &TYPES, "TYPE")
}

/// The class called `name`: a name of the list, or `CLASS123`.
pub fn class_of(name: &str) -> Option<u16> {
    number(name, &CLASSES, "CLASS")
}

/// The response code called `name`, or `RCODE123`.
pub fn rcode_of(name: &str) -> Option<u16> {
    number(name, &RCODES, "RCODE")
}

fn number(name: &str, names: &[(&str, u16)], prefix: &str) -> Option<u16> {
    let known = names.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, number)| *number).or_else(|| {
        let head = name.get(..prefix.len())?;
        let digits = name.get(prefix.len()..)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        (plain && head.eq_ignore_ascii_case(prefix)).then(|| digits.parse().ok())?
    })
}
