//! Word lists that names, addresses and goods are put together from.

pub(crate) const FIRST_NAMES: &[&str] = &[
    "Ada", "Alan", "Amara", "Anton", "Aylin", "Ben", "Bianca", "Carlos", "Chen", "Clara", "Dana", "Diego", "Elena",
    "Emil", "Fatima", "Felix", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Kenji", "Lara", "Leo",
    "Lucia", "Maja", "Marco", "Mina", "Nadia", "Noah", "Olga", "Omar", "Paula", "Priya", "Quentin", "Rosa", "Samir",
    "Sofia", "Tara", "Theo", "Uma", "Victor", "Wanda", "Xenia", "Yara", "Zoe",
];

pub(crate) const LAST_NAMES: &[&str] = &[
    "Adler",
    "Alvarez",
    "Andersson",
    "Baker",
    "Becker",
    "Bianchi",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Gupta",
    "Haddad",
    "Hansen",
    "Ito",
    "Jansen",
    "Kaya",
    "Keller",
    "Kowalski",
    "Laurent",
    "Lopez",
    "Martin",
    "Mehta",
    "Moreau",
    "Nakamura",
    "Novak",
    "Okafor",
    "Olsen",
    "Patel",
    "Pereira",
    "Quinn",
    "Rossi",
    "Santos",
    "Schmidt",
    "Silva",
    "Smith",
    "Sokolov",
    "Tanaka",
    "Torres",
    "Ueda",
    "Vogel",
    "Walker",
    "Weber",
    "Wood",
    "Yilmaz",
    "Zhang",
];

pub(crate) const STREETS: &[&str] = &[
    "Acorn", "Birch", "Cedar", "Chestnut", "Church", "Elm", "Forest", "Garden", "Hazel", "High", "Hill", "Lake",
    "Maple", "Meadow", "Mill", "Oak", "Park", "Pine", "River", "School", "Spring", "Station", "Sunset", "Walnut",
];

pub(crate) const STREET_KINDS: &[&str] = &["Street", "Road", "Avenue", "Lane", "Drive", "Way", "Court", "Square"];

pub(crate) const CITY_STARTS: &[&str] =
    &["North", "South", "East", "West", "New", "Old", "Lake", "Port", "Upper", "Lower", "Great", "Little"];

pub(crate) const CITY_ENDS: &[&str] =
    &["berg", "bury", "dale", "field", "ford", "ham", "haven", "mouth", "side", "stad", "ton", "town", "view", "ville"];

pub(crate) const MAIL_DOMAINS: &[&str] = &["example.com", "example.net", "example.org", "mail.example.com"];

pub(crate) const ADJECTIVES: &[&str] = &[
    "Compact",
    "Cosy",
    "Durable",
    "Elegant",
    "Ergonomic",
    "Foldable",
    "Handy",
    "Heavy",
    "Light",
    "Modern",
    "Practical",
    "Quiet",
    "Rustic",
    "Sleek",
    "Small",
    "Soft",
    "Sturdy",
    "Vintage",
];

pub(crate) const MATERIALS: &[&str] = &[
    "Aluminum", "Bamboo", "Bronze", "Ceramic", "Copper", "Cotton", "Glass", "Granite", "Leather", "Linen", "Marble",
    "Paper", "Silk", "Steel", "Wooden", "Wool",
];

pub(crate) const GOODS: &[&str] = &[
    "Bag", "Bench", "Bottle", "Bowl", "Chair", "Clock", "Coat", "Gloves", "Hat", "Keyboard", "Knife", "Lamp", "Mug",
    "Pen", "Plate", "Shirt", "Shoes", "Table", "Wallet", "Watch",
];

pub(crate) const BRANDS: &[&str] = &[
    "Alderon",
    "Brightly",
    "Corvane",
    "Dunmore",
    "Everspan",
    "Fernway",
    "Glimmer",
    "Hollis",
    "Ironbark",
    "Juniper",
    "Kestrel",
    "Lumina",
    "Mossway",
    "Northlight",
    "Orbis",
    "Pinecrest",
];

pub(crate) const VENDORS: &[&str] = &[
    "Ashby Trading",
    "Blue Harbor Supply",
    "Crescent Goods",
    "Delta Wholesale",
    "Elm & Sons",
    "Fairfield Imports",
    "Gateway Merchants",
    "Harvest Partners",
    "Island Traders",
    "Keystone Retail",
    "Lantern Group",
    "Meridian Stores",
];

pub(crate) const DEPARTMENTS: &[&str] = &[
    "Automotive",
    "Baby",
    "Beauty",
    "Books",
    "Clothing",
    "Computers",
    "Electronics",
    "Games",
    "Garden",
    "Grocery",
    "Health",
    "Home",
    "Jewelry",
    "Kids",
    "Movies",
    "Music",
    "Outdoors",
    "Shoes",
    "Sports",
    "Tools",
    "Toys",
];

pub(crate) const USER_AGENTS: &[&str] = &[
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
];
