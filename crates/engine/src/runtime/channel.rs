//! Bounded channels between two subtasks: a few elements and a number of bytes under way.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::runtime::element::Element;

/// Elements under way, whatever their size.
const ELEMENTS: usize = 16;

pub(crate) struct Sender {
    elements: mpsc::Sender<Envelope>,
    bytes: Arc<Semaphore>,
    budget: u32,
}

pub(crate) struct Receiver(mpsc::Receiver<Envelope>);

struct Envelope {
    element: Element,
    /// Given back when the element is taken out.
    _room: Option<OwnedSemaphorePermit>,
}

/// A channel that holds at most `budget` bytes (a larger batch travels alone).
pub(crate) fn channel(budget: usize) -> (Sender, Receiver) {
    let budget = u32::try_from(budget).unwrap_or(u32::MAX).clamp(1, 1 << 30);
    let (elements, received) = mpsc::channel(ELEMENTS);
    (Sender { elements, bytes: Arc::new(Semaphore::new(budget as usize)), budget }, Receiver(received))
}

impl Sender {
    /// Waits for room. When the receiver is gone the element is dropped: the job is ending.
    pub async fn send(&self, element: Element) {
        let room = match &element {
            Element::Batch(batch) => {
                let bytes = u32::try_from(batch.memory_size()).unwrap_or(u32::MAX).clamp(1, self.budget);
                self.bytes.clone().acquire_many_owned(bytes).await.ok()
            }
            _ => None,
        };
        let _ = self.elements.send(Envelope { element, _room: room }).await;
    }
}

impl Receiver {
    /// The next element; None when the sender is gone.
    pub fn poll(&mut self, cx: &mut std::task::Context<'_>) -> std::task::Poll<Option<Element>> {
        self.0.poll_recv(cx).map(|envelope| envelope.map(|envelope| envelope.element))
    }
}
