#!/usr/bin/env python3
"""Prints every committed record of a topic as librdkafka sees it, one JSON object a line.

    read_committed.py BOOTSTRAP USER PASSWORD TOPIC
"""

import json
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition

BOOTSTRAP, USER, PASSWORD, TOPIC = sys.argv[1:]
consumer = Consumer({
    "bootstrap.servers": BOOTSTRAP,
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "PLAIN",
    "sasl.username": USER,
    "sasl.password": PASSWORD,
    "group.id": "read-committed",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "enable.auto.commit": False,
    "check.crcs": True,
})
partitions = consumer.list_topics(TOPIC, timeout=20).topics[TOPIC].partitions
consumer.assign([TopicPartition(TOPIC, p, 0) for p in partitions])
ended = set()
while len(ended) < len(partitions):
    message = consumer.poll(20)
    assert message is not None, "no answer"
    if message.error():
        assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
        ended.add(message.partition())
    else:
        key = message.key()
        print(json.dumps({
            "partition": message.partition(),
            "offset": message.offset(),
            "key": None if key is None else key.decode(),
        }))
consumer.close()
