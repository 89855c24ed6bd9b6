//! Any bytes as a log, as a snapshot, and as a batch of observations: read without a panic, and what is
//! read of a batch is found again in the state.
#![no_main]

use kaname_fusion::log::{self, OBSERVATION};
use kaname_fusion::snapshot;
use kaname_fusion::wire::{self, View};
use kaname_fusion::{Eye, HashKey, State};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut at = 0;
    while let Some(record) = log::record(data, at) {
        let _ = View::read(record.payload);
        let _ = wire::texts(record.payload);
        at = record.end;
    }
    let _ = snapshot::read(data, &["clear".to_owned()], 0xf);
    let Ok(batch) = wire::elements(data) else { return };
    let mut state = State::new(&[String::new(), "clear".to_owned()], HashKey(1, 2), 0xf);
    for payload in batch {
        let Ok(view) = View::read(payload) else { continue };
        let mut framed = Vec::new();
        log::write_record(&mut framed, OBSERVATION, payload);
        assert_eq!(log::record(&framed, 0).map(|record| record.payload), Some(payload));
        if !state.fits(&view) || state.add(&view, 0, &mut Vec::new()).is_none() {
            continue;
        }
        let eye = Eye::new(&state.stamps, u8::MAX, None);
        for mention in &view.mentions {
            let number = state.find(mention.kind, mention.value).expect("it was added");
            assert_eq!(state.name(number), (mention.kind, mention.value.to_owned()));
            assert!(state.brief(number, &eye).is_some_and(|brief| brief.observations > 0));
        }
    }
});
