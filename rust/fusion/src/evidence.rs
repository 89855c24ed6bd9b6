//! The evidence about one artifact, written for whoever derives something from it.

use std::io;

use crate::eye::Eye;
use crate::state::State;
use crate::store::Store;
use crate::wire::{View, Writer};

/// The observation that a page ended with: its time and number.
pub type Before = (i64, u32);

impl Store {
    /// Observations that mention an artifact, the latest first, as a MessagePack array of
    /// maps with id, source, kind, role, at, tlp, org, groups, pap, weight, behaviours and
    /// finding. One for each role that it has in an observation.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn items(&self, artifact: u32, eye: &Eye, limit: usize) -> io::Result<Vec<u8>> {
        let state = self.state();
        let mut body = Writer::default();
        let mut count = 0;
        for number in latest(&state, artifact, eye, None, limit) {
            let payload = self.files.payload(state.place(number))?.unwrap_or_default();
            let Ok(view) = View::read(&payload) else { continue };
            for role in state.roles(artifact, number) {
                write_item(&mut body, &view, state.stamps.words.word(role));
                count += 1;
            }
        }
        let mut whole = Writer::default();
        whole.array(count);
        whole.bytes.append(&mut body.bytes);
        Ok(whole.bytes)
    }

    /// Records of observations that mention an artifact, the latest first, with where the
    /// next page begins.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn records(
        &self,
        artifact: u32,
        eye: &Eye,
        before: Option<Before>,
        limit: usize,
    ) -> io::Result<Vec<(Before, Vec<u8>)>> {
        let state = self.state();
        let mut found = Vec::new();
        for number in latest(&state, artifact, eye, before, limit) {
            if let Some(payload) = self.files.payload(state.place(number))? {
                found.push(((state.observations.row(number).at, number), payload));
            }
        }
        Ok(found)
    }
}

fn latest(
    state: &State,
    artifact: u32,
    eye: &Eye,
    before: Option<Before>,
    limit: usize,
) -> Vec<u32> {
    let at = |number: u32| (state.observations.row(number).at, number);
    let mut found: Vec<u32> = state
        .seen(artifact, eye)
        .filter(|&number| before.is_none_or(|before| at(number) < before))
        .collect();
    found.sort_unstable_by_key(|&number| std::cmp::Reverse(at(number)));
    found.truncate(limit);
    found
}

fn write_item(into: &mut Writer, view: &View<'_>, role: &str) {
    into.map(12);
    let texts = [
        ("id", view.id),
        ("source", view.source),
        ("kind", view.kind),
        ("role", role),
        ("tlp", view.tlp),
        ("org", view.org),
        ("pap", view.pap),
        ("finding", view.finding),
    ];
    for (name, text) in texts {
        into.text(name);
        into.text(text);
    }
    for (name, list) in [("groups", &view.groups), ("behaviours", &view.behaviours)] {
        into.text(name);
        into.texts(list.iter().copied());
    }
    into.text("at");
    into.integer(view.at);
    into.text("weight");
    into.float(view.weight);
}
