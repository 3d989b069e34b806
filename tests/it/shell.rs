//! The shell: through a pipe, on a terminal that can do nothing, and on a real one that tmux plays.
//!
//! What is waited for is a text on the screen, never a time: a slow machine only makes these tests slow.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::desk::{installed, shejire};

/// Longest wait for a text to appear.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_script_runs_through_a_pipe() {
    let script = b"// a comment\nCREATE (:Body {name: 'a; b'});\n:param name = 'a; b'\n:format csv\n\
        MATCH (n:Body\n  {name: $name})\nRETURN n.name AS name,\n count(*) AS n; RETURN 1 AS x\n";
    let ran = shejire(&["shell", "--quiet"], script);
    assert_eq!((ran.code, ran.out.as_str()), (0, "name,n\r\na; b,1\r\nx\r\n1\r\n"), "{}", ran.err);
    assert_eq!(ran.err, "");
}

#[test]
fn an_error_ends_a_script() {
    let ran = shejire(&["shell", "--format", "csv"], b"RETURN 1 AS x;\nRETRUN 2;\nRETURN 3 AS x;");
    assert_eq!((ran.code, ran.out.as_str()), (1, "x\r\n1\r\n"));
    // the line is that of the script
    assert!(ran.err.contains("2 | RETRUN 2;"), "{}", ran.err);
    let ran = shejire(&["shell"], b":shcema\n");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("there is no command `:shcema`") && ran.err.contains(":schema"), "{}", ran.err);
}

#[test]
fn transactions_are_kept_or_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("g.shejire");
    let store = store.to_str().unwrap();
    let script = b":begin\nCREATE (:A);\n:rollback\n:begin\nCREATE (:B);\n:commit\n:begin\nCREATE (:C);\n";
    let ran = shejire(&["shell", "--db", store], script);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("the open transaction was rolled back"), "{}", ran.err);
    let left = "MATCH (n) RETURN labels(n)[0] AS label";
    assert_eq!(shejire(&["query", "--db", store, "--format", "csv", left], b"").well(), "label\r\nB\r\n");
}

#[test]
fn files_are_run_and_answers_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("q.cypher"), "TRACE 'National Kurultai';\n").unwrap();
    std::fs::write(path("loop.cypher"), format!(":source {}\n", path("loop.cypher"))).unwrap();
    let script = format!(
        ":source {}\n:svg {}\nMATCH (a:plan)-[r]->(b) RETURN a, r, b;\n:svg {}\n",
        path("q.cypher"),
        path("trace.svg"),
        path("graph.svg")
    );
    shejire(&["shell"], script.as_bytes()).well();
    let trace = std::fs::read_to_string(path("trace.svg")).unwrap();
    let same = path("same.svg");
    shejire(&["trace", "National Kurultai", "--svg", &same], b"").well();
    assert!(trace == std::fs::read_to_string(same).unwrap(), "a TRACE is drawn as `trace` draws it");
    assert!(std::fs::read_to_string(path("graph.svg")).unwrap().contains("Action Plan"));
    let ran = shejire(&["shell"], format!(":source {}\n", path("loop.cypher")).as_bytes());
    assert!(ran.code == 1 && ran.err.contains("deep"), "{}", ran.err);
    let ran = shejire(&["shell"], b":svg x.svg\n");
    assert!(ran.code == 1 && ran.err.contains("no answer to draw yet"), "{}", ran.err);
}

#[test]
fn help_teaches_commands_and_functions() {
    let help = shejire(&["shell"], b":help\n").well();
    assert!(help.contains(":source FILE") && help.contains("TRACE 'National Kurultai'"), "{help}");
    let help = shejire(&["shell"], b":help toupper\n").well();
    assert!(help.starts_with("toUpper("), "{help}");
    let schema = shejire(&["shell", "--format", "csv"], b":schema\n").well();
    assert!(schema.contains("type,transformed-into,"), "{schema}");
}

/// A terminal with a shell in it; gone when this goes.
struct Screen {
    socket: String,
}

impl Screen {
    /// Opens one of 100 columns and 30 lines; nothing when tmux is not installed.
    fn open(name: &str, environment: &[&str]) -> Option<Self> {
        if !installed("tmux", &["-V"]) {
            return None;
        }
        let screen = Self { socket: format!("shejire-{name}-{}", std::process::id()) };
        let program = env!("CARGO_BIN_EXE_shejire");
        let told = environment.join(" ");
        let shell = format!(
            "trap : INT; env -u NO_COLOR -u COLUMNS SHEJIRE_HISTORY= SHEJIRE_CONFIG= SHEJIRE_PAGER=cat {told} '{program}' shell; \
             echo \"ended with $?\"; exec sleep 600"
        );
        let _ = screen.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", "sh", "-c", &shell]);
        screen.wait("shejire>");
        Some(screen)
    }

    fn tmux(&self, args: &[&str]) -> String {
        let output = Command::new("tmux").args(["-L", &self.socket]).args(args).output().unwrap();
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Types a text as it is.
    fn text(&self, text: &str) {
        // a semicolon at the end would end the command of tmux
        let text = text.strip_suffix(';').map_or(text.to_owned(), |text| format!("{text}\\;"));
        self.tmux(&["send-keys", "-l", &text]);
    }

    /// Presses a key, by tmux's name of it.
    fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// Waits until the text stands on the screen, and gives the screen.
    fn wait(&self, text: &str) -> String {
        self.wait_for(text, |shown| shown.contains(text))
    }

    fn wait_for(&self, what: &str, there: impl Fn(&str) -> bool) -> String {
        let since = Instant::now();
        loop {
            let shown = self.tmux(&["capture-pane", "-p"]);
            if there(&shown) {
                return shown;
            }
            assert!(since.elapsed() < PATIENCE, "{what:?} never appeared on\n{shown}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

#[test]
fn statements_are_typed_over_several_lines_and_ctrl_d_ends() {
    let Some(screen) = Screen::open("type", &[]) else { return };
    screen.text("RETURN 6 * 7 AS answer;");
    screen.press("Enter");
    screen.wait("│ 42     │");
    screen.text("MATCH (n:fund)");
    screen.press("Enter");
    screen.text("RETURN count(*) AS funds");
    screen.press("Enter");
    screen.wait("│ 2     │");
    screen.text("RETRUN 1");
    screen.press("Enter");
    screen.wait("unexpected `RETRUN`");
    // what was typed comes back
    screen.press("C-r");
    screen.text("6 * 7");
    screen.press("Enter");
    screen.wait_for("42 again", |shown| shown.matches("│ 42     │").count() == 2);
    screen.text(":begin");
    screen.press("Enter");
    screen.wait("shejire*>");
    screen.press("C-d");
    screen.wait("the open transaction was rolled back");
    screen.wait("ended with 0");
}

#[test]
fn tab_completes_names_of_the_graph_and_words_of_the_language() {
    let Some(screen) = Screen::open("complete", &[]) else { return };
    screen.text("trac");
    screen.press("Tab");
    screen.wait("TRACE");
    screen.text("'National Ku");
    screen.press("Tab");
    screen.wait("TRACE 'National Kurultai'");
    screen.press("Enter");
    screen.wait("2 rows");
    screen.text("MATCH ()-[r:transferred-t");
    screen.press("Tab");
    screen.wait("[r:transferred-to");
    screen.text("]->() RETURN count(r) AS moved;");
    screen.press("Enter");
    screen.wait("│ 3     │");
}

#[test]
fn ctrl_c_stops_a_hopeless_query_and_the_session_goes_on() {
    let Some(screen) = Screen::open("cancel", &[]) else { return };
    screen.text("UNWIND range(1, 100000) AS a UNWIND range(1, 1000000) AS b RETURN sum(a * b % 7) AS n;");
    screen.press("Enter");
    screen.wait("running; Ctrl-C stops it");
    screen.press("C-c");
    screen.wait("the statement was stopped");
    screen.text("RETURN 'still' + ' here' AS x;");
    screen.press("Enter");
    screen.wait("│ still here │");
    // at the prompt it throws away what was typed
    screen.text("MATCH (n");
    screen.wait("shejire> MATCH (n");
    screen.press("C-c");
    screen.wait("MATCH (n\nshejire>");
    screen.text("RETURN 'and' + ' here' AS x;");
    screen.press("Enter");
    screen.wait("│ and here │");
}

#[test]
fn a_table_keeps_to_the_width_the_terminal_has_now() {
    let Some(screen) = Screen::open("resize", &[]) else { return };
    screen.tmux(&["resize-window", "-x", "60", "-y", "20"]);
    screen.text("RETURN 'ten words that are long enough to need a second line of the table' AS words, 'қазақ' AS k;");
    screen.press("Enter");
    let shown = screen.wait("1 row");
    let table: Vec<&str> = shown.lines().filter(|line| line.starts_with(['┌', '│', '╞', '└'])).collect();
    assert!(table.len() > 4, "the table is not folded\n{shown}");
    assert!(table.iter().all(|line| line.chars().count() <= 60 && line.ends_with(['┐', '│', '╡', '┘'])), "{shown}");
}

#[test]
fn long_answers_go_through_the_pager() {
    let Some(screen) = Screen::open("pager", &["'SHEJIRE_PAGER=tail -n 2'"]) else { return };
    screen.text("UNWIND range(1001, 1500) AS x RETURN x;");
    screen.press("Enter");
    let shown = screen.wait("500 rows");
    assert!(shown.contains("│ 1500 │") && !shown.contains("│ 1499 │"), "{shown}");
}

#[test]
fn a_dumb_terminal_is_enough() {
    let Some(screen) = Screen::open("dumb", &["TERM=dumb"]) else { return };
    screen.text("MATCH (n:fund)");
    screen.press("Enter");
    screen.wait("...>");
    screen.text("RETURN count(*) AS funds;");
    screen.press("Enter");
    screen.wait("│ 2     │");
    screen.text(":format csv");
    screen.press("Enter");
    screen.text("RETURN 'dumb' + 'but kind' AS x;");
    screen.press("Enter");
    screen.wait("dumbbut kind");
    screen.press("C-d");
    screen.wait("ended with 0");
}
