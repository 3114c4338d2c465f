"""Apache Flink, as `tests/peers/flink.sh` started it."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/peers"))
from flink_sql import Gateway, SqlError, call, wait_job  # noqa: E402

from process import Meter  # noqa: E402
from queries import COLUMNS  # noqa: E402

VARIANTS = {
    "flink": {"state.backend.type": "hashmap"},
    "flink-rocksdb": {"state.backend.type": "rocksdb"},
    "flink-minibatch": {"state.backend.type": "hashmap", "table.exec.mini-batch.enabled": "true",
                        "table.exec.mini-batch.allow-latency": "2s", "table.exec.mini-batch.size": "50000"},
}
FORMATS = {"json": "json", "avro": "avro-confluent"}


class Flink:
    """One of the VARIANTS of the same cluster."""

    def __init__(self, name, bootstrap, registry):
        self.name, self.bootstrap, self.registry = name, bootstrap, registry
        pid = lambda part: int((pathlib.Path(os.environ["PEERS_RUN"]) / f"flink-{os.environ['FLINK_PORT']}-{part}.pid").read_text())
        self.worker = pid("taskmanager")
        self.beside = [pid("jobmanager"), pid("gateway")]

    @staticmethod
    def version():
        return call("GET", os.environ["FLINK_REST"] + "/config")["flink-version"]

    def meter(self):
        return Meter(lambda: [self.worker], self.beside)

    def session(self, parallelism):
        settings = {"parallelism.default": parallelism, "table.local-time-zone": "UTC",
                    # Else a bounded job waits for one more checkpoint after its input has ended.
                    "execution.checkpointing.checkpoints-after-tasks-finish.enabled": "false", **VARIANTS[self.name]}
        return Gateway().session(**{k.replace(".", "__"): v for k, v in settings.items()})

    def source(self, events, fmt):
        options = {"connector": "kafka", "topic": events, "properties.bootstrap.servers": self.bootstrap,
                   "scan.startup.mode": "earliest-offset", "scan.bounded.mode": "latest-offset", "value.format": FORMATS[fmt]}
        if fmt == "avro":
            options["value.avro-confluent.url"] = self.registry
        return f"CREATE TEMPORARY TABLE {events} ({COLUMNS}) WITH ({with_clause(options)})"

    def blackhole(self, name, query):
        return f"CREATE TEMPORARY TABLE {name} ({query.declaration()}) WITH ('connector' = 'blackhole')"

    def topic(self, name, columns, key):
        declared = [f"`{n}` {kind}" for n, kind in columns]
        options = {"topic": name, "properties.bootstrap.servers": self.bootstrap}
        if key:
            declared.append(f"PRIMARY KEY ({', '.join(f'`{k}`' for k in key)}) NOT ENFORCED")
            options |= {"connector": "upsert-kafka", "key.format": "json", "value.format": "json"}
        else:
            options |= {"connector": "kafka", "value.format": "json"}
        return f"CREATE TEMPORARY TABLE {name} ({', '.join(declared)}) WITH ({with_clause(options)})"

    def prepare(self, ddl, parallelism):
        """A session in which a statement can be run; it is closed by `finish`."""
        session = self.session(parallelism)
        try:
            for sql in ddl:
                session.run(sql)
        except Exception:
            session.close()
            raise
        return session

    def run(self, session, sql, timeout):
        """Runs an INSERT to the end of its input; gives the seconds that the JobManager says it took.

        Its REST API shows the state of a job up to three seconds late (`web.refresh-interval`), which would be measured otherwise.
        """
        return wait_job(session.run(sql).job_id, timeout=timeout, every=0.05)["duration"] / 1000

    def finish(self, session):
        session.close()


def with_clause(options):
    return ", ".join(f"'{k}' = '{v}'" for k, v in options.items())


__all__ = ["Flink", "SqlError", "VARIANTS"]
