//! Records in the proportions and sizes of Nexmark: of 50 events one is a person, three are auctions, the rest bids.

/// A small generator of numbers; the same for every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    fn text(&mut self, length: u64) -> String {
        (0..length).map(|_| char::from(b'a' + self.below(26) as u8)).collect()
    }
}

/// JSON texts of `count` events, a millisecond of event time after every tenth.
pub(crate) fn events(count: usize) -> Vec<Vec<u8>> {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    (0..count as u64).map(|n| event(n, &mut numbers).into_bytes()).collect()
}

fn event(n: u64, numbers: &mut Numbers) -> String {
    let millis = n / 10;
    let time = format!(
        "2023-11-14 {:02}:{:02}:{:02}.{:03}",
        10 + millis / 3_600_000 % 10,
        millis / 60_000 % 60,
        millis / 1000 % 60,
        millis % 1000
    );
    let auctions = 1000 + n / 50 * 3;
    match n % 50 {
        0 => format!(
            r#"{{"event_type":0,"person":{{"id":{},"name":"vicky noris","emailAddress":"{}@{}.com","creditCard":"{:016}","city":"phoenix","state":"az","dateTime":"{time}","extra":"{}"}},"auction":null,"bid":null}}"#,
            1000 + n / 50,
            numbers.text(7),
            numbers.text(5),
            numbers.below(10_000_000_000_000_000),
            numbers.text(40),
        ),
        1..=3 => format!(
            r#"{{"event_type":1,"person":null,"auction":{{"id":{auctions},"itemName":"{}","description":"{}","initialBid":{},"reserve":{},"dateTime":"{time}","expires":"{time}","seller":{},"category":{},"extra":"{}"}},"bid":null}}"#,
            numbers.text(20),
            numbers.text(100),
            numbers.below(10_000),
            numbers.below(100_000),
            1000 + numbers.below(n / 50 + 1),
            10 + numbers.below(5),
            numbers.text(190),
        ),
        _ => {
            // Half of the bids go to the newest hot auction.
            let auction = match numbers.below(2) {
                0 => auctions / 100 * 100,
                _ => auctions.saturating_sub(numbers.below(100)),
            };
            format!(
                r#"{{"event_type":2,"person":null,"auction":null,"bid":{{"auction":{auction},"bidder":{},"price":{},"channel":"channel-{}","url":"https://www.nexmark.com/{}/item.htm?query=1&channel_id={}","dateTime":"{time}","extra":"{}"}}}}"#,
                1000 + numbers.below(n / 50 + 1),
                100 + numbers.below(10_000_000),
                numbers.below(10_000),
                numbers.text(14),
                numbers.next() >> 40,
                numbers.text(72),
            )
        }
    }
}
