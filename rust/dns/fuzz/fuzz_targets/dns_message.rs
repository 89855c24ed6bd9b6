//! Any bytes as a DNS message: nothing panics, names and data are ASCII without a blank in
//! a name, and a name has at most 255 characters that are not escapes.
#![no_main]

use kaname_dns::message::edns::{Edns, OPT};
use kaname_dns::message::{Message, rdata};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (mut name, mut text) = (Vec::new(), Vec::new());
    let Ok(message) = Message::read(data, &mut name) else { return };
    assert!(name.iter().all(u8::is_ascii_graphic));
    assert!(name.len() <= 4 * 255);
    for record in message.records().flatten() {
        text.clear();
        rdata::write(data, &record, &mut text);
        assert!(text.iter().all(|byte| (0x20..0x7F).contains(byte)));
        if record.kind == OPT {
            let _ = Edns::of(&record).client_subnet();
        }
    }
});
