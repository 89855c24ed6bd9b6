//! With hashes cut to a few bits every artifact and identifier collides, and nothing changes.

use kaname_fusion::wire::Writer;
use kaname_fusion::{Eye, Store};

const MARKINGS: [&str; 2] = ["clear", "red"];

fn observation(into: &mut Writer, number: usize, tlp: &str) {
    into.map(6);
    for (name, text) in [("id", format!("o{number}")), ("source", format!("s{}", number % 3))] {
        into.text(name);
        into.text(&text);
    }
    into.text("kind");
    into.text("scan");
    into.text("at");
    into.integer(number as i64);
    into.text("tlp");
    into.text(tlp);
    into.text("mentions");
    into.array(2);
    for value in [format!("192.0.2.{}", number % 100), format!("{number}.example")] {
        into.map(2);
        into.text("kind");
        into.text("ip");
        into.text("value");
        into.text(&value);
    }
}

fn batch(numbers: std::ops::Range<usize>, tlp: &str) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.array(numbers.len());
    numbers.for_each(|number| observation(&mut writer, number, tlp));
    writer.bytes
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("kaname-fusion-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}

fn open(folder: &std::path::Path, bits: u64, full: u64) -> Store {
    Store::open_with(folder, &MARKINGS.map(String::from), false, bits, full).expect("it opens")
}

#[test]
fn colliding_artifacts_and_identifiers_stay_apart() {
    let folder = folder("collisions");
    {
        let store = open(&folder, 0x7, 10_000);
        for start in (0..1_500).step_by(300) {
            let added = store.add(&batch(start..start + 300, "clear")).expect("it adds");
            assert_eq!((added.new, added.duplicates), (300, 0));
        }
        let again = store.add(&batch(0..300, "clear")).expect("it adds");
        assert_eq!((again.new, again.duplicates, again.conflicts), (0, 300, 0));
        let other = store.add(&batch(0..10, "red")).expect("it adds");
        assert_eq!((other.new, other.duplicates, other.conflicts), (0, 0, 10));
        assert_eq!(store.retract(&["o7".to_owned(), "o7000".to_owned()]).expect("it does").0, 1);
    }
    let store = open(&folder, 0x7, 10_000); // many small files are read again
    let state = store.state();
    assert_eq!(state.counts(), (1_600, 1_499));
    let eye = Eye::new(&state.stamps, 0, None);
    let brief = |value: &str| state.brief(state.find("ip", value).expect("it is known"), &eye);
    assert_eq!(brief("192.0.2.7").map(|brief| (brief.observations, brief.first)), Some((14, 107)));
    assert_eq!(brief("7.example"), None);
    assert_eq!(brief("8.example").map(|brief| brief.observations), Some(1));
    assert_eq!(state.find("ip", "1500.example"), None);
    drop(state);
    std::fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn sums_of_hubs_equal_what_counting_gives() {
    let folder = folder("hubs");
    let store = open(&folder, u64::MAX, u64::MAX);
    for (start, tlp) in [(0, "clear"), (10_000, "red")] {
        store.add(&batch(start..start + 10_000, tlp)).expect("it adds");
    }
    let gone: Vec<String> = (0..10_000).step_by(1_000).map(|number| format!("o{number}")).collect();
    store.retract(&gone).expect("it does");
    let state = store.state();
    let hub = state.find("ip", "192.0.2.0").expect("it is known");
    let seen = |rank| {
        let brief = state.brief(hub, &Eye::new(&state.stamps, rank, None)).expect("it is seen");
        (brief.observations, brief.first, brief.last, brief.sources)
    };
    assert_eq!(seen(0), (90, 100, 9_900, 3)); // 100 of 10,000, less the ten taken back
    assert_eq!(seen(1), (190, 100, 19_900, 3));
    drop(state);
    std::fs::remove_dir_all(folder).expect("it is removed");
}

#[test]
fn a_snapshot_holds_what_the_log_says() {
    let folder = folder("snapshot");
    {
        let store = open(&folder, u64::MAX, 20_000);
        store.add(&batch(0..2_000, "clear")).expect("it adds");
        store.retract(&["o5".to_owned()]).expect("it does");
        store.snapshot().expect("it is written");
        store.add(&batch(2_000..2_100, "red")).expect("it adds");
    }
    let facts = |store: &Store| {
        let state = store.state();
        let eye = Eye::new(&state.stamps, 1, None);
        let names = ["192.0.2.5", "192.0.2.50", "5.example", "7.example", "2050.example"];
        let found = names.map(|name| state.facts(state.find("ip", name).expect("known"), &eye));
        (state.counts(), found)
    };
    let from_snapshot = facts(&open(&folder, u64::MAX, 20_000));
    std::fs::remove_file(folder.join("snapshot")).expect("it is there");
    let from_log = facts(&open(&folder, u64::MAX, 20_000));
    assert_eq!(from_snapshot, from_log);
    assert_eq!(from_log.0, (2_200, 2_099));
    std::fs::remove_dir_all(folder).expect("it is removed");
}
