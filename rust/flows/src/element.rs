//! Information elements: what the fields of records mean (IANA registry of RFC 7012).
//!
//! NetFlow v9 and IPFIX share the ids below 128; of v9 only where they differ is said.

/// Reverse information elements of a biflow (RFC 5103, 6.1).
pub const REVERSE_PEN: u32 = 29305;

pub const OCTETS: u16 = 1;
pub const PACKETS: u16 = 2;
pub const PROTOCOL: u16 = 4;
pub const TCP_BITS: u16 = 6;
pub const SOURCE_PORT: u16 = 7;
pub const SOURCE_IPV4: u16 = 8;
pub const INPUT: u16 = 10;
pub const DESTINATION_PORT: u16 = 11;
pub const DESTINATION_IPV4: u16 = 12;
pub const OUTPUT: u16 = 14;
pub const SOURCE_AS: u16 = 16;
pub const DESTINATION_AS: u16 = 17;
pub const LAST_SWITCHED: u16 = 21;
pub const FIRST_SWITCHED: u16 = 22;
pub const OUT_OCTETS: u16 = 23;
pub const OUT_PACKETS: u16 = 24;
pub const SOURCE_IPV6: u16 = 27;
pub const DESTINATION_IPV6: u16 = 28;
pub const ICMP_TYPE_CODE: u16 = 32;
pub const SAMPLING_INTERVAL: u16 = 34;
pub const SAMPLER_ID: u16 = 48;
pub const SAMPLER_INTERVAL: u16 = 50;
pub const VLAN: u16 = 58;
pub const DIRECTION: u16 = 61;
pub const OCTETS_TOTAL: u16 = 85;
pub const PACKETS_TOTAL: u16 = 86;
pub const APPLICATION_ID: u16 = 95;
pub const APPLICATION_NAME: u16 = 96;
pub const EXPORTER_IPV4: u16 = 130;
pub const EXPORTER_IPV6: u16 = 131;
pub const ICMP6_TYPE_CODE: u16 = 139;
pub const BOOT_MS: u16 = 160;
pub const DURATION_MS: u16 = 161;
pub const DURATION_US: u16 = 162;
pub const ICMP_TYPE: u16 = 176;
pub const ICMP_CODE: u16 = 177;
pub const ICMP6_TYPE: u16 = 178;
pub const ICMP6_CODE: u16 = 179;
pub const UDP_SOURCE_PORT: u16 = 180;
pub const UDP_DESTINATION_PORT: u16 = 181;
pub const TCP_SOURCE_PORT: u16 = 182;
pub const TCP_DESTINATION_PORT: u16 = 183;
pub const PADDING: u16 = 210;
pub const INITIATOR_OCTETS: u16 = 231;
pub const RESPONDER_OCTETS: u16 = 232;
pub const DOT1Q_VLAN: u16 = 243;
pub const INPUT_PHYSICAL: u16 = 252;
pub const OUTPUT_PHYSICAL: u16 = 253;
pub const INITIATOR_PACKETS: u16 = 298;
pub const RESPONDER_PACKETS: u16 = 299;
pub const SELECTOR_ID: u16 = 302;
pub const SAMPLING_PACKET_INTERVAL: u16 = 305;
pub const SAMPLING_PACKET_SPACE: u16 = 306;
pub const SAMPLING_SIZE: u16 = 309;
pub const SAMPLING_POPULATION: u16 = 310;
/// App-ID of PAN-OS, a text in NetFlow v9.
pub const PANOS_APP: u16 = 56701;

/// How a time is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Millis,
    /// NTP time stamps (RFC 7011, 6.1.9 and 6.1.10).
    Ntp,
    /// Milliseconds since the exporter started.
    Uptime,
    /// Microseconds before the export.
    Before,
}

/// Elements that tell when a flow began, best first.
pub const STARTS: [(u16, Unit); 10] = [
    (154, Unit::Ntp),
    (156, Unit::Ntp),
    (152, Unit::Millis),
    (150, Unit::Seconds),
    (158, Unit::Before),
    (FIRST_SWITCHED, Unit::Uptime),
    (324, Unit::Ntp),
    (325, Unit::Ntp),
    (323, Unit::Millis),
    (322, Unit::Seconds),
];

/// Elements that tell when a flow ended, best first.
pub const ENDS: [(u16, Unit); 6] = [
    (155, Unit::Ntp),
    (157, Unit::Ntp),
    (153, Unit::Millis),
    (151, Unit::Seconds),
    (159, Unit::Before),
    (LAST_SWITCHED, Unit::Uptime),
];

/// What `ext` is made of: elements that have no column, by name.
pub const NAMED: [(u16, &str); 41] = [
    (82, "interfaceName"),
    (83, "interfaceDescription"),
    (94, "applicationDescription"),
    (147, "wlanSSID"),
    (225, "postNATSourceIPv4Address"),
    (226, "postNATDestinationIPv4Address"),
    (227, "postNAPTSourceTransportPort"),
    (228, "postNAPTDestinationTransportPort"),
    (229, "natOriginatingAddressRealm"),
    (230, "natEvent"),
    (233, "firewallEvent"),
    (236, "VRFname"),
    (281, "postNATSourceIPv6Address"),
    (282, "postNATDestinationIPv6Address"),
    (323, "observationTimeMilliseconds"),
    (351, "layer2SegmentId"),
    (361, "portRangeStart"),
    (362, "portRangeEnd"),
    (365, "staIPv4Address"),
    (371, "userName"),
    (372, "applicationCategoryName"),
    (373, "applicationSubCategoryName"),
    (374, "applicationGroupName"),
    (460, "httpRequestHost"),
    (461, "httpRequestTarget"),
    (459, "httpRequestMethod"),
    (457, "httpStatusCode"),
    (458, "httpContentType"),
    (468, "httpUserAgent"),
    (33000, "aclIngress"),
    (33001, "aclEgress"),
    (33002, "extendedFirewallEvent"),
    (40000, "aaaUserName"),
    (40001, "xlateSourceAddress"),
    (40002, "xlateDestinationAddress"),
    (40003, "xlateSourcePort"),
    (40004, "xlateDestinationPort"),
    (40005, "asaFirewallEvent"),
    (56702, "panosUserId"),
    (466, "NATThresholdEvent"),
    (283, "natPoolId"),
];

/// Elements whose value is an IPv4 address.
pub const IPV4_VALUED: [u16; 5] = [225, 226, 365, 40001, 40002];
/// Elements whose value is a text.
pub const TEXT_VALUED: [u16; 16] =
    [82, 83, 94, 147, 236, 371, 372, 373, 374, 458, 459, 460, 461, 468, 40000, 56702];

/// The name of an element that has no column.
pub fn name_of(id: u16) -> Option<&'static str> {
    NAMED.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}
