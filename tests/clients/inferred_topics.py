#!/usr/bin/env python3
"""Fills topics through Confluent's serializers, each with schemas of another kind, for tables that nobody declares.

    inferred_topics.py BOOTSTRAP USER PASSWORD REGISTRY KEY SECRET
"""

import json
import sys
from datetime import datetime, timezone

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import (
    Schema, SchemaRegistryClient, header_schema_id_serializer, record_subject_name_strategy)
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2, wrappers_pb2

BOOTSTRAP, USER, PASSWORD, REGISTRY, KEY, SECRET = sys.argv[1:]
LOGIN = {
    "bootstrap.servers": BOOTSTRAP,
    "security.protocol": "SASL_PLAINTEXT",
    "sasl.mechanism": "PLAIN",
    "sasl.username": USER,
    "sasl.password": PASSWORD,
}
TOPICS = ["avro_union", "json_event", "proto_many", "changes", "by_record", "bare_json", "in_context", "by_guid", "unknown_id"]
# Kept in a variable: a future fails when its client is collected.
admin = AdminClient(LOGIN)
for future in admin.create_topics([NewTopic(topic, 1, 1) for topic in TOPICS]).values():
    future.result(30)
registry = SchemaRegistryClient({"url": REGISTRY, "basic.auth.user.info": f"{KEY}:{SECRET}"})
producer = Producer(LOGIN)


def send(topic, serialize, value, key=None, serialize_key=None):
    if serialize_key:
        key = serialize_key(key, SerializationContext(topic, MessageField.KEY))
    if serialize and value is not None:
        value = serialize(value, SerializationContext(topic, MessageField.VALUE))
    producer.produce(topic, key=key, value=value)


def record(name, *fields):
    return {"type": "record", "name": name, "namespace": "shop",
            "fields": [{"name": field, "type": kind} for field, kind in fields]}


def avro_union():
    union = AvroSerializer(registry, json.dumps(["int", "string", record("User", ("uid", "long"))]))
    for value in [7, "seven", ("shop.User", {"uid": 8})]:
        send("avro_union", union, value)


def json_event():
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "Event", "type": "object",
        "properties": {
            "id": {"type": "string"},
            "count": {"type": "integer", "connect.type": "int32"},
            "kind": {"enum": ["A", "B"]},
            "what": {"oneOf": [{"type": "null"}, {"$ref": "#/definitions/click"}, {"$ref": "#/definitions/buy"}]},
            "tags": {"type": "object", "connect.type": "map", "additionalProperties": {"type": "string"}},
        },
        "required": ["id"],
        "definitions": {
            "click": {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]},
            "buy": {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]},
        },
    }
    event = JSONSerializer(json.dumps(schema), registry)
    send("json_event", event, {"id": "1", "count": 5, "kind": "A", "what": {"url": "/a"}, "tags": {"x": "y"}})
    send("json_event", event, {"id": "2", "what": {"amount": 1.5}})
    send("json_event", event, {"id": "3", "what": None, "tags": {}})


def proto_many():
    file = descriptor_pb2.FileDescriptorProto(name="many.proto", package="shop", syntax="proto3")
    file.dependency.extend(["google/protobuf/timestamp.proto", "google/protobuf/wrappers.proto"])
    kinds = descriptor_pb2.FieldDescriptorProto

    def field(message, number, name, kind, type_name=None, label=kinds.LABEL_OPTIONAL, **more):
        return message.field.add(number=number, name=name, type=kind, type_name=type_name, label=label, **more)

    color = file.enum_type.add(name="Color")
    color.value.add(name="RED", number=0)
    color.value.add(name="BLUE", number=1)
    purchase = file.message_type.add(name="Purchase")
    detail = purchase.nested_type.add(name="Detail")
    field(detail, 1, "city", kinds.TYPE_STRING)
    entry = purchase.nested_type.add(name="CountsEntry")
    entry.options.map_entry = True
    field(entry, 1, "key", kinds.TYPE_STRING)
    field(entry, 2, "value", kinds.TYPE_INT32)
    field(purchase, 1, "item", kinds.TYPE_STRING)
    purchase.oneof_decl.add(name="how")
    field(purchase, 2, "card", kinds.TYPE_STRING, oneof_index=0)
    field(purchase, 3, "cash", kinds.TYPE_UINT32, oneof_index=0)
    field(purchase, 4, "detail", kinds.TYPE_MESSAGE, ".shop.Purchase.Detail")
    field(purchase, 5, "counts", kinds.TYPE_MESSAGE, ".shop.Purchase.CountsEntry", kinds.LABEL_REPEATED)
    field(purchase, 6, "color", kinds.TYPE_ENUM, ".shop.Color")
    field(purchase, 7, "at", kinds.TYPE_MESSAGE, ".google.protobuf.Timestamp")
    field(purchase, 8, "rebate", kinds.TYPE_MESSAGE, ".google.protobuf.DoubleValue")
    view = file.message_type.add(name="Pageview")
    field(view, 1, "url", kinds.TYPE_STRING)
    field(view, 2, "is_special", kinds.TYPE_BOOL)
    pool = descriptor_pool.DescriptorPool()
    for known in [timestamp_pb2, wrappers_pb2]:
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    message = {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"shop.{name}"))
               for name in ["Purchase", "Pageview"]}
    bought = message["Purchase"](item="tea", cash=3, detail={"city": "Ulm"}, counts={"bags": 20}, color=1)
    bought.at.FromDatetime(datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))
    bought.rebate.value = 0.5
    purchase, pageview = (ProtobufSerializer(kind, registry) for kind in message.values())
    send("proto_many", purchase, bought)
    send("proto_many", pageview, message["Pageview"](url="/tea", is_special=True))
    send("proto_many", purchase, message["Purchase"](item="milk", card="visa"))


def changes():
    row = record("Value", ("id", "int"), ("name", "string"))
    nullable = {"default": None}
    envelope = {"type": "record", "name": "Envelope", "namespace": "shop", "fields": [
        {"name": "before", "type": ["null", row], **nullable},
        {"name": "after", "type": ["null", "shop.Value"], **nullable},
        {"name": "op", "type": "string"},
        {"name": "ts_ms", "type": ["null", "long"], **nullable},
    ]}
    value = AvroSerializer(registry, json.dumps(envelope))
    key = AvroSerializer(registry, json.dumps(record("Key", ("id", "int"))))
    a, b, c = ({"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"id": 1, "name": "c"})
    story = [("r", None, a), ("c", None, b), ("u", a, c), ("d", b, None)]
    for op, before, after in story:
        change = {"before": before, "after": after, "op": op, "ts_ms": 1}
        send("changes", value, change, {"id": (after or before)["id"]}, key)
    send("changes", None, None, {"id": 2}, key)


def by_record():
    by_name = {"subject.name.strategy": record_subject_name_strategy}
    order = AvroSerializer(registry, json.dumps(record("Order", ("id", "string"), ("amount", "double"))), conf=by_name)
    shipment = AvroSerializer(registry, json.dumps(record("Shipment", ("tracking", "string"))), conf=by_name)
    send("by_record", order, {"id": "o1", "amount": 2.5})
    send("by_record", shipment, {"tracking": "t1"})
    send("by_record", order, {"id": "o2", "amount": 3.5})


def bare_json():
    schema = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    registry.register_schema("bare_json-value", Schema(json.dumps(schema), "JSON"))
    send("bare_json", None, json.dumps({"id": "a", "unknown": [1, {"x": None}]}).encode())
    send("bare_json", None, json.dumps({"more": 1, "id": "b"}).encode())


def in_context():
    conf = {"subject.name.strategy": lambda context, name: f":.stage:{context.topic}-{context.field}"}
    first = AvroSerializer(registry, json.dumps(record("Staged", ("a", "string"))), conf=conf)
    send("in_context", first, {"a": "old"})
    evolved = record("Staged", ("a", "string"))
    evolved["fields"].append({"name": "b", "type": ["null", "int"], "default": None})
    send("in_context", AvroSerializer(registry, json.dumps(evolved), conf=conf), {"a": "new", "b": 4})


def by_guid():
    """The schema's GUID in a header, the payload without an id; two versions of a schema."""
    conf = {"schema.id.serializer": header_schema_id_serializer}
    for fields in [[("a", "string")], [("b", ["null", "int"]), ("a", "string")]]:
        schema = record("Plain", *fields)
        if len(fields) == 2:
            schema["fields"][0]["default"] = None
        value = {"a": "old"} if len(fields) == 1 else {"a": "new", "b": 5}
        headers = {}
        context = SerializationContext("by_guid", MessageField.VALUE, headers)
        payload = AvroSerializer(registry, json.dumps(schema), conf=conf)(value, context)
        producer.produce("by_guid", value=payload, headers=headers)


def unknown_id():
    known = AvroSerializer(registry, json.dumps(record("Known", ("a", "string"))))
    send("unknown_id", None, b"\0" + (99_999).to_bytes(4, "big") + b"\x02x")
    send("unknown_id", known, {"a": "good"})


for fill in [avro_union, json_event, proto_many, changes, by_record, bare_json, in_context, by_guid, unknown_id]:
    fill()
assert producer.flush(30) == 0
