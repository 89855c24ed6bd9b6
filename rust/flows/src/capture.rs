//! Flow exports that a capture holds.

use kaname_packets::container::{Frame, Sink};
use kaname_packets::datagram::Part;
use kaname_packets::report as capture;

use crate::account::{Note, Outcome, Report};
use crate::decoder::Decoder;
use crate::message::Export;
use crate::probe;

/// Takes frames and decodes the exports in them.
#[derive(Debug)]
pub struct Exports {
    pub decoder: Decoder,
    container: capture::Report,
}

impl Exports {
    #[must_use]
    pub fn new(decoder: Decoder) -> Self {
        Self { decoder, container: capture::Report::default() }
    }

    /// The account, with what the container tells.
    #[must_use]
    pub fn report(&self) -> Report {
        with_container(&self.decoder.out.report, &self.container)
    }
}

/// Adds the damage of a container to an account.
pub fn with_container(report: &Report, container: &capture::Report) -> Report {
    let mut report = report.clone();
    let lost = [capture::Outcome::BadRecord, capture::Outcome::CutRecord];
    let lost = lost.iter().map(|outcome| container.outcomes[*outcome as usize]).sum();
    report.count(Outcome::BadRecord, lost);
    report.note(Note::Resync, container.notes[capture::Note::Resync as usize]);
    report.note(Note::SkippedBytes, container.notes[capture::Note::SkippedBytes as usize]);
    report.damaged |= container.damaged;
    report.problems.extend(container.problems.iter().cloned());
    report.problems.sort_by_key(|problem| problem.offset);
    report.problems.truncate(capture::MOST_PROBLEMS);
    report
}

impl Sink for Exports {
    fn frame(&mut self, frame: &Frame) {
        let report = &mut self.decoder.out.report;
        let Some(found) = probe::udp(frame) else {
            return report.count(Outcome::Other, 1);
        };
        if probe::kind(found.payload, found.dport).is_none() {
            return report.count(Outcome::Other, 1);
        }
        report.note(Note::Fragments, u64::from(found.part != Part::Whole));
        report.note(Note::Truncated, u64::from(found.truncated));
        let skipped = found.payload.as_ptr().addr() - frame.data.as_ptr().addr();
        self.decoder.push(&Export {
            data: found.payload,
            exporter: found.src,
            received_us: frame.ts_us,
            base: Some(frame.offset + skipped as u64),
        });
    }

    fn report(&mut self) -> &mut capture::Report {
        &mut self.container
    }
}
