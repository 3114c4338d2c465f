#!/usr/bin/env python3
"""Holds a schema registry to what the unmodified confluent-kafka clients need of it.

    confluent_registry.py URL [--record FILE]

Runs the Avro, JSON Schema and Protobuf serializers and deserializers and the SchemaRegistryClient
of confluent-kafka against the registry at URL, which must be empty. One line a check; exits 1 when
one fails. With --record every request that the clients send, and its answer, is written to FILE,
one JSON object a line, in order.

Needs: pip install 'confluent-kafka[avro,json,protobuf,schemaregistry]'
"""

import http.client
import http.server
import json
import sys
import threading
import traceback
from urllib.parse import urlsplit

from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.schema_registry.schema_registry_client import ConfigCompatibilityLevel, ServerConfig
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def value_of(topic):
    return SerializationContext(topic, MessageField.VALUE)


def another(client):
    """A client without what this one remembers (its cache does not tell formats apart)."""
    return SchemaRegistryClient(client.config())


def fails(code, call):
    try:
        answer = call()
    except SchemaRegistryError as error:
        assert error.error_code == code, f"error code {error.error_code} ({error.error_message}), not {code}"
        return error
    raise AssertionError(f"answered {answer!r} instead of failing with {code}")


ORDER = json.dumps({
    "type": "record", "name": "Order", "namespace": "shop",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "customer", "type": ["null", "string"], "default": None},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
    ],
})
ORDER_2 = json.dumps({
    "type": "record", "name": "Order", "namespace": "shop",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "customer", "type": ["null", "string"], "default": None},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "note", "type": "string", "default": ""},
    ],
})
ORDER_BAD = json.dumps({
    "type": "record", "name": "Order", "namespace": "shop",
    "fields": [{"name": "id", "type": "long"}, {"name": "weight", "type": "double"}],
})


@check
def starts_empty(client):
    assert client.get_subjects() == []
    assert sorted(client.get_schema_types()) == ["AVRO", "JSON", "PROTOBUF"]
    assert client.get_config().compatibility_level == "BACKWARD"
    assert client.get_global_mode() == "READWRITE"


@check
def avro_round_trip(client):
    from decimal import Decimal
    order = {"id": 7, "customer": "Ann", "price": Decimal("12.50")}
    serialize = AvroSerializer(client, ORDER)
    data = serialize(order, value_of("orders"))
    assert data[0] == 0 and len(data) > 5
    assert AvroDeserializer(client)(data, value_of("orders")) == order
    assert AvroDeserializer(client, ORDER_2)(data, value_of("orders"))["note"] == ""
    again = AvroSerializer(another(client), ORDER)
    assert again(order, value_of("orders"))[:5] == data[:5], "another producer got another id"


@check
def avro_without_registration(client):
    order = {"id": 1, "customer": None, "price": __import__("decimal").Decimal("1.00")}
    serialize = AvroSerializer(client, ORDER, conf={"auto.register.schemas": False})
    assert serialize(order, value_of("orders"))[0] == 0
    missing = AvroSerializer(client, ORDER, conf={"auto.register.schemas": False})
    fails(40401, lambda: missing(order, value_of("never-written")))


@check
def avro_latest_version(client):
    client.register_schema("orders-value", Schema(ORDER_2, "AVRO"))
    conf = {"auto.register.schemas": False, "use.latest.version": True}
    order = {"id": 1, "customer": None, "price": __import__("decimal").Decimal("1.00"), "note": "x"}
    data = AvroSerializer(client, None, conf=conf)(order, value_of("orders"))
    assert AvroDeserializer(client)(data, value_of("orders"))["note"] == "x"


@check
def avro_references(client):
    address = json.dumps({"type": "record", "name": "Address", "namespace": "shop",
                          "fields": [{"name": "street", "type": "string"}]})
    person = json.dumps({"type": "record", "name": "Person", "namespace": "shop",
                         "fields": [{"name": "home", "type": "shop.Address"}]})
    client.register_schema("address", Schema(address, "AVRO"))
    schema = Schema(person, "AVRO", [SchemaReference("shop.Address", "address", 1)])
    data = AvroSerializer(client, schema)({"home": {"street": "Elm"}}, value_of("persons"))
    assert AvroDeserializer(client)(data, value_of("persons")) == {"home": {"street": "Elm"}}
    assert len(client.get_referenced_by("address", 1)) == 1
    fails(42206, lambda: client.delete_version("address", 1))


@check
def avro_normalized(client):
    loose = '{"namespace":"shop","name":"N","type":"record","fields":[{"type":"int","name":"a","zeta":1,"alpha":2}]}'
    tight = '{"type":"record","name":"shop.N","fields":[{"name":"a","type":"int","alpha":2,"zeta":1}]}'
    one = client.register_schema("normal", Schema(loose, "AVRO"), normalize_schemas=True)
    assert client.register_schema("normal", Schema(tight, "AVRO"), normalize_schemas=True) == one


@check
def guid_headers(client):
    registered = client.register_schema_full_response("guid", Schema('"string"', "AVRO"))
    assert registered.guid, "no guid"
    found = client.get_schema_by_guid(registered.guid)
    assert json.loads(found.schema_str) == "string"


@check
def json_round_trip(client):
    schema = json.dumps({
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "Click", "type": "object",
        "properties": {"user": {"type": "string"}, "at": {"type": "integer"}}, "required": ["user"],
    })
    data = JSONSerializer(schema, client)({"user": "ann", "at": 5}, value_of("clicks"))
    assert JSONDeserializer(schema)(data, value_of("clicks")) == {"user": "ann", "at": 5}
    assert JSONDeserializer(None, schema_registry_client=client)(data, value_of("clicks"))["user"] == "ann"


@check
def json_references(client):
    point = json.dumps({"type": "object", "properties": {"x": {"type": "number"}}, "additionalProperties": False})
    line = json.dumps({"type": "object", "properties": {"from": {"$ref": "point.json"}}})
    client.register_schema("point", Schema(point, "JSON"))
    schema = Schema(line, "JSON", [SchemaReference("point.json", "point", 1)])
    data = JSONSerializer(schema, client)({"from": {"x": 1.5}}, value_of("lines"))
    assert JSONDeserializer(None, schema_registry_client=client)(data, value_of("lines")) == {"from": {"x": 1.5}}


def proto_files():
    field = descriptor_pb2.FieldDescriptorProto
    money = descriptor_pb2.FileDescriptorProto(name="shop/money.proto", package="shop", syntax="proto3")
    amount = money.message_type.add(name="Money")
    amount.field.add(name="cents", number=1, type=field.TYPE_INT64, label=field.LABEL_OPTIONAL)
    order = descriptor_pb2.FileDescriptorProto(name="shop/purchase.proto", package="shop", syntax="proto3")
    order.dependency.extend(["shop/money.proto", "google/protobuf/timestamp.proto"])
    message = order.message_type.add(name="Purchase")
    message.field.add(name="id", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    message.field.add(name="price", number=2, type=field.TYPE_MESSAGE, type_name=".shop.Money",
                      label=field.LABEL_OPTIONAL)
    message.field.add(name="at", number=3, type=field.TYPE_MESSAGE, type_name=".google.protobuf.Timestamp",
                      label=field.LABEL_OPTIONAL)
    message.field.add(name="tags", number=4, type=field.TYPE_STRING, label=field.LABEL_REPEATED)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(money)
    pool.Add(order)
    return (message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Money")),
            message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Purchase")))


@check
def protobuf_round_trip(client):
    money, _ = proto_files()
    data = ProtobufSerializer(money, client)(money(cents=250), value_of("payments"))
    assert ProtobufDeserializer(money)(data, value_of("payments")).cents == 250
    assert ProtobufDeserializer(money, schema_registry_client=client)(data, value_of("payments")).cents == 250
    fresh = another(client)
    assert ProtobufDeserializer(money, schema_registry_client=fresh)(data, value_of("payments")).cents == 250
    text = another(client).get_latest_version("payments-value").schema.schema_str
    assert "message Money" in text and "int64 cents = 1;" in text, text


@check
def protobuf_references(client):
    _, purchase = proto_files()
    sent = purchase(id="p1", tags=["a", "b"])
    sent.price.cents = 99
    data = ProtobufSerializer(purchase, client)(sent, value_of("purchases"))
    assert ProtobufDeserializer(purchase)(data, value_of("purchases")) == sent
    latest = another(client).get_latest_version("purchases-value")
    assert [reference.name for reference in latest.schema.references] == ["shop/money.proto"]
    lookup = ProtobufSerializer(purchase, client, conf={"auto.register.schemas": False})
    assert lookup(sent, value_of("purchases")) == data
    newest = ProtobufSerializer(purchase, another(client), conf={"auto.register.schemas": False, "use.latest.version": True})
    assert newest(sent, value_of("purchases")) == data


@check
def compatibility(client):
    assert client.test_compatibility("orders-value", Schema(ORDER_2, "AVRO"))
    assert not client.test_compatibility("orders-value", Schema(ORDER_BAD, "AVRO"))
    assert not client.test_compatibility_all_versions("orders-value", Schema(ORDER_BAD, "AVRO"))
    error = fails(409, lambda: client.register_schema("orders-value", Schema(ORDER_BAD, "AVRO")))
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in error.error_message, error.error_message
    client.set_config("orders-value", ServerConfig(compatibility_level=ConfigCompatibilityLevel.NONE))
    assert client.get_config("orders-value").compatibility_level == "NONE"
    client.register_schema("orders-value", Schema(ORDER_BAD, "AVRO"))
    client.delete_config("orders-value")
    assert client.set_compatibility("orders-value", "FULL")["compatibility"] == "FULL"
    assert client.get_compatibility("orders-value") == "FULL"


@check
def errors(client):
    fails(40401, lambda: client.get_latest_version("nothing"))
    fails(40402, lambda: client.get_version("orders-value", 77))
    fails(40403, lambda: client.get_schema(999999))
    fails(42201, lambda: client.register_schema("broken", Schema('{"type": "nothing"}', "AVRO")))
    fails(42203, lambda: client.set_compatibility("orders-value", "SIDEWARD"))


@check
def modes(client):
    client.update_mode("orders-value", "READONLY")
    assert client.get_mode("orders-value") == "READONLY"
    error = fails(42205, lambda: client.register_schema("orders-value", Schema('"long"', "AVRO")))
    assert error.error_message == "Subject orders-value in context  is not in read-write mode.", error.error_message
    client.delete_mode("orders-value")
    client.update_global_mode("READWRITE")


@check
def deletion(client):
    client.register_schema("doomed", Schema('"int"', "AVRO"))
    number = client.register_schema("doomed", Schema('"long"', "AVRO"))
    assert client.delete_version("doomed", 1) == 1
    assert client.get_versions("doomed") == [2]
    assert client.delete_subject("doomed") == [2]
    assert "doomed" not in client.get_subjects()
    assert "doomed" in client.get_subjects(deleted=True)
    # The client that deleted it still has it in its cache and would not ask.
    again = another(client).register_schema("doomed", Schema('"long"', "AVRO"))
    assert again == number, "a deleted schema came back as another"
    client.delete_subject("doomed")
    assert client.delete_subject("doomed", permanent=True)
    fails(40401, lambda: client.get_versions("doomed"))


@check
def contexts(client):
    first = client.register_schema(":.other:things", Schema('"boolean"', "AVRO"))
    assert first == 1, "ids of a context start at 1"
    assert ".other" in client.get_contexts()
    assert client.get_schema(first, subject_name=":.other:things").schema_str == '"boolean"'
    assert client.get_subjects(":.other:") == [":.other:things"]


class Recorder(http.server.BaseHTTPRequestHandler):
    """Passes requests on and writes them down."""

    protocol_version = "HTTP/1.1"
    target = None
    out = None
    lock = threading.Lock()

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        host = urlsplit(self.target)
        connection = http.client.HTTPConnection(host.hostname, host.port)
        headers = {"Content-Type": self.headers.get("Content-Type")} if body else {}
        connection.request(self.command, host.path.rstrip("/") + self.path, body or None, headers)
        answer = connection.getresponse()
        data = answer.read()
        path, _, query = self.path.partition("?")
        entry = {"method": self.command, "path": path, "query": query,
                 "body": json.loads(body) if body else None,
                 "status": answer.status, "answer": json.loads(data) if data else None}
        with self.lock:
            self.out.write(json.dumps(entry, sort_keys=True) + "\n")
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.getheader("Content-Type"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def log_message(self, *_):
        pass


def main():
    arguments = sys.argv[1:]
    if not arguments:
        sys.exit(__doc__)
    url = arguments[0]
    if "--record" in arguments:
        Recorder.target = url
        Recorder.out = open(arguments[arguments.index("--record") + 1], "w")
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{proxy.server_port}"
    client = SchemaRegistryClient({"url": url})
    failed = 0
    for function in CHECKS:
        try:
            function(client)
            print(f"ok      {function.__name__}")
        except Exception:
            failed += 1
            print(f"FAILED  {function.__name__}")
            traceback.print_exc()
    if Recorder.out:
        Recorder.out.close()
    print(f"{len(CHECKS) - failed} of {len(CHECKS)} checks passed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
