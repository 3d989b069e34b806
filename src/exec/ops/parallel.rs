//! A chain of operators over one scan, worked on by several threads.
//!
//! ```text
//!   slots of the scan   │ 0 │ 1 │ 2 │ 3 │ 4 │ 5 │ …      shares, taken by whoever is free
//!   rows                  0   1   2   3   4   5 …        handed on in this order by the thread that asked
//! ```
//!
//! Each thread runs a chain of its own on one share after another. What one thread would have given comes out, in that
//! order, and so does the first error.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, Scope, ScopedJoinHandle, available_parallelism};

use super::{Each, Operator, Source};
use crate::error::Result;
use crate::exec::batch::{Batch, ROWS};
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
/// Shares a thread takes, about: enough for one that is slow not to keep the others waiting at the end.
const SHARES_A_THREAD: usize = 8;
/// Most slots of a share: what it gives is held until it is its turn.
const LARGEST_SHARE: usize = 1 << 16;
/// How many shares each thread may be ahead of what is handed on: they take memory until it is their turn.
const AHEAD: usize = 2;

/// The rows of `input`, found by several threads when they are drained.
pub(in crate::exec) struct Parallel<'p> {
    pub(in crate::exec) input: Source<'p>,
    /// What `input` was built from, for the other threads.
    pub(in crate::exec) chain: &'p Node,
    /// The number of its first operator.
    pub(in crate::exec) number: usize,
}

/// The rows of a share, and the memory they take until they are handed on.
type Rows = (Vec<Batch>, Reservation);
/// The number of a share and its rows.
type Done = (u32, Result<Rows>);

/// The shares that nobody has taken yet.
struct Shares {
    next: AtomicU32,
    size: u32,
    bound: u32,
}

impl Shares {
    /// Of `bound` slots, for so many threads.
    fn new(bound: u32, threads: usize) -> Self {
        let size = (bound as usize / (threads * SHARES_A_THREAD)).clamp(ROWS, LARGEST_SHARE) as u32;
        Self { next: AtomicU32::new(0), size, bound }
    }

    fn count(&self) -> u32 {
        self.bound.div_ceil(self.size)
    }

    fn take(&self) -> Option<(u32, Range<u32>)> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.count()).then(|| {
            let start = number * self.size;
            (number, start..self.bound.min(start.saturating_add(self.size)))
        })
    }

    /// Leaves nothing to take.
    fn end(&self) {
        self.next.store(self.count(), Ordering::Relaxed);
    }
}

impl<'p> Parallel<'p> {
    /// Starts the other threads; fewer when the system gives no more.
    fn start<'s, 'a: 's>(
        &self,
        scope: &'s Scope<'s, '_>,
        (shares, others): (&'s Shares, usize),
        cx: &Context<'a>,
    ) -> (Vec<ScopedJoinHandle<'s, Option<Profile>>>, Receiver<Done>)
    where
        'p: 's,
    {
        let (send, receive) = sync_channel(AHEAD * others);
        let (chain, number) = (self.chain, self.number);
        let start = |_| {
            let (fork, send) = (cx.fork()?, send.clone());
            Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, move || work(fork, (chain, number), shares, &send))
                .ok()
        };
        ((0..others).map_while(start).collect(), receive)
    }

    /// Hands on the shares in their order, and works on what the others leave.
    fn hand_on<'a>(
        &mut self,
        shares: &Shares,
        receive: &Receiver<Done>,
        cx: &mut Context<'a>,
        each: &mut Each<'_, 'a>,
    ) -> Result<()> {
        let mut ready: BTreeMap<u32, Result<Rows>> = BTreeMap::new();
        for wanted in 0..shares.count() {
            let (batches, _held) = loop {
                ready.extend(receive.try_iter());
                if let Some(rows) = ready.remove(&wanted) {
                    break rows?;
                }
                let next = if ready.len() < AHEAD { shares.take() } else { None };
                match next {
                    Some((number, share)) => {
                        let rows = of_share(&mut self.input, share, cx);
                        ready.insert(number, rows);
                    }
                    // somebody is at the one that is wanted: were it not taken, none behind it would be ready
                    None => match receive.recv() {
                        Ok(done) => ready.extend([done]),
                        // that thread has panicked, and whoever joins it will say so
                        Err(_) => return Ok(()),
                    },
                }
            };
            for batch in batches {
                if !each(batch, cx)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

/// What another thread does: one share after another, until there are none or nobody wants them.
fn work<'a>(
    fork: Fork<'a>,
    (chain, number): (&'a Node, usize),
    shares: &Shares,
    send: &SyncSender<Done>,
) -> Option<Profile> {
    let mut cx = fork.context();
    let mut input = match build_chain(chain, number, &cx) {
        Ok(input) => input,
        Err(error) => {
            let _ = shares.take().map(|(number, _)| send.send((number, Err(error))));
            return None;
        }
    };
    while let Some((number, share)) = shares.take() {
        let rows = of_share(&mut input, share, &mut cx);
        if send.send((number, rows)).is_err() {
            break;
        }
    }
    cx.profile
}

/// The rows of one share.
fn of_share(input: &mut Source<'_>, share: Range<u32>, cx: &mut Context<'_>) -> Result<Rows> {
    input.reset();
    cx.share = Some(share);
    let (mut batches, mut held) = (Vec::new(), cx.meter.reservation());
    let done = input.drain(cx, &mut |batch, _| {
        held.grow(batch.cell_bytes())?;
        batches.push(batch);
        Ok(true)
    });
    cx.share = None;
    done.map(|()| (batches, held))
}

impl Operator for Parallel<'_> {
    // whoever asks for some rows gets them from one thread
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        self.input.next(cx)
    }

    fn drain<'a>(&mut self, cx: &mut Context<'a>, each: &mut Each<'_, 'a>) -> Result<()> {
        let most = cx.threads.map_or_else(|| *PROCESSORS, usize::from).min(MOST_THREADS);
        let shares = Shares::new(cx.graph().node_bound(), most);
        let others = most.min(shares.count() as usize).saturating_sub(1);
        if others == 0 {
            return self.input.drain(cx, each);
        }
        std::thread::scope(|scope| {
            let (threads, receive) = self.start(scope, (&shares, others), cx);
            let outcome = self.hand_on(&shares, &receive, cx, each);
            shares.end();
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

    fn reset(&mut self) {
        self.input.reset();
    }
}
