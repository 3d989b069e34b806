//! Scripts of statements, run one after another.
#![no_main]

mod reading;

use libfuzzer_sys::fuzz_target;
use shejire::Engine;
use shejire::io::Subgraph;
use shejire::inside::script;

fuzz_target!(|bytes: &[u8]| {
    let mut run = reading::Run(Engine::in_memory());
    let read = script::read(&mut &bytes[..], "x", &mut run, &mut |error| {
        reading::said(&error);
        Ok(())
    });
    match read {
        Ok(()) => reading::comes_back(&Subgraph::whole(&run.0).expect("a graph in memory")),
        Err(error) => reading::said(&error),
    }
});
