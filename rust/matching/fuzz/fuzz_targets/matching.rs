//! Any lines as entries of every sort, and as values: nothing panics, compiling ends within
//! its limits, and asking one by one gives the same as asking in bulk.
#![no_main]

use kaname_matching::{Bloom, Builder, EVERY_KIND, Sets, Shape, Subject};
use libfuzzer_sys::fuzz_target;

const ADDS: [fn(&mut Builder, &str); 5] =
    [Builder::exact, Builder::domain, Builder::network, Builder::phrase, Builder::expression];
const SHAPES: [Shape; 3] = [Shape::Plain, Shape::Url, Shape::Mail];

fuzz_target!(|data: &[u8]| {
    if let Ok(filter) = Bloom::parse(data) {
        assert_eq!(Bloom::parse(&filter.write(filter.data())).map(|f| f.count()), Ok(filter.count()));
    }
    let text = String::from_utf8_lossy(data);
    let (entries, values) = text.split_once('\0').unwrap_or((&text, &text));
    let mut builder = Builder::default();
    for (place, entry) in entries.lines().take(64).enumerate() {
        builder.rule(if place % 3 == 0 { 1 << (place % 31) } else { EVERY_KIND });
        for add in ADDS {
            add(&mut builder, entry);
        }
    }
    let (matcher, _) = builder.build();
    let mut sets = Sets::default();
    let mut asked = Vec::new();
    for (place, text) in values.lines().take(64).enumerate() {
        let subject = Subject { text, kinds: EVERY_KIND, shape: SHAPES[place % 3] };
        let mut rules: Vec<u32> = matcher.find(&subject).iter().map(|hit| hit.rule).collect();
        rules.dedup();
        asked.push((sets.of(&matcher, &subject), rules));
    }
    let sets = sets.all();
    for (number, rules) in asked {
        assert_eq!(sets[number as usize], rules);
    }
});
