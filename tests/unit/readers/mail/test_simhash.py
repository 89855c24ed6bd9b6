"""The fingerprint of a body: stable, near for near texts, blind to what campaigns vary."""

from __future__ import annotations

import hashlib

import pytest

from kaname.readers.mail.simhash import distance, simhash, words

BODY = (
    "Dear customer, your account at Example Bank has been suspended. Please confirm your "
    "identity within 24 hours at http://bank.example/login?id=12345 or it will be closed. "
    "We thank you for your understanding and remain at your service, the security team."
)


def test_one_word_has_the_bits_of_its_hash():
    digest = hashlib.blake2b(b"hello", digest_size=8).digest()
    assert simhash("Hello") == int.from_bytes(digest, "big", signed=True)


def test_two_words_against_one_are_the_majority():
    # two of three weights decide: "a" counts twice
    digest = hashlib.blake2b(b"a", digest_size=8).digest()
    assert simhash("a b a") == int.from_bytes(digest, "big", signed=True)


def test_the_words_of_a_text():
    assert list(words("FREE  ﬁles, 12345 ＡＢＣ http://x.example/y")) == [
        "free",
        "files",
        "0",
        "abc",
    ]
    assert list(words("至急ご確認、OK")) == ["至急", "急ご", "ご確", "確認", "ok"]
    assert list(words("票")) == ["票"]


def test_numbers_and_links_do_not_matter():
    other = BODY.replace("12345", "99").replace("24 hours", "48 hours")
    assert simhash(other) == simhash(BODY)


def test_near_texts_are_near_and_others_are_far():
    assert distance(simhash(BODY), simhash(BODY.replace("Dear", "Hello"))) <= 6
    other = "Cheap watches and handbags, replica of all brands, order today with free shipping!"
    assert distance(simhash(BODY), simhash(other)) > 16


@pytest.mark.parametrize("empty", ["", " \n", "http://only.example/", "!!! ---"])
def test_nothing_has_zero(empty):
    assert simhash(empty) == 0
