#!/usr/bin/env python3
"""Records what real Apache Flink plans for the cases of the oracle, as goldens of the planner.

    ./flink.sh start && eval "$(./flink.sh env)"
    ./flink_plans.py ORACLE_DIRECTORY OUT_DIRECTORY [stream batch nexmark own]

Nothing is run: each statement of a case goes through EXPLAIN CHANGELOG_MODE in streaming mode, batch cases too, because
Nutkin has one kind of plan. Sources are unbounded tables of the same changelog mode, sinks take what the case's sink takes.
Options that choose between equal plans are left out, but for those of aggregations, which Nutkin has too.

One line per statement: {"id", "step", "plan"} or {"id", "step", "error"}. A plan is [operator, changes, keys, inputs]:
the operator's name as Flink prints it, its changelog mode, the key columns of an exchange (null for other operators) and
the plans of its inputs. A statement set has a list of plans.
"""
import json
import pathlib
import re
import sys

import flink_sql

SKIPPED = re.compile(r"table\.(optimizer\.(?!agg-phase|distinct-agg|incremental)|exec\.(disabled-operators|resource|operator-fusion|async))|table\.generated")
METADATA = re.compile(r"\bMETADATA\b", re.I)
KEY = re.compile(r"\bPRIMARY\s+KEY\b", re.I)


def options(table):
    mode, role = table.get("changelog_mode"), table.get("role")
    has_key = any(KEY.search(c) for c in table["columns"])
    kafka = {"connector": "kafka", "topic": "t", "properties.bootstrap.servers": "127.0.0.1:1",
             "properties.group.id": "g", "scan.startup.mode": "earliest-offset"}
    upsert = {"connector": "upsert-kafka", "topic": "t", "properties.bootstrap.servers": "127.0.0.1:1",
              "key.format": "json", "value.format": "json"}
    if role == "sink":
        return upsert if has_key and not any(METADATA.search(c) for c in table["columns"]) else {"connector": "print"}
    if mode == "append" or mode is None:
        return {**kafka, "format": "json"} if any(METADATA.search(c) for c in table["columns"]) else {"connector": "datagen"}
    if mode == "upsert" or "UB" not in mode and mode != "retract":
        return upsert
    return {**kafka, "format": "debezium-json"}


def create(session, table, columns):
    columns = [c if KEY.match(c.strip()) is None or "ENFORCED" in c.upper() else c + " NOT ENFORCED" for c in columns]
    with_ = ", ".join(f"'{k}' = '{v}'" for k, v in options({**table, "columns": columns}).items())
    session.run(f"CREATE TEMPORARY TABLE `{table['name']}` ({', '.join(columns)}) WITH ({with_})")


LINE = re.compile(r"^((?:[ :]  |[+:]- )*)(\w+)(?:\((.*)\))?$")


def parse(text):
    """The trees of the section with the physical plan."""
    section = text.split("== Optimized Physical Plan ==\n", 1)[1].split("\n== ", 1)[0]
    roots, stack = [], []
    for line in section.split("\n"):
        found = LINE.match(line)
        if not found:
            continue
        depth, name, rest = len(found[1]) // 3, found[2], found[3] or ""
        mode = re.search(r"changelogMode=\[([\w,]*)\]", rest)
        keys = None
        distribution = re.search(r"distribution=\[(\w+)(?:\[([^\]]*)\])?", rest)
        if name == "Exchange" and distribution:
            keys = [k.strip() for k in distribution[2].split(",")] if distribution[2] else []
        node = [name, mode[1] if mode else "", keys, []]
        del stack[depth:]
        (stack[-1][3] if stack else roots).append(node)
        stack.append(node)
    return roots


def statements(case):
    if "sql" in case:
        return [(0, case["sql"], None)]
    return [(i, s.get("sql"), s.get("statement_set")) for i, s in enumerate(case["steps"])]


def record(gateway, case, definitions):
    session = gateway.session()
    try:
        session.run("SET '__table.exec.sort.non-temporal.enabled__' = 'true'")
        for key, value in case.get("config", {}).items():
            if not SKIPPED.match(key):
                session.run(f"SET '{key}' = '{value}'")
        for table in case["tables"]:
            create(session, table, table.get("columns") or definitions[table["ref"]])
        for i, sql, group in statements(case):
            if group:
                inner = [g["sql"] if isinstance(g, dict) else g for g in group]
                sql = "STATEMENT SET BEGIN " + " ".join(s.rstrip(" ;\n") + ";" for s in inner) + " END"
            if not sql:
                continue
            sql = sql.strip().rstrip(";")
            if re.match(r"(CREATE|SET|RESET|USE|DROP)\b", sql, re.I):
                session.run(sql)
                continue
            sql = re.sub(r"^EXECUTE\s+(?=STATEMENT)", "", sql, flags=re.I)
            try:
                rows = session.run(f"EXPLAIN CHANGELOG_MODE {sql}").rows
                plans = parse(rows[0]["fields"][0])
                yield {"id": case["id"], "step": i, "plan": plans[0] if len(plans) == 1 else plans}
            except flink_sql.SqlError as error:
                yield {"id": case["id"], "step": i, "error": str(error).split("\n")[0][:300]}
    except flink_sql.SqlError as error:
        yield {"id": case["id"], "step": -1, "error": str(error).split("\n")[0][:300]}
    finally:
        session.close()


def main(argv):
    oracle, out = pathlib.Path(argv[0]), pathlib.Path(argv[1])
    definitions = {}
    for line in (oracle / "batch-tables.jsonl").open():
        table = json.loads(line)
        definitions[table["ref"]] = table["columns"]
    gateway = flink_sql.Gateway()
    for name in argv[2:] or ["stream", "batch", "nexmark"]:
        with (out / f"{name}.jsonl").open("w") as file:
            for line in (oracle / f"{name}.jsonl").open():
                case = json.loads(line)
                if case.get("requires"):
                    continue
                for found in record(gateway, case, definitions):
                    file.write(json.dumps(found, separators=(",", ":")) + "\n")
                    file.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
