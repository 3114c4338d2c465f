//! [`Gate`]: the exchange inputs of one subtask, with barrier alignment.
//!
//! A channel whose barrier has come is not read until every other input has seen the barrier too, so that a checkpoint
//! never holds effects of rows behind it.

use std::task::Poll;

use crate::runtime::channel::Receiver;
use crate::runtime::element::Element;

pub(crate) struct Gate {
    channels: Vec<Channel>,
    next: usize,
}

struct Channel {
    receiver: Receiver,
    /// Holds a barrier that the others have not seen yet.
    blocked: bool,
    closed: bool,
}

impl Gate {
    pub fn new(receivers: Vec<Receiver>) -> Gate {
        let channels = receivers.into_iter().map(|receiver| Channel { receiver, blocked: false, closed: false });
        Gate { channels: channels.collect(), next: 0 }
    }

    pub fn len(&self) -> usize {
        self.channels.len()
    }

    /// The next element and its channel, in turn over the channels that have one. Never ends: when every sender is gone the
    /// job is being torn down.
    pub async fn next(&mut self) -> (usize, Element) {
        std::future::poll_fn(|cx| {
            let count = self.channels.len();
            for step in 0..count {
                let index = (self.next + step) % count;
                let channel = &mut self.channels[index];
                if channel.blocked || channel.closed {
                    continue;
                }
                match channel.receiver.poll(cx) {
                    Poll::Ready(Some(element)) => {
                        self.next = (index + 1) % count;
                        return Poll::Ready((index, element));
                    }
                    Poll::Ready(None) => channel.closed = true,
                    Poll::Pending => {}
                }
            }
            Poll::Pending
        })
        .await
    }

    pub fn block(&mut self, channel: usize) {
        if let Some(channel) = self.channels.get_mut(channel) {
            channel.blocked = true;
        }
    }

    pub fn unblock_all(&mut self) {
        self.channels.iter_mut().for_each(|channel| channel.blocked = false);
    }
}
