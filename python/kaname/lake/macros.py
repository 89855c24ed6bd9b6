"""SQL macros for addresses: ``ip(hi, lo)`` and ``in_net(hi, lo, 'prefix')``.

They are plain SQL over the two signed integers of `kaname.model.address`, because the
engine's own type for addresses is an extension that would have to be downloaded.
"""

from __future__ import annotations

__all__ = ["MACROS"]

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
_JOIN = """
CREATE MACRO kn_join(words) AS
  array_to_string(list_transform(words, lambda w: printf('%x', w)), ':')
"""
_IP6_OF_WORDS = """
CREATE MACRO kn_ip6_of(words, place, run) AS (
  CASE WHEN run = 0 THEN kn_join(words)
    ELSE kn_join(words[1:place - 1]) || '::' || kn_join(words[place + run:8]) END)
"""
_MARKS = """
CREATE MACRO kn_marks(words) AS
  array_to_string(list_transform(words, lambda w: CASE WHEN w = 0 THEN '0' ELSE '1' END), '')
"""
_IP6 = """
CREATE MACRO kn_ip6(hi, lo) AS (
  list_transform([kn_words(hi, lo)], lambda words:
    list_transform([kn_marks(words)], lambda marks:
      list_transform([kn_run(marks)], lambda run:
        kn_ip6_of(words, strpos(marks, repeat('0', run)), run))[1])[1])[1])
"""
_IP4 = """
CREATE MACRO kn_ip4(lo) AS
  ((lo >> 24) & 255) || '.' || ((lo >> 16) & 255) || '.' || ((lo >> 8) & 255) || '.' || (lo & 255)
"""
_IP = f"""
CREATE MACRO ip(hi, lo) AS
  CASE WHEN hi IS NULL OR lo IS NULL THEN NULL
       WHEN hi = 0 AND (lo >> 32) = {_MAPPED} THEN kn_ip4(lo) ELSE kn_ip6(hi, lo) END
"""

# Reading an address: a dotted quad as a number; an IPv6 text as eight words, after a
# dotted tail was turned into two words and "::" into the zeros it stands for. A macro
# repeats the text of its arguments, so a value used often is bound by a lambda first.
_READ4 = """
CREATE MACRO kn_read4(text) AS (
  list_transform([text], lambda t:
    CASE WHEN regexp_full_match(t, '([0-9]{1,3}[.]){3}[0-9]{1,3}')
          AND list_max(list_transform(string_split(t, '.'), lambda p: p::BIGINT)) < 256
      THEN list_reduce(list_transform(string_split(t, '.'), lambda p: p::BIGINT),
                       lambda a, b: a * 256 + b)
      ELSE error('not an IPv4 address: ' || t) END)[1])
"""
_TAIL4 = """
CREATE MACRO kn_tail4(text) AS (
  CASE WHEN contains(text, '.')
    THEN list_transform([kn_read4(regexp_extract(text, '([^:]*)$', 1))], lambda v:
           regexp_extract(text, '^(.*:)[^:]*$', 1) || printf('%x:%x', v >> 16, v & 65535))[1]
    ELSE text END)
"""
_PARTS = """
CREATE MACRO kn_parts(text) AS list_filter(string_split(text, ':'), lambda p: p <> '')
"""
_READ6 = """
CREATE MACRO kn_read6(text) AS (
  list_transform([kn_tail4(text)], lambda t:
    list_transform(
      kn_parts(replace(t, '::', ':' || repeat('0:', 8 - len(kn_parts(t))))),
      lambda w: CASE WHEN regexp_full_match(w, '[0-9a-fA-F]{1,4}')
                      AND NOT regexp_matches(t, ':::|::.*::|^:[^:]|[^:]:$')
                     THEN ('0x' || w)::BIGINT
                     ELSE error('not an IPv6 address: ' || t) END))[1])
"""
_EIGHT = """
CREATE MACRO kn_eight(words, text) AS (
  list_transform([words], lambda w:
    CASE WHEN len(w) = 8 THEN w ELSE error('not an IPv6 address: ' || text) END)[1])
"""
_TO_WORD = """
CREATE MACRO kn_to_word(w, i) AS
  (w[i] - CASE WHEN w[i] >= 32768 THEN 65536 ELSE 0 END) * 281474976710656
  + w[i + 1] * 4294967296 + w[i + 2] * 65536 + w[i + 3]
"""
_WORDS_OF = """
CREATE MACRO kn_words_of(text) AS (
  CASE WHEN contains(text, ':') THEN kn_eight(kn_read6(text), text)
    ELSE list_transform([kn_read4(text)], lambda v:
           [0, 0, 0, 0, 0, 65535, v >> 16, v & 65535])[1] END)
"""
_LENGTH = """
CREATE MACRO kn_length(net) AS (
  CASE WHEN NOT contains(net, '/') THEN 128
       WHEN contains(net, ':') THEN string_split(net, '/')[2]::INTEGER
       ELSE 96 + string_split(net, '/')[2]::INTEGER END)
"""
_INSIDE = """
CREATE MACRO kn_inside(hi, lo, words, length) AS (
  CASE WHEN length NOT BETWEEN 0 AND 128 THEN error('not a prefix length: ' || length)
       WHEN length = 0 THEN hi IS NOT NULL AND lo IS NOT NULL
       WHEN length <= 64 THEN (hi >> (64 - length)) = (kn_to_word(words, 1) >> (64 - length))
       ELSE hi = kn_to_word(words, 1)
        AND (lo >> (128 - length)) = (kn_to_word(words, 5) >> (128 - length)) END)
"""
_IN_NET = """
CREATE MACRO in_net(hi, lo, net) AS (
  list_transform([kn_words_of(string_split(net, '/')[1])], lambda words:
    list_transform([kn_length(net)], lambda length: kn_inside(hi, lo, words, length))[1])[1])
"""

MACROS: tuple[str, ...] = (
    _GROUP, _RUN, _WORDS, _MARKS, _JOIN, _IP6_OF_WORDS, _IP6, _IP4, _IP,
    _READ4, _TAIL4, _PARTS, _READ6, _EIGHT, _TO_WORD, _WORDS_OF, _LENGTH, _INSIDE, _IN_NET,
)  # fmt: skip
