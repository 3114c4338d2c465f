//! average
