"""What PostgreSQL's operators, functions and implicit casts take and give, as far as expressions of tables use them.

Read from ``pg_operator``, ``pg_proc``, ``pg_cast`` and ``pg_type`` of PostgreSQL 15 and 18, which agree on all of it (``reverse(bytea)`` is of 18,
and takes part in nothing that means something else without it). An operator or a function is here with every signature that it has, since
which of them is meant depends on all of them; left out are geometric types and those of the system's own catalogs.
"""

from __future__ import annotations

from functools import cache

from schemadiff.frozen import dataclass

__all__ = ["Signature", "functions", "implicit_casts", "operators", "type_categories"]


@dataclass(frozen=True, slots=True)
class Signature:
    """The types that an operator or function takes, and the one that it gives, by their names in ``pg_type`` (``text[]`` for an array).

    Those of a generic one are what its polymorphic types stand for.
    """

    arguments: tuple[str, ...]
    result: str
    generic: bool = False


# Names : result : the types on the left and on the right; one type where both are the same, nothing on the left of a prefix operator.
_OPERATORS = """
    = <> < <= > >= : bool : anyarray anyenum anymultirange anyrange bit bool bpchar bytea char date date,timestamp date,timestamptz
        float4 float4,float8 float8,float4 float8 inet int2 int2,int4 int2,int8 int4,int2 int4 int4,int8 int8,int2 int8,int4 int8
        interval jsonb macaddr macaddr8 money name name,text numeric oid text,name text time timestamp,date timestamp
        timestamp,timestamptz timestamptz,date timestamptz,timestamp timestamptz timetz tsquery tsvector uuid varbit
    + : timetz : interval,timetz timetz,interval
    + - : float4 : ,float4 float4
    + : int8 : ,int8 int2,int8 int4,int8 int8,int2 int8,int4 int8
    + - : money : money
    + : timestamptz : date,timetz interval,timestamptz timestamptz,interval timetz,date
    + - : float8 : ,float8 float4,float8 float8,float4 float8
    + : inet : inet,int8 int8,inet
    + : timestamp : date,interval date,time interval,date interval,timestamp time,date timestamp,interval
    + : date : date,int4 int4,date
    + - : int2 : ,int2 int2
    + : time : interval,time time,interval
    + - : numeric : ,numeric numeric
    + : int4 : ,int4 int2,int4 int4,int2 int4
    + - * : anyrange : anyrange
    + : interval : interval
    + - * : anymultirange : anymultirange
    - : timetz : timetz,interval
    - : int8 : ,int8 inet int2,int8 int4,int8 int8,int2 int8,int4 int8
    - : jsonb : jsonb,int4 jsonb,text jsonb,text[]
    - : interval : ,interval interval time timestamp timestamptz
    - : inet : inet,int8
    - : int4 : ,int4 date int2,int4 int4,int2 int4
    - : timestamp : date,interval timestamp,interval
    - : timestamptz : timestamptz,interval
    - : time : time,interval
    - : date : date,int4
    * : money : float4,money float8,money int2,money int4,money int8,money money,float4 money,float8 money,int2 money,int4 money,int8
    * / : float4 : float4
    * / : int8 : int2,int8 int4,int8 int8,int2 int8,int4 int8
    * / % & | # : int2 : int2
    * / % ^ : numeric : numeric
    * : interval : float8,interval interval,float8
    * : float8 : float4,float8 float8,float4 float8
    * / : int4 : int2,int4 int4,int2 int4
    / : money : money,float4 money,float8 money,int2 money,int4 money,int8
    / : float8 : float4,float8 float8,float4 float8 money
    / : interval : interval,float8
    % & | # : int8 : int8
    % & | # << >> : int4 : int4
    ^ : float8 : float8
    || : text : anynonarray,text text,anynonarray text
    || : varbit : varbit
    || : jsonb : jsonb
    || && : tsquery : tsquery
    || : tsvector : tsvector
    || : anycompatiblearray : anycompatible,anycompatiblearray anycompatiblearray,anycompatible anycompatiblearray
    || : bytea : bytea
    ~~ !~~ : bool : bpchar,text bytea name,text text
    ~~* !~~* ~ !~ ~* !~* : bool : bpchar,text name,text text
    ~ : int2 : ,int2
    ~ : int8 : ,int8
    ~ : macaddr : ,macaddr
    ~ : int4 : ,int4
    ~ : inet : ,inet
    ~ : macaddr8 : ,macaddr8
    ~ : bit : ,bit
    -> : jsonb : jsonb,int4 jsonb,text
    -> : json : json,int4 json,text
    ->> : text : json,int4 json,text jsonb,int4 jsonb,text
    #> : json : json,text[]
    #> : jsonb : jsonb,text[]
    #>> : text : json,text[] jsonb,text[]
    @> : bool : anyarray anymultirange,anyelement anymultirange anymultirange,anyrange anyrange,anyelement anyrange,anymultirange
        anyrange jsonb tsquery
    <@ : bool : anyarray anyelement,anymultirange anyelement,anyrange anymultirange anymultirange,anyrange anyrange,anymultirange
        anyrange jsonb tsquery
    ? : bool : jsonb,text
    ?| ?& : bool : jsonb,text[]
    && : bool : anyarray anymultirange anymultirange,anyrange anyrange,anymultirange anyrange inet
    @@ : bool : jsonb,jsonpath text text,tsquery tsquery,tsvector tsvector,tsquery
    & | # : bit : bit
    & | : macaddr8 : macaddr8
    & | : macaddr : macaddr
    & | : inet : inet
    << >> : int8 : int8,int4
    << >> : bool : anymultirange anymultirange,anyrange anyrange,anymultirange anyrange inet
    << >> : bit : bit,int4
    << >> : int2 : int2,int4
    -|- : bool : anymultirange anymultirange,anyrange anyrange,anymultirange anyrange
"""

# Names : (types of the arguments) ... -> result ...
_FUNCTIONS = """
    abs : (float4) -> float4 (float8) -> float8 (int2) -> int2 (int4) -> int4 (int8) -> int8 (numeric) -> numeric
    age : (timestamp) (timestamp,timestamp) (timestamptz) (timestamptz,timestamptz) -> interval
    array_append array_remove : (anycompatiblearray,anycompatible) -> anycompatiblearray
    array_cat : (anycompatiblearray,anycompatiblearray) -> anycompatiblearray
    array_length array_lower array_upper : (anyarray,int4) -> int4
    array_ndims cardinality : (anyarray) -> int4
    array_position : (anycompatiblearray,anycompatible) (anycompatiblearray,anycompatible,int4) -> int4
    array_prepend : (anycompatible,anycompatiblearray) -> anycompatiblearray
    array_to_string : (anyarray,text) (anyarray,text,text) -> text
    ascii hashtext : (text) -> int4
    bit_length : (bit) (bytea) (text) -> int4
    btrim ltrim rtrim : (bytea,bytea) -> bytea (text) (text,text) -> text
    ceil ceiling exp floor ln sign sqrt : (float8) -> float8 (numeric) -> numeric
    char_length character_length : (bpchar) (text) -> int4
    chr : (int4) -> text
    clock_timestamp now statement_timestamp transaction_timestamp : () -> timestamptz
    current_setting : (text) (text,bool) -> text
    date_bin : (interval,timestamp,timestamp) -> timestamp (interval,timestamptz,timestamptz) -> timestamptz
    date_part : (text,date) (text,interval) (text,time) (text,timestamp) (text,timestamptz) (text,timetz) -> float8
    date_trunc : (text,interval) -> interval (text,timestamp) -> timestamp (text,timestamptz) (text,timestamptz,text) -> timestamptz
    daterange : (date,date) (date,date,text) -> daterange
    decode : (text,text) -> bytea
    div : (numeric,numeric) -> numeric
    encode : (bytea,text) -> text
    extract : (text,date) (text,interval) (text,time) (text,timestamp) (text,timestamptz) (text,timetz) -> numeric
    family masklen : (inet) -> int4
    gcd lcm : (int4,int4) -> int4 (int8,int8) -> int8 (numeric,numeric) -> numeric
    gen_random_uuid : () -> uuid
    host : (inet) -> text
    initcap quote_ident : (text) -> text
    int4range : (int4,int4) (int4,int4,text) -> int4range
    int8range : (int8,int8) (int8,int8,text) -> int8range
    isempty lower_inc lower_inf upper_inc upper_inf : (anymultirange) (anyrange) -> bool
    isfinite : (date) (interval) (timestamp) (timestamptz) -> bool
    json_array_length : (json) -> int4
    json_typeof : (json) -> text
    jsonb_array_length : (jsonb) -> int4
    jsonb_typeof : (jsonb) -> text
    justify_days : (interval) -> interval
    left repeat right : (text,int4) -> text
    length : (bit) (bpchar) (bytea) (bytea,name) (text) (tsvector) -> int4
    like_escape : (bytea,bytea) -> bytea (text,text) -> text
    log : (float8) -> float8 (numeric) (numeric,numeric) -> numeric
    lower upper : (anymultirange) (anyrange) -> anyelement (text) -> text
    lpad rpad : (text,int4) (text,int4,text) -> text
    make_date : (int4,int4,int4) -> date
    make_timestamp : (int4,int4,int4,int4,int4,float8) -> timestamp
    md5 : (bytea) (text) -> text
    mod : (int2,int2) -> int2 (int4,int4) -> int4 (int8,int8) -> int8 (numeric,numeric) -> numeric
    network : (inet) -> cidr
    numrange : (numeric,numeric) (numeric,numeric,text) -> numrange
    octet_length : (bit) (bpchar) (bytea) (text) -> int4
    pi random : () -> float8
    plainto_tsquery to_tsquery : (regconfig,text) (text) -> tsquery
    position : (bit,bit) (bytea,bytea) (text,text) -> int4
    pow power : (float8,float8) -> float8 (numeric,numeric) -> numeric
    quote_literal : (anyelement) (text) -> text
    regexp_like : (text,text) (text,text,text) -> bool
    regexp_match string_to_array : (text,text) (text,text,text) -> text[]
    regexp_replace : (text,text,text) (text,text,text,int4) (text,text,text,int4,int4) (text,text,text,int4,int4,text)
        (text,text,text,text) -> text
    replace translate : (text,text,text) -> text
    reverse : (bytea) -> bytea (text) -> text
    round : (float8) -> float8 (numeric) (numeric,int4) -> numeric
    setweight : (tsvector,char) (tsvector,char,text[]) -> tsvector
    sha256 : (bytea) -> bytea
    similar_to_escape : (text) (text,text) -> text
    split_part : (text,text,int4) -> text
    starts_with : (text,text) -> bool
    strpos : (text,text) -> int4
    substr : (bytea,int4) (bytea,int4,int4) -> bytea (text,int4) (text,int4,int4) -> text
    substring : (bit,int4) (bit,int4,int4) -> bit (bytea,int4) (bytea,int4,int4) -> bytea (text,int4) (text,int4,int4) (text,text)
        (text,text,text) -> text
    timeofday : () -> text
    timezone : (interval,timestamp) (text,timestamp) -> timestamptz (interval,timestamptz) (text,timestamptz) -> timestamp
        (interval,timetz) (text,timetz) -> timetz
    to_char : (float4,text) (float8,text) (int4,text) (int8,text) (interval,text) (numeric,text) (timestamp,text) (timestamptz,text) ->
        text
    to_date : (text,text) -> date
    to_json : (anyelement) -> json
    to_jsonb : (anyelement) -> jsonb
    to_number : (text,text) -> numeric
    to_timestamp : (float8) (text,text) -> timestamptz
    to_tsvector : (json) (jsonb) (regconfig,json) (regconfig,jsonb) (regconfig,text) (text) -> tsvector
    trunc : (float8) -> float8 (macaddr) -> macaddr (macaddr8) -> macaddr8 (numeric) (numeric,int4) -> numeric
    tsrange : (timestamp,timestamp) (timestamp,timestamp,text) -> tsrange
    tstzrange : (timestamptz,timestamptz) (timestamptz,timestamptz,text) -> tstzrange
    width_bucket : (anycompatible,anycompatiblearray) (float8,float8,float8,int4) (numeric,numeric,numeric,int4) -> int4
"""

_CASTS = """
    bit: varbit
    bpchar: name text varchar
    char: text
    cidr: inet
    date: timestamp timestamptz
    float4: float8
    int2: float4 float8 int4 int8 numeric oid regclass regconfig
    int4: float4 float8 int8 numeric oid regclass regconfig
    int8: float4 float8 numeric oid regclass regconfig
    macaddr: macaddr8
    macaddr8: macaddr
    name: text
    numeric: float4 float8
    oid: regclass regconfig
    regclass: oid
    regconfig: oid
    text: bpchar name regclass varchar
    time: interval timetz
    timestamp: timestamptz
    varbit: bit
    varchar: bpchar name regclass text
"""

# A star is on the type that is preferred among those of its category.
_CATEGORIES = """
    V: bit varbit*
    B: bool*
    S: bpchar name text* varchar
    U: bytea json jsonb jsonpath macaddr macaddr8 tsquery tsvector uuid xml
    Z: char
    I: cidr inet*
    D: date time timestamp timestamptz* timetz
    R: datemultirange daterange int4multirange int4range int8multirange int8range nummultirange numrange tsmultirange tsrange
        tstzmultirange tstzrange
    N: float4 float8* int2 int4 int8 money numeric oid* regclass regconfig
    T: interval*
"""


def _entries(text: str) -> list[str]:
    """Return the entries of one of the lists above: an indented line goes on with the one before."""
    found: list[str] = []
    for line in text.strip("\n").splitlines():
        if line.startswith("        "):
            found[-1] += " " + line.strip()
        else:
            found.append(line.strip())
    return found


@cache
def operators() -> dict[str, tuple[Signature, ...]]:
    """Return the signatures of each operator by its name. A prefix operator takes one argument."""
    found: dict[str, list[Signature]] = {}
    for entry in _entries(_OPERATORS):
        names, result, pairs = entry.split(" : ")
        for pair in pairs.split():
            left, comma, right = pair.partition(",")
            arguments = (left, right if comma else left) if left else (right,)
            for name in names.split():
                found.setdefault(name, []).append(Signature(arguments, result))
    return {name: tuple(signatures) for name, signatures in found.items()}


@cache
def functions() -> dict[str, tuple[Signature, ...]]:
    """Return the signatures of each function by its name."""
    found: dict[str, list[Signature]] = {}
    for entry in _entries(_FUNCTIONS):
        names, rest = entry.split(" : ")
        waiting: list[tuple[str, ...]] = []
        words = iter(rest.split())
        for word in words:
            if word != "->":
                waiting.append(tuple(word[1:-1].split(",")) if word != "()" else ())
                continue
            result = next(words)
            for name in names.split():
                found.setdefault(name, []).extend(Signature(arguments, result) for arguments in waiting)
            waiting = []
    return {name: tuple(signatures) for name, signatures in found.items()}


@cache
def implicit_casts() -> frozenset[tuple[str, str]]:
    """Return the pairs of types of which the one becomes the other by itself."""
    entries = (entry.split(": ") for entry in _entries(_CASTS))
    return frozenset((source, target) for source, targets in entries for target in targets.split())


@cache
def type_categories() -> dict[str, tuple[str, bool]]:
    """Return the category of each type, and whether it is the preferred one in it."""
    entries = (entry.split(": ") for entry in _entries(_CATEGORIES))
    return {name.rstrip("*"): (category, name.endswith("*")) for category, names in entries for name in names.split()}
