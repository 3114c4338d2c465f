"""Nexmark events (an auction site's persons, auctions and bids), the same ones for the same seed, into topics.

Of every 50 events 1 is a person, 3 are auctions, 46 are bids. Event n happens n / RATE seconds after START and goes to
partition n modulo the number of partitions. An event has event_type (0, 1, 2) and one of the records person, auction, bid; the
other two are null. Sizes, hot keys and ranges follow the published benchmark's defaults; the random numbers are this program's own,
so its data are like those of other generators, not equal to them.
"""
import io
import json
import random

import fastavro
from confluent_kafka import Producer

START, RATE, SEED = 1_700_000_000_000, 100_000, 1
PERSONS, AUCTIONS = 1, 3
EPOCH = 50
FIRST_PERSON = FIRST_AUCTION = 1000
ACTIVE_PERSONS, OPEN_AUCTIONS = 1000, 100
HOT_SELLER, HOT_AUCTION, HOT_BIDDER = 4, 2, 4   # one in so many draws is not the hot key
STATES = ["AZ", "CA", "ID", "OR", "WA", "WY"]
CITIES = ["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"]
FIRST = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"]
LAST = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"]
HOT_CHANNELS = ["Google", "Facebook", "Baidu", "Apple"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
KINDS = ["person", "auction", "bid"]


class Generator:
    """`event(n)` for n = 0, 1, 2, ... in this order."""

    def __init__(self, seed=SEED):
        self.rng = random.Random(seed)
        words = "".join(self.rng.choices(LETTERS, k=1 << 16))
        self.text = lambda n: words[(o := int(self.rng.random() * ((1 << 16) - n))):o + n]
        self.urls = {}

    def below(self, n):
        return int(self.rng.random() * n)

    def price(self):
        return round(10 ** (self.rng.random() * 6) * 100)

    def filler(self, have, average):
        """Text that brings a record of `have` bytes near its average size, a fifth up or down."""
        room = average - have
        if room <= 0:
            return ""
        spread = round(room * 0.2)
        return self.text(room - spread + self.below(2 * spread + 1))

    @staticmethod
    def auctions_until(n):
        epoch, offset = divmod(n, EPOCH)
        return epoch * AUCTIONS + min(max(offset - PERSONS, -1), AUCTIONS - 1)

    def some_person(self, last):
        active = min(last + 1, ACTIVE_PERSONS)
        return last - active + 1 + self.below(active)

    @staticmethod
    def millis(n):
        return START + n * 1000 // RATE

    def event(self, n):
        """Milliseconds, kind, record."""
        offset, now = n % EPOCH, self.millis(n)
        if offset < PERSONS:
            return now, 0, self.person(n, now)
        if offset < PERSONS + AUCTIONS:
            return now, 1, self.auction(n, now)
        return now, 2, self.bid(n, now)

    def person(self, n, now):
        rng = self.rng
        record = {"id": FIRST_PERSON + n // EPOCH, "name": f"{rng.choice(FIRST)} {rng.choice(LAST)}",
                  "emailAddress": f"{self.text(7)}@{self.text(5)}.com",
                  "creditCard": " ".join(f"{self.below(10000):04d}" for _ in range(4)),
                  "city": rng.choice(CITIES), "state": rng.choice(STATES), "dateTime": now}
        record["extra"] = self.filler(8 + len(record["name"]) + 17 + 19 + len(record["city"]) + 2 + 8, 200)
        return record

    def auction(self, n, now):
        last = n // EPOCH
        seller = last // 100 * 100 if self.below(HOT_SELLER) else self.some_person(last)
        first = self.price()
        name, description = self.text(8 + self.below(12)), self.text(50 + self.below(50))
        # Open until about as many auctions later as are in flight at a time.
        horizon = self.millis(n + OPEN_AUCTIONS * EPOCH // AUCTIONS) - now
        record = {"id": FIRST_AUCTION + self.auctions_until(n), "itemName": name, "description": description, "initialBid": first,
                  "reserve": first + self.price(), "dateTime": now, "expires": now + 1 + self.below(max(2 * horizon, 1)),
                  "seller": FIRST_PERSON + seller, "category": 10 + self.below(5)}
        record["extra"] = self.filler(8 * 7 + len(name) + len(description), 500)
        return record

    def bid(self, n, now):
        last_auction, last_person = self.auctions_until(n), n // EPOCH
        if self.below(HOT_AUCTION):
            auction = last_auction // 100 * 100
        else:
            open_now = min(last_auction + 1, OPEN_AUCTIONS)
            auction = last_auction - open_now + 1 + self.below(open_now)
        bidder = last_person // 100 * 100 + 1 if self.below(HOT_BIDDER) else self.some_person(last_person)
        channel = HOT_CHANNELS[self.below(4)] if self.below(2) else f"channel-{self.below(10000)}"
        url = self.urls.get(channel)
        if url is None:
            url = f"https://www.nexmark.com/{self.text(5)}/{self.text(5)}/{self.text(5)}/item.htm?query=1"
            if channel not in HOT_CHANNELS and self.below(10):
                url += f"&channel_id={int(channel[8:]) << 16}"
            self.urls[channel] = url
        return {"auction": FIRST_AUCTION + auction, "bidder": FIRST_PERSON + bidder, "price": self.price(), "channel": channel,
                "url": url, "dateTime": now, "extra": self.filler(8 * 4, 100)}


def json_encoder(_):
    def encode(kind, record):
        event = {"event_type": kind, "person": None, "auction": None, "bid": None}
        event[KINDS[kind]] = record
        return json.dumps(event, separators=(",", ":")).encode()
    return encode


def avro_encoder(registered):
    """`registered`: the registry's id and text of the schema."""
    schema_id, text = registered
    header = b"\0" + schema_id.to_bytes(4, "big")
    schema = fastavro.parse_schema(json.loads(text))

    def encode(kind, record):
        out = io.BytesIO()
        out.write(header)
        fastavro.schemaless_writer(out, schema, {"event_type": kind, KINDS[kind]: record})
        return out.getvalue()
    return encode


ENCODERS = {"json": json_encoder, "avro": avro_encoder}


def produce(bootstrap, topics, count, partitions):
    """Writes `count` events into each of `topics`, {topic: (format, registered schema)}; gives the bytes of each."""
    generator, sizes = Generator(), dict.fromkeys(topics, 0)
    encoders = {topic: ENCODERS[kind](schema) for topic, (kind, schema) in topics.items()}
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 50, "batch.size": 1 << 20, "compression.type": "lz4",
                         "queue.buffering.max.messages": 500_000})
    for n in range(count):
        now, kind, record = generator.event(n)
        for topic, encode in encoders.items():
            value = encode(kind, record)
            sizes[topic] += len(value)
            while True:
                try:
                    producer.produce(topic, value, partition=n % partitions, timestamp=now)
                    break
                except BufferError:
                    producer.poll(0.1)
        if n % 1000 == 0:
            producer.poll(0)
    if producer.flush(120):
        raise RuntimeError("not all events were delivered")
    return sizes
