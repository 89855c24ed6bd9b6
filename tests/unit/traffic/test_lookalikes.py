"""Domains that imitate a brand, held against what dnstwist makes.

``dnstwist/permutations.csv`` was written by dnstwist 20250130 (``Fuzzer(domain).generate``,
up to twelve of each kind, chosen at random) for six brands of the shipped list.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.model.errors import UsageError
from kaname.readers.domains import canonical, registered
from kaname.traffic.analyses.lookalikes import LookalikeDomains
from kaname.traffic.names.brands import brands, read_brands
from kaname.traffic.names.edits import deletions, distance, edit
from kaname.traffic.names.listing import listing
from kaname.traffic.names.lookalike import Lookalikes
from kaname.traffic.names.skeleton import readable, skeleton
from kaname.traffic.names.trial import findings, trial

MADE = Path(__file__).parent / "dnstwist" / "permutations.csv"
START = 1_767_225_600_000_000
WORDS = st.text("abcd", max_size=7)


@pytest.fixture(scope="module")
def looked() -> Lookalikes:
    return Lookalikes(read_brands(""))


def test_what_dnstwist_makes_is_recognised(looked: Lookalikes) -> None:
    missed: list[str] = []
    with MADE.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        domain = registered(canonical(row["domain"])) or row["domain"]
        if looked.imitated(domain) is None:
            missed.append(f"{row['kind']}: {row['domain']}")
    assert len(missed) <= 0.03 * len(rows), missed


def test_benign_domains_are_left_alone(looked: Lookalikes) -> None:
    named = [i.domain for i in looked.all(listing("benign_names")) if i.kind != "suffix"]
    assert len(named) <= 0.002 * 4000, named


@pytest.mark.parametrize(
    ("domain", "brand", "kind", "change"),
    [
        ("rakuten-card-login.com", "rakuten-card", "words", "rakuten-card + login"),
        ("micros0ft.com", "microsoft", "look", "microsoft → micros0ft"),
        ("arnazon.co.jp", "amazon", "look", "amazon → arnazon"),
        ("xn--pypal-4ve.com", "paypal", "homoglyph", "paypal → pаypal"),
        ("amzaon.com", "amazon", "swap", "az → za"),
        ("amazn.com", "amazon", "omission", "-o"),
        ("ammazon.com", "amazon", "repetition", "+m"),
        ("microsodt.com", "microsoft", "keyboard", "f → d"),
        ("omazon.com", "amazon", "vowel", "a → o"),
        ("mizuho-bank.com", "mizuhobank", "hyphen", "mizuhobank → mizuho-bank"),
        ("sagawa-exp.top", "sagawa-exp", "suffix", ".top"),
        ("smbc-verify-account.com", "smbc", "words", "smbc + verify+account"),
    ],
)
def test_the_edit_is_told(
    looked: Lookalikes, domain: str, brand: str, kind: str, change: str
) -> None:
    found = looked.imitated(domain)
    assert found is not None
    assert (found.brand.name, found.kind, found.change) == (brand, kind, change)


@pytest.mark.parametrize(
    "domain",
    ["rakuten.co.jp", "amazon.de", "google.co.uk", "paypal.me", "applebees.com", "pineapple.com",
     "cloud.githubusercontent.com", "microscope.com", "example.com"],
)  # fmt: skip
def test_own_domains_and_other_words_imitate_nobody(looked: Lookalikes, domain: str) -> None:
    assert looked.imitated(domain) is None


@given(WORDS, WORDS)
def test_the_distance_is_between_those_of_two_other_implementations(one: str, other: str) -> None:
    """Optimal string alignment is at most Levenshtein's, at least unrestricted Damerau's."""
    levenshtein, damerau = duckdb.execute(
        "SELECT levenshtein(?, ?), damerau_levenshtein(?, ?)", [one, other, one, other]
    ).fetchone()  # type: ignore[misc]
    assert damerau <= distance(one, other, 9) <= levenshtein
    assert distance(one, other, 1) == min(distance(one, other, 9), 2)


def test_the_distance_of_a_swap_is_one_and_not_edited_twice() -> None:
    assert distance("ab", "ba", 2) == 1
    assert distance("ca", "abc", 3) == 3  # the example that tells the two Damerau forms apart


@given(WORDS)
def test_deletions_hold_every_word_that_is_left(word: str) -> None:
    expected = {word[:at] + word[at + 1 :] for at in range(len(word))}
    assert deletions(word, 1) == expected | {word}


def test_an_edit_that_is_none_of_the_kinds_is_two() -> None:
    assert edit("amazon", "emazan") == ("edits", "amazon → emazan")
    assert edit("p", "q") == ("bitsquat", "p → q")  # 0x70 and 0x71


@pytest.mark.parametrize(
    ("label", "plain"),
    # U+0430 Cyrillic a, U+0131 dotless i, U+FF41 full-width a, e with acute, Greek omicron
    [("раypal", "paypal"), ("mıcrosoft", "microsoft"), ("ａmazon", "amazon"), ("appé", "appe"),
     ("gοοgle", "google"), ("日本", "日本")],
)  # fmt: skip
def test_characters_are_read_as_what_they_look_like(label: str, plain: str) -> None:
    assert readable(label) == plain
    assert skeleton(label) == skeleton(plain)


def test_broken_punycode_is_taken_as_it_stands() -> None:
    assert readable("xn--\x7f9999999999") == "xn--\x7f9999999999"


def test_a_list_of_brands_of_a_site(tmp_path: Path) -> None:
    path = tmp_path / "brands.txt"
    path.write_text("# ours\nkanameworks kaname.example  # the only one\n")
    (own,) = read_brands(str(path))
    assert own.domains == ("kaname.example",)
    found = Lookalikes([own]).imitated("kaname-works.com")
    assert found is not None
    with pytest.raises(UsageError):
        brands(["nobody"])
    with pytest.raises(UsageError):
        read_brands(str(tmp_path / "missing.txt"))


def test_where_it_was_seen_is_told_and_a_followed_link_is_graver() -> None:
    domain = "rakuten-card-login.com"
    mail = {"ts": START, "src": "198.51.100.1", "from_addr": "a@b.example", "subject": "s",
            "from_dom": "b.example", "url_regdoms": [domain, "google.com"]}  # fmt: skip
    visit = {"ts": START + 5, "src": "10.0.0.1", "app": "proxy", "regdom": domain}
    with trial({"mail": [mail, mail]}) as lake:
        (alone,) = findings(lake, LookalikeDomains(), {})
    with trial({"mail": [mail, mail], "user_events": [visit]}) as lake:
        (found,) = findings(lake, LookalikeDomains(), {})
        assert findings(lake, LookalikeDomains(), {"surely": 0.99}) == []
    assert (alone.severity, found.severity) == ("medium", "high")
    assert found.sensor == "all"
    assert dict(found.reasons)["traffic.reason.lookalike_in_mail"] == {"n": 2}
    assert found.evidence.tables == ("mail",)
    assert "T1566.002" in found.techniques


def test_a_host_that_begins_with_a_brands_domain_is_told() -> None:
    def asked(name: str, rcode: int = 0) -> dict[str, object]:
        return {"ts": START, "src": "10.0.0.1", "dst": "10.0.0.2", "qname": name, "qtype": 1,
                "regdom": registered(name), "rcode": rcode}  # fmt: skip

    url = "https://www.mizuhobank.co.jp.account.quiet-river.top/a"
    mail = {"ts": START, "src": "198.51.100.1", "from_addr": "a@b.example", "subject": "s",
            "from_dom": "b.example", "urls": [url],
            "url_regdoms": ["quiet-river.top"]}  # fmt: skip
    dns = [
        asked("www.amazon.co.jp.session.kitten-house.org"),
        asked("paypal.com.corp.intranet-site.org", 3),  # a search suffix
        asked("www.apple.com.edgekey.net"),  # a content network
        asked("amazon.co.jp.multi.uribl.com"),  # a list of domains
        asked("www.amazon.co.jp"),
    ]
    with trial({"dns": dns, "mail": [mail]}) as lake:
        found = findings(lake, LookalikeDomains(), {})
    told = {f.values["domain"]: f for f in found}
    assert sorted(told) == ["kitten-house.org", "quiet-river.top"]
    assert told["kitten-house.org"].values["brand"] == "amazon"
    assert "mizuhobank.co.jp.account" in " ".join(told["quiet-river.top"].because("en"))
