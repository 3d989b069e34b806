//! One client's conversation: which messages mean what in which state, and what they answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::engine::{Rows, Transaction};
use crate::{Engine, Error, Value};

use super::chunks;
use super::handshake::Version;
use super::packstream::{Dialect, Malformed, Reader, Writer};
use super::transport::Outgoing;
use super::values;
use crate::server::Server;
use crate::server::access;
use crate::server::bookmark;
use crate::server::places::{Place, Seat};
use crate::server::plan;
use crate::server::status::{self, Refusal};

/// Bytes of records that are gathered before they are sent.
const BATCH: usize = 64 << 10;

/// Results a transaction may keep open.
const MOST_RESULTS: usize = 64;

/// What the reader of a connection tells the one who answers, past the messages that wait.
#[derive(Debug, Default)]
pub(crate) struct Signals {
    /// Stops the statement that runs.
    pub(crate) cancel: Arc<AtomicBool>,
    /// RESETs that were received and not yet answered: what was sent before them is passed over.
    pub(crate) resets: AtomicUsize,
    /// Longer messages may come.
    pub(crate) authenticated: AtomicBool,
    /// Messages and bytes that wait.
    pub(crate) waiting: AtomicUsize,
    pub(crate) waiting_bytes: AtomicUsize,
}

/// Whether the connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    On,
    Close,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// HELLO has not come.
    Connected,
    /// LOGON has not come.
    Authentication,
    Ready,
    /// Something failed: everything is passed over until RESET.
    Failed,
}

/// The answer to a statement, as far as it has been pulled.
#[derive(Debug)]
struct Answer {
    rows: Rows,
    at: usize,
    text: String,
    started: Instant,
    bookmark: Option<u64>,
}

/// A transaction that the client began.
#[derive(Debug)]
struct Open {
    /// Away while a statement of it runs. The lock is never waited for: it makes what threads may be handed one at a time
    /// something that they may also look at.
    on: Mutex<Option<Transaction>>,
    deadline: Option<Instant>,
    reads: bool,
}

impl Open {
    fn take(&mut self) -> Option<Transaction> {
        self.on.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Which notifications a client wants.
#[derive(Clone, Debug, Default)]
struct Wanted {
    off: bool,
    without: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Talk<'o> {
    server: Arc<Server>,
    signals: Arc<Signals>,
    out: &'o mut Outgoing,
    peer: SocketAddr,
    local: SocketAddr,
    version: Version,
    dialect: Dialect,
    state: State,
    open: Option<Open>,
    /// A transaction ended by itself: the next message is told so.
    lost: Option<Refusal>,
    results: BTreeMap<i64, Answer>,
    next: i64,
    wanted: Wanted,
    address: Option<String>,
    number: usize,
    /// Among those who have not shown who they are, or not.
    seat: Arc<Seat>,
    /// Among those who have.
    place: Option<Place>,
    written: Writer,
}

type Done<T = ()> = Result<T, Refusal>;

/// What may stand beside a statement or a BEGIN.
#[derive(Debug, Default)]
struct Extra {
    reads: bool,
    timeout: Option<Duration>,
    wanted: Option<Wanted>,
    commit: Option<u64>,
}

impl<'o> Talk<'o> {
    pub(crate) fn new(
        server: Arc<Server>,
        signals: Arc<Signals>,
        out: &'o mut Outgoing,
        (peer, local): (SocketAddr, SocketAddr),
        version: Version,
        number: usize,
        seat: Arc<Seat>,
    ) -> Self {
        Self {
            server,
            signals,
            out,
            peer,
            local,
            version,
            dialect: version.dialect(),
            state: State::Connected,
            open: None,
            lost: None,
            results: BTreeMap::new(),
            next: 0,
            wanted: Wanted::default(),
            address: None,
            number,
            seat,
            place: None,
            written: Writer::default(),
        }
    }

    /// Whether the client has shown who it is.
    pub(crate) fn is_ready(&self) -> bool {
        !matches!(self.state, State::Connected | State::Authentication)
    }

    /// Whether a transaction is open, which is not left open for ever.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Nothing came for as long as a transaction may idle: it is rolled back, and the next message is told.
    pub(crate) fn idle(&mut self) {
        self.open = None;
        self.results.clear();
        self.lost = Some(Refusal::new(
            "Neo.ClientError.Transaction.TransactionTimedOut",
            "the transaction had no message for longer than it may idle, and was rolled back",
        ));
    }

    /// Sends what has been written.
    pub(crate) async fn flush(&mut self) -> std::io::Result<()> {
        if !self.written.out.is_empty() {
            self.out.send(&self.written.out).await?;
            self.written.out.clear();
            self.written.out.shrink_to(4 * BATCH);
        }
        Ok(())
    }

    /// Answers one message.
    pub(crate) async fn handle(&mut self, message: Vec<u8>) -> std::io::Result<Flow> {
        let dialect = self.dialect;
        let mut reader = Reader::new(&message, dialect);
        let (tag, fields) = match reader.head() {
            Ok(head) => head,
            Err(error) => return self.refuse(malformed(error)).await,
        };
        match tag {
            0x02 => return Ok(Flow::Close),
            0x0F if self.is_ready() => {
                self.reset();
                return Ok(Flow::On);
            }
            _ if !self.is_ready() => {
                let done = match tag {
                    0x01 => self.hello(&mut reader, fields),
                    0x6A if self.version.logs_on() => self.logon(&mut reader),
                    0x6B if self.version.logs_on() => Ok(()).map(|()| self.success([])),
                    _ => Err(Refusal::invalid("HELLO and LOGON come first")),
                };
                if let Err(refusal) = done {
                    if refusal.code == Refusal::unauthorized("").code && self.server.access.note_failure(self.peer.ip())
                    {
                        tokio::time::sleep(access::WAIT).await;
                    }
                    self.failure(&refusal);
                    self.flush().await?;
                    return Ok(Flow::Close);
                }
                return Ok(Flow::On);
            }
            _ if self.state == State::Failed || self.signals.resets.load(Ordering::Acquire) > 0 => {
                self.ignored();
                return Ok(Flow::On);
            }
            _ => {}
        }
        if let Some(lost) = self.lost.take() {
            return self.refuse(lost).await;
        }
        let done = match tag {
            0x10 => self.run(&mut reader, fields).await,
            0x3F | 0x2F => return self.pull(&mut reader, tag == 0x2F).await,
            0x11 => self.begin(&mut reader).await,
            0x12 => self.commit().await,
            0x13 => self.rollback(),
            0x66 => self.route(&mut reader, fields),
            0x54 => Ok(()).map(|()| self.success([])),
            0x6B if self.version.logs_on() => {
                self.forget();
                self.place = None;
                self.seat.sit();
                self.state = State::Authentication;
                self.signals.authenticated.store(false, Ordering::Release);
                self.success([]);
                Ok(())
            }
            0x01 | 0x6A => Err(Refusal::invalid("the client has said who it is already")),
            _ => Err(Refusal::invalid(format!(
                "there is no message {tag:#04x} in Bolt {}.{}",
                self.version.major, self.version.minor
            ))),
        };
        match done {
            Ok(()) => Ok(Flow::On),
            Err(refusal) => self.refuse(refusal).await,
        }
    }

    /// A message that cannot be answered: the client must RESET.
    async fn refuse(&mut self, refusal: Refusal) -> std::io::Result<Flow> {
        let was_ready = self.is_ready();
        self.forget();
        if self.signals.resets.load(Ordering::Acquire) > 0 {
            // the client has lost interest: what it hears is that its message was passed over
            self.ignored();
        } else {
            self.failure(&refusal);
        }
        self.state = State::Failed;
        match was_ready {
            true => Ok(Flow::On),
            false => {
                self.flush().await?;
                Ok(Flow::Close)
            }
        }
    }

    /// Whatever is open is rolled back.
    fn forget(&mut self) {
        self.open = None;
        self.results.clear();
    }

    fn reset(&mut self) {
        self.forget();
        self.lost = None;
        let left = self.signals.resets.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| Some(n.saturating_sub(1)));
        if left.unwrap_or(0) <= 1 {
            self.signals.cancel.store(false, Ordering::Release);
            self.state = State::Ready;
            self.success([]);
        } else {
            self.ignored();
        }
    }

    // ── who is there ──

    fn hello(&mut self, reader: &mut Reader<'_>, fields: usize) -> Done {
        if self.state != State::Connected || fields != 1 {
            return Err(Refusal::invalid("HELLO comes once, with one map"));
        }
        let extra = reader.map().map_err(malformed)?;
        reader.end().map_err(malformed)?;
        if let Some(Value::Map(routing)) = extra.get("routing")
            && let Some(Value::Str(address)) = routing.get("address")
        {
            self.address = Some(address.to_string());
        }
        let mut said = vec![
            ("server", Value::from(self.server.agent())),
            ("connection_id", Value::from(format!("bolt-{}", self.number))),
        ];
        let patches = matches!(extra.get("patch_bolt"), Some(Value::List(list))
            if list.iter().any(|p| matches!(p, Value::Str(p) if &**p == "utc")));
        if patches && self.version.major == 4 && self.version.minor >= 3 {
            self.dialect.utc = true;
            said.push(("patch_bolt", Value::list(vec!["utc".into()]).unwrap_or_default()));
        }
        said.push(("hints", Value::map([]).unwrap_or_default()));
        self.wanted = wanted(&extra).unwrap_or_default();
        if self.version.logs_on() {
            self.state = State::Authentication;
        } else {
            self.authenticate(&extra)?;
        }
        self.success(said);
        Ok(())
    }

    fn logon(&mut self, reader: &mut Reader<'_>) -> Done {
        if self.state != State::Authentication {
            return Err(Refusal::invalid("HELLO comes before LOGON"));
        }
        let auth = reader.map().map_err(malformed)?;
        reader.end().map_err(malformed)?;
        self.authenticate(&auth)?;
        self.success([]);
        Ok(())
    }

    fn authenticate(&mut self, auth: &BTreeMap<Arc<str>, Value>) -> Done {
        let shown = match auth.get("credentials") {
            Some(Value::Str(shown)) => shown,
            _ => "",
        };
        if self.server.access.is_guarded() && !self.server.access.admits(shown) {
            return Err(Refusal::unauthorized("the password is not this server's token"));
        }
        let Some(place) = self.server.bolt_places.take(self.peer.ip()) else {
            return Err(Refusal::new(
                "Neo.TransientError.General.TransactionOutOfMemoryError",
                "the server has as many connections as it may",
            ));
        };
        self.place = Some(place);
        self.seat.rise();
        self.state = State::Ready;
        self.signals.authenticated.store(true, Ordering::Release);
        Ok(())
    }

    // ── statements ──

    fn extra(&self, extra: &BTreeMap<Arc<str>, Value>) -> Done<Extra> {
        let text = |key: &str| if let Some(Value::Str(text)) = extra.get(key) { Some(&**text) } else { None };
        if let Some(name) = text("db").filter(|name| !self.server.config.is_graph(name)) {
            return Err(Refusal::no_database(name));
        }
        if extra.get("imp_user").is_some_and(|user| !user.is_null()) {
            return Err(Refusal::new(
                "Neo.ClientError.Security.Forbidden",
                "there are no users who could be impersonated",
            ));
        }
        let timeout = match extra.get("tx_timeout") {
            None | Some(Value::Null) => None,
            Some(Value::Int(ms)) if *ms >= 0 => Some(Duration::from_millis(ms.unsigned_abs())).filter(|t| !t.is_zero()),
            Some(_) => return Err(Refusal::invalid("tx_timeout is a number of milliseconds")),
        };
        let commit = match extra.get("bookmarks") {
            None | Some(Value::Null) => None,
            Some(Value::List(list)) => {
                bookmark::latest(list.iter().map(|one| if let Value::Str(text) = one { Some(&**text) } else { None }))?
            }
            Some(_) => return Err(bookmark::invalid("bookmarks are a list of texts")),
        };
        Ok(Extra { reads: text("mode") == Some("r"), timeout, wanted: wanted(extra), commit })
    }

    /// The engine as a statement of this client may use it.
    fn engine(&self, reads: bool, timeout: Option<Duration>) -> Engine {
        let engine = self.server.engine_for(reads);
        match timeout {
            Some(timeout) if timeout < crate::engine::LOCK_TIMEOUT => engine.lock_timeout(timeout),
            _ => engine,
        }
    }

    async fn run(&mut self, reader: &mut Reader<'_>, fields: usize) -> Done {
        if self.open.is_none() && !self.results.is_empty() {
            return Err(Refusal::invalid("the answer before this one has not been pulled to its end"));
        }
        if self.results.len() >= MOST_RESULTS {
            return Err(Refusal::invalid(format!("a transaction may keep {MOST_RESULTS} answers open")));
        }
        let text = reader.text().map_err(malformed)?;
        if text.len() > self.server.config.text {
            let message =
                format!("the text is {} bytes long; at most {} are read", text.len(), self.server.config.text);
            return Err(Refusal::new("Neo.ClientError.General.LimitExceeded", message));
        }
        let params = reader.parameters().map_err(malformed)?;
        let extra = if fields > 2 { reader.map().map_err(malformed)? } else { BTreeMap::new() };
        reader.end().map_err(malformed)?;
        let text = text.to_string();
        let answer = match self.open.is_some() {
            true => self.run_inside(text, params).await?,
            false => {
                let extra = self.extra(&extra)?;
                if let Some(wanted) = extra.wanted.clone() {
                    self.wanted = wanted;
                }
                self.server.seen(extra.commit).await?;
                self.run_alone(text, params, &extra).await?
            }
        };
        let columns = answer.rows.columns().iter().map(|c| Value::Str(c.clone())).collect();
        let mut said =
            vec![("fields", Value::list(columns).unwrap_or_default()), ("t_first", millis(answer.started.elapsed()))];
        let number = self.next;
        self.next += 1;
        if self.open.is_some() {
            said.push(("qid", Value::Int(number)));
        }
        self.results.insert(number, answer);
        self.success(said);
        Ok(())
    }

    async fn run_alone(&mut self, text: String, params: Vec<(String, Value)>, extra: &Extra) -> Done<Answer> {
        let started = Instant::now();
        let engine = self.engine(extra.reads, extra.timeout);
        let timeout = extra.timeout;
        let job = move |limits| {
            let statement = engine.query(&text).limits(limits);
            let rows = statement.given(params).rows();
            let rows = rows.map_err(|error| waited(&error, &text, timeout))?;
            let bookmark = engine.snapshot().ok().map(|snapshot| snapshot.commit());
            Ok(Answer { rows, at: 0, text, started, bookmark })
        };
        self.server.work.run(timeout, &self.signals.cancel, job).await?
    }

    async fn run_inside(&mut self, text: String, params: Vec<(String, Value)>) -> Done<Answer> {
        let started = Instant::now();
        let Some(open) = self.open.as_mut() else { return Err(Refusal::invalid("no transaction is open")) };
        let left = open.deadline.map(|deadline| deadline.saturating_duration_since(started));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(timed_out());
        }
        let Some(mut transaction) = open.take() else { return Err(Refusal::invalid("the transaction has failed")) };
        let job = move |limits| {
            let statement = transaction.query(&text).limits(limits);
            let rows = statement.given(params).rows();
            match rows {
                Ok(rows) => Ok((transaction, Answer { rows, at: 0, text, started, bookmark: None })),
                Err(error) => Err(waited(&error, &text, left)), // the transaction goes: it is rolled back
            }
        };
        let (transaction, answer) = self.server.work.run(left, &self.signals.cancel, job).await??;
        if let Some(open) = self.open.as_mut() {
            open.on = Mutex::new(Some(transaction));
        }
        Ok(answer)
    }

    /// Hands over so many rows of an answer, or passes over them.
    async fn pull(&mut self, reader: &mut Reader<'_>, discard: bool) -> std::io::Result<Flow> {
        let asked = reader.map().map_err(malformed).and_then(|asked| {
            reader.end().map_err(malformed)?;
            let n = match asked.get("n") {
                Some(Value::Int(-1)) => usize::MAX,
                Some(Value::Int(n)) if *n >= 1 => usize::try_from(*n).unwrap_or(usize::MAX),
                _ => return Err(Refusal::invalid("n is a number of rows above 0, or -1 for all")),
            };
            let number = match asked.get("qid") {
                None | Some(Value::Null | Value::Int(-1)) => self.results.keys().next_back().copied(),
                Some(Value::Int(number)) => Some(*number),
                Some(_) => return Err(Refusal::invalid("qid is the number of an answer")),
            };
            Ok((n, number))
        });
        let (n, number) = match asked {
            Ok(asked) => asked,
            Err(refusal) => return self.refuse(refusal).await,
        };
        let Some((number, mut answer)) = number.and_then(|number| self.results.remove_entry(&number)) else {
            return self.refuse(Refusal::invalid("there is no answer to pull")).await;
        };
        let end = answer.rows.len().min(answer.at.saturating_add(n));
        if discard {
            answer.at = end;
        }
        while answer.at < end {
            self.record(&answer.rows, answer.at);
            answer.at += 1;
            if self.written.out.len() >= BATCH {
                if self.signals.resets.load(Ordering::Acquire) > 0 {
                    self.flush().await?;
                    self.ignored();
                    return Ok(Flow::On);
                }
                self.flush().await?;
            }
        }
        if answer.at < answer.rows.len() {
            self.results.insert(number, answer);
            self.success([("has_more", Value::Bool(true))]);
        } else {
            let said = self.summary(&answer);
            self.success(said);
        }
        Ok(Flow::On)
    }

    fn summary(&self, answer: &Answer) -> Vec<(&'static str, Value)> {
        let changes = answer.rows.changes();
        let mut said = vec![
            ("type", Value::from(status::kind_of(&changes, answer.rows.columns().len()))),
            ("t_last", millis(answer.started.elapsed())),
            ("db", Value::from("neo4j")),
            // some clients crash where it is not there
            ("has_more", Value::Bool(false)),
        ];
        if let Some(commit) = answer.bookmark {
            said.push(("bookmark", bookmark::of(commit).into()));
        }
        let counts = status::counts(&changes);
        let counts: Vec<_> = counts.iter().filter(|(_, _, n)| *n > 0).collect();
        if !counts.is_empty() {
            let counts = counts.into_iter().map(|(name, _, n)| (Arc::from(*name), int(*n)));
            let all = counts.chain([(Arc::from("contains-updates"), Value::Bool(true))]);
            said.push(("stats", Value::map(all).unwrap_or_default()));
        }
        let notes = self.notifications(answer);
        if !notes.is_empty() {
            said.push(("notifications", Value::list(notes).unwrap_or_default()));
        }
        if let Some((key, plan)) = plan::as_value(&answer.rows) {
            said.push((key, plan));
        }
        said
    }

    fn notifications(&self, answer: &Answer) -> Vec<Value> {
        if self.wanted.off || self.wanted.without.iter().any(|c| c == "UNRECOGNIZED") {
            return Vec::new();
        }
        let note = |warning: &crate::engine::Warning| {
            let (line, column) = warning.span.line_column(&answer.text);
            let position =
                [("offset", u64::from(warning.span.start)), ("line", line as u64), ("column", column as u64)];
            let description = match &warning.hint {
                Some(hint) => format!("{}; {hint}", warning.message),
                None => warning.message.clone(),
            };
            let note = [
                ("code", Value::from(status::code_of_warning(warning))),
                ("title", warning.message.as_str().into()),
                ("description", description.into()),
                ("severity", "WARNING".into()),
                ("category", "UNRECOGNIZED".into()),
                ("position", Value::map(position.map(|(key, n)| (Arc::from(key), int(n)))).unwrap_or_default()),
            ];
            Value::map(note.map(|(key, value)| (Arc::from(key), value))).unwrap_or_default()
        };
        answer.rows.warnings().iter().map(note).collect()
    }

    // ── transactions ──

    async fn begin(&mut self, reader: &mut Reader<'_>) -> Done {
        if self.open.is_some() || !self.results.is_empty() {
            return Err(Refusal::invalid("a transaction, or an answer, is open"));
        }
        let extra = reader.map().map_err(malformed)?;
        reader.end().map_err(malformed)?;
        let extra = self.extra(&extra)?;
        if let Some(wanted) = extra.wanted.clone() {
            self.wanted = wanted;
        }
        self.server.seen(extra.commit).await?;
        let engine = self.engine(extra.reads, extra.timeout);
        let begun = self.server.work.run(None, &self.signals.cancel, move |_| engine.begin()).await?;
        let begun = begun.map_err(|e| Refusal::of(&e, ""))?;
        let deadline = extra.timeout.map(|timeout| Instant::now() + timeout);
        self.open = Some(Open { on: Mutex::new(Some(begun)), deadline, reads: extra.reads });
        self.success([]);
        Ok(())
    }

    async fn commit(&mut self) -> Done {
        let Some(mut open) = self.open.take() else { return Err(Refusal::invalid("no transaction is open")) };
        self.results.clear();
        if open.deadline.is_some_and(|deadline| deadline <= Instant::now()) && !open.reads {
            return Err(timed_out());
        }
        let Some(transaction) = open.take() else { return Err(Refusal::invalid("the transaction has failed")) };
        let engine = self.server.engine.clone();
        let job = move |_| {
            transaction.commit()?;
            Ok::<_, Error>(engine.snapshot()?.commit())
        };
        // a commit under way is not stopped: whether it happened would be unknown
        let never = Arc::new(AtomicBool::new(false));
        let commit = self.server.work.run(None, &never, job).await?.map_err(|e| Refusal::of(&e, ""))?;
        self.success([("bookmark", bookmark::of(commit).into())]);
        Ok(())
    }

    fn rollback(&mut self) -> Done {
        if self.open.is_none() {
            return Err(Refusal::invalid("no transaction is open"));
        }
        self.forget();
        self.success([]);
        Ok(())
    }

    /// One table, with the address the client used: there is one server for everything.
    fn route(&mut self, reader: &mut Reader<'_>, fields: usize) -> Done {
        let routing = reader.map().map_err(malformed)?;
        let mut rest = Vec::new();
        for _ in 1..fields {
            rest.push(reader.value(0).map_err(malformed)?);
        }
        reader.end().map_err(malformed)?;
        let named = rest.iter().find_map(|value| match value {
            Value::Str(name) => Some(name.to_string()),
            Value::Map(extra) => match extra.get("db") {
                Some(Value::Str(name)) => Some(name.to_string()),
                _ => None,
            },
            _ => None,
        });
        if let Some(name) = named.filter(|name| !self.server.config.is_graph(name)) {
            return Err(Refusal::no_database(&name));
        }
        let asked = match routing.get("address") {
            Some(Value::Str(address)) => Some(address.to_string()),
            _ => self.address.clone(),
        };
        let address = asked.or_else(|| self.server.config.advertise.clone()).unwrap_or_else(|| self.local.to_string());
        let role = |role: &str| {
            let addresses = Value::list(vec![address.as_str().into()]).unwrap_or_default();
            Value::map([(Arc::from("addresses"), addresses), (Arc::from("role"), role.into())]).unwrap_or_default()
        };
        let servers = Value::list(vec![role("ROUTE"), role("READ"), role("WRITE")]).unwrap_or_default();
        let table = [("ttl", Value::Int(300)), ("db", "neo4j".into()), ("servers", servers)];
        let table = Value::map(table.map(|(key, value)| (Arc::from(key), value))).unwrap_or_default();
        self.success([("rt", table)]);
        Ok(())
    }

    // ── what is written ──

    fn message(&mut self, tag: u8, fields: u8, write: impl FnOnce(&mut Writer)) {
        let start = self.written.out.len();
        self.written.out.extend([0, 0]);
        self.written.structure(tag, fields);
        write(&mut self.written);
        chunks::finish(&mut self.written.out, start);
    }

    fn record(&mut self, rows: &Rows, at: usize) {
        let dialect = self.dialect;
        self.message(0x71, 1, |to| {
            let values = rows.get(at).map_or(&[][..], |row| row.values());
            to.list(values.len());
            values.iter().for_each(|value| values::write(to, value, rows.entities(), dialect));
        });
    }

    fn success(&mut self, said: impl IntoIterator<Item = (&'static str, Value)>) {
        let said = Value::map(said.into_iter().map(|(key, value)| (Arc::from(key), value))).unwrap_or_default();
        self.meta(0x70, &said);
    }

    fn failure(&mut self, refusal: &Refusal) {
        self.server.work.counts.failed.fetch_add(1, Ordering::Relaxed);
        let said = [("code", refusal.code.into()), ("message", Value::from(refusal.message.as_str()))];
        let said = Value::map(said.map(|(key, value)| (Arc::from(key), value))).unwrap_or_default();
        self.meta(0x7F, &said);
    }

    fn meta(&mut self, tag: u8, said: &Value) {
        let dialect = self.dialect;
        self.message(tag, 1, |to| values::write(to, said, &crate::engine::Entities::default(), dialect));
    }

    fn ignored(&mut self) {
        self.message(0x7E, 0, |_| {});
    }
}

fn malformed(error: Malformed) -> Refusal {
    match error {
        Malformed::Format(message) => Refusal::new("Neo.ClientError.Request.InvalidFormat", message),
        Malformed::Value(error) => Refusal::of(&error, ""),
    }
}

/// An error of a statement; one that waited for a writer within a time of the client's own is told apart.
fn waited(error: &Error, text: &str, timeout: Option<Duration>) -> Refusal {
    let mut refusal = Refusal::of(error, text);
    if timeout.is_some() && refusal.code == "Neo.TransientError.Transaction.LockAcquisitionTimeout" {
        refusal.code = "Neo.ClientError.Transaction.LockClientStopped";
    }
    refusal
}

fn timed_out() -> Refusal {
    Refusal::new(
        "Neo.ClientError.Transaction.TransactionTimedOut",
        "the transaction took longer than its tx_timeout, and was rolled back",
    )
}

fn wanted(extra: &BTreeMap<Arc<str>, Value>) -> Option<Wanted> {
    let severity = extra.get("notifications_minimum_severity");
    let without =
        extra.get("notifications_disabled_categories").or_else(|| extra.get("notifications_disabled_classifications"));
    if severity.is_none_or(Value::is_null) && without.is_none_or(Value::is_null) {
        return None;
    }
    let off = matches!(severity, Some(Value::Str(text)) if &**text == "OFF");
    let without = match without {
        Some(Value::List(list)) => {
            list.iter().filter_map(|c| if let Value::Str(c) = c { Some(c.to_string()) } else { None }).collect()
        }
        _ => Vec::new(),
    };
    Some(Wanted { off, without })
}

fn int(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn millis(time: Duration) -> Value {
    Value::Int(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}
