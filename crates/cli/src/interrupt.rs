//! [`Interrupt`]: Ctrl-C as something to wait for.

use tokio::sync::watch;

/// Interrupts since the process began. Once installed, Ctrl-C no longer ends the process.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<u64>);

impl Interrupt {
    /// Listens to Ctrl-C from now on. Must be called on a runtime.
    pub fn install() -> Interrupt {
        let (sender, receiver) = watch::channel(0);
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                sender.send_modify(|count| *count += 1);
            }
        });
        Interrupt(receiver)
    }

    /// One that another part of the program raises.
    #[cfg(test)]
    pub fn manual() -> (watch::Sender<u64>, Interrupt) {
        let (sender, receiver) = watch::channel(0);
        (sender, Interrupt(receiver))
    }

    /// Forgets what has been pressed so far.
    pub fn clear(&mut self) {
        self.0.borrow_and_update();
    }

    /// Ends at the next Ctrl-C, at once when one was not waited for yet.
    pub async fn wait(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
