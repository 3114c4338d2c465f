//! Decimal arithmetic.
