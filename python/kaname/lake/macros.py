"""SQL macros for addresses: ``ip(hi, lo)`` and ``in_net(hi, lo, 'prefix')``.

They are plain SQL over the two signed integers of `kaname.model.address`, because the
engine's own type for addresses is an extension that would have to be downloaded.
"""

from __future__ import annotations

__all__ = ["MACROS"]

_WORD = "18446744073709551616::UHUGEINT"
_MAPPED = 65535  # ::ffff:0:0/96

# Word i (0 to 7, from the left) of the address as a number below 65536.
_GROUP = """
CREATE MACRO kn_group(hi, lo, i) AS
  ((CASE WHEN i < 4 THEN hi ELSE lo END) >> (48 - 16 * (i % 4))) & 65535
"""

# RFC 5952: lower case, no leading zeros, the first longest run of two or more zero words
# as "::". Runs are found in a string of one mark a word.
_RUN = """
CREATE MACRO kn_run(marks) AS (
  CASE WHEN contains(marks, '00000000') THEN 8 WHEN contains(marks, '0000000') THEN 7
       WHEN contains(marks, '000000') THEN 6 WHEN contains(marks, '00000') THEN 5
       WHEN contains(marks, '0000') THEN 4 WHEN contains(marks, '000') THEN 3
       WHEN contains(marks, '00') THEN 2 ELSE 0 END)
"""
_WORDS = """
CREATE MACRO kn_words(hi, lo) AS
  list_transform([0, 1, 2, 3, 4, 5, 6, 7], lambda i: kn_group(hi, lo, i))
"""
_IP6_OF_WORDS = """
CREATE MACRO kn_ip6_words(words, marks) AS (
  CASE WHEN kn_run(marks) = 0
    THEN array_to_string(list_transform(words, lambda w: printf('%x', w)), ':')
    ELSE array_to_string(list_transform(
           words[1:strpos(marks, repeat('0', kn_run(marks)))-1], lambda w: printf('%x', w)), ':')
      || '::' ||
         array_to_string(list_transform(
           words[strpos(marks, repeat('0', kn_run(marks))) + kn_run(marks):8],
           lambda w: printf('%x', w)), ':')
  END)
"""
_MARKS = """
CREATE MACRO kn_marks(words) AS
  array_to_string(list_transform(words, lambda w: CASE WHEN w = 0 THEN '0' ELSE '1' END), '')
"""
_IP6 = "CREATE MACRO kn_ip6(hi, lo) AS kn_ip6_words(kn_words(hi, lo), kn_marks(kn_words(hi, lo)))"
_IP4 = """
CREATE MACRO kn_ip4(lo) AS
  ((lo >> 24) & 255) || '.' || ((lo >> 16) & 255) || '.' || ((lo >> 8) & 255) || '.' || (lo & 255)
"""
_IP = f"""
CREATE MACRO ip(hi, lo) AS
  CASE WHEN hi IS NULL OR lo IS NULL THEN NULL
       WHEN hi = 0 AND (lo >> 32) = {_MAPPED} THEN kn_ip4(lo) ELSE kn_ip6(hi, lo) END
"""

MACROS: tuple[str, ...] = (_GROUP, _RUN, _WORDS, _MARKS, _IP6_OF_WORDS, _IP6, _IP4, _IP)
