#!/usr/bin/env python3
"""Records for each pair of types what real Apache Flink says of a CAST, of an assignment without one, and of some values.

    ./flink.sh start && eval "$(./flink.sh env)"
    ./flink_record_casts.py ../../crates/functions/src/tests/cases/casts.jsonl [TYPE ...]

One line per type that is cast: of the `targets`, `explicit` and `implicit` are those that CAST and INSERT accept; `values` holds for each sample its text and,
by target, the text of TRY_CAST (null: there is no such value). With TYPEs only their lines are recorded anew.
"""
import concurrent.futures
import json
import pathlib
import sys

import flink_sql

SAMPLES = {
    "BOOLEAN": ["TRUE", "FALSE"],
    "TINYINT": ["CAST(7 AS TINYINT)", "CAST(0 AS TINYINT)", "CAST(-128 AS TINYINT)"],
    "SMALLINT": ["CAST(300 AS SMALLINT)", "CAST(-32768 AS SMALLINT)"],
    "INT": ["5", "-2000000000", "70000", "0"],
    "BIGINT": ["CAST(12 AS BIGINT)", "9223372036854775807", "CAST(3000000000 AS BIGINT)"],
    "FLOAT": ["CAST(1.5 AS FLOAT)", "CAST(1e20 AS FLOAT)", "CAST(-0.25 AS FLOAT)", "CAST(123456.789 AS FLOAT)"],
    "DOUBLE": ["1.5e0", "1e300", "-129.9e0", "1e-5"],
    "DECIMAL(10, 2)": ["CAST(1.5 AS DECIMAL(10, 2))", "CAST(-99999999.99 AS DECIMAL(10, 2))"],
    "DECIMAL(38, 18)": ["CAST(1.000000000000000001 AS DECIMAL(38, 18))"],
    "CHAR(3)": ["CAST('abc' AS CHAR(3))", "CAST('12' AS CHAR(3))"],
    "VARCHAR(5)": ["CAST('true' AS VARCHAR(5))", "CAST('1.5' AS VARCHAR(5))", "CAST('' AS VARCHAR(5))"],
    "STRING": ["CAST('2020-01-31 12:34:56.789' AS STRING)", "CAST('12:34:56.7' AS STRING)", "CAST(' 42 ' AS STRING)", "CAST('yes' AS STRING)", "CAST('1e3' AS STRING)",
               "CAST('2020-01-31' AS STRING)", "CAST('NaN' AS STRING)", "CAST('ä' AS STRING)", "CAST('300' AS STRING)", "CAST('2020-1-3 1:2:3' AS STRING)", "CAST('0x10' AS STRING)"],
    "BINARY(3)": ["CAST(X'616263' AS BINARY(3))", "CAST(X'00ff7f' AS BINARY(3))"],
    "VARBINARY(5)": ["CAST(X'3132' AS VARBINARY(5))", "CAST(X'' AS VARBINARY(5))"],
    "BYTES": ["CAST(X'c3a4f0' AS BYTES)"],
    "DATE": ["DATE '2020-01-31'", "DATE '0001-01-01'", "DATE '9999-12-31'"],
    "TIME(0)": ["TIME '12:34:56'"],
    "TIME(3)": ["CAST('12:34:56.789' AS TIME(3))"],
    "TIMESTAMP(0)": ["CAST(TIMESTAMP '2020-01-31 12:34:56' AS TIMESTAMP(0))"],
    "TIMESTAMP(3)": ["CAST(TIMESTAMP '2020-01-31 12:34:56.789' AS TIMESTAMP(3))", "CAST(TIMESTAMP '1969-12-31 23:59:59.999' AS TIMESTAMP(3))"],
    "TIMESTAMP(6)": ["CAST(TIMESTAMP '2020-01-31 12:34:56.789012' AS TIMESTAMP(6))"],
    "TIMESTAMP(9)": ["CAST('2020-01-31 12:34:56.789012345' AS TIMESTAMP(9))"],
    "TIMESTAMP_LTZ(3)": ["TO_TIMESTAMP_LTZ(1580474096789, 3)", "TO_TIMESTAMP_LTZ(-1, 3)"],
    "TIMESTAMP_LTZ(6)": ["CAST(TO_TIMESTAMP_LTZ(1580474096789, 3) AS TIMESTAMP_LTZ(6))"],
    "INTERVAL YEAR TO MONTH": ["INTERVAL '1-2' YEAR TO MONTH"],
    "INTERVAL DAY TO SECOND(3)": ["INTERVAL '1 02:03:04.567' DAY TO SECOND(3)"],
    "ARRAY<INT>": ["ARRAY[1, 2]", "ARRAY[1, CAST(NULL AS INT)]"],
    "ARRAY<STRING>": ["ARRAY['1', 'x']"],
    "MAP<STRING, INT>": ["MAP['1', 2]"],
    "MULTISET<INT>": [],
    "ROW<x INT, y STRING>": ["ROW(1, 'a')"],
    "ROW<x BIGINT, y STRING, z INT>": ["CAST(ROW(1, 'a', 2) AS ROW<x BIGINT, y STRING, z INT>)"],
}
TARGETS = [kind for kind in SAMPLES if "MULTISET" not in kind] + ["ARRAY<BIGINT>", "MAP<INT, STRING>", "ROW<a STRING, b STRING>", "DECIMAL(5, 4)", "CHAR(1)", "VARCHAR(2)", "BINARY(2)", "VARBINARY(1)"]
# What has no literal and no text comes from an aggregate.
SOURCE = {"MULTISET<INT>": "(SELECT COLLECT(x) AS v FROM (VALUES (1), (2), (2)) AS r(x))"}


def source(kind, sample=None):
    return SOURCE.get(kind) or f"(SELECT CAST({sample or 'NULL'} AS {kind}) AS v)"


def accepts(session, statement):
    try:
        session.run(f"EXPLAIN PLAN FOR {statement}")
    except flink_sql.SqlError as error:
        return str(error)
    return None


def values(session, kind, sample, targets):
    """Texts of the sample cast to each target. One query; when it fails, halves of it, so that what fails is found."""
    if not targets:
        return {}
    columns = ", ".join(f"CAST(TRY_CAST(v AS {t}) AS STRING) AS c{i}" for i, t in enumerate(targets))
    try:
        # A table of one row that is no literal: what is folded fails earlier and knows no NULL.
        row = session.run(f"SELECT CAST(v AS STRING) AS c, {columns} FROM {source(kind, sample)}").rows[-1]["fields"]
        return dict(zip(["", *targets], row))
    except flink_sql.SqlError as error:
        if len(targets) == 1:
            return {targets[0]: {"error": str(error)[:200]}}
        half = len(targets) // 2
        return {**values(session, kind, sample, targets[:half]), **values(session, kind, sample, targets[half:])}


def record(kind):
    session = flink_sql.Gateway().session(**{"table__local-time-zone": "UTC", "parallelism__default": 1})
    explicit, implicit = [], []
    for i, target in enumerate(TARGETS):
        if "INTERVAL" not in target:  # no column can be one
            session.run(f"CREATE TEMPORARY TABLE s{i} (v {target}) WITH ('connector' = 'blackhole')")
        if accepts(session, f"SELECT CAST(v AS {target}) FROM {source(kind)}") is None:
            explicit.append(target)
        if accepts(session, f"INSERT INTO s{i} SELECT v FROM {source(kind)}") is None:
            implicit.append(target)
    session.run("SET 'execution.runtime-mode' = 'batch'")
    rows = [[sample, values(session, kind, sample, explicit)] for sample in SAMPLES[kind]]
    session.close()
    # What is planned but has no code, as text to ARRAY, is refused all the same.
    unbuilt = {t for _, found in rows for t, text in found.items() if isinstance(text, dict) and "Unsupported cast" in text["error"]}
    explicit = [t for t in explicit if t not in unbuilt]
    implicit = [t for t in implicit if t in explicit]
    rows = [[sample, {t: text for t, text in found.items() if t not in unbuilt}] for sample, found in rows]
    print(kind, len(explicit), len(implicit), flush=True)
    return {"from": kind, "targets": TARGETS, "explicit": explicit, "implicit": implicit, "values": rows}


def main(file, only):
    file = pathlib.Path(file)
    found = {line["from"]: line for line in map(json.loads, file.read_text().splitlines())} if file.exists() else {}
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for line in pool.map(record, only or SAMPLES):
            found[line["from"]] = line
    file.write_text("".join(json.dumps(found[kind], ensure_ascii=False) + "\n" for kind in SAMPLES if kind in found))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
