#!/usr/bin/env python3
"""Fills a topic with sales through Confluent's Avro serializers, and prints them, one JSON object a line.

    avro_sales.py BOOTSTRAP USER PASSWORD REGISTRY KEY SECRET TOPIC
"""

import json
import random
import sys
from datetime import datetime, timedelta, timezone

from confluent_kafka import SerializingProducer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer

BOOTSTRAP, USER, PASSWORD, REGISTRY, KEY, SECRET, TOPIC = sys.argv[1:]
LOGIN = {
    "bootstrap.servers": BOOTSTRAP,
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "PLAIN",
    "sasl.username": USER,
    "sasl.password": PASSWORD,
}
SALE = json.dumps({
    "type": "record", "name": "Sale", "namespace": "shop",
    "fields": [
        {"name": "customer", "type": "string"},
        {"name": "quantity", "type": "int"},
        {"name": "amount", "type": "double"},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "sold_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
})
chance = random.Random(5)
# Kept in a variable: a future fails when its client is collected.
admin = AdminClient(LOGIN)
admin.create_topics([NewTopic(TOPIC, 3, 1)])[TOPIC].result(30)
registry = SchemaRegistryClient({"url": REGISTRY, "basic.auth.user.info": f"{KEY}:{SECRET}"})
producer = SerializingProducer({
    **LOGIN,
    "key.serializer": AvroSerializer(registry, '"string"'),
    "value.serializer": AvroSerializer(registry, SALE),
})
begin = datetime(2026, 1, 1, tzinfo=timezone.utc)
for number in range(300):
    sale = {
        "customer": f"customer-{chance.randrange(20)}",
        "quantity": chance.randrange(1, 10),
        "amount": chance.randrange(100_000) / 100,
        "note": None if chance.random() < 0.7 else f"note {number}, äöü €",
        "sold_at": begin + timedelta(seconds=number),
    }
    key = f"sale-{number}"
    producer.produce(TOPIC, key=key, value=sale)
    print(json.dumps({"key": key, **sale, "sold_at": sale["sold_at"].isoformat()}))
assert producer.flush(30) == 0
