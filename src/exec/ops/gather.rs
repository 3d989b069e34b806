//! A chain of operators worked on by several threads.
//!
//! ```text
//!   tasks        │ 0 │ 1 │ 2 │ 3 │ 4 │ 5 │ …      rows, or shares of a scan: taken by whoever is free
//!   handed on      0   1   2   3   4   5 …        in this order by the thread that asked
//! ```
//!
//! Each thread runs a chain of its own on one task after another. What one thread would have given comes out, in that
//! order, and so does the first error. What is made of a task waits for its turn, so it must not be large: a task that
//! turns out to be is left to the thread that asked, which hands it on bit by bit.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, available_parallelism};

use super::{Seat, Source};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::build::build_chain;
use crate::exec::context::{Context, Fork, Reservation};
use crate::exec::profile::Profile;
use crate::plan::node::Node;

/// More threads than this only wait for memory.
const MOST_THREADS: usize = 8;
/// Stack of a thread: as much as the deepest expression takes. The chain itself is short.
const STACK: usize = 32 << 20;
/// Processors there are to work with; asking the system takes longer than a short query.
static PROCESSORS: LazyLock<usize> = LazyLock::new(|| available_parallelism().map_or(1, usize::from));
/// How many tasks there may be for each thread that are not handed on yet.
const AHEAD: usize = 4;
/// Most bytes that may be made of a task, and the part of the memory limit that is.
const LARGE: usize = 8 << 20;
const PART_OF_LIMIT: usize = 64;

/// Threads that a statement may work with, its own included.
pub(super) fn threads(cx: &Context<'_>) -> usize {
    cx.threads.map_or_else(|| *PROCESSORS, usize::from).min(MOST_THREADS)
}

/// What a chain starts from.
pub(super) enum Task {
    /// The slots of the scan at its bottom.
    Share(Range<u32>),
    /// The rows of its argument.
    Rows(Batch),
}

/// What is made of the rows of a task, on the thread that finds them.
pub(super) trait Work: Sync {
    type Made: Send;

    /// Of all rows that `input` gives; nothing when that takes more than `most` bytes.
    fn all(&self, input: &mut Source<'_>, most: usize, cx: &mut Context<'_>) -> Result<Option<Self::Made>>;

    /// Of some of the rows.
    fn some(&self, batch: Batch, cx: &Context<'_>) -> Self::Made;
}

/// Takes what is made of the tasks, in their order, and says whether it wants more.
pub(super) type Take<'t, 'a, T> = dyn FnMut(T, &mut Context<'a>) -> Result<bool> + 't;

/// Gives the next task; nothing when there are no more.
pub(super) type Next<'t, 'a> = dyn FnMut(&mut Context<'a>) -> Result<Option<Task>> + 't;

/// The rows themselves.
pub(super) struct AllRows;

/// Rows that wait for their turn, and the memory they take until then.
pub(super) struct Rows {
    pub(super) batches: Vec<Batch>,
    bytes: usize,
    held: Reservation,
}

impl Rows {
    pub(super) fn new(cx: &Context<'_>) -> Self {
        Self { batches: Vec::new(), bytes: 0, held: cx.meter.reservation() }
    }

    /// Adds a batch. Errors: `LimitExceeded / Memory`.
    pub(super) fn push(&mut self, batch: Batch) -> Result<()> {
        self.bytes += batch.cell_bytes();
        self.held.grow(batch.cell_bytes())?;
        self.batches.push(batch);
        Ok(())
    }

    /// Whether they take so many bytes and no more.
    pub(super) fn fit(&self, most: usize) -> bool {
        self.bytes <= most
    }
}

impl Work for AllRows {
    type Made = Rows;

    fn all(&self, input: &mut Source<'_>, most: usize, cx: &mut Context<'_>) -> Result<Option<Rows>> {
        let mut rows = Rows::new(cx);
        input.drain(cx, &mut |batch, _| {
            rows.push(batch)?;
            Ok(rows.fit(most))
        })?;
        Ok(rows.fit(most).then_some(rows))
    }

    fn some(&self, batch: Batch, cx: &Context<'_>) -> Rows {
        Rows { batches: vec![batch], ..Rows::new(cx) }
    }
}

/// The chain.
pub(super) struct Chain<'p> {
    /// What this thread runs.
    pub(super) input: Source<'p>,
    /// Where it takes its argument from.
    pub(super) seat: Seat,
    /// What it was built from, for the other threads.
    pub(super) node: &'p Node,
    /// The number of its first operator.
    pub(super) number: usize,
}

/// The tasks that nobody has taken yet.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    tasks: VecDeque<(u32, Task)>,
    /// There will be no more.
    ended: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, number: u32, task: Task) {
        self.lock().tasks.push_back((number, task));
        self.changed.notify_one();
    }

    fn take(&self) -> Option<(u32, Task)> {
        self.lock().tasks.pop_front()
    }

    /// The next task, once there is one; nothing when there will be none.
    fn wait(&self) -> Option<(u32, Task)> {
        let mut waiting = self.lock();
        loop {
            if waiting.ended {
                return None;
            }
            if let Some(task) = waiting.tasks.pop_front() {
                return Some(task);
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }
}

/// What came of a task.
enum Done<T> {
    Made(T),
    /// It is larger than it may be.
    Large(Task),
}

/// The number of a task and what came of it.
type Answer<T> = (u32, Result<Done<T>>);

/// Ends the queue however the thread that asked leaves: the others would wait for ever.
struct EndAtLast<'q>(&'q Queue);

impl Drop for EndAtLast<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Chain<'_> {
    /// Works on the tasks with `others` more threads (fewer when the system gives no more).
    pub(super) fn run<'a, W: Work>(
        &mut self,
        next: &mut Next<'_, 'a>,
        others: usize,
        work: &W,
        cx: &mut Context<'a>,
        take: &mut Take<'_, 'a, W::Made>,
    ) -> Result<()> {
        let queue = Queue::default();
        let most = cx.meter.limits().memory.map_or(LARGE, |limit| (limit / PART_OF_LIMIT).min(LARGE));
        std::thread::scope(|scope| {
            let (send, receive) = channel();
            let (node, number, queue) = (self.node, self.number, &queue);
            let start = |_| {
                let (fork, send) = (cx.fork()?, send.clone());
                let run = move || help(fork, (node, number), queue, (work, most), &send);
                Builder::new().stack_size(STACK).spawn_scoped(scope, run).ok()
            };
            let threads: Vec<_> = (0..others).map_while(start).collect();
            drop(send);
            let outcome = {
                let _end = EndAtLast(queue);
                let ahead = AHEAD * (threads.len() + 1);
                self.lead(next, (queue, &receive), (work, most, ahead), cx, take)
            };
            drop(receive);
            for thread in threads {
                match thread.join() {
                    Ok(Some(profile)) => cx.profile.iter_mut().for_each(|own| own.add(&profile)),
                    Ok(None) => {}
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            outcome
        })
    }

    /// Puts the tasks into the queue, hands on what is made of them, and works on what the others leave.
    fn lead<'a, W: Work>(
        &mut self,
        next: &mut Next<'_, 'a>,
        (queue, receive): (&Queue, &Receiver<Answer<W::Made>>),
        (work, most, ahead): (&W, usize, usize),
        cx: &mut Context<'a>,
        take: &mut Take<'_, 'a, W::Made>,
    ) -> Result<()> {
        let mut ready: BTreeMap<u32, Result<Done<W::Made>>> = BTreeMap::new();
        // the task whose turn it is, and the number of tasks so far; what has ended them comes after what they give
        let (mut wanted, mut count, mut end) = (0_u32, 0_u32, None);
        loop {
            while end.is_none() && ((count - wanted) as usize) < ahead {
                match next(cx) {
                    Ok(Some(task)) => {
                        queue.put(count, task);
                        count += 1;
                    }
                    Ok(None) => end = Some(Ok(())),
                    Err(error) => end = Some(Err(error)),
                }
            }
            if wanted == count {
                return end.unwrap_or(Ok(()));
            }
            ready.extend(receive.try_iter());
            let goes_on = if let Some(done) = ready.remove(&wanted) {
                wanted += 1;
                match done? {
                    Done::Made(made) => take(made, cx)?,
                    Done::Large(task) => self.stream(&task, work, cx, take)?,
                }
            } else {
                match queue.take() {
                    Some((number, task)) if number == wanted => {
                        wanted += 1;
                        self.stream(&task, work, cx, take)?
                    }
                    Some((number, task)) => {
                        let done = make(&mut self.input, &self.seat, task, (work, most), cx);
                        ready.insert(number, done);
                        true
                    }
                    None => match receive.recv() {
                        Ok((number, done)) => {
                            ready.insert(number, done);
                            true
                        }
                        // that thread has panicked, and whoever joins it will say so
                        Err(_) => false,
                    },
                }
            };
            if !goes_on {
                return Ok(());
            }
        }
    }

    /// Hands on what this thread makes of a task as it finds it; whether more is wanted.
    pub(super) fn stream<'a, W: Work>(
        &mut self,
        task: &Task,
        work: &W,
        cx: &mut Context<'a>,
        take: &mut Take<'_, 'a, W::Made>,
    ) -> Result<bool> {
        begin(&mut self.input, &self.seat, task, cx);
        let mut goes_on = true;
        let done = self.input.drain(cx, &mut |batch, cx| {
            let made = work.some(batch, cx);
            goes_on = take(made, cx)?;
            Ok(goes_on)
        });
        cx.share = None;
        done.map(|()| goes_on)
    }
}

/// What another thread does: one task after another, until there are none.
fn help<'a, W: Work>(
    fork: Fork<'a>,
    (node, number): (&'a Node, usize),
    queue: &Queue,
    (work, most): (&W, usize),
    send: &Sender<Answer<W::Made>>,
) -> Option<Profile> {
    let mut cx = fork.context();
    let seat = Seat::default();
    let mut input = match build_chain(node, number, &seat, &cx) {
        Ok(input) => input,
        Err(error) => {
            let _ = queue.wait().map(|(number, _)| send.send((number, Err(error))));
            return None;
        }
    };
    while let Some((number, task)) = queue.wait() {
        let done = make(&mut input, &seat, task, (work, most), &mut cx);
        if send.send((number, done)).is_err() {
            break;
        }
    }
    cx.profile
}

fn make<W: Work>(
    input: &mut Source<'_>,
    seat: &Seat,
    task: Task,
    (work, most): (&W, usize),
    cx: &mut Context<'_>,
) -> Result<Done<W::Made>> {
    begin(input, seat, &task, cx);
    let made = work.all(input, most, cx);
    cx.share = None;
    Ok(made?.map_or(Done::Large(task), Done::Made))
}

fn begin(input: &mut Source<'_>, seat: &Seat, task: &Task, cx: &mut Context<'_>) {
    match task {
        Task::Share(share) => cx.share = Some(share.clone()),
        Task::Rows(batch) => seat.put(batch.clone()),
    }
    input.reset();
}
