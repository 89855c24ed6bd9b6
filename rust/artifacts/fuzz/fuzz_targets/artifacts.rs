//! Any text as a report and as a value: nothing panics, places cut the text between
//! characters, and what was found is its own canonical form.
#![no_main]

use kaname_artifacts::canonical::canonical;
use kaname_artifacts::extract::extract;
use kaname_artifacts::guess::guess;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for found in extract(&text) {
        assert!(text.get(found.start..found.end).is_some_and(|shown| !shown.is_empty()));
        assert_eq!(canonical(found.kind, &found.value), Some(found.value));
    }
    if let Some((kind, value)) = guess(&text) {
        assert_eq!(canonical(kind, &value), Some(value));
    }
});
