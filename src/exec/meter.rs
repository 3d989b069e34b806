//! The limits of one statement from the moment it begins: time, cancellation, memory.
//!
//! ```text
//!   Allowance ── one a statement: until when, how much, what is asked for, what is held
//!      ├─ Meter ── one a thread: polled by every loop that can run long ([`Meter::step`])
//!      └─ Reservation ── bytes that were asked for, given back when it goes
//! ```
//!
//! Memory is known in two ways, and either may refuse. What is about to be taken and is large (a list, a block that doubles, a
//! text) is asked for before; what has been taken is measured by the allocator's own counts ([`crate::memory`]), whatever it
//! was taken for: text, parameters, rows, what is written. Each thread reads its own counts and tells the allowance.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::context::Limits;
use crate::error::{Class, Code, Error, Phase, Result};
use crate::function::Budget;
use crate::memory;
use crate::value::Value;

/// Loops ask the clock once in so many steps.
const STEPS_PER_LOOK: u32 = 1024;

/// What stands between two askings of work that cannot fail is some microseconds long.
const STEPS_PER_ASKING: usize = 16;

/// A thread tells the others what it holds when that has changed by so many bytes.
const TOLD: i64 = 64 << 10;

/// A statement that has held so much, or has been refused more, gives what it leaves back to the system at once. What others
/// leave the next one takes, which costs less than pages that are new.
const LARGE: i64 = 256 << 20;

/// Less than this is not given back by itself.
const LITTLE: i64 = 4 << 20;

/// What one statement may still use, wherever it runs. Passed around for each statement, so a copy is one count.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    begun: Instant,
    deadline: Option<Instant>,
    /// Most rows it may answer.
    pub(super) rows: Option<u64>,
    of: Arc<Shared>,
}

/// What all who draw on one allowance share.
#[derive(Debug)]
struct Shared {
    limits: Limits,
    memory: Memory,
}

#[derive(Debug)]
struct Memory {
    limit: usize,
    /// Bytes asked for and not given back.
    asked: AtomicUsize,
    /// Bytes held as measured, as far as threads have told.
    held: AtomicI64,
    /// The most that was ever told.
    most: AtomicI64,
    /// What was held when what is free was last given back.
    given_back: AtomicI64,
    /// Whether more was wanted than there may be.
    refused: AtomicBool,
}

impl Allowance {
    /// Of a statement that begins now.
    pub(crate) fn of(limits: &Limits) -> Self {
        let (limit, zero) = (limits.memory.unwrap_or(usize::MAX), AtomicI64::default);
        let asked = AtomicUsize::default();
        let (held, most, given_back) = (zero(), zero(), zero());
        let memory = Memory { limit, asked, held, most, given_back, refused: AtomicBool::default() };
        let begun = Instant::now();
        let deadline = limits.time.and_then(|time| begun.checked_add(time));
        Self { begun, deadline, rows: limits.rows, of: Arc::new(Shared { limits: limits.clone(), memory }) }
    }

    /// When the statement began.
    pub(crate) fn begun(&self) -> Instant {
        self.begun
    }

    /// The bounds it was given.
    pub(crate) fn limits(&self) -> &Limits {
        &self.of.limits
    }

    /// The same memory, with all the time again: of the next of several statements that are asked as one.
    #[cfg(feature = "cli")]
    pub(crate) fn again(&self) -> Self {
        let begun = Instant::now();
        let deadline = self.limits().time.and_then(|time| begun.checked_add(time));
        Self { begun, deadline, ..self.clone() }
    }

    /// The same for what does not answer anybody, such as a query within it: any number of rows.
    pub(crate) fn of_any_rows(&self) -> Self {
        Self { rows: None, ..self.clone() }
    }

    /// The meter of the thread that calls: what it takes from now on is the statement's.
    pub(crate) fn meter(&self) -> Meter {
        Meter { of: self.clone(), unwanted: None, steps: Cell::new(0), told: Cell::new(memory::held()) }
    }

    /// How long something may be waited for that may take `most`; nothing is left when the time is up.
    pub(crate) fn wait(&self, most: Duration) -> Duration {
        self.left().map_or(most, |left| most.min(left))
    }

    /// What is left of the time it was given; nothing when it may take any.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.deadline.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Whether the time is up. Errors: `LimitExceeded / Time`, `Cancelled`.
    pub(crate) fn look(&self) -> Result<()> {
        unless_stopped(self.limits().cancel.as_ref())?;
        match (self.deadline, self.limits().time) {
            (Some(deadline), Some(time)) if Instant::now() >= deadline => {
                let message = format!("the statement ran longer than its limit of {time:?}");
                Err(Error::limit(Code::Time, message).hint("narrow the query, or raise the time limit"))
            }
            _ => Ok(()),
        }
    }
}

impl Memory {
    /// A statement that grows leaves behind what it grew out of. The allocator may keep that for the next block, but it is in
    /// memory all the same: so it is given back each time the statement holds an eighth of its limit more than ever before.
    fn grown(&self, held: i64) {
        let eighth = i64::try_from(self.limit / 8).unwrap_or(i64::MAX).max(LITTLE);
        let before = self.given_back.load(Ordering::Relaxed);
        if held.saturating_sub(before) >= eighth
            && self.given_back.compare_exchange(before, held, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            memory::give_back();
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if *self.refused.get_mut() || *self.most.get_mut() >= LARGE {
            memory::give_back();
        }
    }
}

/// Steps that it may take to read a value whole: to compare, hash, copy or print it.
#[inline]
pub(crate) fn reading(value: &Value) -> usize {
    const BYTES_PER_STEP: usize = 256;
    value.heap_bytes() / BYTES_PER_STEP
}

/// Errors: `Cancelled`, where the flag is set.
fn unless_stopped(flag: Option<&Arc<AtomicBool>>) -> Result<()> {
    match flag {
        Some(flag) if flag.load(Ordering::Relaxed) => {
            Err(Error::new(Class::Cancelled, Phase::Runtime, Code::Cancelled, "the statement was stopped"))
        }
        _ => Ok(()),
    }
}

/// An allowance as one thread draws on it.
#[derive(Debug)]
pub(crate) struct Meter {
    of: Allowance,
    /// Set when nobody wants the answer any more.
    unwanted: Option<Arc<AtomicBool>>,
    steps: Cell<u32>,
    /// What this thread held when it last told the allowance.
    told: Cell<i64>,
}

impl Meter {
    /// From now on this stops the statement, too.
    pub(crate) fn stopped_by(&mut self, unwanted: Arc<AtomicBool>) {
        self.unwanted = Some(unwanted);
    }

    /// Counts `steps` of work. Errors: `LimitExceeded / Time` and `Memory`, `Cancelled`.
    #[inline]
    pub(crate) fn step(&self, steps: usize) -> Result<()> {
        let total = self.steps.get().saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
        if total < STEPS_PER_LOOK {
            self.steps.set(total);
            return Ok(());
        }
        self.steps.set(0);
        self.look()
    }

    /// Does work that cannot fail and asks now and then whether it is to end, each time after
    /// as much as [`STEPS_PER_ASKING`] steps. Errors: as [`Self::step`], when it was told to.
    pub(crate) fn interruptible<T>(&self, work: impl FnOnce(&dyn Fn() -> bool) -> T) -> Result<T> {
        let failed = RefCell::new(None);
        let done = work(&|| match self.step(STEPS_PER_ASKING) {
            Ok(()) => false,
            Err(error) => {
                *failed.borrow_mut() = Some(error);
                true
            }
        });
        match failed.into_inner() {
            Some(error) => Err(error),
            None => Ok(done),
        }
    }

    /// Asks the clock, the caller and the allocator at once.
    pub(crate) fn look(&self) -> Result<()> {
        unless_stopped(self.unwanted.as_ref())?;
        self.of.look()?;
        self.weigh(0)
    }

    /// What is asked of a plan before its first row: the caller and the allocator. The clock is asked by whatever takes long.
    pub(crate) fn begin(&self) -> Result<()> {
        unless_stopped(self.unwanted.as_ref())?;
        unless_stopped(self.limits().cancel.as_ref())?;
        self.weigh(0)
    }

    /// Whether what is held, as measured, and `more` are within the limit. Errors: `LimitExceeded / Memory`.
    #[inline]
    pub(crate) fn weigh(&self, more: usize) -> Result<()> {
        let changed = memory::held() - self.told.get();
        let memory = self.memory();
        let held = match changed.abs() < TOLD {
            true => memory.held.load(Ordering::Relaxed) + changed,
            false => self.tell(),
        };
        match usize::try_from(held).unwrap_or(0).saturating_add(more) > memory.limit {
            true => Err(memory.too_much()),
            false => Ok(()),
        }
    }

    /// Tells the allowance what this thread holds; gives what all hold.
    fn tell(&self) -> i64 {
        let now = memory::held();
        let changed = now - self.told.replace(now);
        let memory = self.memory();
        let held = memory.held.fetch_add(changed, Ordering::Relaxed) + changed;
        memory.most.fetch_max(held, Ordering::Relaxed);
        memory.grown(held);
        held
    }

    /// What was made has been handed to somebody who may keep it as long as he likes: it counts no more. What the statement
    /// has asked for it still holds.
    pub(crate) fn handed_over(&self) {
        self.tell();
        let memory = self.memory();
        let asked = i64::try_from(memory.asked.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        memory.held.fetch_min(asked, Ordering::Relaxed);
    }

    /// Whether `bytes` more, beside what was asked for, could be held. Errors: `LimitExceeded / Memory`.
    #[inline]
    pub(crate) fn fits(&self, bytes: usize) -> Result<()> {
        self.has_room(bytes)?;
        self.weigh(0)
    }

    #[inline]
    fn has_room(&self, bytes: usize) -> Result<()> {
        let memory = self.memory();
        match memory.asked.load(Ordering::Relaxed).saturating_add(bytes) > memory.limit {
            true => Err(memory.too_much()),
            false => Ok(()),
        }
    }

    /// Takes `bytes`. Errors: `LimitExceeded / Memory`.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<Reservation> {
        let mut reservation = self.reservation();
        reservation.grow(bytes)?;
        Ok(reservation)
    }

    /// A reservation of nothing yet.
    pub(crate) fn reservation(&self) -> Reservation {
        Reservation { of: Arc::clone(&self.of.of), bytes: 0 }
    }

    /// The bounds of its statement.
    pub(crate) fn limits(&self) -> &Limits {
        self.of.limits()
    }

    fn memory(&self) -> &Memory {
        &self.of.of.memory
    }

    /// What another thread of the statement is measured against.
    pub(super) fn allowance(&self) -> (Allowance, Option<Arc<AtomicBool>>) {
        (self.of.clone(), self.unwanted.clone())
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.tell();
    }
}

impl Budget for Meter {
    fn ask(&self, bytes: usize) -> Result<()> {
        self.has_room(bytes)?;
        self.weigh(bytes)?;
        self.step(1 + bytes / 1024)
    }

    fn look(&self) -> Result<()> {
        Self::look(self)
    }
}

impl Memory {
    fn too_much(&self) -> Error {
        self.refused.store(true, Ordering::Relaxed);
        let message = format!("the statement needs more memory than its limit of {} bytes", self.limit);
        Error::limit(Code::Memory, message).hint("return or collect less at once, or raise the memory limit")
    }
}

/// Bytes asked for of a statement's memory; given back when this goes.
#[derive(Debug)]
pub(crate) struct Reservation {
    of: Arc<Shared>,
    bytes: usize,
}

impl Reservation {
    /// Takes `bytes` more. Errors: `LimitExceeded / Memory`.
    #[inline]
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<()> {
        let memory = &self.of.memory;
        let more = |asked: usize| asked.checked_add(bytes).filter(|total| *total <= memory.limit);
        let taken = memory.asked.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.map_err(|_| memory.too_much())?;
        self.bytes += bytes;
        Ok(())
    }

    /// Of a memory without bounds, for tests.
    #[cfg(test)]
    pub(crate) fn unlimited() -> Self {
        Allowance::of(&Limits::default()).meter().reservation()
    }

    /// Gives all back.
    pub(crate) fn clear(&mut self) {
        if self.bytes > 0 {
            self.of.memory.asked.fetch_sub(self.bytes, Ordering::Relaxed);
            self.bytes = 0;
        }
    }

    /// Bytes taken.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.clear();
    }
}
