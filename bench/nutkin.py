"""Nutkin as a service of its own (`nutkin serve --benchmark`), with the bench's Kafka attached."""
import base64
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

from process import Meter, children
from queries import COLUMNS

ENVIRONMENT, CLUSTER = "bench", "peer"
ENDED = {"COMPLETED", "FAILED", "STOPPED"}
FORMATS = {"json": "json-registry", "avro": "avro-registry"}


class Failed(Exception):
    """What Nutkin says of a statement that it refuses or that failed."""


class Nutkin:
    name = "nutkin"

    def __init__(self, directory, bootstrap):
        self.binary = os.environ["NUTKIN_BINARY"]
        self.directory, self.bootstrap = pathlib.Path(directory), bootstrap
        self.directory.mkdir(parents=True, exist_ok=True)
        self.numbers = itertools.count()
        self.key = self.service = self.pool = None

    def version(self):
        return subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]

    # The service

    def start(self, parallelism):
        """Starts it over the same directory, with so many subtasks for each task of a statement."""
        log = open(self.directory / f"serve-{parallelism}.log", "w")
        self.service = subprocess.Popen(
            [self.binary, "serve", "--benchmark", "--anonymous-kafka", "--any-port", "--data-dir", self.directory / "data",
             "--http-port", "27300", "--https-port", "27400", "--registry-port", "27500", "--kafka-port", "27600",
             "--checkpoint-interval", "10", *(["--parallelism", str(parallelism)] if parallelism > 1 else [])],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, "NO_COLOR": "1"})
        printed = ""
        for line in self.service.stdout:
            printed += line
            if "API secret" in line or (self.key and "first Schema Registry" in line):
                break
        value = lambda pattern: (re.search(pattern, printed) or fail(f"nutkin serve printed {printed!r}")).group(1)
        self.url = value(r"Nutkin serves (\S+)")
        self.registry = value(r"first Schema Registry (\S+)")
        if self.key is None:
            self.key = (value(r"API key\s+(\S+)"), value(r"API secret\s+(\S+)"))
            self.attach()
        # No statement is read with the wrong state of the service's own start.
        time.sleep(1)

    def stop(self):
        if self.service and self.service.poll() is None:
            self.service.send_signal(signal.SIGINT)
            try:
                self.service.wait(30)
            except subprocess.TimeoutExpired:
                self.service.kill()

    def attach(self):
        self.verb("flink", "environment", "create", "--name", ENVIRONMENT, "--cfu", "10")
        properties = self.directory / "client.properties"
        properties.write_text(f"bootstrap.servers={self.bootstrap}\n")
        self.environment = self.call("GET", "/org/v2/environments")["data"][0]["id"]
        self.verb("kafka", "attach", CLUSTER, "--environment", self.environment, "--config", str(properties))
        self.pool = self.call("GET", f"/fcpm/v2/compute-pools?environment={self.environment}")["data"][0]["id"]
        organization = self.call("GET", "/org/v2/organizations")["data"][0]["id"]
        self.statements = f"/sql/v1/organizations/{organization}/environments/{self.environment}/statements"

    def verb(self, *arguments):
        settings = {"NUTKIN_URL": self.url, "NUTKIN_API_KEY": self.key[0], "NUTKIN_API_SECRET": self.key[1]}
        subprocess.run([self.binary, *arguments], env={**os.environ, **settings}, check=True, stdout=subprocess.DEVNULL)

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, body and json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(self.key).encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            raise Failed(error.read().decode()[:2000]) from None

    def meter(self):
        return Meter(lambda: children(self.service.pid, "pool"), [self.service.pid])

    # Statements

    def source(self, events, fmt):
        """The topic and its schema are made with the table."""
        return (f"CREATE TABLE {events} ({COLUMNS}) DISTRIBUTED INTO 2 BUCKETS WITH ('value.format' = '{FORMATS[fmt]}',"
                " 'scan.bounded.mode' = 'latest-offset', 'kafka.retention.time' = '0')")

    def registered(self, subject):
        with urllib.request.urlopen(f"{self.registry}/subjects/{subject}/versions/latest") as answer:
            found = json.load(answer)
        return found["id"], found["schema"]

    def blackhole(self, name, query):
        return f"CREATE TABLE {name} ({query.declaration()}) WITH ('connector' = 'blackhole')"

    def topic(self, name, columns, key):
        declared = [f"`{n}` {kind}{' NOT NULL' if n in key else ''}" for n, kind in columns]
        options, distribution = "'value.format' = 'json-registry'", "INTO 1 BUCKETS"
        if key:
            keys = ", ".join(f"`{k}`" for k in key)
            declared.append(f"PRIMARY KEY ({keys}) NOT ENFORCED")
            distribution = f"BY ({keys}) {distribution}"
            options += ", 'key.format' = 'json-registry', 'changelog.mode' = 'upsert', 'value.fields-include' = 'all'"
        return f"CREATE TABLE {name} ({', '.join(declared)}) DISTRIBUTED {distribution} WITH ({options})"

    def statement(self, sql, timeout):
        """Runs a statement to its end."""
        name = f"bench-{next(self.numbers)}-{time.time_ns() // 1_000_000}"
        properties = {"sql.current-catalog": ENVIRONMENT, "sql.current-database": CLUSTER, "sql.local-time-zone": "UTC"}
        self.call("POST", self.statements, {"name": name, "spec": {"statement": sql, "properties": properties, "compute_pool_id": self.pool}})
        until = time.monotonic() + timeout
        while (status := self.call("GET", f"{self.statements}/{name}")["status"])["phase"] not in ENDED:
            if time.monotonic() > until:
                self.call("DELETE", f"{self.statements}/{name}")
                raise Failed(f"still {status['phase']} after {timeout} s: {status.get('detail')}")
            time.sleep(0.05)
        if status["phase"] != "COMPLETED":
            raise Failed(f"{status['phase']}: {status.get('detail')}")

    def prepare(self, ddl, _parallelism):
        for sql in ddl:
            self.statement(sql, 60)

    def run(self, _session, sql, timeout):
        self.statement(sql, timeout)

    def finish(self, _session):
        pass


def fail(text):
    raise Failed(text)
