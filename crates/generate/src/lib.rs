//! Rows of examples.marketplace: a pure function of seed, table and row number.
