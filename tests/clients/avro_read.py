#!/usr/bin/env python3
"""Prints the committed records of a topic as Confluent's Avro deserializers read them, one JSON object a line.

    avro_read.py BOOTSTRAP USER PASSWORD REGISTRY KEY SECRET TOPIC
"""

import json
import sys

from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

BOOTSTRAP, USER, PASSWORD, REGISTRY, KEY, SECRET, TOPIC = sys.argv[1:]
registry = SchemaRegistryClient({"url": REGISTRY, "basic.auth.user.info": f"{KEY}:{SECRET}"})
decode = AvroDeserializer(registry)
consumer = Consumer({
    "bootstrap.servers": BOOTSTRAP,
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "PLAIN",
    "sasl.username": USER,
    "sasl.password": PASSWORD,
    "group.id": "avro-read",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "enable.auto.commit": False,
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
        continue
    key = decode(message.key(), SerializationContext(TOPIC, MessageField.KEY))
    value = decode(message.value(), SerializationContext(TOPIC, MessageField.VALUE))
    print(json.dumps({"key": key, "value": value}, default=str))
consumer.close()
