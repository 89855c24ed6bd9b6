//! A queue between two threads, bounded by the weight of what waits in it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// First in, first out. Something heavier than the bound may enter when nothing waits.
pub struct Queue<T> {
    bound: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    items: VecDeque<(T, usize)>,
    weight: usize,
    closed: bool,
}

impl<T> Queue<T> {
    pub fn new(bound: usize) -> Self {
        let state = State { items: VecDeque::new(), weight: 0, closed: false };
        Self { bound, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for room; what is pushed into a closed queue is dropped.
    pub fn push(&self, item: T, weight: usize) {
        let full = |state: &mut State<T>| {
            !state.closed && !state.items.is_empty() && state.weight + weight > self.bound
        };
        let waited = self.changed.wait_while(self.lock(), full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if !state.closed {
            state.weight += weight;
            state.items.push_back((item, weight));
            self.changed.notify_all();
        }
    }

    /// The next item, or `None` when none came in time.
    pub fn pop(&self, patience: Duration) -> Option<T> {
        let empty = |state: &mut State<T>| state.items.is_empty();
        let waited = self.changed.wait_timeout_while(self.lock(), patience, empty);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        let (item, weight) = state.items.pop_front()?;
        state.weight -= weight;
        self.changed.notify_all();
        Some(item)
    }

    /// Lets nobody wait any more.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }
}
