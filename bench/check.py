"""Do both engines give the same result? Results go to topics and are read back.

Two checks of each query and format. Rows: every row of a smaller input, final values of an updating query. Digest: number of rows and
sums over the whole input that is measured, each computed by the engine from its own result.
"""
import json
from collections import Counter

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic


def create_topic(bootstrap, name):
    # Kept in a variable: a future fails when its client is collected.
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)


def read(bootstrap, topic):
    """Key and value of each committed record, in order."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench-check", "enable.auto.commit": False,
                         "isolation.level": "read_committed", "fetch.queue.backoff.ms": 5})
    try:
        here = TopicPartition(topic, 0, 0)
        _, end = consumer.get_watermark_offsets(here, timeout=30)
        consumer.assign([here])
        records = []
        # Control records of transactions have offsets too, so the position says when all is read.
        while consumer.position([here])[0].offset < end:
            for message in consumer.consume(10_000, 1):
                if message.error():
                    raise RuntimeError(str(message.error()))
                records.append((message.key(), message.value()))
        return records
    finally:
        consumer.close()


def payload(data):
    """JSON without the id of its schema, which stands before it in Nutkin's records."""
    return json.loads(data[5:] if data[:1] == b"\0" else data)


def rows(records, columns, key):
    """The result as rows and how often each is there; of an updating one the last row of each key."""
    names = [n for n, _ in columns]
    final = Counter()
    if not key:
        final.update(tuple(row[n] for n in names) for row in (payload(v) for _, v in records))
        return final
    last = {}
    for k, v in records:
        cells = payload(k)
        row = payload(v) if v is not None else None
        last[tuple(cells[n] for n in key)] = row and tuple(row[n] for n in names)
    final.update(row for row in last.values() if row is not None)
    return final


def difference(ours, theirs):
    """None when they are equal, else what differs."""
    if ours == theirs:
        return None
    missing, extra = theirs - ours, ours - theirs
    return (f"{sum(ours.values())} rows and {sum(theirs.values())}; only in Flink {sum(missing.values())}, for instance"
            f" {sorted(missing, key=str)[:2]}; only in Nutkin {sum(extra.values())}, for instance {sorted(extra, key=str)[:2]}")


class Check:
    def __init__(self, bootstrap, engines, report):
        self.bootstrap, self.engines, self.report, self.number = bootstrap, engines, report, 0

    def result(self, engine, sql, events, fmt, columns, key, timeout):
        """What the engine writes into a topic of its own."""
        self.number += 1
        sink = f"check_{self.number}_{engine.name}"
        ddl = [engine.topic(sink, columns, key)]
        if engine.name != "nutkin":
            create_topic(self.bootstrap, sink)
            ddl.append(engine.source(events, fmt))
        session = engine.prepare(ddl, 1)
        try:
            engine.run(session, f"INSERT INTO {sink} {sql}", timeout)
        finally:
            engine.finish(session)
        return rows(read(self.bootstrap, sink), columns, key)

    def compare(self, kind, name, query, events, fmt, timeout):
        if kind == "rows":
            sql, columns, key = query.as_text(events), query.text_columns(), query.key
        else:
            sql, columns, key = query.digest(events), query.digest_columns(), ("half",)
        line = {"check": kind, "query": name, "format": fmt}
        try:
            ours, theirs = (self.result(e, sql, events, fmt, columns, key, timeout) for e in self.engines)
            problem = difference(ours, theirs)
            line |= {"agree": problem is None}
            if kind == "rows":
                line["rows"] = sum(ours.values())
            else:
                line["rows"] = sum(row[1] for row in ours)
            if problem:
                line["problem"] = problem
        except Exception as error:
            line |= {"agree": False, "problem": f"{type(error).__name__}: {str(error)[:600]}"}
        self.report(line)
