#!/usr/bin/env python3
"""Writes what real Apache Flink answers into cases of `nutkin test` (docs/testing.md).

    ./flink.sh start && eval "$(./flink.sh env)"
    ./flink_record.py FILE.jsonl ...       every case of the files is run, and the files are written again

A case needs `id`, `kind` and what its kind asks for: scalar `sql` and `input`, agg and batch `tables` and `sql`, stream `tables`
and one step `INSERT INTO sink SELECT ...` per sink. `expect` and `flink` are what is written. Tables are files of JSON lines that Flink
reads once; columns may have the types BOOLEAN, numbers, DECIMAL, STRING, DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ.
"""
import json
import pathlib
import re
import sys
import tempfile

import flink_sql

KINDS = {"INSERT": "+I", "UPDATE_BEFORE": "-U", "UPDATE_AFTER": "+U", "DELETE": "-D"}
CONSTRAINT = re.compile(r"\s*(WATERMARK|PRIMARY\s+KEY)\b", re.I)
COMPUTED = re.compile(r"^\s*`?\w+`?\s+AS\b", re.I)


def name_of(column):
    return re.match(r"\s*`?([^`\s]+)`?", column)[1]


def physical(columns):
    return [c for c in columns if not CONSTRAINT.match(c) and not COMPUTED.match(c)]


def lines(table):
    """The table's changes as JSON lines, or as Debezium's envelopes where rows can go."""
    names = [name_of(c) for c in physical(table["columns"])]
    rows = [(op, dict(zip(names, row))) for op, row in table["rows"]]
    if table["changelog_mode"] == "append":
        return [row for _, row in rows]
    found, before = [], None
    for op, row in rows:
        if op == "-U":
            before = row
        elif op == "+U":
            found.append({"before": before, "after": row, "op": "u"})
        elif op == "-D":
            found.append({"before": row, "after": None, "op": "d"})
        else:
            found.append({"before": None, "after": row, "op": "c"})
    return found


def create(session, table, directory):
    path = pathlib.Path(directory) / table["name"]
    path.mkdir()
    (path / "rows.json").write_text("".join(json.dumps(line) + "\n" for line in lines(table)))
    form = "json" if table["changelog_mode"] == "append" else "debezium-json"
    columns = ", ".join(c + (" NOT ENFORCED" if "PRIMARY KEY" in c.upper() and "ENFORCED" not in c.upper() else "") for c in table["columns"])
    session.run(f"CREATE TEMPORARY TABLE `{table['name']}` ({columns}) WITH ('connector' = 'filesystem', 'path' = 'file://{path}', "
                f"'format' = '{form}', '{form}.timestamp-format.standard' = 'ISO-8601')")


def types(session, query):
    session.run(f"CREATE OR REPLACE TEMPORARY VIEW described AS {query}")
    found = []
    for row in session.run("DESCRIBE described").rows:
        text = re.sub(r"\bSTRING\b", "VARCHAR(2147483647)", re.sub(r"\bBYTES\b", "VARBINARY(2147483647)", row["fields"][1]))
        found.append(text.replace(" *ROWTIME*", "") + ("" if row["fields"][2] in (True, "TRUE") else " NOT NULL"))
    return found


def value(given, type_text):
    if given is not None and type_text.startswith("DECIMAL"):
        return str(given)
    if given is not None and type_text.startswith("TIMESTAMP"):
        return str(given).replace(" ", "T")
    return given


def changes(session, query):
    """The types of a query's columns and its changes."""
    kinds = types(session, query)
    rows = session.run(query).rows
    return kinds, [[KINDS[row["kind"]], [value(v, t) for v, t in zip(row["fields"], kinds)]] for row in rows]


def table_of(changelog):
    rows = []
    for op, row in changelog:
        if op in ("+I", "+U"):
            rows.append(row)
        else:
            rows.remove(row)
    return rows


def failure(session, query):
    """An error while the plan is made is a validation error."""
    try:
        session.run(f"EXPLAIN PLAN FOR {query}")
        return {"error": {"phase": "runtime"}}
    except flink_sql.SqlError:
        return {"error": {"phase": "validation"}}


def scalar(session, case, directory):
    """Over a table of one row: a literal row would be folded, so that errors come earlier and nothing is NULL."""
    source, given = "", case["input"]
    if given["columns"]:
        columns = [f"`{c['name']}` {c['type']}" for c in given["columns"]]
        create(session, {"name": "testTable", "columns": columns, "changelog_mode": "append", "rows": [["+I", given["row"]]]}, directory)
        source = " FROM testTable"
    query = f"SELECT {case['sql']}{source}"
    try:
        found = types(session, query)
        text = session.run(f"SELECT CAST({case['sql']} AS STRING){source}").rows[0]["fields"][0]
    except flink_sql.SqlError as error:
        return failure(session, query), {"error_text": str(error)[:400]}
    return {"text": "NULL" if text is None else text}, {"types": found}


def agg(session, case, directory):
    for table in case["tables"]:
        create(session, table, directory)
    try:
        found, changelog = changes(session, case["sql"])
    except flink_sql.SqlError as error:
        return failure(session, case["sql"]), {"error_text": str(error)[:400]}
    return {"materialized": [["+I", row] for row in table_of(changelog)], "types": found}, {"types": found, "changelog": changelog}


def batch(session, case, directory):
    session.run("SET 'execution.runtime-mode' = 'batch'")
    for table in case["tables"]:
        create(session, {"changelog_mode": "append", **table}, directory)
    found, changelog = changes(session, case["sql"])
    rows = [row for _, row in changelog]
    return {"rows": rows, "ordered": bool(re.search(r"\bORDER\s+BY\b", case["sql"], re.I))}, {"types": found, "rows": rows}


def stream(session, case, directory):
    for table in case["tables"]:
        if table["role"] == "source":
            create(session, table, directory)
    expect, outputs = [], []
    for step in case["steps"]:
        found = re.match(r"\s*INSERT\s+INTO\s+`?(\w+)`?\s+(.*)", step["sql"], re.I | re.S)
        if not found:
            session.run(step["sql"].replace("CREATE VIEW", "CREATE TEMPORARY VIEW"))
            continue
        _, changelog = changes(session, found[2])
        expect.append({"table": found[1], "compare": "changelog", "changelog": changelog})
        outputs.append({"table": found[1], "changelog": changelog})
    return expect, {"watermarks": "as-declared", "outputs": outputs}


RECORD = {"scalar": scalar, "agg": agg, "batch": batch, "stream": stream}


def record(case):
    config = {"parallelism.default": 1, "table.exec.resource.default-parallelism": 1, "table.local-time-zone": "UTC", **case.get("config", {})}
    session = flink_sql.Gateway().session()
    try:
        for key, setting in config.items():
            session.run(f"SET '{key}' = '{setting}'")
        with tempfile.TemporaryDirectory() as directory:
            expect, answer = RECORD[case["kind"]](session, case, directory)
    finally:
        session.close()
    for key in ("expect", "flink"):
        case.pop(key, None)
    return {**case, "requires": case.get("requires", []), "config": case.get("config", {}), "expect": expect, "flink": {"version": "2.2.1", "agrees": True, **answer}}


def main(files):
    if not files:
        sys.exit(__doc__)
    for file in map(pathlib.Path, files):
        cases = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
        recorded = []
        for case in cases:
            recorded.append(record(case))
            print(case["id"], json.dumps(recorded[-1]["expect"])[:160], flush=True)
        file.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in recorded))


if __name__ == "__main__":
    main(sys.argv[1:])
