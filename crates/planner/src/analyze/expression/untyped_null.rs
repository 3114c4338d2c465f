//! `NULL` as it stands has no type. Some functions give it the type of their parameter; those that Flink has from Calcite
//! do not, and refuse it.

use nutkin_sql::ast::{self, ExprKind, Literal};

use crate::error::{ErrorKind, PlannerError, Result};

/// Functions that refuse `NULL` in every place, recorded from Flink.
const REFUSING: &[&str] = &[
    "ABS",
    "ACOS",
    "ASCII",
    "ASIN",
    "ATAN",
    "ATAN2",
    "BIN",
    "CEIL",
    "CEILING",
    "CHARACTER_LENGTH",
    "CHAR_LENGTH",
    "CHR",
    "CONCAT",
    "CONCAT_WS",
    "CONVERT_TZ",
    "COS",
    "COSH",
    "DATE_FORMAT",
    "DECODE",
    "DEGREES",
    "EXP",
    "FLOOR",
    "FROM_BASE64",
    "FROM_UNIXTIME",
    "HASH_CODE",
    "HEX",
    "IF",
    "INITCAP",
    "INSTR",
    "IS_ALPHA",
    "IS_DECIMAL",
    "IS_DIGIT",
    "LN",
    "LOCATE",
    "LOG",
    "LOG10",
    "LOG2",
    "LOWER",
    "LPAD",
    "LTRIM",
    "MD5",
    "MOD",
    "PARSE_URL",
    "POWER",
    "RADIANS",
    "REGEXP",
    "REGEXP_EXTRACT",
    "REGEXP_REPLACE",
    "REPEAT",
    "REPLACE",
    "REVERSE",
    "ROUND",
    "RPAD",
    "RTRIM",
    "SHA1",
    "SHA2",
    "SHA224",
    "SHA256",
    "SHA384",
    "SHA512",
    "SIGN",
    "SIN",
    "SINH",
    "SPLIT_INDEX",
    "SQRT",
    "STR_TO_MAP",
    "SUBSTRING",
    "TAN",
    "TANH",
    "TO_BASE64",
    "TO_DATE",
    "TO_TIMESTAMP",
    "TRANSLATE",
    "TRUNCATE",
    "TRY_PARSE_JSON",
    "UNIX_TIMESTAMP",
    "UPPER",
];

/// Refuses `arg` of the function `name`, in capitals, where it is a bare NULL that the function gives no type.
pub(super) fn check(name: &str, arg: &ast::Expr) -> Result<()> {
    if !matches!(arg.kind, ExprKind::Literal(Literal::Null)) || !REFUSING.contains(&name) {
        return Ok(());
    }
    Err(PlannerError::new(ErrorKind::Type, "Illegal use of 'NULL'")
        .at(arg.span)
        .with_remedy("Give it a type, as in CAST(NULL AS STRING)."))
}
