//! Turtle, TriG, N-Triples and N-Quads: the first byte says which.
#![no_main]

mod reading;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let syntax = ["turtle", "trig", "ntriples", "nquads"][usize::from(*first) % 4];
    reading::check(syntax, bytes);
});
