//! What each operator did: rows out, calls and time, for PROFILE and for the tests that guard work.
//!
//! Operators are numbered in the order [`super::build`] meets them: a node before its inputs, inputs from
//! left to right; subplans follow the root in their order.

use std::time::{Duration, Instant};

use super::batch::Batch;
use super::context::Context;
use super::ops::{Each, EachPart, GroupBy, Operator, Source};
use crate::error::Result;
use crate::plan::Measured;

/// What every operator did, by its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) operators: Vec<Measured>,
}

impl Profile {
    /// Adds what another thread did.
    pub(crate) fn add(&mut self, other: &Self) {
        for (number, more) in other.operators.iter().enumerate() {
            let counts = self.at(number);
            counts.calls += more.calls;
            counts.rows += more.rows;
            counts.time += more.time;
        }
    }

    fn at(&mut self, number: usize) -> &mut Measured {
        if self.operators.len() <= number {
            self.operators.resize(number + 1, Measured::default());
        }
        &mut self.operators[number]
    }
}

/// An operator that is counted.
pub(super) struct Counted<'p> {
    pub(super) inner: Source<'p>,
    pub(super) number: usize,
}

impl Operator for Counted<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let started = Instant::now();
        let batch = self.inner.next(cx)?;
        if let Some(profile) = &mut cx.profile {
            let counts = profile.at(self.number);
            counts.calls += 1;
            counts.rows += batch.as_ref().map_or(0, |batch| batch.len as u64);
            counts.time += started.elapsed();
        }
        Ok(batch)
    }

    fn drain<'a>(&mut self, cx: &mut Context<'a>, each: &mut Each<'_, 'a>) -> Result<()> {
        let number = self.number;
        let (started, mut elsewhere) = (Instant::now(), Duration::ZERO);
        let drained = self.inner.drain(cx, &mut |batch, cx| {
            if let Some(profile) = &mut cx.profile {
                let counts = profile.at(number);
                counts.calls += 1;
                counts.rows += batch.len as u64;
            }
            let handed = Instant::now();
            let more = each(batch, cx);
            elsewhere += handed.elapsed();
            more
        });
        if let Some(profile) = &mut cx.profile {
            profile.at(number).time += started.elapsed().saturating_sub(elsewhere);
        }
        drained
    }

    fn drain_grouped<'a>(
        &mut self,
        by: GroupBy<'_>,
        cx: &mut Context<'a>,
        each: &mut EachPart<'_, 'a>,
    ) -> Result<bool> {
        let number = self.number;
        let (started, mut elsewhere) = (Instant::now(), Duration::ZERO);
        let drained = self.inner.drain_grouped(by, cx, &mut |part, cx| {
            if let Some(profile) = &mut cx.profile {
                let counts = profile.at(number);
                counts.calls += 1;
                counts.rows += part.rows();
            }
            let handed = Instant::now();
            let more = each(part, cx);
            elsewhere += handed.elapsed();
            more
        });
        if let (Some(profile), Ok(true) | Err(_)) = (&mut cx.profile, &drained) {
            profile.at(number).time += started.elapsed().saturating_sub(elsewhere);
        }
        drained
    }

    fn reset(&mut self) {
        self.inner.reset();
    }
}
