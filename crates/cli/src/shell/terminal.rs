//! The terminal while a result is shown: single keys, size.
//!
//! [`Keys`] takes lines and echo away from the terminal and gives them back when dropped, also when a statement fails.
//! Ctrl-C stays a signal. A thread waits for keys with a time limit, so that it never takes what is typed at the next prompt.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::sync::mpsc;

/// How long the thread waits before it looks whether it should end.
const WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Keys as they are pressed.
pub struct Keys {
    original: Termios,
    pressed: mpsc::UnboundedReceiver<u8>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Keys {
    /// Listens, when standard input is a terminal.
    pub fn listen() -> Option<Keys> {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return None;
        }
        let original = tcgetattr(&stdin).ok()?;
        let mut single = original.clone();
        single.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(&stdin, OptionalActions::Now, &single).ok()?;
        let (sender, pressed) = mpsc::unbounded_channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || read_keys(&sender, &stopped));
        Some(Keys { original, pressed, stop, thread: Some(thread) })
    }

    /// The next key. Waits for ever where nobody can press one.
    pub async fn next(keys: &mut Option<Keys>) -> u8 {
        if let Some(keys) = keys
            && let Some(key) = keys.pressed.recv().await
        {
            return key;
        }
        std::future::pending().await
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.original);
    }
}

fn read_keys(sender: &mpsc::UnboundedSender<u8>, stop: &AtomicBool) {
    let stdin = std::io::stdin();
    while !stop.load(Ordering::Relaxed) {
        let mut waited = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut waited, Some(&WAIT)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(_) => return,
        }
        let mut buffer = [0; 64];
        match rustix::io::read(&stdin, &mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(count) => {
                for &key in &buffer[..count] {
                    let _ = sender.send(key);
                }
            }
        }
    }
}

/// Columns and lines of the terminal; a usual size where it does not say.
pub fn size() -> (usize, usize) {
    match tcgetwinsize(std::io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (usize::from(size.ws_col), usize::from(size.ws_row)),
        _ => (80, 24),
    }
}
