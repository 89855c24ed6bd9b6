"""A small model from end to end: trained, stored, asked, explained, and told by commands."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
import re
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner

from kaname.cli.main import root
from kaname.hardware.netlist.corpus import Mixture, generate
from kaname.hardware.netlist.evaluating import of_model, protocols
from kaname.hardware.netlist.examples import given
from kaname.hardware.netlist.model import Model
from kaname.hardware.netlist.reading import read
from kaname.hardware.netlist.stages import Effort, by_host, by_netlist
from kaname.hardware.netlist.training import train
from kaname.model.errors import IntegrityError, KanameError, UnavailableError, UsageError

_EFFORT = Effort(trees=12, folds=2)
_SMALL = Mixture(smallest=80, largest=200, clean=0.25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Ten small labelled designs of our own, as a user would give them."""
    place = tmp_path_factory.mktemp("labelled")
    for number, one in enumerate(generate(5, hosts=10, mixture=_SMALL)):
        labels = {"trojan_instances": sorted(one.trojan), "host": one.host, "set": "ours"}
        (place / f"{one.name}.labels.json").write_text(json.dumps(labels))
        if number % 2:
            (place / f"{one.name}.v.gz").write_bytes(gzip.compress(one.text.encode()))
        else:
            (place / f"{one.name}.v").write_text(one.text)
    return place


@pytest.fixture(scope="module")
def examples(folder):
    return list(given([folder]))


@pytest.fixture(scope="module")
def model(examples) -> Model:
    return train(examples, "small", _EFFORT)


@pytest.fixture(scope="module")
def stored(model, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("model") / "small.npz"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def trojaned(folder) -> tuple[str, set[str]]:
    """The text of a design with a Trojan, and the Trojan's instances."""
    for path in sorted(folder.glob("*.labels.json")):
        labels = json.loads(path.read_text())
        plain = path.with_name(path.name.replace(".labels.json", ".v"))
        if labels["trojan_instances"] and plain.exists():
            return plain.read_text(), set(labels["trojan_instances"])
    raise AssertionError


def renamed(text: str, seed: int) -> tuple[str, dict[str, str]]:
    """The same design under other names, its statements in another order."""
    order = random.Random(seed)
    head, body = text.split(";", 1)
    statements = body.rsplit("endmodule", 1)[0].split(";")[:-1]
    order.shuffle(statements)
    names = sorted(set(re.findall(r"\b[gn]\d+\b", text)))
    others = [f"x{number}" for number in range(len(names))]
    order.shuffle(others)
    to = dict(zip(names, others, strict=True))
    whole = f"{head};{';'.join(statements)};\nendmodule\n"
    return re.sub(r"\b[gn]\d+\b", lambda found: to[found[0]], whole), to


def by_name(model: Model, text: str) -> tuple[dict[str, float], float]:
    netlist = read(text.encode())
    verdict = model.judge(netlist)
    names = netlist.cell_names.to_pylist()
    return dict(zip(names, verdict.probability.tolist(), strict=True)), verdict.design_probability


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_names_and_order_say_nothing(model, trojaned, seed):
    text, _ = trojaned
    other, to = renamed(text, seed)
    before, whole = by_name(model, text)
    after, same = by_name(model, other)
    assert same == pytest.approx(whole, abs=1e-6)
    for name, probability in before.items():
        assert after[to[name]] == pytest.approx(probability, abs=1e-5)


def test_a_name_that_says_trojan_changes_nothing(model, trojaned):
    text, trojan = trojaned
    innocent = next(n for n in re.findall(r"\bg\d+\b", text) if n not in trojan)
    before, _ = by_name(model, text)
    after, _ = by_name(model, re.sub(rf"\b{innocent}\b", "Trojan_Trigger_1", text))
    assert after["Trojan_Trigger_1"] == pytest.approx(before[innocent], abs=1e-6)


def test_trojans_that_were_learnt_are_found(model, trojaned):
    """Eight of ten designs of the sample: a model that learnt nothing would rank by chance."""
    text, trojan = trojaned
    scores, _ = by_name(model, text)
    best = sorted(scores, key=lambda name: -scores[name])[: len(trojan)]
    assert len(trojan.intersection(best)) >= 0.6 * len(trojan)


def test_the_line_is_no_lower_where_a_design_looks_clean(model):
    for lines in (model.head.decision.lines[goal] for goal in ("f1", "clean")):
        assert lines.suspicious <= lines.other


def test_a_stored_model_judges_as_the_one_that_was_trained(model, stored, trojaned):
    text, _ = trojaned
    assert by_name(Model.load(stored), text) == by_name(model, text)
    assert Model.load(stored).encode() == stored.read_bytes()


def test_the_same_designs_give_the_same_model(examples, model):
    assert train(examples, "small", _EFFORT).encode() == model.encode()


def test_what_is_missing_is_said_before_designs_are_made(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    designs = iter([None])
    with pytest.raises(UnavailableError, match="train"):
        train(designs, "none", _EFFORT)
    assert next(designs, "taken") is None


def test_hosts_stay_together_and_netlists_are_dealt_round(examples):
    folds = by_host(examples, 4)
    for host in {one.host for one in examples}:
        assert (
            len({int(f) for f, one in zip(folds, examples, strict=True) if one.host == host}) == 1
        )
    assert len(set(by_netlist(examples, 3).tolist())) == 3


def test_an_explanation_names_what_adds_most(model, trojaned):
    text, _ = trojaned
    netlist = read(text.encode())
    verdict = model.judge(netlist)
    cell = int(verdict.ranked(1)[0])
    found = model.explain(netlist, verdict, cell)
    assert found.instance == netlist.cell_names[cell].as_py()
    assert found.probability == pytest.approx(float(verdict.probability[cell]), abs=1e-4)
    weights = [reason.weight for reason in found.reasons]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 0
    column = {name: at for at, name in enumerate(model.head.features)}
    for reason in found.reasons:
        if reason.feature != "surroundings":
            values = verdict.values[:, column[reason.feature]]
            own = values[cell]  # told rounded, which would lie beside all that are equal
            assert reason.value == pytest.approx(float(own), abs=1e-4)
            share = ((values < own).mean() + (values <= own).mean()) / 2
            assert reason.inside == pytest.approx(100 * share, abs=0.01)
    nodes = {node.id: node for node in found.circuit.nodes}
    assert nodes[cell].depth == 0
    assert all(a in nodes and b in nodes for a, b in found.circuit.edges)
    assert {abs(node.depth) for node in nodes.values()} <= {0, 1, 2}


def test_a_verdict_is_a_document(model, trojaned):
    text, _ = trojaned
    netlist = read(text.encode())
    verdict = model.judge(netlist, false_alarms=0.9, goal="tpr_95")
    told = verdict.as_json(cells=model.explain_all(netlist, verdict, verdict.ranked(5).tolist()))
    plain = json.loads(json.dumps(told))  # all of it is plain values
    assert plain["ranked"][0]["reasons"] == told["ranked"][0]["reasons"]
    assert told["cells"] == netlist.cells == sum(told["histogram"])
    assert told["flagged"] == sum(len(one.cells) for one in verdict.components)
    assert len(told["ranked"]) == 5
    for region in told["regions"]:
        assert region["size"] == len(region["cells"])
        assert 0 <= region["probability"] <= 1


def test_an_empty_design_is_clean(model):
    verdict = model.judge(read(b"module top (a, b); input a; output b; assign b = a; endmodule"))
    assert not verdict.suspicious
    assert verdict.as_json()["flagged"] == 0


# --- files ---


class _Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('ran')",))


def hostile(data: bytes):
    """Files that are no model, or models that lie."""
    yield b""
    yield b"PK\x03\x04 not a zip"
    yield pickle.dumps(_Evil())
    for cut in (10, len(data) // 2, len(data) - 30):
        yield data[:cut]
    with np.load(io.BytesIO(data)) as loaded:
        arrays = {name: loaded[name] for name in loaded.files}
    head = json.loads(arrays["head"].tobytes())

    def changed(**parts):
        out = io.BytesIO()
        np.savez(out, **{**arrays, **parts})
        return out.getvalue()

    def headed(**fields):
        encoded = json.dumps({**head, **fields}).encode()
        return changed(head=np.frombuffer(encoded, np.uint8))

    yield changed(clean=np.array([_Evil()], object))
    yield changed(first_feature=arrays["first_feature"][:-1])
    yield changed(first_sizes=np.array([2**32 - 1], np.uint32))
    yield changed(second_feature=np.full_like(arrays["second_feature"], 60_000))
    yield changed(first_threshold=np.full_like(arrays["first_threshold"], np.nan))
    yield changed(clean=arrays["clean"][:3])
    yield headed(format=99)
    yield headed(features=head["features"][:-1])
    yield headed(second=["a"])
    yield headed(decision={})
    yield headed(decision={**head["decision"], "lines": {}})
    curve = {**head["decision"]["curve"], "at": [1, 0]}
    yield headed(decision={**head["decision"], "curve": curve})


def test_hostile_model_files_are_refused(stored):
    for number, data in enumerate(hostile(stored.read_bytes())):
        with pytest.raises(IntegrityError, match=r"bad\.npz"):
            Model.read(data, f"bad.npz {number}")


def test_a_file_that_unpacks_to_gigabytes_is_refused_unread():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in range(9):
            archive.writestr(f"{name}.npy", bytes(32 << 20))
    with pytest.raises(IntegrityError):
        Model.read(packed.getvalue(), "bomb.npz")


def test_flipped_bits_never_escape_as_other_errors(stored, trojaned):
    data, text = stored.read_bytes(), trojaned[0]
    order = random.Random(1)
    netlist = read(text.encode())
    for _ in range(25):
        broken = bytearray(data)
        broken[order.randrange(len(broken))] ^= 1 << order.randrange(8)
        try:
            model = Model.read(bytes(broken), "flipped.npz")
        except IntegrityError:
            continue
        assert len(model.judge(netlist).probability) == netlist.cells


# --- evaluation ---


def test_both_protocols_are_always_told(examples):
    found = protocols(examples, _EFFORT)
    for protocol in ("host_out", "netlist_out"):
        assert f"{protocol}_ap" in found.measures
        assert any(table.title.startswith(protocol) for table in found.tables)
    with pytest.raises(UsageError):
        protocols([one for one in examples if one.host == examples[0].host], _EFFORT)


def test_known_hosts_are_told_apart(model, examples):
    found = of_model(model, examples)
    assert found.measures["unseen_hosts_designs"] == 0
    assert found.measures["all_designs"] == len(examples)
    assert found.measures["all_ap"] > 0.5  # of designs that it learnt


# --- commands ---


class Said(NamedTuple):
    exit_code: int
    stdout: str
    output: str


def kaname(*arguments: object) -> Said:
    found = CliRunner().invoke(root, [str(one) for one in arguments], standalone_mode=False)
    if isinstance(found.exception, KanameError):
        return Said(found.exception.exit_code, found.stdout, str(found.exception))
    if found.exception is not None:
        raise found.exception
    return Said(found.return_value or 0, found.stdout, found.output)


def test_scan_tells_and_writes(stored, folder, tmp_path):
    some = sorted(folder.glob("*.v"))[:2]
    found = kaname("hardware", "netlist", "scan", *some, "--model", stored, "--json",
                   "--limit", 3, "--output", tmp_path, "--format", "csv", "--format", "graphml",
                   "--format", "verilog", "--goal", "tpr_95")  # fmt: skip
    assert found.exit_code == 0, found.output
    designs = json.loads(found.stdout)["designs"]
    assert [Path(one["path"]) for one in designs] == some
    assert all(len(one["ranked"]) == 3 for one in designs)
    stem = some[0].name.removesuffix(".v")
    lines = (tmp_path / f"{stem}.csv").read_text().splitlines()
    assert len(lines) == designs[0]["cells"] + 1
    flagged = sum(line.split(",")[2] == "1" for line in lines[1:])
    assert flagged == designs[0]["flagged"]
    marked = (tmp_path / f"{stem}.marked.v").read_text()
    assert marked.count("(* kaname_trojan") == flagged
    assert read(marked.encode()).cells == designs[0]["cells"]  # it is still the design
    graph = ET.parse(tmp_path / f"{stem}.graphml").getroot()  # noqa: S314 - our own
    assert graph.tag.endswith("graphml")


def test_scan_fails_where_it_was_asked_to(stored, folder):
    found = kaname("hardware", "netlist", "scan", folder, "--model", stored, "--goal", "tpr_95",
                   "--fail-on", "flagged", "--limit", 0)  # fmt: skip
    assert found.exit_code == 3, found.output


def test_one_bad_netlist_keeps_no_other_out(stored, folder, tmp_path):
    bad = tmp_path / "bad.v"
    bad.write_text("this is no netlist")
    good = min(folder.glob("*.v"))
    found = kaname("hardware", "netlist", "scan", bad, good, "--model", stored, "--json")
    assert found.exit_code == 3
    assert len(json.loads(found.stdout)["designs"]) == 1


def test_wrong_use_is_told(stored, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert kaname("hardware", "netlist", "scan", empty, "--model", stored).exit_code == 2
    assert kaname("hardware", "netlist", "train", empty, "-o", tmp_path / "m.npz",
                  "--no-synthetic").exit_code == 2  # fmt: skip
    assert kaname("hardware", "netlist", "train", "-o", tmp_path / "m.npz",
                  "--no-synthetic").exit_code == 2  # fmt: skip
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"nothing")
    found = kaname("hardware", "netlist", "scan", stored, "--model", broken)
    assert found.exit_code == 1
    assert "broken.npz" in found.output


def test_train_and_evaluate_by_command(folder, tmp_path):
    path = tmp_path / "mine.npz"
    found = kaname("hardware", "netlist", "train", folder, "-o", path, "--no-synthetic",
                   "--trees", 8, "--json")  # fmt: skip
    assert found.exit_code == 0, found.output
    card = json.loads(found.stdout)["card"]
    assert card["sources"][0]["designs"] == 10
    found = kaname("hardware", "netlist", "evaluate", folder, "--model", path, "--json")
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["measures"]["all_designs"] == 10
