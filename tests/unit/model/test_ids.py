"""Ids: equal parts give equal ids, other parts others, and STIX ids are UUIDv5."""

from __future__ import annotations

import hashlib
import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from kaname.model.ids import batch_id, digest, stable_id, stix_id


def test_a_digest_is_sha256_of_canonical_json():
    expected = hashlib.sha256(b'["a",{"b":1,"c":[2]}]').hexdigest()
    assert digest("a", {"c": [2], "b": 1}) == expected


@given(st.text(), st.text(), st.text())
def test_parts_do_not_run_together(a, b, c):
    assert stable_id("finding", a + b, c) != stable_id("finding", a, b + c) or b == ""


def test_a_stix_id_is_a_version_5_uuid():
    kind, _, value = stix_id("indicator", "192.0.2.1").partition("--")
    assert kind == "indicator"
    assert uuid.UUID(value).version == 5


@given(st.binary())
def test_a_batch_fits_a_signed_64_bit_column(data):
    assert 0 <= batch_id(hashlib.sha256(data).hexdigest()) < 2**63


def test_ids_are_fit_for_a_url():
    assert re.fullmatch(r"finding-[0-9a-f]{24}", stable_id("finding", "日本", 1))
