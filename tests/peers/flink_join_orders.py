#!/usr/bin/env python3
"""Records in which order real Apache Flink makes joins, as goldens of the planner's join reordering.

    ./flink.sh start && eval "$(./flink.sh env)"
    ./flink_join_orders.py crates/planner/src/tests/plans/join_orders.jsonl

The first line holds the rows of the tables that have statistics. Every other line is {"sql", "order"}, and "batch" where the
order is another one in batch mode. An order is the name of a table, or [kind of join, left, right]; what stands between joins
is left out. Most joins are random, the same for
the same seed: chains, stars and cycles, written with JOIN or as a list with WHERE, some of them LEFT, RIGHT, FULL, semi, or
without a condition, some conditions of other kinds than equality of columns, some tables filtered or grouped.
"""
import json
import random
import re
import sys

import flink_sql

PLAIN = ["a", "b", "c", "d", "e", "f"]
KEYED = ["pa", "pb", "pc", "pd"]
SIZED = {"s1": 20, "s2": 3000, "s3": 400, "s4": 50000, "s5": 1}
COLUMNS = "id INT, k INT, n INT, v STRING"

WRITTEN = [
    "SELECT a.v, b.v, c.v FROM a JOIN b ON a.id = b.id JOIN c ON b.id = c.id",
    "SELECT a.v, c.v FROM a, b, c WHERE a.id = b.id",
    "SELECT a.v FROM a, b, c, d WHERE a.id = b.id AND b.k = c.k AND c.n = d.n AND d.id = a.id",
    "SELECT a.v FROM a LEFT JOIN b ON a.id = b.id LEFT JOIN c ON b.k = c.k JOIN d ON a.n = d.n",
    "SELECT a.v FROM a LEFT JOIN (b JOIN c ON b.id = c.id JOIN d ON c.k = d.k) ON a.id = b.id",
    "SELECT a.v FROM a RIGHT JOIN b ON a.id = b.id JOIN c ON b.k = c.k JOIN d ON c.n = d.n",
    "SELECT a.v FROM a FULL JOIN b ON a.id = b.id JOIN c ON c.k = b.k JOIN d ON c.n = d.n",
    "SELECT a.v FROM a JOIN b ON a.id = b.id JOIN c ON b.k = c.k WHERE EXISTS (SELECT 1 FROM d WHERE d.id = a.k)",
    "SELECT a.v, x.m FROM a JOIN b ON a.id = b.id JOIN (SELECT k, COUNT(*) AS m FROM c GROUP BY k) x ON x.k = b.k",
    "SELECT a.v FROM a JOIN b ON a.id = b.id AND a.k < b.k JOIN c ON b.k = c.k",
    "SELECT a.v FROM a JOIN b ON a.id = b.id JOIN c ON b.k < c.k JOIN d ON a.n = d.n",
    "SELECT a.v FROM a JOIN b ON a.k + 1 = b.k JOIN c ON b.id = c.id JOIN d ON c.n = d.n",
    "SELECT a.v FROM a JOIN b ON a.k = b.k JOIN c ON b.id + 1 = c.id JOIN d ON c.n = d.n",
    "SELECT a.v FROM a JOIN b ON a.k = b.k JOIN c ON b.id + c.id = a.id",
    "SELECT a.v FROM a JOIN b USING (id) JOIN c USING (id)",
    "SELECT a.v FROM a JOIN (SELECT b.id, c.k FROM b JOIN c ON b.n = c.n) x ON a.id = x.id JOIN d ON d.k = x.k",
    "SELECT a.v FROM a JOIN b ON a.id IS NOT DISTINCT FROM b.id JOIN c ON b.k = c.k",
    "SELECT pa.v FROM pa JOIN pb ON pa.k = pb.k JOIN pc ON pb.k = pc.id",
    "SELECT pa.v FROM pa JOIN b ON pa.id = b.k JOIN pc ON b.n = pc.id",
    "SELECT a.v FROM a JOIN b ON a.k = b.k JOIN c ON b.v = c.v WHERE a.id IN (1, 2, 3)",
    "SELECT a.v FROM a JOIN b ON a.k = b.k JOIN c ON b.v = c.v WHERE a.v LIKE '%x' AND c.n > 1",
    "SELECT a.v FROM a JOIN b ON a.k = b.k JOIN c ON b.v = c.v WHERE c.id = 1 OR c.n = 2",
    "SELECT s1.v FROM s4 JOIN s2 ON s4.id = s2.id JOIN s1 ON s2.k = s1.k JOIN s3 ON s4.n = s3.n",
    "SELECT s1.v FROM s4, s2, s1, s5 WHERE s4.id = s2.id AND s2.k = s1.k AND s1.n = s5.n AND s4.k = s5.k",
]


def generated(count, seed=7):
    rng = random.Random(seed)
    for _ in range(count):
        names = rng.sample(PLAIN + KEYED + list(SIZED), rng.randint(3, 6))
        as_list = rng.random() < 0.25
        shape = rng.choice(["chain", "star", "tree"])
        joins, filters = [], []
        for place, name in enumerate(names[1:], 1):
            other = {"chain": names[place - 1], "star": names[0], "tree": rng.choice(names[:place])}[shape]
            column = rng.choice(["id", "k", "n"])
            condition = f"{other}.{column} = {name}.{rng.choice(['id', 'k', 'n'])}"
            if place > 1 and rng.random() < 0.2:
                condition += f" AND {rng.choice(names[:place])}.n {rng.choice(['=', '<', '<>'])} {name}.n"
            kind = "JOIN" if as_list or rng.random() < 0.85 else "LEFT JOIN"
            joins.append((kind, name, condition))
        for name in names:
            if rng.random() < 0.2:
                filters.append(f"{name}.{rng.choice(['id', 'k'])} {rng.choice(['>', '<>'])} {rng.randint(0, 9)}")
        select = ", ".join(f"{name}.v" for name in rng.sample(names, rng.randint(1, len(names))))
        if as_list:
            where = [condition for _, _, condition in joins] + filters
            yield f"SELECT {select} FROM {', '.join(names)} WHERE {' AND '.join(where)}"
        else:
            written = " ".join(f"{kind} {name} ON {condition}" for kind, name, condition in joins)
            yield f"SELECT {select} FROM {names[0]} {written}" + (f" WHERE {' AND '.join(filters)}" if filters else "")


LINE = re.compile(r"^((?:[ :]  |[+:]- )*)(\w+)\((.*)\)$")


def order(text):
    """The joins of the section with the physical plan."""
    section = text.split("== Optimized Physical Plan ==\n", 1)[1].split("\n== ", 1)[0]
    root, stack = [], []
    for line in section.split("\n"):
        found = LINE.match(line)
        if not found:
            continue
        name, rest = found[2], found[3]
        table = re.search(r"table=\[\[\w+, \w+, (\w+)", rest)
        kind = re.search(r"joinType=\[(\w+)\]", rest)
        inputs = []
        node = (kind[1] if kind else None, table[1] if table and "Scan" in name else None, inputs)
        del stack[len(found[1]) // 3:]
        (stack[-1] if stack else root).append(node)
        stack.append(inputs)

    def simple(node):
        kind, table, inputs = node
        return table or ([kind, *map(simple, inputs)] if kind else simple(inputs[0]))

    return simple(root[0])


def main(out):
    session = flink_sql.Gateway().session()
    session.run("SET 'execution.runtime-mode' = 'batch'")
    for name in PLAIN + KEYED + list(SIZED):
        columns = COLUMNS + (", PRIMARY KEY (id) NOT ENFORCED" if name in KEYED else "")
        rows = SIZED.get(name, 10)
        options = f"'connector' = 'datagen', 'number-of-rows' = '{rows}', 'rows-per-second' = '1000000'"
        session.run(f"CREATE TABLE {name} ({columns}) WITH ({options})")
    for name in SIZED:
        session.run(f"ANALYZE TABLE {name} COMPUTE STATISTICS")
    session.run("SET 'table.optimizer.join-reorder-enabled' = 'true'")
    lines = [{"sql": sql} for sql in WRITTEN + list(generated(76))]
    for mode in ("streaming", "batch"):
        session.run(f"SET 'execution.runtime-mode' = '{mode}'")
        for line in lines:
            found = order(session.run(f"EXPLAIN {line['sql']}").rows[0]["fields"][0])
            if found != line.setdefault("order", found):
                line[mode] = found
    session.close()
    with open(out, "w") as file:
        for line in [{"rows": SIZED}, *lines]:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
