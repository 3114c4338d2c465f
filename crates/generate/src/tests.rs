//! Tests of the sample data (spec sample-data, S002-043).

mod clock;
mod rows;
