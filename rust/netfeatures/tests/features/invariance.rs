//! The order in which a design is written, and its names, change nothing.

use crate::circuits::{Circuit, Random};
use kaname_netfeatures::{catalogue, features::compute};

#[test]
fn order_and_numbers_change_nothing() {
    let mut random = Random(6);
    let names = catalogue::names();
    for cells in [1, 5, 40, 300, 900] {
        let circuit = Circuit::random(cells, &mut random);
        let (other, places) = circuit.shuffled(&mut random);
        let one = compute(&circuit.design, &names, 1).unwrap();
        let two = compute(&other.design, &names, 2).unwrap();
        for (column, name) in names.iter().enumerate() {
            for (cell, place) in places.iter().enumerate() {
                let (a, b) = (one[column * cells + cell], two[column * cells + place]);
                assert!((a - b).abs() < 1e-6, "{name} of cell {cell} of {cells}: {a} and {b}");
                assert!(a.is_finite(), "{name}");
            }
        }
    }
}

#[test]
fn a_part_of_the_features_is_the_same_as_in_the_whole() {
    let circuit = Circuit::random(200, &mut Random(9));
    let names = catalogue::names();
    let whole = compute(&circuit.design, &names, 2).unwrap();
    for (column, name) in names.iter().enumerate() {
        let alone = circuit.feature(name);
        assert_eq!(alone, whole[column * 200..(column + 1) * 200], "{name}");
    }
    assert!(compute(&circuit.design, &["size_of_name".to_owned()], 1).is_err());
    assert!(compute(&Circuit::new(1).design, &names, 2).unwrap().is_empty());
}
