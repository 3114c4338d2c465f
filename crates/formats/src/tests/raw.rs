//! The raw format.

use nutkin_types::{LogicalType, Value};
use proptest::prelude::*;

use super::support::{Table, decode, fields, not_null_value};
use crate::{DecodedColumn, Decoder, Encoder, FormatConfig};

fn types() -> impl Strategy<Value = LogicalType> {
    prop_oneof![
        Just(LogicalType::Boolean),
        Just(LogicalType::TinyInt),
        Just(LogicalType::SmallInt),
        Just(LogicalType::Int),
        Just(LogicalType::BigInt),
        Just(LogicalType::Float),
        Just(LogicalType::Double),
        Just(LogicalType::STRING),
        Just(LogicalType::BYTES),
    ]
}

proptest! {
    #[test]
    fn a_column_comes_back((logical, values) in types().prop_flat_map(|logical| {
        let value = prop_oneof![1 => Just(Value::Null), 4 => not_null_value(&logical)];
        (Just(logical), prop::collection::vec(value, 1..6))
    })) {
        let columns = fields(&[("key", logical.nullable())]);
        let table = Table { columns, rows: values.into_iter().map(|value| vec![value]).collect() };
        let payloads = table.encode(&FormatConfig::raw());
        prop_assert_eq!(&decode(&FormatConfig::raw(), &table.wanted(), &payloads), &table.rows);
        let whole = [DecodedColumn::whole(table.columns[0].data_type.clone())];
        prop_assert_eq!(&decode(&FormatConfig::raw(), &whole, &payloads), &table.rows);
    }
}

#[test]
fn numbers_are_big_endian() {
    let columns = fields(&[("key", LogicalType::Int.not_null())]);
    let table = Table { columns, rows: vec![vec![Value::Integer(258)]] };
    assert_eq!(table.encode(&FormatConfig::raw()).get(0), Some(&[0u8, 0, 1, 2][..]));
}

#[test]
fn a_number_of_another_length_fails_its_row() {
    let columns = [DecodedColumn::field("key", LogicalType::Int.nullable())];
    let mut decoder = Decoder::new(FormatConfig::raw(), &columns).unwrap();
    let decoded = decoder.decode(&[Some(&[0, 0, 0, 7]), Some(&[1]), None]).unwrap();
    assert_eq!(super::support::rows(&decoded.columns, &columns), [[Value::Integer(7)], [Value::Null], [Value::Null]]);
    assert_eq!(decoded.errors.len(), 1);
    assert_eq!(decoded.errors[0].message, "field 'key' at byte 0: 1 bytes where INT has 4");
}

#[test]
fn two_columns_and_other_types_are_refused() {
    let two = fields(&[("a", LogicalType::Int.nullable()), ("b", LogicalType::Int.nullable())]);
    assert_eq!(Encoder::new(FormatConfig::raw(), &two).unwrap_err().code(), "NUTKIN-3003");
    let date = [DecodedColumn::field("d", LogicalType::Date.nullable())];
    assert_eq!(Decoder::new(FormatConfig::raw(), &date).unwrap_err().code(), "NUTKIN-3001");
}
