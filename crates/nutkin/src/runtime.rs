//! The async runtime of the service and of a pool.

use tokio::runtime::{Builder, Runtime};

use crate::error::{Context, Result};

/// Stack of each thread, in bytes.
///
/// Planner, plan and engine walk trees by recursion. The parser lets a tree be 1000 levels high and the planner a plan 2000,
/// which the usual two MiB do not hold; a stack that overflows ends the process with everybody's statements. Only pages that
/// were touched take memory.
const STACK: usize = 64 << 20;

/// A runtime with one worker per core, whose threads are called `name`.
pub fn start(name: &str) -> Result<Runtime> {
    Builder::new_multi_thread()
        .enable_all()
        .thread_name(name)
        .thread_stack_size(STACK)
        .build()
        .context("the runtime could not be started")
}

/// Runs a command on a thread with a stack of that size: it waits for its runtime there, and starting reads every statement.
pub fn on_large_stack(work: impl FnOnce() -> Result<()> + Send) -> Result<()> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("main".to_owned()).stack_size(STACK).spawn_scoped(scope, work);
        match thread.context("the main thread could not be started")?.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
