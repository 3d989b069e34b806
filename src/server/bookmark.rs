//! Bookmarks: the number of a commit, as clients carry it from one session to the next.

use std::time::{Duration, Instant};

use crate::server::Server;
use crate::server::status::Refusal;

/// How long a statement waits for a commit that its bookmark names.
const WAIT: Duration = Duration::from_secs(5);

/// The bookmark of a commit.
pub(crate) fn of(commit: u64) -> String {
    format!("sj:{commit}")
}

/// The latest commit that bookmarks name; nothing where there are none. Errors: one that is no bookmark of this server.
pub(crate) fn latest<'a>(bookmarks: impl Iterator<Item = Option<&'a str>>) -> Result<Option<u64>, Refusal> {
    bookmarks.map(read).try_fold(None, |latest, commit| Ok(latest.max(Some(commit?))))
}

fn read(bookmark: Option<&str>) -> Result<u64, Refusal> {
    let number = bookmark.and_then(|text| text.strip_prefix("sj:")).and_then(|number| number.parse().ok());
    number.ok_or_else(|| invalid("a bookmark of this server looks like sj:12"))
}

/// What is no list of bookmarks.
pub(crate) fn invalid(message: &str) -> Refusal {
    Refusal::new("Neo.ClientError.Transaction.InvalidBookmark", message)
}

impl Server {
    /// Waits until this server has seen the commit. Errors: it does not come.
    pub(crate) async fn seen(&self, commit: Option<u64>) -> Result<(), Refusal> {
        let Some(commit) = commit else { return Ok(()) };
        let until = Instant::now() + WAIT;
        loop {
            let last = self.engine.snapshot().map_err(|e| Refusal::of(&e, ""))?.commit();
            if last >= commit {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(Refusal::new(
                    "Neo.TransientError.Transaction.BookmarkTimeout",
                    format!("this server is at commit {last} and has not seen {commit}"),
                ));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
