//! MERGE: per row, what matches, or else something new. Later rows see what earlier rows made.

use super::create::create;
use super::set::set;
use super::writing::properties;
use super::{Feed, Live, Operator, Seat, Source};
use crate::bind::bound::{self, CreateStep};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::exec::batch::{Batch, ROWS, Row};
use crate::exec::context::Context;

/// MERGE.
pub(in crate::exec) struct Merge<'p> {
    feed: Feed<'p>,
    matching: Source<'p>,
    seat: Seat,
    merge: &'p bound::Merge,
    live: Live<'p>,
}

impl<'p> Merge<'p> {
    pub(in crate::exec) fn new(
        (input, matching, seat): (Source<'p>, Source<'p>, Seat),
        merge: &'p bound::Merge,
        live: Live<'p>,
    ) -> Self {
        Self { feed: Feed::new(input), matching, seat, merge, live }
    }

    /// Merges one row and adds what comes of it to `out`.
    fn merge_row(&mut self, out: &mut Batch, cx: &mut Context<'_>) -> Result<()> {
        let argument = self.feed.batch.single(self.feed.row, cx.graph());
        self.refuse_nulls(argument.row(0), cx)?;
        self.matching.reset();
        self.seat.put(argument.clone());
        let mut matched = Vec::new();
        while let Some(batch) = self.matching.next(cx)? {
            cx.meter.step(batch.len)?;
            matched.push(batch);
        }
        if matched.is_empty() {
            let mut made = argument;
            create(&self.merge.create, &mut made, cx)?;
            set(&self.merge.on_create, made.row(0), cx)?;
            matched.push(made);
        } else if !self.merge.on_match.is_empty() {
            for batch in &matched {
                for row in 0..batch.len {
                    set(&self.merge.on_match, batch.row(row), cx)?;
                }
            }
        }
        for mut batch in matched {
            batch.keep(self.live);
            out.append(batch, cx.graph());
        }
        Ok(())
    }

    /// A property that is null matches nothing and could not be made either.
    fn refuse_nulls(&self, row: Row<'_>, cx: &mut Context<'_>) -> Result<()> {
        for step in &self.merge.create {
            let (CreateStep::Node { properties: Some(expr), .. } | CreateStep::Rel { properties: Some(expr), .. }) =
                step
            else {
                continue;
            };
            let found = properties(Some(expr), row, cx)?;
            if let Some((key, _)) = found.iter().find(|(_, value)| value.is_null()) {
                let name = cx.graph().key_name(*key);
                let message = format!("MERGE cannot find or make something whose property `{name}` is null");
                return Err(Error::new(Class::SemanticError, Phase::Runtime, Code::MergeReadOwnWrites, message)
                    .at(self.merge.span)
                    .hint("filter the nulls out before, or set the property afterwards with SET"));
            }
        }
        Ok(())
    }
}

impl Operator for Merge<'_> {
    fn next(&mut self, cx: &mut Context<'_>) -> Result<Option<Batch>> {
        let mut out = Batch::default();
        while out.len < ROWS && self.feed.ready(cx)? {
            cx.meter.step(1)?;
            cx.scratch = 0;
            self.merge_row(&mut out, cx)?;
            self.feed.row += 1;
        }
        Ok((out.len > 0).then_some(out))
    }

    fn reset(&mut self) {
        self.feed.reset();
    }
}
