"""CBOMs into the lake: ours whole, those of others as far as they say, bad ones refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.cryptography.inventoried import START, bring, shop

from kaname.cryptography.assets import COLUMNS, LOOKED_AT, endpoint_of, item_of
from kaname.cryptography.demonstration import write
from kaname.cryptography.inventory.cbom import cbom
from kaname.cryptography.policy.from_cbom import items_of
from kaname.cryptography.policy.judge import Judge
from kaname.cryptography.policy.tables import load
from kaname.cryptography.readers.cbom import CbomReader
from kaname.lake import Lake
from kaname.model.errors import InputError
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import detect, ingest

EXAMPLES = Path("../shared/data/hardware-crypto/inventory/cbom_examples")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "data") as opened:
        yield opened


def rows(lake: Lake, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.query(sql).table.to_pylist()
    return found


def test_what_was_found_comes_back_from_the_lake_as_it_was(lake: Lake, tmp_path: Path) -> None:
    items = shop()
    bring(lake, tmp_path, items, START)
    held = rows(lake, f"SELECT {COLUMNS} FROM crypto_assets ORDER BY row_in_src")  # noqa: S608
    back = {one.id: one for one in map(item_of, held)}
    for one in items:
        if one.kind == "certificate":  # told at the reading: whether it was valid then
            back[one.id].details.pop("notes")
        assert back[one.id] == one
    (whole,) = rows(lake, "SELECT name, items, places, unread, skipped FROM crypto_inventories")
    assert whole == {"name": "shop", "items": 11, "places": 6, "unread": 1, "skipped": 0}


def test_an_endpoint_is_found_by_its_address_and_a_certificate_by_its_digest(
    lake: Lake, tmp_path: Path
) -> None:
    bring(lake, tmp_path, shop(), START)
    found = rows(lake, "SELECT DISTINCT ip(src_hi, src_lo) AS a, host, port FROM crypto_assets "
                 "WHERE port IS NOT NULL ORDER BY port")  # fmt: skip
    assert found == [
        {"a": "::", "host": "shop.example", "port": 443},
        {"a": "192.0.2.25", "host": "192.0.2.25", "port": 465},
    ]


def test_the_same_document_twice_is_there_once(lake: Lake, tmp_path: Path) -> None:
    path = bring(lake, tmp_path, shop(), START)
    assert ingest(lake, path, sensor="weeks", tlp=Tlp.CLEAR).already
    assert rows(lake, "SELECT count(*) AS n FROM crypto_inventories") == [{"n": 1}]


@pytest.mark.parametrize("name", ["Algorithm", "Certificate", "Key"])
def test_documents_of_others_are_read_by_their_content(lake: Lake, name: str) -> None:
    path = EXAMPLES / f"{name}.json"
    assert detect(path).name == "cbom"
    source = ingest(lake, path, sensor="others", tlp=Tlp.CLEAR).source
    assert not source.damaged
    assert source.rows >= 2
    (one,) = rows(lake, "SELECT name, format FROM crypto_inventories")
    assert one["format"].startswith("CycloneDX 1.")
    assert one["name"]


def component(**crypto: Any) -> dict[str, Any]:
    return {"type": "cryptographic-asset", "name": "AES-128", "bom-ref": "a",
            "cryptoProperties": {"assetType": "algorithm", **crypto}}  # fmt: skip


def document(*components: Any, **more: Any) -> dict[str, Any]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(components), **more}


@pytest.mark.parametrize(
    "bad",
    [
        b"{", b"[]", b'{"bomFormat": "SPDX"}', b"\xff\xfe{}", b"{" * 100_000,
        json.dumps(document({"type": "library", "name": "zlib"})).encode(),
        json.dumps({"bomFormat": "CycloneDX", "components": {"a": 1}}).encode(),
        json.dumps({"bomFormat": "CycloneDX", "components": 7}).encode(),
    ],
)  # fmt: skip
def test_a_bad_document_is_one_clear_error_and_leaves_nothing(
    lake: Lake, tmp_path: Path, bad: bytes
) -> None:
    path = tmp_path / "bad.cdx.json"
    path.write_bytes(bad)
    with pytest.raises(InputError, match=r"bad\.cdx\.json is no CycloneDX"):
        ingest(lake, path, sensor="s", tlp=Tlp.CLEAR, reader="cbom")
    assert rows(lake, "SELECT count(*) AS n FROM crypto_assets") == [{"n": 0}]


def test_one_bad_component_leaves_the_others(lake: Lake, tmp_path: Path) -> None:
    bad = component() | {"evidence": {"occurrences": [7]}}
    path = tmp_path / "half.cdx.json"
    path.write_text(json.dumps(document(component(), bad)))
    source = ingest(lake, path, sensor="s", tlp=Tlp.CLEAR).source
    assert (source.damaged, source.counters) == (True, {"malformed": 1, "asset": 1})
    (whole,) = rows(lake, "SELECT items, skipped FROM crypto_inventories")
    assert whole == {"items": 1, "skipped": 1}


def test_an_empty_inventory_is_one_too(lake: Lake, tmp_path: Path) -> None:
    bring(lake, tmp_path, [], START)
    assert rows(lake, "SELECT items FROM crypto_inventories") == [{"items": 0}]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["algorithm", "certificate", "protocol", "RSA-2048", "2030-01-01T00:00:00Z",
                       "kaname:kind", "kaname:details", "{}", "certificate"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["cryptoProperties", "assetType", "evidence", "occurrences", "location",
                         "line", "name", "bom-ref", "properties", "value", "components",
                         "certificateProperties", "subjectPublicKeyRef", "notValidAfter",
                         "protocolProperties", "algorithmProperties", "metadata", "timestamp"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(components=st.lists(_json, max_size=4), metadata=_json)
def test_any_json_is_rows_or_a_clear_error(
    components: list[Any], metadata: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "any.json"
    path.write_text(json.dumps(document(*components, metadata=metadata)))
    job = ReadJob(path=path, sensor="s", tlp=Tlp.CLEAR, batch=1)
    try:
        found = list(CbomReader().read(job))
    except InputError:
        return
    assert sum(batch.num_rows for table, batch in found if table == "crypto_inventories") == 1
    assert job.report.records == sum(job.report.counters.values())


@pytest.mark.parametrize(
    ("location", "host"),
    [("shop.example:443", "shop.example"), ("[2001:db8::1]:8443", "2001:db8::1"),
     ("192.0.2.1:22", "192.0.2.1"), ("/etc/ssl/a.pem", None), ("C:\\keys\\a.pem", None),
     ("a/b.pem:12", None), ("host:0", None), ("host:70000", None)],
)  # fmt: skip
def test_endpoints_are_told_from_files(location: str, host: str | None) -> None:
    found = endpoint_of(location)
    assert (None if found is None else found[0]) == host


def test_the_demonstration_keeps_no_key_and_reads_itself(lake: Lake, tmp_path: Path) -> None:
    before, after, log = write(tmp_path / "demo", now=START, seed=1)
    made = {path.name for path in (tmp_path / "demo").iterdir()}
    assert made == {before.name, after.name, log.name}
    for path in (before, after, log):
        assert "PRIVATE" not in path.read_text()
        ingest(lake, path, sensor="shop", tlp=Tlp.CLEAR)
    kinds = {row["asset"] for row in rows(lake, "SELECT DISTINCT asset FROM crypto_assets")}
    assert kinds >= {"certificate", "protocol", "cipher-suite", "group", "code-use"}
    assert "private-key" not in kinds
    joined = "SELECT DISTINCT sni FROM tls JOIN crypto_assets ON cert_sha256 = evidence"
    assert {row["sni"] for row in rows(lake, joined)} == {"shop.example", "api.shop.example"}


def test_a_cbom_gives_back_the_items_it_was_made_of() -> None:
    items = shop(later=True)
    assert {one.id: one for one in items_of(json.loads(json.dumps(cbom(items))))} == {
        one.id: one for one in items
    }


class Watched(dict[str, Any]):
    """Details that remember what was asked of them."""

    asked: set[str]

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__(details)
        self.asked = set()

    def get(self, key: str, default: Any = None) -> Any:
        """As of any mapping."""
        self.asked.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)


def test_a_policy_looks_at_no_more_than_what_makes_items_alike() -> None:
    judge = Judge(load(), 2026, "new")
    asked = set()
    for item in shop(later=True):
        details = Watched(item.details)
        judge.verdict(msgspec.structs.replace(item, details=details))
        asked |= details.asked
    assert asked <= {*LOOKED_AT, "notes"}  # validity is judged item by item
    assert "signature_hash" in asked
