#!/usr/bin/env python3
"""Writes what was measured: runs.jsonl, table.md, plot.svg. `report.py DIRECTORY` makes table and plot again from runs.jsonl."""
import json
import pathlib
import statistics
import sys

from plot import bars

NAMES = {"nutkin": "Nutkin", "flink": "Flink, state on the heap", "flink-rocksdb": "Flink, RocksDB",
         "flink-minibatch": "Flink, heap, mini-batch"}


def write(directory, lines):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "runs.jsonl").write_text("".join(json.dumps(l) + "\n" for l in lines))
    cells = gather(lines)
    (directory / "table.md").write_text(table(lines, cells))
    (directory / "plot.svg").write_text(plot(lines, cells))


def gather(lines):
    """(parallelism, format, query) -> engine -> its counted runs."""
    cells = {}
    for line in lines:
        if "round" in line and (line["round"] > 0 or "error" in line):
            where = (line["parallelism"], line["format"], line["query"])
            cells.setdefault(where, {}).setdefault(line["engine"], []).append(line)
    return cells


def spread(runs, key, digits):
    """min / median / max"""
    values = [r[key] for r in runs]
    return " / ".join(f"{f(values):.{digits}f}" for f in (min, statistics.median, max))


def table(lines, cells):
    about = next(l for l in lines if "machine" in l)
    m, v = about["machine"], about["versions"]
    sizes = ", ".join(f"{k} {n} bytes" for k, n in about["bytes_per_event"].items())
    versions = ", ".join(f"{name.capitalize()} {version}" for name, version in v.items())
    out = [f"# {m['date']}, commit {m['commit']}", "",
           f"{versions}. {m['cores']} cores of {m['cpu']}, {m['memory_gib']} GiB, Linux {m['kernel']}.",
           f"{about['events']:,} events ({sizes} each, lz4 on the topic). Cells are min / median / max of the runs; one before them warms up and is not",
           "counted.", ""]
    for parallelism in sorted({p for p, _, _ in cells}):
        out += [f"## Parallelism {parallelism}", "",
                "| query | format | engine | runs | CPU s per million events | peak memory, MiB | wall s | thousand events/s, best | load | CPU s beside |",
                "|---|---|---|---|---|---|---|---|---|---|"]
        for (p, fmt, query), engines in cells.items():
            if p != parallelism:
                continue
            for engine, runs in engines.items():
                out.append(f"| {query} | {fmt} | {NAMES[engine]} | {row(runs, about['events'])} |")
        out.append("")
    return "\n".join(out + checks(lines))


def row(runs, events):
    failed = [r["error"] for r in runs if "error" in r]
    if failed:
        return f"{len(runs)} | does not run: " + " ".join(failed[0].split())[:300].replace("|", "\\|") + " | | | | |"
    best = events / min(r["seconds"] for r in runs) / 1000
    return " | ".join([str(len(runs)), spread(runs, "cpu_s_per_million", 2), spread(runs, "peak_mib", 0), spread(runs, "seconds", 1), f"{best:.0f}",
                       f"{statistics.median(r['load'] for r in runs):.1f}", f"{statistics.median(r['beside_cpu_s'] for r in runs):.1f}"])


def checks(lines):
    done = [l for l in lines if "check" in l]
    if not done:
        return ["Results were not compared in this run.", ""]
    out = ["## Do both give the same result?", "", "| query | format | check | rows | |", "|---|---|---|---|---|"]
    for l in done:
        verdict = "equal" if l["agree"] else "DIFFERENT: " + " ".join(l["problem"].split())[:300].replace("|", "\\|")
        kind = {"rows": "every row of a smaller input", "digest": "count and sums of the whole input"}[l["check"]]
        out.append(f"| {l['query']} | {l['format']} | {kind} | {l.get('rows', '')} | {verdict} |")
    return [*out, ""]


def plot(lines, cells):
    m = next(l for l in lines if "machine" in l)["machine"]
    groups = []
    for (parallelism, fmt, query), engines in cells.items():
        values = {NAMES[e]: statistics.median(r["cpu_s_per_million"] for r in runs)
                  for e, runs in engines.items() if not any("error" in r for r in runs)}
        groups.append((f"{query} {fmt} p{parallelism}", values))
    return bars("CPU seconds per million events (median; less is better)", f"{m['date']}, commit {m['commit']}, {m['cores']} cores of {m['cpu']}",
                groups, list(NAMES.values()))


if __name__ == "__main__":
    where = pathlib.Path(sys.argv[1])
    write(where, [json.loads(l) for l in open(where / "runs.jsonl")])
