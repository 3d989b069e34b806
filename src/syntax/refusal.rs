//! What pest refused, in words: what stands there, what could stand there, and what was probably meant.

use pest::error::{ErrorVariant, InputLocation};

use super::depth;
use super::grammar::Refusal;
use super::tree::Source;
use crate::error::{Code, Error, Span};

/// The error of a statement (`piece`, at `source.base` of the text) that does not follow the grammar.
pub(super) fn explain(source: Source<'_>, piece: &str, refusal: &Refusal) -> Error {
    let at = match refusal.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => source.base + at,
    };
    let place = source.token_from(u32::try_from(at).unwrap_or(u32::MAX)).map_or(Span::new(at, at), |t| t.span);
    match &refusal.variant {
        ErrorVariant::CustomError { .. } => depth::too_deep().at(place),
        ErrorVariant::ParsingError { positives, .. } => {
            Error::syntax(Code::UnexpectedSyntax, format!("unexpected `{}` {positives:?}", place.of(source.text)))
                .at(place)
        }
    }
}
