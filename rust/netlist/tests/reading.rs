//! Texts as they are met, and what must come out; expected values are worked out by hand.

use kaname_netlist::cell::{Family, Role};
use kaname_netlist::describe;
use kaname_netlist::design::{Design, NONE};
use kaname_netlist::library::Library;
use kaname_netlist::reading::{Reading, Refused, read};

fn reading(text: &str) -> Reading {
    read(text.as_bytes(), &Library::default(), None).expect(text)
}

fn refused(text: &str) -> Refused {
    read(text.as_bytes(), &Library::default(), None).expect_err(text)
}

fn codes(read: &Reading) -> Vec<(u32, u32, &str)> {
    read.problems.iter().map(|one| (one.line, one.column, one.code)).collect()
}

/// `cell name(net, net)` of every instance, nets in the order of the type's pins.
fn shown(design: &Design) -> Vec<String> {
    let instance = |at: u32| {
        let nets: Vec<&str> = design
            .pins(at)
            .iter()
            .map(|&net| if net == NONE { "-" } else { design.net_names.get(net) })
            .collect();
        let name = design.instance_names.get(at);
        format!("{} {name}({})", design.cell(at).name, nets.join(","))
    };
    (0..design.len() as u32).map(instance).collect()
}

#[test]
fn primitives_have_their_outputs_first_and_may_have_no_name() {
    let read = reading(
        "module m(a,b,y,z); input a,b; output y,z; nand g1(y,a,b); not (z,w,b);\n\
         xor #(1,2) (strong0, strong1) x1(w2,a,b), x2(w3,a,1'b1); endmodule",
    );
    assert_eq!(
        shown(&read.design),
        ["nand g1(y,a,b)", "not $gate1(z,w,b)", "xor x1(w2,a,b)", "xor x2(w3,a,1'b1)"]
    );
    let not = read.design.cell(1);
    let roles: Vec<Role> = not.pins.iter().map(|pin| pin.role).collect();
    assert_eq!(roles, [Role::Output, Role::Output, Role::Data]);
}

#[test]
fn names_vectors_and_constants() {
    let read = reading(
        "module m(input [3:0] a, output [1:0] y, output \\odd[name]/x );\n\
         wire [0:1] up; wire \\a[0] ;\n\
         and2_1 \\u/1[2]  (.A(a[3]), .B(up[0]), .X(y[1]));\n\
         and2_1 u2 (.A(1'b0), .B(4'b0010), .X(\\odd[name]/x ));\n\
         and2_1 u3 (.A(\\a[0] ), .B(up[1]), .X());\n\
         endmodule",
    );
    assert_eq!(
        shown(&read.design),
        [
            "and2_1 u/1[2](y[1],a[3],up[0])",
            "and2_1 u2(odd[name]/x,1'b0,1'b0)",
            // The escaped name is no bit of the vector.
            "and2_1 u3(-,a[0],up[1])",
        ]
    );
    assert_ne!(read.design.pins(2)[1], read.design.inputs[0]);
    assert_eq!(read.design.inputs.len(), 4);
    assert_eq!(read.design.outputs.len(), 3);
}

#[test]
fn aliases_join_nets_in_chains_and_over_vectors() {
    let read = reading(
        "module m(input [1:0] a, output [1:0] y, output k);\n\
         wire [1:0] b; wire c, d; assign b = a; assign {c, d} = b; assign k = 1'b1;\n\
         INVX0 u1 (.IN(c), .QN(y[0])); INVX0 u2 (.IN(d), .QN(y[1])); endmodule",
    );
    assert_eq!(shown(&read.design), ["INVX0 u1(y[0],a[1])", "INVX0 u2(y[1],a[0])"]);
    assert_eq!(read.design.one, Some(read.design.outputs[2]));
    assert_eq!((read.undriven, read.contested), (0, 0));
}

#[test]
fn simple_expressions_become_gates() {
    let read = reading(
        "module m(input a, b, s, output y, z); assign y = ~(a & b);\n\
         assign z = s ? a ^ b : b; endmodule",
    );
    let families: Vec<Family> =
        (0..read.design.len() as u32).map(|at| read.design.cell(at).family).collect();
    assert_eq!(families, [Family::And, Family::Buffer, Family::Xor, Family::Mux]);
    let shown = shown(&read.design);
    assert!(shown[1].starts_with("$_NOT_ ") && shown[1].contains("(y,"), "{shown:?}");
    // Y, then S, B and A: the one chosen by 1 is B.
    assert!(shown[3].ends_with("(z,s,$net9,b)"), "{shown:?}");
}

#[test]
fn hierarchy_is_opened_with_names_by_path() {
    let read = reading(
        "module leaf(input i, output o); wire t; not n1(t,i); not n2(o,t); endmodule\n\
         module pair(input [1:0] i, output [1:0] o);\n\
         leaf l0(i[0], o[0]); leaf l1(.o(o[1]), .i(i[1])); endmodule\n\
         module top(input x, y, output z); wire [1:0] r;\n\
         pair p(.i({x, y}), .o(r)); and g(z, r[1], r[0]); endmodule",
    );
    assert_eq!(read.design.name, "top");
    let mut all = shown(&read.design);
    all.sort();
    assert_eq!(
        all,
        [
            "and g(z,r[1],r[0])",
            "not p/l0/n1(p/l0/t,y)",
            "not p/l0/n2(r[0],p/l0/t)",
            "not p/l1/n1(p/l1/t,x)",
            "not p/l1/n2(r[1],p/l1/t)",
        ]
    );
}

#[test]
fn a_feedthrough_joins_nets_across_modules() {
    let read = reading(
        "module wires(input i, output o); assign o = i; endmodule\n\
         module top(input a, output y); wire b; wires w(a, b); not g(y, b); endmodule",
    );
    assert_eq!(shown(&read.design), ["not g(y,a)"]);
}

#[test]
fn the_top_can_be_chosen() {
    let text = b"module a(input i, output o); not n(o,i); endmodule module b(input i, output o);\n\
                 buf n(o,i); endmodule";
    let read = |top| read(text, &Library::default(), top);
    assert_eq!(read(Some("b")).expect("b").design.cell(0).name, "buf");
    let several = read(None).expect("one of both");
    assert_eq!(several.problems[0].code, "tops");
    let missing = read(Some("c")).expect_err("c");
    assert_eq!(missing, Refused::NoSuchTop("c".to_owned(), vec!["a".to_owned(), "b".to_owned()]));
}

#[test]
fn errors_have_places_and_the_rest_is_read() {
    let read = reading(
        "module m(input a, output y, z);\n  INVX0 u1 (.IN(a) .QN(y));\n  ?? rubbish;\n\
         \tINVX0 u2 (.IN(a), .QN(z));\n  INVX0 u3 (.IN(v[9:), .QN(z));\n  wire [7:0] v;\n\
         INVX0 u4 (.IN(v[8]), .QN(y)); INVX0 u5 (.IN(a), .IN(a), .QN(y));\nendmodule",
    );
    assert_eq!(shown(&read.design), ["INVX0 u2(z,a)"]);
    assert_eq!(
        codes(&read),
        [
            (2, 20, "syntax"),
            (3, 3, "syntax"),
            (5, 21, "constant"),
            (7, 16, "range"),
            (7, 50, "twice"),
            (0, 0, "undriven"),
        ]
    );
}

#[test]
fn comments_directives_and_a_missing_newline() {
    let read = reading(
        "`timescale 1ns/1ps\n`define X 1\n// ; module\n/* endmodule */ module m(a,y);\n\
         (* keep = \"yes;\" *) input a; output y; `ifdef POWER\n rubbish here; `else\n\
         INVX0 u (.IN(a), // ) ;\n .QN(y)\n`ifdef X\n );\n`endif\n`endif\nendmodule",
    );
    assert_eq!(codes(&read), []);
    assert_eq!(shown(&read.design), ["INVX0 u(y,a)"]);
}

#[test]
fn parameters_and_delays_are_passed_over() {
    let read = reading(
        "module m #(parameter W = 4, N = W - 1) (input [N:0] a, output y);\n\
         localparam integer K = W/2; parameter NAME = \"x\"; defparam u.z = 1;\n\
         wire #1 w; assign #(1:2:3) w = a[N];\n\
         INVX0 #(.T(3)) u (.IN(w), .QN(y)); specify (a => y) = 1; endspecify endmodule",
    );
    assert_eq!(codes(&read), []);
    assert_eq!(shown(&read.design), ["INVX0 u(y,a[3])"]);
}

#[test]
fn an_unknown_cells_outputs_are_what_nothing_else_drives() {
    let read = reading(
        "module m(input a, output y); wire t; FROB u1 (.P(a), .R(t)); FROB u2 (.P(t), .R(y));\n\
         endmodule",
    );
    let cell = read.design.cell(0);
    assert_eq!(cell.family, Family::Unknown);
    let roles: Vec<Role> = cell.pins.iter().map(|pin| pin.role).collect();
    assert_eq!(roles, [Role::Data, Role::Output]);
    assert_eq!((read.unknown, read.undriven), (2, 0));
    assert_eq!(codes(&read), [(0, 0, "unknown_cell")]);
}

#[test]
fn a_macros_buses_become_pins() {
    let read =
        reading("module m(input [2:0] a, output [1:0] q); RAM r (.ADR(a), .DO(q)); endmodule");
    let cell = read.design.cell(0);
    let pins: Vec<(&str, Role)> =
        cell.pins.iter().map(|pin| (pin.name.as_str(), pin.role)).collect();
    assert_eq!(
        pins,
        [
            ("ADR[0]", Role::Data),
            ("ADR[1]", Role::Data),
            ("ADR[2]", Role::Data),
            ("DO[0]", Role::Output),
            ("DO[1]", Role::Output),
        ]
    );
}

#[test]
fn drivers_are_counted() {
    let read = reading(
        "module m(input a, output y, z); not n1(y,a); not n2(y,a); not n3(z,q);\n\
         bufif1 t1(w,a,a); bufif1 t2(w,a,a); endmodule",
    );
    assert_eq!((read.undriven, read.contested), (1, 1));
}

#[test]
fn behaviour_is_no_netlist() {
    let text = "module m(input c, d, output reg q);\nalways @(posedge c) begin if (d) q <= d;\n\
                else q <= 0; end endmodule";
    assert_eq!(
        refused(text),
        Refused::Behaviour { line: 2, text: "always @(posedge c) begin if (d) q <= d;".to_owned() }
    );
    let sum = "module m(input [3:0] a, b, output [3:0] y); assign y = a + b; endmodule";
    assert!(matches!(refused(sum), Refused::Behaviour { line: 1, .. }));
}

const MODELS: &str = "module m(input a, c, output y, q); NAND2X1 u (.A(a), .B(a), .Y(y));\n\
    MYFF f (.D(a), .CK(c), .Q(q)); endmodule\n`celldefine\n\
    module MYFF(input D, CK, output reg Q); always @(posedge CK) Q <= D; endmodule\n\
    `endcelldefine\nmodule NAND2X1(A, B, Y); input A, B; output Y;";

#[test]
fn models_of_cells_in_the_same_text_are_not_opened() {
    let read = reading(&format!("{MODELS} nand (Y, B, A); endmodule"));
    assert_eq!(shown(&read.design), ["NAND2X1 u(y,a,a)", "MYFF f(a,c,q)"]);
    assert_eq!(read.design.cell(1).pins[2].role, Role::Output);
    assert_eq!(codes(&read), [(4, 1, "assumed"), (0, 0, "unknown_cell")]);
}

/// Another width than the module was read with would be another circuit.
#[test]
fn values_for_parameters_of_a_module_are_told() {
    let text = "module m(input [1:0] a, output [1:0] y);\n\
                part #(.W(2)) p(.a(a), .y(y)), q(.a(a)); AND2X1 #(1.2) g(.A(a[0]), .B(a[1]), .Y());\n\
                endmodule\n\
                module part #(parameter W = 1) (input [W-1:0] a, output [W-1:0] y);\n\
                not n(y[0], a[0]); endmodule";
    let read = reading(text);
    let told = codes(&read).into_iter().filter(|(.., code)| *code == "parameters");
    assert_eq!(told.collect::<Vec<_>>(), [(2, 6, "parameters")]);
    let plain = reading(&text.replace("#(.W(2)) ", "").replace("W = 1", "W = 2"));
    assert!(codes(&plain).iter().all(|(.., code)| *code != "parameters"));
}

#[test]
fn a_module_that_is_only_called_like_a_gate_is_opened() {
    let read = reading(&format!("{MODELS} wire t; and (t, A, B); buf (Y, t); endmodule"));
    let mut all = shown(&read.design);
    all.sort();
    assert_eq!(all, ["MYFF f(a,c,q)", "and u/$gate0(u/t,a,a)", "buf u/$gate1(y,u/t)"]);
    // A flip-flop that a table knows is believed with a word; one that nothing marks is not.
    let text = "module m(input a, c, output q); dff f(.D(a), .CK(c), .Q(q)); endmodule\n\
                module dff(input D, CK, output reg Q); always @(posedge CK) Q <= D; endmodule";
    assert_eq!(codes(&reading(text)), [(2, 1, "assumed")]);
    assert!(matches!(refused(&text.replace("dff", "mine")), Refused::Behaviour { line: 2, .. }));
}

#[test]
fn a_users_cells_are_believed_first() {
    let mut library = Library::default();
    let (set, unread) = describe::read(b"library mine\nINV  QN = IN\n", &library);
    assert_eq!(unread, []);
    library.prefer(set);
    let text = b"module m(input a, output y); INV u (.IN(a), .QN(y)); endmodule";
    let read = read(text, &library, None).expect("netlist");
    assert_eq!(
        (read.design.cell(0).family, read.design.cell(0).inverting),
        (Family::Buffer, false)
    );
}

#[test]
fn yosys_json_is_read() {
    let text = r#"{"creator": "Yosys 0.33", "modules": {
      "sub": {"attributes": {}, "ports": {"i": {"direction": "input", "bits": [2]},
        "o": {"direction": "output", "bits": [3]}}, "cells": {"n": {"hide_name": 0,
        "type": "$_NOT_", "parameters": {}, "connections": {"A": [2], "Y": [3]}}},
        "netnames": {"i": {"hide_name": 0, "bits": [2]}, "o": {"hide_name": 0, "bits": [3]}}},
      "top": {"attributes": {"top": "00000000000000000000000000000001"},
        "ports": {"a": {"direction": "input", "bits": [2, 3]},
                  "y": {"direction": "output", "bits": [4]}},
        "cells": {"g": {"type": "$and", "connections": {"A": [2], "B": ["1"], "Y": [5]}},
                  "s": {"type": "sub", "connections": {"i": [5], "o": [4]}},
                  "f": {"type": "$_DFF_P_", "connections": {"C": [3], "D": [4], "Q": [6]}}},
        "netnames": {"$1": {"hide_name": 1, "bits": [5]}, "t\u0041": {"hide_name": 0, "bits": [5]},
                     "a": {"bits": [2, 3]}, "y": {"bits": [4]}}}}}"#;
    let read = reading(text);
    assert_eq!((read.format, read.design.name.as_str()), ("yosys", "top"));
    let mut all = shown(&read.design);
    all.sort();
    assert_eq!(all, ["$_AND_ g(tA,a[0],1'b1)", "$_DFF_P_ f(y,$net6,a[1])", "$_NOT_ s/n(y,tA)"]);
}

#[test]
fn hostile_text_is_refused_with_one_error() {
    let own = "module a(input i, output o); b x(i, o); endmodule module b(input i, output o);\n\
               a x(i, o); endmodule";
    assert!(matches!(refused(own), Refused::Recursion(_)));
    let first = "module m0(input i, output o); not n(o, i); endmodule\n".to_owned();
    let twice = |at: u32| {
        let (head, below) = (format!("module m{at}(input i, output o); wire w;"), at - 1);
        format!("{head} m{below} a(i, w); m{below} b(w, o); endmodule\n")
    };
    let levels: Vec<String> = std::iter::once(first).chain((1..64).map(twice)).collect();
    assert!(matches!(refused(&levels.concat()), Refused::TooLarge { .. }));
    assert_eq!(refused(""), Refused::NoModule);
    assert_eq!(refused("\u{0}\u{1}\u{ff}"), Refused::NoModule);
    assert!(matches!(refused("{\"modules\": "), Refused::Json(12)));
}

#[test]
fn nesting_and_widths_have_ends() {
    let open = reading("module m(output y); assign (y) = 1; assign ( ; not n(y, y); endmodule");
    assert!(codes(&open).iter().any(|one| one.2 == "syntax"));
    let deep = "(".repeat(100_000);
    let text = format!("module m(output y); assign y = {deep}1; not n(y, y); endmodule");
    assert!(codes(&reading(&text)).contains(&(1, 96, "deep")));
    let braces = "{".repeat(100_000);
    let text = format!("module m(output y); assign y = {braces}1; not n(y, y); endmodule");
    assert_eq!(codes(&reading(&text))[0].2, "deep");
    let wide = "module m(output y); wire [2000000000:0] w; wire [8:0] v;\n\
                assign v = {1000000{v}}; not n(y, v[0]); endmodule";
    let wide = reading(wide);
    let found: Vec<&str> = codes(&wide).iter().map(|one| one.2).collect();
    assert_eq!(found, ["wide", "wide", "undriven"]);
    let many: Vec<String> = (0..100).map(|at| format!("wire [1000000:0] w{at};")).collect();
    let text = format!("module m(output y); {} not n(y, w0[0]); endmodule", many.concat());
    assert!(matches!(refused(&text), Refused::TooLarge { what: "names", .. }));
}

#[test]
fn every_cut_of_a_text_is_survived() {
    let text = "`ifdef A\n`endif\nmodule m #(parameter P = 3) (input [P:0] a, output \\y[1] );\n\
        wire w = a[0] & ~a[1]; assign {w} = a[2] ? 1'b0 : {2{a[3]}};\n\
        (* x *) nand (w, a[0]), g(w, a[1]); INVX0 u (.IN(w), .QN(\\y[1] ));\n\
        always @(*) begin if (a) b <= 1; end /* c */ endmodule // d";
    for end in 0..=text.len() {
        let _ = read(&text.as_bytes()[..end], &Library::default(), None);
        let _ = read(&text.as_bytes()[end..], &Library::default(), None);
    }
}
