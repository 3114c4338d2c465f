//! Resources and their store, statement life cycle, scheduler, keys, access.
