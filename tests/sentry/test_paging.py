from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.sentry.paging import next_cursor

LAST = (
    '<http://h/api/0/x/?cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", '
    '<http://h/api/0/x/?cursor=0:100:0>; rel="next"; results="false"; cursor="0:100:0"'
)
GLITCHTIP = (
    '{\'<http://h/api/0/x/?limit=1>; rel="previous"; results="false", '
    '<http://h/api/0/x/?cursor=cD0y%2BMDI%3D&limit=1>; rel="next"; results="true"; cursor="cD0y+MDI="\'}'
)


@pytest.mark.parametrize(
    ("header", "cursor"),
    [
        (None, None),
        ("", None),
        (LAST, None),
        (LAST.replace('rel="next"; results="false"', 'rel="next"; results="true"'), "0:100:0"),
        (LAST.replace('rel="previous"; results="false"', 'rel="previous"; results="true"'), None),
        (GLITCHTIP, "cD0y+MDI="),
        (GLITCHTIP.replace('; cursor="cD0y+MDI="', ""), "cD0y+MDI="),
        ('<https://elsewhere.example/?cursor=9>; results="true"; rel="next"', "9"),
        ('<http://h/?a=1,2>; rel="next"; results="true"; cursor="1:2:0"', "1:2:0"),
        ('<http://h/>; rel="next"; results="true"', None),
        ('<http://[bad/?cursor=1>; rel="next"; results="true"', None),
        ('rel="next"; results="true"; cursor="1"', None),
    ],
)
def test_the_cursor_of_the_next_page(header, cursor):
    assert next_cursor(header) == cursor


@given(st.text())
def test_no_header_breaks_it(header):
    assert next_cursor(header) is None or isinstance(next_cursor(header), str)


@given(st.from_regex(r"[0-9a-zA-Z:=+/_-]{1,60}", fullmatch=True), st.booleans())
def test_reads_back_what_sentry_writes(cursor, more):
    header = (
        f'<http://h/api/0/x/?&cursor={cursor}>; rel="previous"; results="true"; cursor="p", '
        f'<http://h/api/0/x/?&cursor={cursor}>; rel="next"; results="{str(more).lower()}"; cursor="{cursor}"'
    )
    assert next_cursor(header) == (cursor if more else None)
