#!/usr/bin/env python3
"""Transactions through SIGKILLs of the broker: nothing lost, nothing twice, order kept.

    librdkafka_kill.py PORT ROUNDS COMMAND...

COMMAND starts a broker on 127.0.0.1:PORT over a directory that it keeps; it is killed ROUNDS times at random moments while
a transactional producer writes numbers. The random moments come from a fixed seed. Exit status 1 on any difference.
"""

import random
import subprocess
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

PORT, ROUNDS, COMMAND = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
# The disconnections are what this is about: the client need not log them.
SERVER = {"bootstrap.servers": f"127.0.0.1:{PORT}", "log_level": 0}
TOPIC = "kill-" + str(random.randrange(10**9))
chance = random.Random(7)
stop = threading.Event()


def start():
    return subprocess.Popen(COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killer(state):
    for _ in range(ROUNDS):
        time.sleep(chance.uniform(0.3, 1.2))
        state["broker"].kill()
        state["broker"].wait()
        time.sleep(chance.uniform(0, 0.3))
        state["broker"] = start()
    time.sleep(1)
    stop.set()


def write():
    """Commits batches of numbers; a batch whose outcome failed is written again in a new transaction."""
    def fresh():
        producer = Producer({**SERVER, "transactional.id": TOPIC, "linger.ms": 1, "transaction.timeout.ms": 60000})
        producer.init_transactions(60)
        return producer

    producer, number, batches, repeated = fresh(), 0, 0, 0
    while not stop.is_set():
        size = chance.randrange(1, 50)
        while True:
            try:
                producer.begin_transaction()
                for value in range(number, number + size):
                    producer.produce(TOPIC, str(value), partition=value % 2)
                producer.commit_transaction(60)
                break
            except KafkaException as error:
                repeated += 1
                if error.args[0].txn_requires_abort():
                    producer.abort_transaction(60)
                else:
                    raise
        number, batches = number + size, batches + 1
    return number, batches, repeated


def read():
    consumer = Consumer({**SERVER, "group.id": TOPIC, "enable.partition.eof": True, "isolation.level": "read_committed"})
    consumer.assign([TopicPartition(TOPIC, p, 0) for p in (0, 1)])
    found, ended = {0: [], 1: []}, set()
    while len(ended) < 2:
        message = consumer.poll(20)
        assert message is not None, "no answer"
        if message.error():
            ended.add(message.partition())
        else:
            found[message.partition()].append(int(message.value()))
    consumer.close()
    return found


state = {"broker": start()}
try:
    time.sleep(1)
    admin = AdminClient(SERVER)
    admin.create_topics([NewTopic(TOPIC, 2, 1)])[TOPIC].result(30)
    thread = threading.Thread(target=killer, args=(state,))
    thread.start()
    number, batches, repeated = write()
    thread.join()
    found = read()
    for partition in (0, 1):
        expected = list(range(partition, number, 2))
        assert found[partition] == expected, f"partition {partition}: {len(found[partition])} of {len(expected)} records"
    print(f"ok   {number} records in {batches} transactions, {ROUNDS} kills, {repeated} repeated: none lost, none twice, in order")
finally:
    state["broker"].terminate()
    state["broker"].wait()
