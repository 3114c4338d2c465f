#!/usr/bin/env python3
"""The measurement itself; run.sh starts the servers and calls it. See README.md."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import signal
import sys
import time

import events
from check import Check
from flink import VARIANTS, Flink
from nutkin import Nutkin
from queries import QUERIES
from report import write

HERE = pathlib.Path(__file__).resolve().parent
PARTITIONS = 2


def arguments():
    words = lambda text: text.split(",")
    p = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__)
    p.add_argument("--events", type=int, default=2_000_000)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--queries", type=words, default=list(QUERIES))
    p.add_argument("--formats", type=words, default=["json", "avro"])
    p.add_argument("--parallelism", type=lambda text: [int(w) for w in text.split(",")], default=[1, 2])
    p.add_argument("--engines", type=words, default=["nutkin", "flink", "flink-rocksdb", "flink-minibatch"])
    p.add_argument("--check-events", type=int, default=100_000, help="events of the row by row check; 0 leaves out both checks")
    p.add_argument("--timeout", type=int, default=300, help="seconds for one run")
    p.add_argument("--out", type=pathlib.Path, help="directory for the results")
    a = p.parse_args()
    for given, known in ((a.queries, QUERIES), (a.formats, events.ENCODERS), (a.engines, ["nutkin", *VARIANTS])):
        if unknown := set(given) - set(known):
            p.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    return a


def machine():
    """What the figures were measured on."""
    info = lambda path, key: next((l.split(":", 1)[1].strip() for l in open(path) if l.startswith(key)), "unknown")
    return {"cpu": info("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
            "memory_gib": round(int(info("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1), "kernel": platform.release(),
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "commit": os.environ["NUTKIN_COMMIT"]}


class Bench:
    def __init__(self, a):
        self.a = a
        self.bootstrap = os.environ["KAFKA_BOOTSTRAP"]
        self.nutkin = Nutkin(pathlib.Path(os.environ["PEERS_RUN"]) / "nutkin", self.bootstrap)
        self.lines = []

    def report(self, line):
        self.lines.append(line)
        print(json.dumps(line), flush=True)

    def run(self):
        began = False
        try:
            # Round 0 warms up: classes, code and the broker's page cache. It is written down and not counted.
            for turn in range(self.a.rounds + 1):
                for parallelism in self.a.parallelism:
                    # Parallelism is a setting of Nutkin's service.
                    self.nutkin.start(parallelism)
                    if not began:
                        began = True
                        self.prepare()
                    self.measure(turn, parallelism)
                    self.nutkin.stop()
        finally:
            self.nutkin.stop()

    def prepare(self):
        """Topics, events, the checks."""
        a, versions = self.a, {"nutkin": self.nutkin.version(), "kafka": os.environ.get("KAFKA_VERSION", "4.3.1")}
        self.engines = {}
        for name in a.engines:
            self.engines[name] = self.nutkin if name == "nutkin" else Flink(name, self.bootstrap, self.nutkin.registry)
            if name != "nutkin":
                versions["flink"] = Flink.version()
        sizes = self.fill("nexmark", a.events)
        self.report({"machine": machine(), "versions": versions, "events": a.events, "rounds": a.rounds,
                     "bytes_per_event": {t.rsplit("_", 1)[1]: round(n / a.events, 1) for t, n in sizes.items()}})
        flinks = [n for n in a.engines if n != "nutkin"]
        if a.check_events and "nutkin" in self.engines and flinks:
            self.fill("small", a.check_events)
            check = Check(self.bootstrap, [self.nutkin, self.engines[flinks[0]]], self.report)
            for kind, table in (("rows", "small"), ("digest", "nexmark")):
                for fmt in a.formats:
                    for name in a.queries:
                        check.compare(kind, name, QUERIES[name], f"{table}_{fmt}", fmt, a.timeout)
        for name, query in ((n, QUERIES[n]) for n in a.queries):
            if "nutkin" in self.engines:
                self.nutkin.prepare([self.nutkin.blackhole(f"sink_{name}", query)], 1)

    def fill(self, prefix, count):
        # Nutkin makes the topics and registers the schemas; both engines read them.
        topics = {}
        for fmt in self.a.formats:
            name = f"{prefix}_{fmt}"
            self.nutkin.prepare([self.nutkin.source(name, fmt)], 1)
            topics[name] = (fmt, self.nutkin.registered(f"{name}-value"))
        return events.produce(self.bootstrap, topics, count, PARTITIONS)

    def measure(self, turn, parallelism):
        for fmt in self.a.formats:
            for name in self.a.queries:
                for engine in self.engines.values():
                    if not QUERIES[name].wants(engine.name):
                        continue
                    line = {"query": name, "format": fmt, "parallelism": parallelism, "engine": engine.name, "round": turn}
                    self.report(line | self.one(engine, name, fmt, parallelism))

    def one(self, engine, name, fmt, parallelism):
        query, table = QUERIES[name], f"nexmark_{fmt}"
        if engine.name != "nutkin":
            # Flink resolves names with the address that this start of the registry has.
            engine.registry = self.nutkin.registry
        ddl = [] if engine.name == "nutkin" else [engine.source(table, fmt), engine.blackhole(f"sink_{name}", query)]
        session = None
        try:
            session = engine.prepare(ddl, parallelism)
            meter = engine.meter()
            meter.start()
            began = time.monotonic()
            own = engine.run(session, f"INSERT INTO sink_{name} {query.sql(table)}", self.a.timeout)
            seconds = own or time.monotonic() - began
            used = meter.stop()
        except Exception as error:
            return {"error": f"{type(error).__name__}: {str(error)[:600]}"}
        finally:
            if session is not None:
                engine.finish(session)
        time.sleep(0.2)
        return {"seconds": round(seconds, 2), "cpu_s_per_million": round(used["cpu_s"] / self.a.events * 1e6, 3), **used,
                "load": round(os.getloadavg()[0], 1)}


def stop(number, _frame):
    sys.exit(f"stopped by {signal.Signals(number).name}")


def main():
    a = arguments()
    bench = Bench(a)
    # What was measured until then is written, and Nutkin stopped.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        bench.run()
    finally:
        described = next((l for l in bench.lines if "machine" in l), None)
        if described:
            where = a.out or HERE / "results" / f"{datetime.date.today()}-{described['machine']['commit']}"
            write(where, bench.lines)
            print(f"results: {where}", file=sys.stderr)
    bad = [l for l in bench.lines if "error" in l or l.get("agree") is False]
    sys.exit(f"{len(bad)} runs or checks failed" if bad else 0)


if __name__ == "__main__":
    main()
