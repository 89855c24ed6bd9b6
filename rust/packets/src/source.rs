//! A source read to its end, on the calling thread or with a second one that decodes.
//!
//! The rows and their order are the same either way: the second thread hands over closed
//! minutes in the order in which they were closed.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::batches::{Batches, TableBatch};
use crate::feed::{Feed, SourceError};
use crate::minute::Minute;
use crate::packet::Packet;
use crate::queue::Queue;
use crate::report::Report;
use crate::rows::{PacketRows, Pool};
use crate::rsdos::Attack;

/// Packets that may wait between the threads.
const MOST_WAITING: usize = 1_000_000;
/// A step returns after this time at the latest, so that the caller can be asked to stop.
const PATIENCE: Duration = Duration::from_millis(100);

/// What decoding hands on.
enum Item {
    Minute(Minute),
    Packets(Box<PacketRows>),
    Attacks(Vec<Attack>),
    End(Result<(), SourceError>),
}

/// The account that both threads see.
#[derive(Clone, Debug, Default)]
pub struct Account {
    pub report: Report,
    pub bytes_read: u64,
}

/// Reads a source in steps.
pub struct Reader {
    decoder: Decoder,
    batches: Batches,
    pool: Pool<Packet>,
    account: Arc<Mutex<Account>>,
    ended: bool,
}

enum Decoder {
    Here(Box<Work>),
    Beside { queue: Arc<Queue<Item>>, stop: Arc<AtomicBool>, thread: Option<JoinHandle<()>> },
}

/// Input and what decodes it.
struct Work {
    input: Box<dyn Read + Send>,
    feed: Feed,
    packet_rows: usize,
    account: Arc<Mutex<Account>>,
}

impl Reader {
    /// Begins to read; with `threads` of 2 or more decoding has a thread of its own.
    #[must_use]
    pub fn new(input: Box<dyn Read + Send>, feed: Feed, batches: Batches, threads: usize) -> Self {
        let account = Arc::<Mutex<Account>>::default();
        let pool = feed.stage.pool().clone();
        let packet_rows = batches.target();
        let work = Work { input, feed, packet_rows, account: Arc::clone(&account) };
        let decoder = if threads < 2 { Decoder::Here(Box::new(work)) } else { work.start() };
        Self { decoder, batches, pool, account, ended: false }
    }

    #[must_use]
    pub fn account(&self) -> Account {
        lock(&self.account).clone()
    }

    /// Whether all was read and given out.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended && self.batches.is_empty()
    }

    /// Reads on for a moment and returns a batch, if one is ready.
    ///
    /// # Errors
    ///
    /// The source cannot be read, or is not a capture.
    pub fn step(&mut self) -> Result<Option<TableBatch>, SourceError> {
        if self.ended || !self.batches.is_empty() {
            return Ok(self.batches.pop());
        }
        match &mut self.decoder {
            Decoder::Here(work) => {
                let mut items = Vec::new();
                work.advance(&mut |item| items.push(item));
                items.into_iter().try_for_each(|item| self.take(item))?;
            }
            Decoder::Beside { queue, thread, .. } => {
                let over = thread.as_ref().is_none_or(JoinHandle::is_finished);
                match queue.pop(PATIENCE) {
                    Some(item) => self.take(item)?,
                    // Its last word is the end; without one it was a panic that stopped it.
                    None if over => return Err(io::Error::other("decoding stopped").into()),
                    None => {}
                }
            }
        }
        Ok(self.batches.pop())
    }

    fn take(&mut self, item: Item) -> Result<(), SourceError> {
        match item {
            Item::Minute(minute) => {
                self.batches.add(&minute);
                self.pool.give(minute.packets);
            }
            Item::Packets(rows) => self.batches.add_packets(Some(*rows)),
            Item::Attacks(attacks) => self.batches.add_attacks(attacks),
            Item::End(result) => {
                self.ended = true;
                result?;
                self.batches.flush();
            }
        }
        Ok(())
    }
}

impl Work {
    /// Reads one chunk; false when nothing follows.
    fn advance(&mut self, give: &mut impl FnMut(Item)) -> bool {
        let read = self.read_chunk();
        for minute in self.feed.stage.take_closed() {
            give(Item::Minute(minute));
        }
        let attacks = self.feed.stage.take_attacks();
        if !attacks.is_empty() {
            give(Item::Attacks(attacks));
        }
        let more = matches!(read, Ok(true));
        if !more || self.feed.stage.packets_held() >= self.packet_rows {
            self.feed
                .stage
                .take_packets()
                .into_iter()
                .for_each(|rows| give(Item::Packets(Box::new(rows))));
        }
        let mut account = lock(&self.account);
        account.report.clone_from(self.feed.stage.report());
        account.bytes_read = self.feed.bytes_read();
        drop(account);
        if !more {
            give(Item::End(read.map(|_| ())));
        }
        more
    }

    fn read_chunk(&mut self) -> Result<bool, SourceError> {
        let more = self.feed.read_from(&mut self.input)?;
        if !more {
            self.feed.finish()?;
        }
        Ok(more)
    }

    /// Decodes on a thread of its own.
    fn start(mut self) -> Decoder {
        let queue = Arc::new(Queue::new(MOST_WAITING));
        let stop = Arc::new(AtomicBool::new(false));
        let (theirs, stopped) = (Arc::clone(&queue), Arc::clone(&stop));
        let mut give = move |item: Item| {
            let weight = item.weight();
            theirs.push(item, weight);
        };
        let thread =
            thread::spawn(
                move || {
                    while !stopped.load(Ordering::Relaxed) && self.advance(&mut give) {}
                },
            );
        Decoder::Beside { queue, stop, thread: Some(thread) }
    }
}

impl Item {
    fn weight(&self) -> usize {
        match self {
            Self::Minute(minute) => minute.packets.len(),
            Self::Packets(rows) => rows.len(),
            Self::Attacks(attacks) => attacks.len(),
            Self::End(_) => 0,
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Decoder::Beside { queue, stop, thread } = &mut self.decoder {
            stop.store(true, Ordering::Relaxed);
            queue.close();
            // A panic of the thread has been told on standard error.
            thread.take().map(JoinHandle::join);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
