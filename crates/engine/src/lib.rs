//! The streaming runtime: tasks, operators, exchanges, watermarks, checkpoints, commit, recovery.
