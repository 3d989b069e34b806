"""Values go in and come out as what they are; what does not fit is refused by name."""

from __future__ import annotations

import datetime as dt
import enum
import math
import pickle
import zoneinfo

import pytest

import shejire

UTC = dt.timezone.utc

SAME = [
    None,
    True,
    False,
    0,
    -1,
    2**63 - 1,
    -(2**63),
    0.0,
    -0.5,
    1e308,
    5e-324,
    float("inf"),
    float("-inf"),
    "",
    "a",
    "Құрылтай",
    "𓀀 and \U0010ffff",
    "line\nline",
    "\x00",
    [],
    [1, 2, 3],
    [1, "a", None, [2.5, [True]]],
    {},
    {"a": 1, "b": [None, {"c": "d"}]},
    dt.date(2022, 6, 5),
    dt.date(1, 1, 1),
    dt.date(9999, 12, 31),
    dt.time(23, 59, 59, 999_999),
    dt.time(0, 0),
    dt.time(12, 30, tzinfo=dt.timezone(dt.timedelta(hours=5))),
    dt.time(12, 30, tzinfo=UTC),
    dt.datetime(2022, 6, 5, 12, 30, 15, 123_456),
    dt.datetime(1, 1, 1),
    dt.datetime(9999, 12, 31, 23, 59, 59, 999_999),
    dt.datetime(2022, 6, 5, 12, 30, tzinfo=UTC),
    dt.datetime(2022, 6, 5, 12, 30, tzinfo=dt.timezone(dt.timedelta(hours=-9, minutes=-30))),
    dt.datetime(2022, 6, 5, 12, 30, tzinfo=zoneinfo.ZoneInfo("Asia/Almaty")),
    shejire.Duration(months=14, days=3, seconds=-5, nanoseconds=7),
    shejire.Duration(),
]


@pytest.mark.parametrize("value", SAME, ids=repr)
def test_a_value_comes_back_as_it_went(con, value):
    back = con.execute("RETURN $value AS value", value=value).scalar()
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("value", SAME, ids=repr)
def test_a_value_comes_back_from_within_others(con, value):
    back = con.execute("RETURN {key: [$value]} AS value", value=value).scalar()
    assert back == {"key": [value]}


@pytest.mark.parametrize("value", [v for v in SAME if not isinstance(v, dict) and v is not None and not (isinstance(v, list) and v and not all(isinstance(i, int) for i in v))], ids=repr)
def test_a_value_is_kept_as_a_property(con, value):
    con.execute("CREATE (:Held {value: $value})", value=value)
    assert con.execute("MATCH (n:Held) RETURN n.value").scalar() == value


def test_no_number_is_no_number(con):
    assert math.isnan(con.execute("RETURN $x", x=float("nan")).scalar())


def test_a_moment_that_clocks_show_twice_keeps_which_it_is(con):
    zone = zoneinfo.ZoneInfo("Europe/Stockholm")
    for fold in (0, 1):
        moment = dt.datetime(2022, 10, 30, 2, 30, tzinfo=zone, fold=fold)
        back = con.execute("RETURN $moment", moment=moment).scalar()
        assert (back, back.fold, back.utcoffset()) == (moment, fold, moment.utcoffset())


def test_a_timedelta_becomes_a_duration(con):
    back = con.execute("RETURN $d", d=dt.timedelta(days=2, seconds=3, microseconds=4)).scalar()
    assert back == shejire.Duration(days=2, seconds=3, nanoseconds=4000)
    assert back.timedelta() == dt.timedelta(days=2, seconds=3, microseconds=4)


def test_a_duration_with_months_is_no_timedelta():
    with pytest.raises(ValueError, match="months"):
        shejire.Duration(months=1).timedelta()


def test_durations_have_no_order():
    with pytest.raises(TypeError, match="no order"):
        _ = shejire.Duration(months=1) < shejire.Duration(days=30)


def test_a_duration_is_a_key_and_can_be_pickled():
    one, other = shejire.Duration(months=1), shejire.Duration(months=1)
    assert {one: "a"}[other] == "a"
    assert pickle.loads(pickle.dumps(one)) == one
    assert str(one) == "P1M"
    assert repr(one) == "Duration(months=1, days=0, seconds=0, nanoseconds=0)"


@pytest.mark.parametrize(
    "text, year, nanosecond",
    [
        ("date('-0043-03-15')", -43, None),
        ("date('+12000-01-01')", 12000, None),
        ("localdatetime('2022-06-05T12:30:15.123456789')", 2022, 123_456_789),
        ("datetime('2022-06-05T12:30:15.000000001Z')", 2022, 1),
        ("localtime('12:30:15.000000001')", None, 1),
    ],
)
def test_what_datetime_cannot_hold_is_ours_and_comes_back(con, text, year, nanosecond):
    held = con.execute(f"RETURN {text}").scalar()
    assert isinstance(held, shejire.DateTime)
    assert (held.year, held.nanosecond) == (year, nanosecond)
    assert con.execute(f"RETURN $held = {text}", held=held).scalar() is True
    assert con.execute("RETURN $held", held=held).scalar() == held
    assert hash(con.execute("RETURN $held", held=held).scalar()) == hash(held)


def test_moments_of_ours_have_an_order(con):
    early, late = con.execute("RETURN [date('-0044-01-01'), date('-0043-01-01')]").scalar()
    assert early < late and not late < early and early != late


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**30])
def test_integers_beyond_64_bits_are_refused(con, value):
    with pytest.raises(shejire.ArgumentError, match="parameter `big`") as caught:
        con.execute("RETURN $big", big=value)
    assert caught.value.code == "IntegerOverflow"


@pytest.mark.parametrize("value", [b"bytes", bytearray(b"b"), object(), 1j, enum.Enum("E", "A").A, lambda: 1])
def test_what_is_no_value_is_refused_by_name(con, value):
    with pytest.raises(shejire.CypherTypeError, match="parameter `odd`"):
        con.execute("RETURN $odd", odd=value)


def test_the_place_within_a_parameter_is_named(con):
    with pytest.raises(TypeError, match="parameter `all`, item 1, key `x`"):
        con.execute("RETURN $all", all=[1, {"x": b""}])


def test_keys_are_texts(con):
    with pytest.raises(shejire.CypherTypeError, match="keys are texts"):
        con.execute("RETURN $m", m={1: 2})


def test_a_value_that_holds_itself_is_refused(con):
    loop: list = []
    loop.append(loop)
    with pytest.raises(shejire.Error):
        con.execute("RETURN $loop", loop=loop)


def test_half_a_pair_of_surrogates_is_refused(con):
    with pytest.raises(shejire.CypherTypeError, match="surrogates"):
        con.execute("RETURN $t", t="\ud800")


def test_sets_and_tuples_are_lists(con):
    assert con.execute("RETURN $t", t=(1, 2)).scalar() == [1, 2]
    assert con.execute("RETURN $s", s={7}).scalar() == [7]
    assert con.execute("RETURN $s", s=frozenset([7])).scalar() == [7]


def test_an_offset_that_no_zone_has_is_refused(con):
    with pytest.raises(TypeError, match="offset"):
        con.execute("RETURN $t", t=dt.datetime(2022, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=23))))


def test_numpy_scalars_and_arrays_are_plain_values(con):
    numpy = pytest.importorskip("numpy")
    assert con.execute("RETURN $n", n=numpy.int32(5)).scalar() == 5
    assert con.execute("RETURN $n", n=numpy.float64(2.5)).scalar() == 2.5
    assert con.execute("RETURN $n", n=numpy.bool_(True)).scalar() is True
    assert con.execute("RETURN $n", n=numpy.arange(3)).scalar() == [0, 1, 2]


def test_what_pandas_misses_is_null(con):
    pandas = pytest.importorskip("pandas")
    assert con.execute("RETURN $x", x=pandas.NA).scalar() is None
    assert con.execute("RETURN $x", x=pandas.NaT).scalar() is None


def test_moments_of_pandas_keep_their_nanoseconds(con):
    pandas = pytest.importorskip("pandas")
    held = con.execute("RETURN $x", x=pandas.Timestamp("2022-06-05 12:30:15.123456789")).scalar()
    assert held.nanosecond == 123_456_789
    whole = con.execute("RETURN $x", x=pandas.Timestamp("2022-06-05 12:30:15")).scalar()
    assert whole == dt.datetime(2022, 6, 5, 12, 30, 15)
