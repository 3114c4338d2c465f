//! What the names of slots ask for.

use nutkin_types::data_type::TypeFamily as F;

/// What may stand in a slot.
#[derive(Debug, Clone, Copy)]
pub enum Wanted {
    /// An expression of one of these families.
    Families(&'static [F]),
    /// A text, mostly one of these.
    Words(&'static [&'static str]),
    /// One of these numbers.
    Numbers(&'static [&'static str]),
    /// Words of the syntax.
    Keyword(&'static [&'static str]),
    /// Any expression, mostly of the type of its brothers.
    Any,
    /// Mostly an element of the array before it.
    Element,
}

pub const ALL: &[F] = &[
    F::Boolean,
    F::ExactInteger,
    F::Decimal,
    F::Approximate,
    F::CharacterString,
    F::BinaryString,
    F::Date,
    F::Time,
    F::Timestamp,
    F::TimestampLtz,
    F::IntervalYearMonth,
    F::IntervalDayTime,
    F::Array,
    F::Map,
    F::Row,
];

const UNITS: &[&str] = &[
    "YEAR",
    "QUARTER",
    "MONTH",
    "WEEK",
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "MILLISECOND",
    "MICROSECOND",
    "NANOSECOND",
    "DOY",
    "DOW",
    "ISODOW",
    "ISOYEAR",
    "EPOCH",
    "DECADE",
    "CENTURY",
    "MILLENNIUM",
];
/// Types of CAST and of RETURNING.
pub const TYPES: &[&str] = &[
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "INT",
    "BIGINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL(10, 2)",
    "DECIMAL(5, 0)",
    "DECIMAL(38, 18)",
    "STRING",
    "CHAR(4)",
    "VARCHAR(3)",
    "BYTES",
    "BINARY(2)",
    "DATE",
    "TIME",
    "TIMESTAMP(0)",
    "TIMESTAMP(3)",
    "TIMESTAMP(9)",
    "TIMESTAMP_LTZ(3)",
    "ARRAY<STRING>",
    "ARRAY<BIGINT>",
    "MAP<STRING, STRING>",
    "ROW<a STRING, b STRING>",
];

/// Of the slot `name` of `function`.
pub fn wanted(function: &str, name: &str) -> Wanted {
    use Wanted::*;
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit());
    match (function, plain) {
        ("OVERLAPS", _) | (_, "temporal" | "timepoint" | "date" | "timestamp") => {
            Families(&[F::Timestamp, F::Date, F::TimestampLtz, F::Time])
        }
        (_, "unit") => Keyword(UNITS),
        (_, "type") => Keyword(TYPES),
        ("PRINTF", "format") => Words(&["%d", "%s", "%5.2f|", "%-6s|%x", "%05d %s", "%,d", "100%%"]),
        (_, "format") => Words(&[
            "yyyy-MM-dd",
            "yyyy-MM-dd HH:mm:ss",
            "yyyy-MM-dd HH:mm:ss.SSS",
            "dd/MM/yyyy",
            "HH:mm",
            "EEE, d MMM yyyy",
        ]),
        (_, "regex") => Words(&["a", "[a-z]+", "(\\w)(\\w*)", "\\d+", "^.*$", "o|l", "", "(a)|(b)", "[^,]+"]),
        ("SIMILAR TO", "pattern") => Words(&["%", "a%", "_b_", "(a|b)%", "[a-c]+", "%l{2}%"]),
        (_, "pattern") => Words(&["%", "a%", "%b_", "_", "%l%o", "", "100\\%%", "%,%"]),
        (_, "char") => Words(&["\\", "!", "l"]),
        (_, "url") => Words(&["http://user@example.com:8080/p/a.html?k=v&q=1#ref", "https://a.b/?x=%20y", "no url"]),
        (_, "part") => Words(&["HOST", "PATH", "QUERY", "REF", "PROTOCOL", "FILE", "AUTHORITY", "USERINFO"]),
        (_, "charset") => Words(&["UTF-8", "US-ASCII", "UTF-16BE", "ISO-8859-1"]),
        (_, "from_zone" | "to_zone" | "timezone") => {
            Words(&["UTC", "America/Los_Angeles", "Asia/Kolkata", "Europe/Berlin"])
        }
        (_, "json") => Words(&[
            "{\"a\": 1, \"b\": [1, 2.50, \"x\", null]}",
            "[1, {\"a\": true}]",
            "{\"a\": {\"b\": \"c\"}}",
            "7",
            "no json",
        ]),
        (_, "path") => Words(&["$.a", "lax $.b[0]", "strict $.c", "$", "$[1].a", "$.b[*]", "lax $.a.b"]),
        // A text of two billion characters is too much for both.
        ("REPEAT" | "LPAD" | "RPAD", "int" | "length") | (_, "precision") => Numbers(&["0", "3", "-1", "7"]),
        (_, "percentage") => Numbers(&["0.5", "0", "1", "0.25", "0.9"]),
        (_, "frequency") => Numbers(&["1", "2"]),
        ("PERCENTILE" | "AVG", "value") => Families(&[F::ExactInteger, F::Approximate, F::Decimal]),
        (_, "separator") => Words(&[",", "; ", ""]),
        (_, "boolean" | "condition" | "ascending" | "null_first" | "force_serializable") => Families(&[F::Boolean]),
        (_, "array" | "keys" | "values") => Families(&[F::Array]),
        (_, "map") => Families(&[F::Map]),
        (_, "binary") => Families(&[F::BinaryString]),
        (
            _,
            "int" | "integer" | "start" | "end" | "length" | "index" | "count" | "digits" | "nth" | "group" | "bits",
        ) => Families(&[F::ExactInteger]),
        (_, "numeric" | "seconds" | "base" | "x" | "y") => Families(&[F::ExactInteger, F::Approximate, F::Decimal]),
        (_, "value" | "input" | "replacement" | "true_value" | "false_value")
            if function != "REPLACE" && function != "REGEXP_REPLACE" && function != "OVERLAY" =>
        {
            if function.starts_with("ARRAY_") { Element } else { Any }
        }
        (_, "element") => Element,
        ("MAP" | "ITEM" | "JSON_OBJECT", "key") => Families(&[F::CharacterString, F::ExactInteger]),
        _ => Families(&[F::CharacterString]),
    }
}
