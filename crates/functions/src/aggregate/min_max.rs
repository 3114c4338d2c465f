//! min_max
