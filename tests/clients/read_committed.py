#!/usr/bin/env python3
"""Prints every committed record of a topic as librdkafka sees it, one JSON object a line.

    read_committed.py BOOTSTRAP TOPIC [USER PASSWORD [CA]]

With a login the password goes over SASL/PLAIN, and with CA, a PEM file of what to trust, over TLS.
"""

import json
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition

BOOTSTRAP, TOPIC, LOGIN = sys.argv[1], sys.argv[2], sys.argv[3:]
settings = {
    "bootstrap.servers": BOOTSTRAP,
    "group.id": "read-committed",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "enable.auto.commit": False,
    "check.crcs": True,
}
if LOGIN:
    user, password = LOGIN[:2]
    settings |= {"sasl.mechanism": "PLAIN", "sasl.username": user, "sasl.password": password}
    settings |= {"security.protocol": "SASL_SSL", "ssl.ca.location": LOGIN[2]} if len(LOGIN) > 2 else {
        "security.protocol": "SASL_PLAINTEXT"}
consumer = Consumer(settings)
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
