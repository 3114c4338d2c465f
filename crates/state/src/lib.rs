//! Keyed state, checkpoints as files, restore by key-group range.
