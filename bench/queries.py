"""The queries: the same text for both engines, over a table of events in one format.

q0, q1, q2 and q17 are those of Nexmark; `tumble` is its q12 in event time. Written anew after the published definitions.
`tumblewide`, `over` and `overprice` are our own.
"""
from dataclasses import dataclass

# Times are milliseconds as numbers, in both formats, so that both engines do the same with them.
COLUMNS = """event_type INT,
  person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, `dateTime` BIGINT, extra STRING>,
  auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, `dateTime` BIGINT, expires BIGINT,
    seller BIGINT, category BIGINT, extra STRING>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` BIGINT, extra STRING>,
  `dateTime` AS TO_TIMESTAMP_LTZ(CASE event_type WHEN 0 THEN person.`dateTime` WHEN 1 THEN auction.`dateTime` ELSE bid.`dateTime` END, 3),
  WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND"""


@dataclass(frozen=True)
class Query:
    """`text` has {events} where the table stands; `columns` are those of its result; `key` of an updating one."""
    text: str
    columns: tuple
    key: tuple = ()
    # What splits the result in two for the digest.
    split: str = "auction"

    def wants(self, engine):
        """State backends matter to what has state, mini-batch to what updates; elsewhere they would be the same run again."""
        return {"flink-rocksdb": bool(self.key) or self.split != "auction", "flink-minibatch": bool(self.key)}.get(engine, True)

    def sql(self, events):
        return self.text.format(events=events)

    def declaration(self):
        return ", ".join(f"`{name}` {kind}" for name, kind in self.columns)

    def as_text(self, events):
        """The result with all but the key as text, so that formats cannot hide or make a difference."""
        cells = (f"`{n}`" if n in self.key else f"CAST(`{n}` AS STRING) AS `{n}`" for n, _ in self.columns)
        return f"SELECT {', '.join(cells)} FROM ({self.sql(events)})"

    def text_columns(self):
        return [(n, kind if n in self.key else "STRING") for n, kind in self.columns]

    def digest(self, events):
        """Number of rows and sums of the whole numbers, over the whole result in two halves."""
        sums = ", ".join(f"SUM(`{n}`) AS `sum_{n}`" for n in self.numbers())
        return (f"SELECT MOD(`{self.split}`, 2) AS half, COUNT(*) AS row_count, {sums} FROM ({self.sql(events)})"
                f" GROUP BY MOD(`{self.split}`, 2)")

    def digest_columns(self):
        return [("half", "INT"), ("row_count", "BIGINT"), *((f"sum_{n}", "BIGINT") for n in self.numbers())]

    def numbers(self):
        return [n for n, kind in self.columns if kind == "BIGINT"]


TIME = "TIMESTAMP_LTZ(3)"
_FROM = "FROM {events} WHERE event_type = 2"

QUERIES = {
    "q0": Query(f"SELECT bid.auction AS auction, bid.bidder AS bidder, bid.price AS price, `dateTime`, bid.extra AS extra {_FROM}",
                (("auction", "BIGINT"), ("bidder", "BIGINT"), ("price", "BIGINT"), ("dateTime", TIME), ("extra", "STRING"))),
    "q1": Query(f"SELECT bid.auction AS auction, bid.bidder AS bidder, 0.908 * bid.price AS price, `dateTime`, bid.extra AS extra {_FROM}",
                (("auction", "BIGINT"), ("bidder", "BIGINT"), ("price", "DECIMAL(23, 3)"), ("dateTime", TIME), ("extra", "STRING"))),
    "q2": Query(f"SELECT bid.auction AS auction, bid.price AS price {_FROM} AND MOD(bid.auction, 123) = 0",
                (("auction", "BIGINT"), ("price", "BIGINT"))),
    "q17": Query("SELECT auction, `day`, COUNT(*) AS bids, COUNT(*) FILTER (WHERE price < 10000) AS bids1,"
                 " COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS bids2, COUNT(*) FILTER (WHERE price >= 1000000) AS bids3,"
                 " MIN(price) AS low, MAX(price) AS high, AVG(price) AS average, SUM(price) AS total"
                 " FROM (SELECT bid.auction AS auction, DATE_FORMAT(`dateTime`, 'yyyy-MM-dd') AS `day`, bid.price AS price"
                 f" {_FROM}) GROUP BY auction, `day`",
                (("auction", "BIGINT"), ("day", "STRING"), *((n, "BIGINT") for n in
                 ("bids", "bids1", "bids2", "bids3", "low", "high", "average", "total"))), key=("auction", "day")),
    "tumble": Query("SELECT bid.bidder AS bidder, COUNT(*) AS bids, window_start, window_end FROM"
                    " TABLE(TUMBLE(TABLE {events}, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND)) WHERE event_type = 2"
                    " GROUP BY bid.bidder, window_start, window_end",
                    (("bidder", "BIGINT"), ("bids", "BIGINT"), ("window_start", "TIMESTAMP(3)"), ("window_end", "TIMESTAMP(3)")),
                    split="bidder"),
    # Hardly a key comes twice in a window: what a first phase before the exchange folds is nothing.
    "tumblewide": Query("SELECT bid.auction AS auction, bid.bidder AS bidder, bid.price AS price, COUNT(*) AS bids, window_start FROM"
                         " TABLE(TUMBLE(TABLE {events}, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND)) WHERE event_type = 2"
                         " GROUP BY bid.auction, bid.bidder, bid.price, window_start, window_end",
                         (("auction", "BIGINT"), ("bidder", "BIGINT"), ("price", "BIGINT"), ("bids", "BIGINT"),
                          ("window_start", "TIMESTAMP(3)")), split="bidder"),
    # A RANGE, because of the rows of one time a frame of ROWS would take any.
    "over": Query("SELECT bid.auction AS auction, bid.bidder AS bidder, bid.price AS price, `dateTime`, SUM(bid.price) OVER (PARTITION BY bid.auction"
                  f" ORDER BY `dateTime` RANGE BETWEEN INTERVAL '10' SECOND PRECEDING AND CURRENT ROW) AS total {_FROM}",
                  (("auction", "BIGINT"), ("bidder", "BIGINT"), ("price", "BIGINT"), ("dateTime", TIME), ("total", "BIGINT")), split="bidder"),
    # In the order of something else than time: every bid changes the places of those above it.
    "overprice": Query("SELECT auction, price, SUM(bids) OVER (PARTITION BY auction ORDER BY price) AS place FROM"
                        f" (SELECT bid.auction AS auction, bid.price AS price, COUNT(*) AS bids {_FROM} GROUP BY bid.auction, bid.price)",
                        (("auction", "BIGINT"), ("price", "BIGINT"), ("place", "BIGINT")), key=("auction", "price")),
}
