#!/usr/bin/env python3
"""Conformance of a Kafka broker as librdkafka (confluent-kafka) sees it.

    librdkafka_broker.py BOOTSTRAP [USER PASSWORD [CA]] [-- CHECK...]

With CA, a PEM file of what to trust, everything goes over TLS. Of checks that are named only those are made. One line per check; exit status 1 if any failed. Everything it makes carries a random prefix and is removed at the end.
"""

import sys
import time
import uuid

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
    IsolationLevel,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

END = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
BOOTSTRAP, ACCESS, ONLY = sys.argv[1], sys.argv[2:END], sys.argv[END + 1:]
LOGIN = {}
if ACCESS:
    LOGIN = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": ACCESS[0],
        "sasl.password": ACCESS[1],
    }
if len(ACCESS) > 2:
    LOGIN |= {"security.protocol": "SASL_SSL", "ssl.ca.location": ACCESS[2]}
PREFIX = "rdk-" + uuid.uuid4().hex[:8] + "-"
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def conf(**extra):
    return {"bootstrap.servers": BOOTSTRAP, **LOGIN, **{k.replace("_", "."): v for k, v in extra.items()}}


ADMIN = []


def admin():
    # One client for all checks: a future fails when its client is collected.
    if not ADMIN:
        ADMIN.append(AdminClient(conf()))
    return ADMIN[0]


def topic(name, partitions=1, replication=1, **config):
    name = PREFIX + name
    config = {k.replace("_", "."): v for k, v in config.items()}
    admin().create_topics([NewTopic(name, partitions, replication, config=config)])[name].result(30)
    return name


def produce(producer, name, values, key=None, partition=0):
    offsets = []

    def done(error, message):
        assert error is None, error
        offsets.append(message.offset())

    for value in values:
        producer.produce(name, value, key=key, partition=partition, on_delivery=done)
        producer.poll(0)
    assert producer.flush(30) == 0, "records are left in the queue"
    return offsets


def read_all(name, isolation="read_committed", partitions=(0,), start=0, check_crcs=True):
    """Every record from `start` to the end (high watermark or last stable offset) of the partitions."""
    consumer = Consumer(conf(group_id=PREFIX + "reader-" + uuid.uuid4().hex[:6], isolation_level=isolation,
                             enable_auto_commit=False, enable_partition_eof=True, check_crcs=check_crcs))
    consumer.assign([TopicPartition(name, p, start) for p in partitions])
    found, ended = [], set()
    deadline = time.time() + 30
    while len(ended) < len(partitions) and time.time() < deadline:
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
            ended.add(message.partition())
        else:
            found.append(message)
    consumer.close()
    assert len(ended) == len(partitions), f"did not reach the end of {name}"
    return found


def values(messages):
    return [m.value() for m in messages]


@check
def cluster_metadata():
    metadata = admin().list_topics(timeout=10)
    assert metadata.cluster_id and len(metadata.brokers) == 1
    described = admin().describe_cluster(include_authorized_operations=True).result(10)
    assert described.cluster_id == metadata.cluster_id


@check
def topics_create_describe_grow_delete():
    name = topic("admin", 2, 3, retention_ms="1234567")
    described = admin().list_topics(name, timeout=10).topics[name]
    assert len(described.partitions) == 2
    assert len(described.partitions[0].replicas) == 3, described.partitions[0].replicas
    admin().create_partitions([NewPartitions(name, 4)])[name].result(10)
    assert len(admin().list_topics(name, timeout=10).topics[name].partitions) == 4
    try:
        admin().create_topics([NewTopic(name, 1, 1)])[name].result(10)
        raise AssertionError("made twice")
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS
    try:
        topic("too-many", 1, 4)
        raise AssertionError("replication factor 4 was accepted")
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.INVALID_REPLICATION_FACTOR
    admin().delete_topics([name])[name].result(10)
    time.sleep(0.2)
    assert name not in admin().list_topics(timeout=10).topics


@check
def topic_configs():
    name = topic("configs", cleanup_policy="compact")
    resource = ConfigResource(ResourceType.TOPIC, name)
    rows = admin().describe_configs([resource])[resource].result(10)
    assert rows["cleanup.policy"].value == "compact"
    change = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[
        ConfigEntry("cleanup.policy", "delete", incremental_operation=AlterConfigOpType.APPEND),
        ConfigEntry("segment.bytes", "1048576", incremental_operation=AlterConfigOpType.SET),
    ])
    admin().incremental_alter_configs([change])[change].result(10)
    rows = admin().describe_configs([resource])[resource].result(10)
    assert sorted(rows["cleanup.policy"].value.split(",")) == ["compact", "delete"]
    assert rows["segment.bytes"].value == "1048576"
    try:
        topic("bad-config", no_such_setting="1")
        raise AssertionError("an unknown setting was accepted")
    except KafkaException as error:
        assert error.args[0].code() == KafkaError.INVALID_CONFIG


@check
def produce_and_consume_every_codec():
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        name = topic("codec-" + codec)
        sent = [(codec + " record " + str(i)).encode() * 5 for i in range(500)]
        producer = Producer(conf(compression_type=codec, linger_ms=50))
        assert produce(producer, name, sent) == list(range(500))
        assert values(read_all(name)) == sent, codec


@check
def headers_keys_timestamps():
    name = topic("headers")
    producer = Producer(conf())
    producer.produce(name, b"v", key=b"k", headers=[("a", b"1"), ("b", None)], timestamp=1234567890123)
    producer.produce(name, None, key=b"gone", timestamp=1234567890124)
    assert producer.flush(10) == 0
    first, second = read_all(name)
    assert first.headers() == [("a", b"1"), ("b", None)] and first.key() == b"k"
    assert first.timestamp()[1] == 1234567890123
    assert second.value() is None


@check
def log_append_time():
    name = topic("append-time", message_timestamp_type="LogAppendTime")
    producer = Producer(conf())
    producer.produce(name, b"v", timestamp=1000)
    assert producer.flush(10) == 0
    kind, stamp = read_all(name)[0].timestamp()
    assert kind == 2 and abs(stamp - time.time() * 1000) < 60_000, (kind, stamp)


@check
def partitions_and_many_records():
    name = topic("many", 4)
    producer = Producer(conf(linger_ms=5, compression_type="lz4"))
    for i in range(20_000):
        producer.produce(name, str(i).encode(), partition=i % 4)
        producer.poll(0)
    assert producer.flush(30) == 0
    found = read_all(name, partitions=(0, 1, 2, 3))
    assert sorted(int(m.value()) for m in found) == list(range(20_000))
    for partition in range(4):
        mine = [int(m.value()) for m in found if m.partition() == partition]
        assert mine == sorted(mine), "order within a partition"


@check
def message_too_large():
    name = topic("large", max_message_bytes="2000")
    errors = []
    producer = Producer(conf())
    producer.produce(name, b"x" * 5000, on_delivery=lambda error, _: errors.append(error))
    producer.flush(10)
    assert errors and errors[0].code() == KafkaError.MSG_SIZE_TOO_LARGE, errors


@check
def list_offsets_by_time():
    name = topic("times")
    producer = Producer(conf(linger_ms=100))
    for i in range(10):
        producer.produce(name, str(i).encode(), partition=0, timestamp=1_600_000_000_000 + i * 1000)
    assert producer.flush(10) == 0
    at = TopicPartition(name, 0)

    def ask(spec):
        return admin().list_offsets({at: spec})[at].result(10)

    assert ask(OffsetSpec.earliest()).offset == 0
    assert ask(OffsetSpec.latest()).offset == 10
    found = ask(OffsetSpec.for_timestamp(1_600_000_004_500))
    assert (found.offset, found.timestamp) == (5, 1_600_000_005_000), found
    latest = ask(OffsetSpec.max_timestamp())
    assert latest.offset == 9, latest
    assert ask(OffsetSpec.for_timestamp(1_700_000_000_000)).offset == -1


@check
def idempotent_producer():
    name = topic("idempotent")
    producer = Producer(conf(enable_idempotence=True, linger_ms=1))
    sent = [str(i).encode() for i in range(2000)]
    assert sorted(produce(producer, name, sent)) == list(range(2000))
    assert values(read_all(name)) == sent


@check
def long_poll_is_woken():
    name = topic("long-poll")
    consumer = Consumer(conf(group_id=PREFIX + "lp", fetch_wait_max_ms=5000, enable_auto_commit=False))
    consumer.assign([TopicPartition(name, 0, 0)])
    assert consumer.poll(1.5) is None
    producer = Producer(conf())
    producer.produce(name, b"wake up")
    producer.flush(10)
    began = time.time()
    message = consumer.poll(5)
    assert message is not None and message.value() == b"wake up"
    assert time.time() - began < 2, "the append did not wake the fetch"
    consumer.close()


@check
def groups_rebalance_and_commit():
    name, group = topic("group", 4), PREFIX + "group"
    producer = Producer(conf())
    for i in range(400):
        producer.produce(name, str(i).encode(), partition=i % 4)
    assert producer.flush(10) == 0
    settings = conf(group_id=group, auto_offset_reset="earliest", enable_auto_commit=False, session_timeout_ms=6000)
    first, second = Consumer(settings), Consumer(settings)
    first.subscribe([name])
    seen, deadline = [], time.time() + 30
    while len(seen) < 400 and time.time() < deadline:
        message = first.poll(0.5)
        if message is not None and not message.error():
            seen.append(message.value())
    assert len(seen) == 400, len(seen)
    assert len(first.assignment()) == 4
    first.commit(asynchronous=False)
    second.subscribe([name])
    deadline = time.time() + 30
    while time.time() < deadline and not (len(first.assignment()) == 2 and len(second.assignment()) == 2):
        first.poll(0.1)
        second.poll(0.1)
    assert (len(first.assignment()), len(second.assignment())) == (2, 2)
    described = admin().describe_consumer_groups([group])[group].result(10)
    assert len(described.members) == 2 and described.state.name == "STABLE", described.state
    second.close()
    deadline = time.time() + 30
    while time.time() < deadline and len(first.assignment()) != 4:
        first.poll(0.1)
    assert len(first.assignment()) == 4, "the first member takes over"
    committed = first.committed([TopicPartition(name, p) for p in range(4)], timeout=10)
    assert [c.offset for c in committed] == [100] * 4
    first.close()
    groups = admin().list_consumer_groups().result(10)
    assert group in [g.group_id for g in groups.valid]
    admin().delete_consumer_groups([group])[group].result(10)


@check
def group_offsets_admin():
    name, group = topic("alter-offsets", 2), PREFIX + "altered"
    wanted = [TopicPartition(name, 0, 5), TopicPartition(name, 1, 7)]
    asked = ConsumerGroupTopicPartitions(group, wanted)
    admin().alter_consumer_group_offsets([asked])[group].result(10)
    found = admin().list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(10)
    assert sorted((t.partition, t.offset) for t in found.topic_partitions) == [(0, 5), (1, 7)]


@check
def static_member_keeps_its_place():
    name, group = topic("static", 2), PREFIX + "static"
    settings = conf(group_id=group, group_instance_id="one", session_timeout_ms=30000, auto_offset_reset="earliest")
    for _ in range(2):
        consumer = Consumer(settings)
        consumer.subscribe([name])
        deadline = time.time() + 20
        while not consumer.assignment() and time.time() < deadline:
            consumer.poll(0.2)
        assert len(consumer.assignment()) == 2
        consumer.close()


def transactional(name, **extra):
    producer = Producer(conf(transactional_id=PREFIX + name, transaction_timeout_ms=60000, **extra))
    producer.init_transactions(30)
    return producer


@check
def transactions_commit_and_abort():
    name = topic("txn", 2)
    producer = transactional("txn")
    for round_ in range(6):
        producer.begin_transaction()
        for i in range(10):
            producer.produce(name, f"{round_}-{i}".encode(), partition=i % 2)
        if round_ % 2 == 0:
            producer.commit_transaction(30)
        else:
            producer.flush(10)
            producer.abort_transaction(30)
    committed = values(read_all(name, partitions=(0, 1)))
    assert len(committed) == 30 and all(int(v.split(b"-")[0]) % 2 == 0 for v in committed), committed
    everything = values(read_all(name, "read_uncommitted", partitions=(0, 1)))
    assert len(everything) == 60, len(everything)


@check
def open_transaction_holds_the_stable_offset():
    name = topic("lso")
    plain, producer = Producer(conf()), transactional("lso")
    produce(plain, name, [b"before"])
    producer.begin_transaction()
    producer.produce(name, b"open", partition=0)
    producer.flush(10)
    produce(plain, name, [b"after"])
    assert values(read_all(name)) == [b"before"]
    assert values(read_all(name, "read_uncommitted")) == [b"before", b"open", b"after"]
    at = TopicPartition(name, 0)
    for level, offset in ((IsolationLevel.READ_COMMITTED, 1), (IsolationLevel.READ_UNCOMMITTED, 3)):
        found = admin().list_offsets({at: OffsetSpec.latest()}, isolation_level=level)[at].result(10)
        assert found.offset == offset, (level, found.offset)
    producer.commit_transaction(30)
    assert values(read_all(name)) == [b"before", b"open", b"after"]


@check
def zombie_is_fenced():
    name = topic("fence")
    zombie = transactional("fence")
    zombie.begin_transaction()
    zombie.produce(name, b"zombie", partition=0)
    zombie.flush(10)
    successor = transactional("fence")
    successor.begin_transaction()
    successor.produce(name, b"successor", partition=0)
    successor.commit_transaction(30)
    try:
        zombie.commit_transaction(10)
        raise AssertionError("the zombie committed")
    except KafkaException as error:
        assert error.args[0].code() in (KafkaError._FENCED, KafkaError.PRODUCER_FENCED), error
    assert values(read_all(name)) == [b"successor"]


@check
def offsets_in_transactions():
    source, sink, group = topic("source"), topic("sink"), PREFIX + "etl"
    produce(Producer(conf()), source, [str(i).encode() for i in range(10)])
    consumer = Consumer(conf(group_id=group, auto_offset_reset="earliest", enable_auto_commit=False))
    consumer.subscribe([source])
    producer = transactional("etl")
    for commit in (False, True):
        producer.begin_transaction()
        read = []
        deadline = time.time() + 20
        while len(read) < 10 and time.time() < deadline:
            message = consumer.poll(0.5)
            if message is not None and not message.error():
                read.append(message)
        assert len(read) == 10, len(read)
        for message in read:
            producer.produce(sink, message.value(), partition=0)
        producer.send_offsets_to_transaction(consumer.position(consumer.assignment()),
                                             consumer.consumer_group_metadata(), 30)
        if commit:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
            assert consumer.committed([TopicPartition(source, 0)], timeout=10)[0].offset < 0
            consumer.seek(TopicPartition(source, 0, 0))
    assert consumer.committed([TopicPartition(source, 0)], timeout=10)[0].offset == 10
    consumer.close()
    assert len(read_all(sink)) == 10


@check
def transaction_times_out():
    name = topic("timeout")
    producer = Producer(conf(transactional_id=PREFIX + "timeout", transaction_timeout_ms=1500))
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(name, b"late", partition=0)
    producer.flush(10)
    time.sleep(3)
    assert values(read_all(name)) == [], "aborted by time-out"
    at = TopicPartition(name, 0)
    stable = admin().list_offsets({at: OffsetSpec.latest()},
                                  isolation_level=IsolationLevel.READ_COMMITTED)[at].result(10).offset
    assert stable == 2, f"the stable offset is past the marker: {stable}"
    try:
        producer.commit_transaction(10)
        raise AssertionError("committed after the time-out")
    except KafkaException:
        pass


@check
def compacted_topic():
    name = topic("compacted", cleanup_policy="compact", segment_bytes="4096", min_cleanable_dirty_ratio="0.01",
                 delete_retention_ms="0")
    producer = Producer(conf(linger_ms=0))
    for round_ in range(60):
        for key in range(10):
            producer.produce(name, f"{round_}".encode() * 10, key=str(key).encode(), partition=0)
        producer.flush(10)
    producer.produce(name, None, key=b"0", partition=0)
    producer.flush(10)
    latest = {}
    for message in read_all(name):
        latest[message.key()] = message.value()
    assert latest == {str(k).encode(): (None if k == 0 else b"59" * 10) for k in range(10)}, latest
    errors = []
    producer.produce(name, b"no key", partition=0, on_delivery=lambda error, _: errors.append(error))
    producer.flush(10)
    assert errors[0] is not None, "a record without a key was accepted"


@check
def delete_records():
    name = topic("delete-records")
    produce(Producer(conf()), name, [str(i).encode() for i in range(10)])
    at = TopicPartition(name, 0, 6)
    assert admin().delete_records([at])[at].result(10).low_watermark == 6
    assert values(read_all(name, start=6)) == [b"6", b"7", b"8", b"9"]
    assert admin().list_offsets({TopicPartition(name, 0): OffsetSpec.earliest()})[
        TopicPartition(name, 0)].result(10).offset == 6


def clean_up():
    client = admin()
    names = [name for name in client.list_topics(timeout=10).topics if name.startswith(PREFIX)]
    for future in (client.delete_topics(names) if names else {}).values():
        future.result(30)


def main():
    chosen = [function for function in CHECKS if not ONLY or function.__name__ in ONLY]
    assert chosen, f"no check {ONLY}"
    failed = 0
    for function in chosen:
        began = time.time()
        try:
            function()
            print(f"ok   {function.__name__} ({time.time() - began:.1f} s)", flush=True)
        except BaseException as error:  # noqa: BLE001 - every failure is reported
            if isinstance(error, KeyboardInterrupt):
                raise
            failed += 1
            print(f"FAIL {function.__name__}: {type(error).__name__}: {error}", flush=True)
    clean_up()
    print(f"{failed} failed" if failed else "all passed")
    sys.exit(1 if failed else 0)


main()
