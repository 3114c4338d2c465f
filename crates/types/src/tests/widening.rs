use crate::cast::{common_type, supports_explicit_cast, supports_implicit_cast};
use crate::{DataType, LogicalType as T};

#[test]
fn numeric_operands_widen_as_in_flink() {
    let decimal = |precision, scale| T::Decimal { precision, scale };
    let cases = [
        (T::Int, T::BigInt, T::BigInt),
        (T::Int, decimal(5, 2), decimal(12, 2)),
        (T::BigInt, decimal(38, 10), decimal(38, 10)),
        (T::Float, T::Int, T::Float),
        (T::Float, decimal(5, 2), T::Double),
        (T::TinyInt, T::Double, T::Double),
    ];
    for (a, b, expected) in cases {
        assert_eq!(
            common_type(&a.clone().not_null(), &b.clone().not_null()),
            Some(expected.not_null()),
            "{a} with {b}"
        );
    }
}

#[test]
fn null_takes_the_other_type_and_makes_it_nullable() {
    let null = T::Null.nullable();
    assert_eq!(common_type(&null, &T::Int.not_null()), Some(T::Int.nullable()));
    assert_eq!(common_type(&DataType::string(), &T::Int.nullable()), None);
}

#[test]
fn casts() {
    assert!(supports_explicit_cast(&T::STRING, &T::Date));
    assert!(!supports_explicit_cast(&T::Boolean, &T::Date));
    assert!(!supports_explicit_cast(&T::BYTES, &T::Int));
    assert!(supports_implicit_cast(&T::Int, &T::BigInt));
    assert!(!supports_implicit_cast(&T::BigInt, &T::Int));
}

#[test]
fn types_print_as_flink_prints_them() {
    let row = T::row([("a", T::Int.not_null()), ("b`c", DataType::string())]);
    assert_eq!(row.not_null().to_string(), "ROW<`a` INT NOT NULL, `b``c` VARCHAR(2147483647)> NOT NULL");
    assert_eq!(
        T::map(DataType::string(), T::Decimal { precision: 10, scale: 2 }.nullable()).to_string(),
        "MAP<VARCHAR(2147483647), DECIMAL(10, 2)>"
    );
}
