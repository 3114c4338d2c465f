//! The SQL dialect: lexer, parser with spans, syntax tree, unparser, reserved words.
