#!/usr/bin/env python3
"""Records what real Apache Flink answers for every aggregate function, argument type, DISTINCT, FILTER and retraction.

    ./flink.sh start && eval "$(./flink.sh env)"
    ./flink_record_aggregates.py ../../crates/functions/src/tests/cases/aggregates.jsonl [TYPE ...]

One line per function, type and kind of input, in the form of the `agg` cases of `nutkin test`; with TYPEs only their lines are recorded
anew. The functions of one type run as two jobs, because a job takes seconds: only the table that is left is recorded, not its changes.
AVG has a job of its own: beside those that need its sum and number anyway, Flink makes it of them, in the type of the argument.
"""
import base64
import concurrent.futures
import json
import pathlib
import re
import sys
import tempfile

import flink_record
import flink_sql

# Type: values v0 to v4, then the greatest and the least, which sums overflow at.
TYPES = {
    "BOOLEAN": [True, False, True, False, True, True, False],
    "TINYINT": [3, 1, 7, 5, 2, 127, -128],
    "SMALLINT": [300, -100, 700, 500, 200, 32767, -32768],
    "INT": [3, 1, 7, 5, 2, 2147483647, -2147483648],
    "BIGINT": [3, 1, 7, 5, 2, 9223372036854775807, -9223372036854775808],
    "FLOAT": [1.5, 0.1, 2.25, 1e10, 3.3, 3.4028235e38, "NaN"],
    "DOUBLE": [1.5, 0.1, 2.25, 1e10, 3.3, 1.7976931348623157e308, "NaN"],
    "DECIMAL(10, 2)": ["1.50", "0.10", "2.25", "100.00", "3.33", "99999999.99", "-99999999.99"],
    "DECIMAL(38, 18)": ["1.5", "0.1", "2.25", "100.000000000000000001", "3.33", "9" * 20 + "." + "9" * 18, "-" + "9" * 20 + "." + "9" * 18],
    "DECIMAL(20, 0)": ["15", "1", "22", "100", "33", "9" * 20, "-" + "9" * 20],
    "CHAR(3)": ["abc", "b,c", "xyz", "äöü", "ABC", "zzz", "   "],
    "STRING": ["ab", "b\"c", "x", "ä{}", "[1]", "zz", ""],
    "BYTES": ["0102", "ff", "00", "7f80", "61", "ffff", ""],
    "DATE": ["2020-01-31", "1999-12-31", "2024-02-29", "2020-02-01", "1970-01-01", "9999-12-31", "0001-01-01"],
    "TIME(0)": ["12:34:56", "00:00:01", "23:00:00", "12:34:57", "01:02:03", "23:59:59", "00:00:00"],
    "TIMESTAMP(3)": ["2020-01-31T12:34:56.123", "1999-12-31T00:00:00", "2024-02-29T01:02:03.4", "2020-02-01T00:00:00", "1970-01-01T00:00:00", "9999-12-31T23:59:59.999", "0001-01-01T00:00:00"],
    "TIMESTAMP(9)": ["2020-01-31T12:34:56.123456789", "1999-12-31T00:00:00", "2024-02-29T01:02:03.4", "2020-02-01T00:00:00.000000001", "1970-01-01T00:00:00", "2261-12-31T23:59:59.999999999", "1678-01-01T00:00:00"],
    "TIMESTAMP_LTZ(3)": ["2020-01-31T12:34:56.123Z", "1999-12-31T00:00:00Z", "2024-02-29T01:02:03.400Z", "2020-02-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00Z"],
    "ARRAY<INT>": [[1, 2], [], [3, None], [1], [2, 1], [2147483647], [-2147483648]],
    "MAP<STRING, INT>": [[["a", 1]], [], [["b", None]], [["a", 2]], [["c", 3]], [["z", 9]], [["", 0]]],
    "ROW<x INT, y STRING>": [[1, "a"], [None, "b"], [3, None], [1, "b"], [2, ""], [9, "z"], [-9, ""]],
}

# Name: its calls; V is the argument, so that DISTINCT can stand before it.
AGGREGATES = {
    "COUNT": ["COUNT(V)", "COUNT(*)"],
    "SUM": ["SUM(V)"],
    "AVG": ["AVG(V)"],
    "MIN": ["MIN(V)"],
    "MAX": ["MAX(V)"],
    "FIRST_VALUE": ["FIRST_VALUE(V)"],
    "LAST_VALUE": ["LAST_VALUE(V)"],
    "LISTAGG": ["LISTAGG(V)", "LISTAGG(V, ';')"],
    "ARRAY_AGG": ["ARRAY_AGG(V)"],
    "ARRAY_AGG IGNORE NULLS": ["ARRAY_AGG(V) IGNORE NULLS"],
    "COLLECT": ["COLLECT(V)"],
    "JSON_ARRAYAGG": ["JSON_ARRAYAGG(V)", "JSON_ARRAYAGG(V NULL ON NULL)"],
    "JSON_OBJECTAGG": ["JSON_OBJECTAGG(KEY k VALUE V)", "JSON_OBJECTAGG(KEY k VALUE V ABSENT ON NULL)"],
    "PERCENTILE": ["PERCENTILE(V, 0.3)", "PERCENTILE(V, ARRAY[0.0, 0.5, 1.0])"],
    "STDDEV_POP": ["STDDEV_POP(V)"],
    "STDDEV_SAMP": ["STDDEV_SAMP(V)"],
    "VAR_POP": ["VAR_POP(V)"],
    "VAR_SAMP": ["VAR_SAMP(V)"],
    "VARIANCE": ["VARIANCE(V)"],
    "APPROX_COUNT_DISTINCT": ["APPROX_COUNT_DISTINCT(V)"],
}


def rows(kind, mode):
    """Changes of (g, k, v, f): groups with repetitions, with NULLs only, with one row, emptied, moved, beyond the type's range."""
    v0, v1, v2, v3, v4, high, low = TYPES[kind]
    if mode == "append":
        given = [("a", v0, True), ("a", v1, False), ("b", None, True), ("a", None, True), ("a", v0, True), ("c", v4, False),
                 ("a", v2, None), ("e", high, True), ("a", v3, True), ("b", None, False), ("e", high, False), ("e", v1, True), ("n", low, True), ("n", v0, True)]
        return [["+I", [g, f"k{i}", v, f]] for i, (g, v, f) in enumerate(given)]
    low = v4 if low == "NaN" else low
    return [
        ["+I", ["a", "k0", v0, True]], ["+I", ["a", "k1", v1, False]], ["+I", ["b", "k2", None, True]], ["+I", ["a", "k3", v2, True]],
        ["+I", ["a", "k4", None, True]], ["+I", ["d", "k5", v0, True]], ["+I", ["a", "k6", v0, True]], ["+I", ["e", "k7", high, True]],
        ["-D", ["a", "k3", v2, True]], ["+I", ["b", "k8", v1, True]], ["-U", ["a", "k1", v1, False]], ["+U", ["a", "k1", v3, True]],
        ["+I", ["c", "k9", v4, False]], ["-D", ["b", "k8", v1, True]], ["+I", ["a", "k3", v2, None]], ["-D", ["d", "k5", v0, True]],
        ["-D", ["a", "k0", v0, True]], ["+I", ["e", "ka", high, True]], ["+I", ["e", "kb", low, False]], ["-D", ["e", "k7", high, True]],
        ["-U", ["c", "k9", v4, False]], ["+U", ["c", "k9", v1, True]], ["+I", ["m", "kc", v2, True]], ["-U", ["m", "kc", v2, True]],
        ["+U", ["a", "kc", v2, True]], ["+I", ["a", "kd", v4, True]], ["-D", ["a", "k4", None, True]], ["+I", ["h", "ke", v3, True]],
        ["-U", ["h", "ke", v3, True]], ["+U", ["h", "ke", None, False]],
    ]


def wire(value, kind):
    """A value as Flink's JSON format reads it."""
    if value is None:
        return None
    if kind == "BYTES":
        return base64.b64encode(bytes.fromhex(value)).decode()
    if kind.startswith("MAP"):
        return dict(value)
    if kind.startswith("ROW"):
        return dict(zip("xy", value))
    return value


def read(value, kind):
    """A value of the gateway in the encoding of the cases."""
    kind = kind.removesuffix(" NOT NULL")
    if value is None:
        return None
    if kind.startswith("ARRAY<"):
        return [read(item, kind[6:-1]) for item in value]
    if kind.startswith("MULTISET<"):
        element = kind[9:-1].removesuffix(" NOT NULL")
        number = {"DOUBLE": float, "FLOAT": float}.get(element, int if "INT" in element else str)
        pairs = [pair.rsplit("=", 1) for pair in value[1:-1].split(", ")] if value != "{}" else []
        text = {"TRUE": True, "FALSE": False} if element == "BOOLEAN" else {}
        return [[text.get(k, None if k == "NULL" else flink_record.value(k if k == "NaN" else number(k), element)), int(n)] for k, n in pairs]
    if kind.startswith("MAP<"):
        return [list(pair) for pair in value.items()]
    if kind.startswith("ROW<"):
        return list(value.values())
    if "BINARY" in kind or "BYTES" in kind:
        return base64.b64decode(value).hex()
    return flink_record.value(value, kind)


def calls(name, kind, mode):
    """The columns of one case. JSON_OBJECTAGG knows no DISTINCT."""
    found = []
    for form in AGGREGATES[name]:
        form = re.sub(r"\bV\b", "v", form)
        found += [form, form + " FILTER (WHERE f)"]
        if "OBJECTAGG" not in form and "*" not in form:
            found.append(form.replace("(v", "(DISTINCT v", 1))
    if kind.startswith(("ARRAY", "MAP", "ROW", "BYTES", "CHAR", "STRING")) and name == "COLLECT":
        return []  # their text cannot be read back
    if kind == "BYTES" and mode == "retract" and name.startswith(("FIRST", "LAST", "ARRAY")):
        return []  # Flink looks for the byte string itself, not for an equal one, and does not find what it retracts
    return found


def query(columns, shown=False):
    text = [re.sub(r"^(COLLECT\(.*)$", r"CAST(\1 AS STRING)", c) if shown else c for c in columns]
    return f"SELECT g, {', '.join(f'{c} AS c{i}' for i, c in enumerate(text))} FROM t GROUP BY g"


def refused(session, columns):
    try:
        session.run(f"EXPLAIN PLAN FOR {query(columns)}")
    except flink_sql.SqlError as error:
        return str(error)
    return None


def record_table(kind, mode, log):
    """Cases of one type and kind of input."""
    table = {"name": "t", "role": "source", "columns": ["g STRING", "k STRING NOT NULL", f"v {kind}", "f BOOLEAN"], "changelog_mode": mode, "rows": rows(kind, mode)}
    session = flink_sql.Gateway().session(**{"table__local-time-zone": "UTC", "parallelism__default": 1})
    plans, cases = [], []
    with tempfile.TemporaryDirectory() as directory:
        sent = {**table, "rows": [[op, [g, k, wire(v, kind), f]] for op, (g, k, v, f) in table["rows"]]}
        flink_record.create(session, sent, directory)
        for name in AGGREGATES:
            columns = calls(name, kind, mode)
            if not columns:
                continue
            if refused(session, columns) is not None:
                good = [] if (why := refused(session, columns[:1])) else [c for c in columns if refused(session, [c]) is None]
                for column in [c for c in columns if c not in good][:1 if why else None]:
                    why = refused(session, [column])
                    # What the parser refuses does not depend on the type, nor what the types refuse on the changes.
                    if mode == "append" and (kind == "INT" or "Cannot apply" in why or "support" in why or "Invalid" in why):
                        cases.append(case(name, kind, mode, table, [column], {"error": {"phase": "validation"}}, {"error_text": why[:300]}))
                columns = good
            if columns:
                plans.append((name, columns))
        for is_average in (False, True):
            job = [plan for plan in plans if (plan[0] == "AVG") == is_average]
            cases += record_job(session, kind, mode, table, job)
    session.close()
    log(f"{kind} {mode}: {len(cases)} cases")
    return cases


def record_job(session, kind, mode, table, plans):
    """Cases of the functions that run as one job."""
    session.run("DROP TEMPORARY VIEW IF EXISTS described")
    every = [c for _, columns in plans for c in columns]
    if not every:
        return []
    types = flink_record.types(session, query(every))
    result = session.run(query(every, shown=True))
    left = flink_record.table_of([[flink_record.KINDS[row["kind"]], row["fields"]] for row in result.rows])
    cases, at = [], 1
    for name, columns in plans:
        chosen = [0, *range(at, at + len(columns))]
        at += len(columns)
        kinds = [types[i] for i in chosen]
        rest = [["+I", [read(row[i], types[i]) for i in chosen]] for row in left]
        cases.append(case(name, kind, mode, table, columns, {"materialized": rest, "types": kinds}, {"types": kinds}))
    return cases


def case(name, kind, mode, table, columns, expect, answer):
    suffix = "" if "error" not in expect else "/" + columns[0]
    return {"id": f"recorded.agg/{name}/{kind}/{mode}{suffix}", "kind": "agg", "source": "recorded", "license": "Apache-2.0", "functions": [name.split()[0]],
            "requires": [], "config": {}, "tables": [table], "sql": query(columns), "expect": expect, "flink": {"version": "2.2.1", "agrees": True, **answer}}


def main(file, only):
    file = pathlib.Path(file)
    kept = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() and only else []
    kept = [c for c in kept if c["tables"][0]["columns"][2][2:] not in only]
    jobs = [(kind, mode) for kind in only or TYPES for mode in ("append", "retract")]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = {}
        for job, future in [(job, pool.submit(record_table, *job, lambda text: print(text, flush=True))) for job in jobs]:
            try:
                found[job] = future.result()
            except flink_sql.SqlError as error:
                print(job, "not recorded:", str(error)[:500], flush=True)
    cases = kept + [case for job in jobs for case in found.get(job, [])]
    file.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
