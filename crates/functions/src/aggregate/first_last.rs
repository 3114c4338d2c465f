//! first_last
