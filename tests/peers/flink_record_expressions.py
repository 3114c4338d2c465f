#!/usr/bin/env python3
"""Records the type and the text of expressions as real Apache Flink gives them.

    ./flink.sh start && eval "$(./flink.sh env)"
    ./flink_record_expressions.py ../../crates/functions/src/tests/cases/ranges.tsv

Every line of the file is an expression, and after a tab its type and its text, which are written anew. `!` instead of the type: refused; instead
of the text: it fails while it runs. NULL is the text of NULL. The session time zone is UTC.
"""
import pathlib
import sys

import flink_record
import flink_sql


def texts(session, expressions):
    """Texts by expression. One query; when it fails, halves of it, so that what fails is found."""
    if not expressions:
        return {}
    columns = ", ".join(f"CAST({text} AS STRING) AS c{i}" for i, text in enumerate(expressions))
    try:
        row = session.run(f"SELECT {columns}").rows[-1]["fields"]
        return {text: "NULL" if value is None else value for text, value in zip(expressions, row)}
    except flink_sql.SqlError:
        if len(expressions) == 1:
            return {expressions[0]: "!"}
        half = len(expressions) // 2
        return {**texts(session, expressions[:half]), **texts(session, expressions[half:])}


def types(session, expressions):
    """Types by expression, found in the same way."""
    try:
        session.run("DROP TEMPORARY VIEW IF EXISTS described")
        columns = ", ".join(f"{text} AS c{i}" for i, text in enumerate(expressions))
        return dict(zip(expressions, flink_record.types(session, f"SELECT {columns}")))
    except flink_sql.SqlError:
        if len(expressions) == 1:
            return {expressions[0]: "!"}
        half = len(expressions) // 2
        return {**types(session, expressions[:half]), **types(session, expressions[half:])}


def main(file):
    file = pathlib.Path(file)
    session = flink_sql.Gateway().session(**{"table__local-time-zone": "UTC", "parallelism__default": 1, "execution__runtime-mode": "batch"})
    expressions = list(dict.fromkeys(line.split("\t")[0] for line in file.read_text().splitlines() if line.strip()))
    parts = [expressions[start:start + 40] for start in range(0, len(expressions), 40)]
    kinds, found = {}, {}
    for part in parts:
        kinds |= types(session, part)
        found |= texts(session, [text for text in part if kinds[text] != "!"])
        print(len(kinds), flush=True)
    file.write_text("".join(f"{text}\t{kinds[text]}\t{found.get(text, '!')}\n" for text in expressions))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
