//! What a template gives to each column, worked out once for all its records.

use crate::element::{self as ie, REVERSE_PEN, Unit};
use crate::template::{Family, Field, Place, Template};

/// Where an address is found: the places of IPv4 and IPv6 fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AddressFields {
    pub v4: Option<usize>,
    pub v6: Option<usize>,
}

/// Where type and code of ICMP are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IcmpFields {
    Joined(usize),
    Split(usize, usize),
}

/// Where the times of a flow are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeFields {
    pub start: Option<(usize, Unit)>,
    pub end: Option<(usize, Unit)>,
    /// Field and microseconds of its unit.
    pub duration: Option<(usize, i64)>,
    /// When the exporter started, milliseconds since 1970.
    pub boot: Option<usize>,
}

/// Where the sampling of a record, or of what a record describes, is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SamplingFields {
    /// One of how many.
    pub interval: Option<usize>,
    /// Packets taken in a row, of packets skipped behind them (RFC 5476).
    pub taken: Option<usize>,
    pub skipped: Option<usize>,
    /// n of N (RFC 5476).
    pub size: Option<usize>,
    pub population: Option<usize>,
    /// Which sampler.
    pub sampler: Option<usize>,
}

/// The fields that columns are filled from, by index in the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    pub src: AddressFields,
    pub dst: AddressFields,
    pub exporter: AddressFields,
    pub sport: Option<usize>,
    pub dport: Option<usize>,
    pub icmp: Option<IcmpFields>,
    pub proto: Option<usize>,
    pub tcp_bits: Option<usize>,
    pub packets: Option<usize>,
    pub octets: Option<usize>,
    pub packets_rev: Option<usize>,
    pub octets_rev: Option<usize>,
    pub times: TimeFields,
    pub sampling: SamplingFields,
    pub direction: Option<usize>,
    pub app: Option<usize>,
    pub app_id: Option<usize>,
    pub in_if: Option<usize>,
    pub out_if: Option<usize>,
    pub src_as: Option<usize>,
    pub dst_as: Option<usize>,
    pub vlan: Option<usize>,
    /// Fields without a column that are worth keeping.
    pub ext: Vec<usize>,
}

/// A template, ready for its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub template: Template,
    /// Bytes of a record and the places in it, when all records are alike.
    pub fixed: Option<usize>,
    pub places: Vec<Place>,
    pub least: usize,
    pub uses: Uses,
}

impl Plan {
    #[must_use]
    pub fn new(template: Template) -> Self {
        let mut at = 0;
        let place = |field: &Field| {
            let length = usize::from(field.length);
            let place = Place { at, length };
            at += length;
            place
        };
        let places = template.fields.iter().map(place).collect();
        let fixed = template.fixed_length();
        Self { places, fixed, least: template.least_length(), uses: uses(&template), template }
    }

    /// Whether the records are about the exporter itself.
    #[must_use]
    pub fn is_options(&self) -> bool {
        self.template.scopes > 0
    }

    /// Whether the records are flows between addresses.
    #[must_use]
    pub fn has_addresses(&self) -> bool {
        [self.uses.src, self.uses.dst].iter().any(|side| side.v4.or(side.v6).is_some())
    }
}

/// Fields of a template by element.
struct Lookup<'a>(&'a [Field]);

impl Lookup<'_> {
    fn position(&self, id: u16, pen: u32, fits: impl Fn(u16) -> bool) -> Option<usize> {
        let known = |field: &Field| field.id == id && field.pen == pen && fits(field.length);
        self.0.iter().position(known)
    }

    /// A number; a field of length 0 says nothing.
    fn one(&self, id: u16) -> Option<usize> {
        self.position(id, 0, |length| (1..=8).contains(&length))
    }

    /// The first of several elements that is there.
    fn first(&self, ids: &[u16]) -> Option<usize> {
        ids.iter().find_map(|id| self.one(*id))
    }

    fn reverse(&self, ids: &[u16]) -> Option<usize> {
        ids.iter()
            .find_map(|id| self.position(*id, REVERSE_PEN, |length| (1..=8).contains(&length)))
    }

    fn address(&self, v4: u16, v6: u16) -> AddressFields {
        AddressFields {
            v4: self.position(v4, 0, |length| length == 4),
            v6: self.position(v6, 0, |length| length == 16),
        }
    }

    fn time(&self, known: &[(u16, Unit)]) -> Option<(usize, Unit)> {
        let fits =
            |unit| move |length| (1..=8).contains(&length) && (unit != Unit::Ntp || length == 8);
        known.iter().find_map(|(id, unit)| Some((self.position(*id, 0, fits(*unit))?, *unit)))
    }

    fn text(&self, ids: &[u16]) -> Option<usize> {
        ids.iter().find_map(|id| self.position(*id, 0, |length| length > 0))
    }
}

fn uses(template: &Template) -> Uses {
    let fields =
        if template.scopes > 0 { options_fields(template) } else { template.fields.clone() };
    let of = Lookup(&fields);
    let octets = of.first(&[ie::OCTETS, ie::OCTETS_TOTAL, ie::INITIATOR_OCTETS]);
    let packets = of.first(&[ie::PACKETS, ie::PACKETS_TOTAL, ie::INITIATOR_PACKETS]);
    let (octets_rev, packets_rev) = reverse(&of, template.family, octets, packets);
    let mut uses = Uses {
        src: of.address(ie::SOURCE_IPV4, ie::SOURCE_IPV6),
        dst: of.address(ie::DESTINATION_IPV4, ie::DESTINATION_IPV6),
        exporter: of.address(ie::EXPORTER_IPV4, ie::EXPORTER_IPV6),
        sport: of.first(&[ie::SOURCE_PORT, ie::TCP_SOURCE_PORT, ie::UDP_SOURCE_PORT]),
        dport: of.first(&[
            ie::DESTINATION_PORT,
            ie::TCP_DESTINATION_PORT,
            ie::UDP_DESTINATION_PORT,
        ]),
        icmp: icmp(&of),
        proto: of.one(ie::PROTOCOL),
        tcp_bits: of.one(ie::TCP_BITS),
        packets: packets.or_else(|| of.one(ie::OUT_PACKETS)),
        octets: octets.or_else(|| of.one(ie::OUT_OCTETS)),
        packets_rev,
        octets_rev,
        times: times(&of),
        sampling: sampling(&of),
        direction: of.one(ie::DIRECTION),
        app: of.text(&[ie::APPLICATION_NAME, ie::PANOS_APP]),
        app_id: of.text(&[ie::APPLICATION_ID]),
        in_if: of.first(&[ie::INPUT, ie::INPUT_PHYSICAL]),
        out_if: of.first(&[ie::OUTPUT, ie::OUTPUT_PHYSICAL]),
        src_as: of.one(ie::SOURCE_AS),
        dst_as: of.one(ie::DESTINATION_AS),
        vlan: of.first(&[ie::VLAN, ie::DOT1Q_VLAN]),
        ext: Vec::new(),
    };
    uses.ext = unusual(&fields, &uses);
    uses
}

/// Scopes are kinds of thing in NetFlow v9, whose numbers are no elements; they say nothing
/// that is used.
fn options_fields(template: &Template) -> Vec<Field> {
    let hide = |(index, field): (usize, &Field)| {
        let sampler = matches!(field.id, ie::SELECTOR_ID | ie::SAMPLER_ID);
        let hidden = index < template.scopes && !sampler;
        if hidden { Field { id: ie::PADDING, ..*field } } else { *field }
    };
    template.fields.iter().enumerate().map(hide).collect()
}

/// Counters of the other direction. In NetFlow v9 OUT_BYTES and OUT_PKTS beside IN_BYTES are
/// those of the answers, as firewalls and probes export them; alone they count the flow
/// itself. In IPFIX these ids are counters of the same packets behind a middlebox.
fn reverse(
    of: &Lookup,
    family: Family,
    octets: Option<usize>,
    packets: Option<usize>,
) -> (Option<usize>, Option<usize>) {
    let netflow = family == Family::NetFlow;
    let octets_rev = of
        .reverse(&[ie::OCTETS, ie::OCTETS_TOTAL, ie::INITIATOR_OCTETS])
        .or_else(|| of.one(ie::RESPONDER_OCTETS))
        .or_else(|| octets.filter(|_| netflow).and(of.one(ie::OUT_OCTETS)));
    let packets_rev = of
        .reverse(&[ie::PACKETS, ie::PACKETS_TOTAL, ie::INITIATOR_PACKETS])
        .or_else(|| of.one(ie::RESPONDER_PACKETS))
        .or_else(|| packets.filter(|_| netflow).and(of.one(ie::OUT_PACKETS)));
    (octets_rev, packets_rev)
}

fn icmp(of: &Lookup) -> Option<IcmpFields> {
    let joined = of.first(&[ie::ICMP_TYPE_CODE, ie::ICMP6_TYPE_CODE]);
    if let Some(joined) = joined {
        return Some(IcmpFields::Joined(joined));
    }
    let split = |kind, code| Some(IcmpFields::Split(of.one(kind)?, of.one(code)?));
    split(ie::ICMP_TYPE, ie::ICMP_CODE).or_else(|| split(ie::ICMP6_TYPE, ie::ICMP6_CODE))
}

fn times(of: &Lookup) -> TimeFields {
    let millis = of.one(ie::DURATION_MS).map(|field| (field, 1000));
    TimeFields {
        start: of.time(&ie::STARTS),
        end: of.time(&ie::ENDS),
        duration: millis.or_else(|| of.one(ie::DURATION_US).map(|field| (field, 1))),
        boot: of.one(ie::BOOT_MS),
    }
}

fn sampling(of: &Lookup) -> SamplingFields {
    SamplingFields {
        interval: of.first(&[ie::SAMPLER_INTERVAL, ie::SAMPLING_INTERVAL]),
        taken: of.one(ie::SAMPLING_PACKET_INTERVAL),
        skipped: of.one(ie::SAMPLING_PACKET_SPACE),
        size: of.one(ie::SAMPLING_SIZE),
        population: of.one(ie::SAMPLING_POPULATION),
        sampler: of.first(&[ie::SAMPLER_ID, ie::SELECTOR_ID]),
    }
}

/// Fields for `ext`: those of enterprises, and elements that have a name there.
fn unusual(fields: &[Field], uses: &Uses) -> Vec<usize> {
    let time = uses.times.start.map(|(field, _)| field);
    let kept = |(index, field): (usize, &Field)| {
        let own = field.pen != 0 && field.pen != REVERSE_PEN;
        let named = field.pen == 0 && ie::name_of(field.id).is_some();
        (field.length > 0 && (own || named) && Some(index) != time).then_some(index)
    };
    fields.iter().enumerate().filter_map(kept).collect()
}
