//! Any bytes as a netlist, and as what a user says of cells: nothing panics, and what is
//! read is whole.
#![no_main]

use kaname_netlist::describe;
use kaname_netlist::design::{Design, NONE};
use kaname_netlist::library::Library;
use kaname_netlist::reading;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut library = Library::default();
    if let Ok(read) = reading::read(data, &library, None) {
        check(&read.design);
    }
    let (set, _) = describe::read(data, &library);
    library.prefer(set);
    // With a module around it, so that statements are what is tried.
    let text = [b"module m(input a, b, output y, z);".as_slice(), data, b"endmodule"].concat();
    if let Ok(read) = reading::read(&text, &library, None) {
        check(&read.design);
    }
});

fn check(design: &Design) {
    assert_eq!(design.net_names.len(), design.nets as usize);
    assert_eq!(design.instance_names.len(), design.len());
    assert_eq!(design.pin_start.len(), design.len() + 1);
    for instance in 0..design.len() as u32 {
        let pins = design.pins(instance);
        assert_eq!(pins.len(), design.cell(instance).pins.len());
        assert!(pins.iter().all(|net| *net == NONE || *net < design.nets));
        design.instance_names.get(instance);
    }
    let ports = design.inputs.iter().chain(&design.outputs);
    assert!(ports.chain(&design.zero).chain(&design.one).all(|net| *net < design.nets));
    assert_eq!(design.drivers().len(), design.nets as usize);
}
