//! Drives the program as a person or a script does: arguments, standard streams, exit codes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use proptest::test_runner::{Config as ProptestConfig, RngSeed};
use serde_json::{Value, json};

/// So many drawn cases: the same ones at every run, so that a run says something of the change it is made for. Others are drawn
/// with a seed of one's own: `PROPTEST_RNG_SEED=7 PROPTEST_CASES=5000 cargo test --test it folders`.
pub(crate) fn drawn(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let given = |name| std::env::var_os(name).is_some();
    ProptestConfig {
        cases: if given("PROPTEST_CASES") { asked.cases } else { cases },
        max_global_rejects: 1 << 20, // a check that refuses many folders refuses no run
        rng_seed: if given("PROPTEST_RNG_SEED") { asked.rng_seed } else { RngSeed::Fixed(0x5eed) },
        ..asked
    }
}

/// What a run of the program left behind.
pub(crate) struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the program with these arguments and this standard input.
pub(crate) fn shejire(args: &[&str], input: &[u8]) -> Ran {
    let mut child = command(args).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // fed from a thread, so that neither side can wait for the other
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let over = hurried(&child);
    let output = child.wait_with_output().unwrap();
    drop(over);
    feeder.join().unwrap();
    Ran::of(output)
}

/// Kills a program that is not over after ten minutes: its test fails then, and the others are still run. It is over when what
/// is returned is dropped.
fn hurried(child: &Child) -> mpsc::Sender<()> {
    let (over, waits) = mpsc::channel();
    let id = child.id().to_string();
    std::thread::spawn(move || {
        if waits.recv_timeout(Duration::from_secs(600)) == Err(mpsc::RecvTimeoutError::Timeout) {
            println!("killed: not over after ten minutes");
            drop(Command::new("kill").args(["-KILL", &id]).status());
        }
    });
    over
}

/// The program with piped streams and an environment that says nothing about colours.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shejire"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    // whatever lies above the repository is not meant
    command.env("SHEJIRE_CONFIG", "");
    command
}

/// Whether a program of this name is installed; says so when it is not.
pub(crate) fn installed(program: &str, args: &[&str]) -> bool {
    let there = Command::new(program).args(args).output().is_ok_and(|o| o.status.success());
    if !there {
        println!("{program} {} is not installed: skipped", args.join(" "));
    }
    there
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The output of a run that must have gone well.
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }
}

/// `shejire pipe` on a store, one question at a time.
pub(crate) struct Pipe {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Pipe {
    pub(crate) fn on(store: &str) -> Self {
        let mut child = command(&["pipe", "--db", store]).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, to, from }
    }

    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.to, "{request}").unwrap();
        let mut line = String::new();
        self.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"))
    }

    pub(crate) fn run(&mut self, query: &str, n: i64) -> Value {
        let answer = self.ask(&json!({"op": "run", "query": query, "params": {"n": n}}));
        assert_eq!(answer["ok"], true, "{answer}");
        answer["rows"].clone()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn end(mut self) {
        drop(self.to);
        assert!(self.child.wait().unwrap().success());
    }
}
