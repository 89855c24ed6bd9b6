//! The store: the log on disk and the state in memory, one who writes and many who read.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use crate::hash::HashKey;
use crate::log::{self, Files, OBSERVATION, RETRACTION, Tail};
use crate::snapshot;
use crate::state::State;
use crate::wire::{self, View, WireError};

/// Observations entered before readers get a turn.
const TURN: usize = 32;
/// A log file is followed by another at this length.
const FULL: u64 = 256 << 20;

/// Why something was not done.
#[derive(Debug)]
pub enum StoreError {
    Io(io::Error),
    /// The batch is no array of observations; nothing of it was added.
    Wire(WireError),
    /// A marking that is not known, a payload that is too long, or no room in the arrays.
    Unfit,
    /// Another process writes here.
    Locked,
    /// Opened to read only.
    ReadOnly,
    /// A record in the middle of the log is not what was written.
    Damaged {
        file: u32,
        offset: u64,
    },
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<WireError> for StoreError {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

/// What became of a batch.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Added {
    pub new: usize,
    /// Said before, word for word.
    pub duplicates: usize,
    /// The identifier was used before for something else; the first is kept.
    pub conflicts: usize,
    /// Artifacts of the new ones, each once, and whether it was never met before.
    pub touched: Vec<(u32, bool)>,
}

/// Where the log was read to, and what was cut off behind it.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct End {
    pub file: u32,
    pub offset: u64,
    pub torn: u64,
}

/// An open store.
pub struct Store {
    pub files: Files,
    state: RwLock<State>,
    writer: Mutex<Option<Writer>>,
    end: Mutex<End>,
}

struct Writer {
    tail: Tail,
    full: u64,
    _lock: File,
}

impl Store {
    /// Open the store in a folder that exists, with the words of markings from free to
    /// closed. One process at a time writes.
    ///
    /// # Errors
    /// Somebody else writes there, the disk fails, or the log is damaged.
    pub fn open(folder: &Path, markings: &[String], read_only: bool) -> Result<Self, StoreError> {
        Self::open_with(folder, markings, read_only, u64::MAX, FULL)
    }

    /// As `open`; only `bits` of hashes count, and log files are `full` bytes long.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_with(
        folder: &Path,
        markings: &[String],
        read_only: bool,
        bits: u64,
        full: u64,
    ) -> Result<Self, StoreError> {
        let lock = if read_only { None } else { Some(claim(folder)?) };
        let store = Self {
            files: Files::new(folder),
            state: RwLock::new(State::new(markings, HashKey::random(), bits)),
            writer: Mutex::new(None),
            end: Mutex::new(End { file: 1, offset: 0, torn: 0 }),
        };
        store.recall(folder, markings, bits)?;
        store.replay()?;
        if let Some(lock) = lock {
            let end = store.end();
            let tail = Tail::open(&store.files, end.file, end.offset)?;
            *guard(&store.writer) = Some(Writer { tail, full, _lock: lock });
        }
        Ok(store)
    }

    /// Begin with the snapshot, where there is a whole one.
    fn recall(&self, folder: &Path, markings: &[String], bits: u64) -> Result<(), StoreError> {
        let Ok(bytes) = std::fs::read(folder.join(snapshot::NAME)) else { return Ok(()) };
        let Some((state, (file, offset))) = snapshot::read(&bytes, markings, bits) else {
            return Ok(());
        };
        // The log was on disk before the snapshot was: it is not shorter unless it is damaged.
        let length = std::fs::metadata(self.files.path(file)).map_or(0, |found| found.len());
        if length < offset {
            return Err(StoreError::Damaged { file, offset: length });
        }
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
        *guard(&self.end) = End { file, offset, torn: 0 };
        Ok(())
    }

    /// Write the arrays down, so that the next start need not read the log up to here.
    ///
    /// # Errors
    /// The store is read only, or the disk fails; a snapshot before stays.
    pub fn snapshot(&self) -> Result<(), StoreError> {
        let writer = guard(&self.writer);
        let tail = &writer.as_ref().ok_or(StoreError::ReadOnly)?.tail;
        let held = (tail.number, tail.length);
        Ok(snapshot::write(self.files.folder(), &self.state(), held)?)
    }

    /// Let go of the log and of the right to write.
    pub fn close(&self) {
        *guard(&self.writer) = None;
    }

    /// The state, to be asked.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the log was read to when it was opened or followed.
    pub fn end(&self) -> End {
        *guard(&self.end)
    }

    /// Read what the log holds behind the known end; the number of records.
    ///
    /// # Errors
    /// The log cannot be read, or a record before its end is not what was written.
    pub fn replay(&self) -> Result<usize, StoreError> {
        let mut end = self.end();
        let mut records = 0;
        let numbers = self.files.numbers()?;
        for number in numbers.iter().copied() {
            if number < end.file {
                continue;
            }
            let from = if number == end.file { end.offset } else { 0 };
            let bytes = self.files.bytes(number, from as usize)?;
            let (whole, count) = self.replay_file(&bytes, number, from)?;
            records += count;
            end = End {
                file: number,
                offset: from + whole as u64,
                torn: (bytes.len() - whole) as u64,
            };
            if end.torn > 0 && numbers.last() != Some(&number) {
                return Err(StoreError::Damaged { file: number, offset: end.offset });
            }
        }
        *guard(&self.end) = end;
        Ok(records)
    }

    fn replay_file(
        &self,
        bytes: &[u8],
        number: u32,
        from: u64,
    ) -> Result<(usize, usize), StoreError> {
        let (mut at, mut count) = (0, 0);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        while let Some(record) = log::record(bytes, at) {
            let offset = from + at as u64;
            let damaged = StoreError::Damaged { file: number, offset };
            self.enter(&mut state, &record, u64::from(number) << 32 | offset).ok_or(damaged)?;
            at = record.end;
            count += 1;
        }
        Ok((at, count))
    }

    /// Enter a record of the log; none: it is not one that this store writes.
    fn enter(&self, state: &mut State, record: &log::Record<'_>, place: u64) -> Option<()> {
        match record.kind {
            OBSERVATION => {
                let view = View::read(record.payload).ok()?;
                state.add(&view, place, &mut Vec::new()).map(|_| ())
            }
            RETRACTION => {
                for id in wire::texts(record.payload).ok()? {
                    self.forget(state, id);
                }
                Some(())
            }
            _ => None,
        }
    }

    fn forget(&self, state: &mut State, id: &str) -> Option<Vec<u32>> {
        let number = state.observation(id, |place| self.is(place, id))?;
        Some(state.take_back(number))
    }

    /// Whether the record at ``place`` is of that observation.
    fn is(&self, place: u64, id: &str) -> bool {
        let payload = self.files.payload(place).ok().flatten();
        payload.is_some_and(|bytes| View::read(&bytes).is_ok_and(|view| view.id == id))
    }

    /// Add a MessagePack array of observations; they outlast a crash when this returns.
    ///
    /// # Errors
    /// Nothing was added: it is no batch, the store is read only, or the disk fails.
    pub fn add(&self, batch: &[u8]) -> Result<Added, StoreError> {
        let payloads = wire::elements(batch)?;
        let views = payloads.iter().map(|payload| View::read(payload));
        let views = views.collect::<Result<Vec<_>, _>>()?;
        let mut writer = guard(&self.writer);
        let writer = writer.as_mut().ok_or(StoreError::ReadOnly)?;
        let mut added = Added::default();
        let fresh = self.sift(&views, &mut added)?;
        writer.make_room(&self.files)?;
        let (records, places) = frame(&fresh, &payloads, &writer.tail)?;
        if !fresh.is_empty() {
            writer.tail.append(&records)?;
        }
        self.enter_all(&views, &fresh, &places, &mut added)?;
        added.touched.sort_unstable_by_key(|(number, new)| (*number, !*new));
        added.touched.dedup_by_key(|(number, _)| *number);
        added.new = fresh.len();
        Ok(added)
    }

    /// Positions of the observations that are not there yet.
    fn sift(&self, views: &[View<'_>], added: &mut Added) -> Result<Vec<usize>, StoreError> {
        let state = self.state();
        let mut pending: HashMap<&str, usize> = HashMap::new();
        let mut fresh = Vec::with_capacity(views.len());
        for (position, view) in views.iter().enumerate() {
            if !state.fits(view) {
                return Err(StoreError::Unfit);
            }
            let same = match pending.get(view.id) {
                Some(&earlier) => Some(views[earlier] == *view),
                None => self.said(&state, view)?,
            };
            match same {
                None => {
                    pending.insert(view.id, position);
                    fresh.push(position);
                }
                Some(true) => added.duplicates += 1,
                Some(false) => added.conflicts += 1,
            }
        }
        Ok(fresh)
    }

    /// Whether what stands under its identifier is the same; none: nothing does.
    fn said(&self, state: &State, view: &View<'_>) -> Result<Option<bool>, StoreError> {
        let Some(number) = state.observation(view.id, |place| self.is(place, view.id)) else {
            return Ok(None);
        };
        let payload = self.files.payload(state.place(number))?;
        Ok(payload.map(|bytes| View::read(&bytes).is_ok_and(|found| found == *view)))
    }

    fn enter_all(
        &self,
        views: &[View<'_>],
        fresh: &[usize],
        places: &[u64],
        added: &mut Added,
    ) -> Result<(), StoreError> {
        for (positions, places) in fresh.chunks(TURN).zip(places.chunks(TURN)) {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            for (position, place) in positions.iter().zip(places) {
                let entered = state.add(&views[*position], *place, &mut added.touched);
                entered.ok_or(StoreError::Unfit)?;
            }
        }
        Ok(())
    }

    /// Sources took back what they said: how many that stood, and their artifacts.
    ///
    /// # Errors
    /// Nothing was taken back: the store is read only, or the disk fails.
    pub fn retract(&self, ids: &[String]) -> Result<(usize, Vec<u32>), StoreError> {
        let mut writer = guard(&self.writer);
        let writer = writer.as_mut().ok_or(StoreError::ReadOnly)?;
        let known: Vec<&str> = {
            let state = self.state();
            let stands = |id: &&str| state.observation(id, |place| self.is(place, id)).is_some();
            ids.iter().map(String::as_str).filter(stands).collect()
        };
        if known.is_empty() {
            return Ok((0, Vec::new()));
        }
        let mut payload = wire::Writer::default();
        payload.texts(known.iter().copied());
        let mut record = Vec::new();
        log::write_record(&mut record, RETRACTION, &payload.bytes);
        writer.make_room(&self.files)?;
        writer.tail.append(&record)?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<Vec<u32>> =
            known.iter().filter_map(|id| self.forget(&mut state, id)).collect();
        let mut touched = gone.concat();
        touched.sort_unstable();
        touched.dedup();
        Ok((gone.len(), touched))
    }

    /// Go on in another log file, so that those before it change no more; their numbers.
    ///
    /// # Errors
    /// The store is read only, or the disk fails.
    pub fn seal(&self) -> Result<Vec<u32>, StoreError> {
        let mut writer = guard(&self.writer);
        let writer = writer.as_mut().ok_or(StoreError::ReadOnly)?;
        if writer.tail.length > 0 {
            writer.tail = Tail::open(&self.files, writer.tail.number + 1, 0)?;
        }
        let mut sealed = self.files.numbers()?;
        sealed.retain(|number| *number < writer.tail.number);
        Ok(sealed)
    }

    /// The payload of the standing observation with that identifier.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn payload(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let state = self.state();
        match state.observation(id, |place| self.is(place, id)) {
            Some(number) => Ok(self.files.payload(state.place(number))?),
            None => Ok(None),
        }
    }
}

impl Writer {
    /// Begin another file when this one is full.
    fn make_room(&mut self, files: &Files) -> Result<(), StoreError> {
        if self.tail.length >= self.full {
            self.tail = Tail::open(files, self.tail.number + 1, 0)?;
        }
        Ok(())
    }
}

/// Records of the fresh ones, and the place of each.
fn frame(
    fresh: &[usize],
    payloads: &[&[u8]],
    tail: &Tail,
) -> Result<(Vec<u8>, Vec<u64>), StoreError> {
    let mut records = Vec::new();
    let mut places = Vec::with_capacity(fresh.len());
    for &position in fresh {
        let payload = payloads[position];
        if payload.len() > log::LONGEST {
            return Err(StoreError::Unfit);
        }
        let offset = u32::try_from(tail.length + records.len() as u64);
        let offset = offset.map_err(|_| StoreError::Unfit)?;
        places.push(u64::from(tail.number) << 32 | u64::from(offset));
        log::write_record(&mut records, OBSERVATION, payload);
    }
    Ok((records, places))
}

/// The right to write, held until the file is closed however the process ends.
fn claim(folder: &Path) -> Result<File, StoreError> {
    let file =
        File::options().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Locked),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
