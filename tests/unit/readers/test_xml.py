"""XML of unknown origin: a small tree, elements cut out, nothing that grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.xml_elements import elements
from kaname.readers.xml_tree import MOST_DEPTH, BadXmlError, parse


def test_a_tree_without_name_spaces():
    root = parse('<n:a xmlns:n="u" k="v"><n:b> x &amp; <![CDATA[<y>]]> </n:b><n:b/></n:a>')
    assert (root.name, root.attributes["k"], root.value("b")) == ("a", "v", "x & <y>")
    assert [node.text for node in root.all("b")] == [" x & <y> ", ""]
    assert root.value("c") is None


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'
REFUSED = {
    "billion laughs": LAUGHS,
    "an external entity": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
    "an unknown entity": "<x>&y;</x>",
    "too deep": "<a>" * (MOST_DEPTH + 2) + "</a>" * (MOST_DEPTH + 2),
    "not closed": "<a>",
    "nothing": "",
    "no XML": "hello",
    "an unknown encoding": '<?xml version="1.0" encoding="x-none"?><a/>',
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused(what):
    with pytest.raises(BadXmlError):
        parse(REFUSED[what].encode())


def cut(folder: Path, text: str):
    path = folder / "x.xml"
    path.write_bytes(text.encode())
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    return [(at, node.value("v")) for at, node in elements(job, "e")], job.report


def test_elements_of_a_list_with_their_offsets(tmp_path):
    text = "<l><e a='1'><v>1</v></e>\n<entry/><e><v>2</v></e></l>"
    rows, report = cut(tmp_path, text)
    assert rows == [(3, "1"), (text.index("<e>"), "2")]
    assert report.counters == {}


def test_broken_and_cut_elements_cost_only_themselves(tmp_path):
    rows, report = cut(tmp_path, "<e><v>1</v></e><e><v>2</e><e><v>3</v></e><e><v>4</v>")
    assert [value for _, value in rows] == ["1", "3"]
    assert report.counters == {"malformed": 1, "cut": 1}


def test_an_element_without_end_is_let_go(tmp_path):
    rows, report = cut(tmp_path, "<e><v>1</v></e><e>" + "x" * (5 << 20))
    assert [value for _, value in rows] == ["1"]
    assert set(report.counters) <= {"too_long", "cut"}
