//! Whatever lines come, every one gets one answer that is a JSON object, and the conversation goes on.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use shejire::Engine;
use shejire::engine::Limits;

fuzz_target!(|input: &[u8]| {
    let limits = Limits {
        time: Some(Duration::from_millis(300)),
        memory: Some(32 << 20),
        rows: Some(20_000),
        ..Limits::default()
    };
    let mut output = Vec::new();
    shejire::inside::pipe(Engine::in_memory(), limits, &mut &*input, &mut output).expect("memory can be written");
    let asked = input.split(|b| *b == b'\n').filter(|line| is_request(line)).count();
    let answers: Vec<&[u8]> = output.split(|b| *b == b'\n').filter(|line| !line.is_empty()).collect();
    assert_eq!(answers.len(), asked);
    for answer in answers {
        assert!(answer.starts_with(b"{\"ok\":") && answer.ends_with(b"}"), "{}", String::from_utf8_lossy(answer));
        assert!(std::str::from_utf8(answer).is_ok());
    }
});

/// Blank lines are passed over.
fn is_request(line: &[u8]) -> bool {
    std::str::from_utf8(line).map_or(true, |text| !text.trim().is_empty())
}
