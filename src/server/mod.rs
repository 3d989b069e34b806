//! A server for one graph: Bolt for Neo4j's drivers, Neo4j's Query API, and an HTTP interface of its own.
//!
//! Safe by default: it listens on this machine only, and the engine refuses every statement that writes, until
//! [`Config`] says otherwise. Nothing is guessed from the text of a statement.

mod access;
mod assets;
mod bolt;
mod bookmark;
mod config;
mod http;
mod mcp;
pub(crate) mod pictures;
mod places;
mod plan;
pub(crate) mod reading;
pub(crate) mod saved;
mod status;
mod timeline;
pub(crate) mod views;
mod wire;
mod work;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::Engine;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use config::Config;
pub use wire::Tls;

/// What everything that serves shares.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) config: Config,
    pub(crate) access: access::Access,
    pub(crate) work: Arc<work::Work>,
    pub(crate) idle: places::Idle,
    pub(crate) bolt_places: places::Places,
    pub(crate) http_places: places::Places,
    pub(crate) transactions: http::Transactions,
    pub(crate) reading: Arc<reading::Reading>,
    pub(crate) saved: saved::Saved,
    pub(crate) tls: Option<wire::Acceptor>,
    pub(crate) started: Instant,
    pub(crate) http_address: Option<SocketAddr>,
    pub(crate) bolt_address: Option<SocketAddr>,
}

impl Server {
    fn new(
        engine: Engine,
        config: Config,
        reading: reading::Reading,
        http: Option<SocketAddr>,
        bolt: Option<SocketAddr>,
        tls: Option<wire::Acceptor>,
    ) -> Self {
        Self {
            tls,
            reading: Arc::new(reading),
            saved: saved::Saved::new(config.views.clone()),
            access: access::Access::new(config.token.as_deref(), config.hosts.clone(), config.origins.clone()),
            work: Arc::new(work::Work::new(&config)),
            idle: places::Idle::new(config.connections),
            bolt_places: places::Places::new(config.connections, config.connections_each),
            http_places: places::Places::new(config.connections, config.connections_each),
            transactions: http::Transactions::default(),
            started: Instant::now(),
            http_address: http,
            bolt_address: bolt,
            engine,
            config,
        }
    }

    /// How its addresses begin.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// What it calls itself to drivers.
    pub(crate) fn agent(&self) -> String {
        let own = concat!("shejire/", env!("CARGO_PKG_VERSION"));
        match self.config.neo4j_compat {
            true => format!("Neo4j/5.13.0 ({own})"),
            false => own.to_owned(),
        }
    }
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    server: Arc<Server>,
    stop: watch::Sender<bool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    problems: Vec<String>,
    runtime: Option<tokio::runtime::Runtime>,
}

/// A token that nobody guesses. Errors: the system has no randomness to give.
///
/// ```
/// assert_eq!(shejire::server::new_token().unwrap().len(), 32);
/// ```
pub fn new_token() -> io::Result<String> {
    access::random()
}

/// Serves MCP over standard input and output until the input ends.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// shejire::server::mcp_on_standard_streams(shejire::Engine::builtin()?)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Those of the streams and of the first words of the protocol.
pub fn mcp_on_standard_streams(engine: Engine) -> io::Result<()> {
    let config = Config { http: None, bolt: None, ..Config::default() };
    let runtime = runtime(&config)?;
    let server = Arc::new(Server::new(engine, config, reading::Reading::default(), None, None, None));
    let done = runtime.block_on(mcp::on_standard_streams(server));
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

fn runtime(config: &Config) -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)))
        .max_blocking_threads(config.statements + config.waiting)
        .thread_name("shejire-server")
        .enable_all()
        .build()
}

/// Begins to serve a graph. When this returns the addresses are listened on.
///
/// # Errors
/// An address that is taken (the message names it and the option); an address that is not of this machine without a token,
/// or writing without one; certificates that cannot be used; no network.
///
/// ```
/// use shejire::Engine;
/// use shejire::server::{Config, serve};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let any = Some(([127, 0, 0, 1], 0).into()); // a port that is free
/// let running = serve(Engine::builtin()?, Config { http: any, bolt: any, ..Config::default() })?;
/// println!("http://{}", running.http().unwrap());
/// running.stop();
/// # Ok(())
/// # }
/// ```
pub fn serve(engine: Engine, config: Config) -> io::Result<Running> {
    let beyond = [config.http, config.bolt].into_iter().flatten().find(|address| !address.ip().is_loopback());
    if config.token.is_none() {
        if let Some(address) = beyond {
            return Err(io::Error::other(format!("{address} can be reached from other machines: a token is needed")));
        }
        if config.write {
            return Err(io::Error::other("who may write must show a token"));
        }
    }
    let tls = config.tls.as_ref().map(Tls::acceptor).transpose()?;
    let failed = |error: crate::Error| io::Error::other(error.to_string());
    let snapshot = engine.snapshot().map_err(failed)?;
    let (reading, problems) = reading::Reading::open(&snapshot, config.sources.as_deref()).map_err(failed)?;
    drop(snapshot);
    let runtime = runtime(&config)?;
    let bind = |address: Option<SocketAddr>, option: &'static str| {
        let Some(address) = address else { return Ok(None) };
        let listener = runtime.block_on(TcpListener::bind(address)).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot listen on {address} ({error}); {option} takes another, and port 0 any that is free"),
            )
        })?;
        Ok::<_, io::Error>(Some(listener))
    };
    let (http, bolt) = (bind(config.http, "--http")?, bind(config.bolt, "--bolt")?);
    let address = |listener: &Option<TcpListener>| listener.as_ref().map(TcpListener::local_addr).transpose();
    let (http_address, bolt_address) = (address(&http)?, address(&bolt)?);
    let server = Arc::new(Server::new(engine, config, reading, http_address, bolt_address, tls));
    let (stop, stopped) = watch::channel(false);
    let mut tasks = Vec::new();
    if let Some(listener) = bolt {
        tasks.push(runtime.spawn(bolt::serve(Arc::clone(&server), listener, stopped.clone())));
    }
    if let Some(listener) = http {
        tasks.push(runtime.spawn(http::serve(Arc::clone(&server), listener, stopped)));
    }
    Ok(Running { server, stop, tasks, problems, runtime: Some(runtime) })
}

impl Running {
    /// Where HTTP is listened to.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use shejire::server::{Config, serve};
    ///
    /// let free = Some(([127, 0, 0, 1], 0).into());
    /// let running = serve(shejire::Engine::in_memory(), Config { http: free, bolt: None, ..Config::default() })?;
    /// assert!(running.http().unwrap().port() > 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn http(&self) -> Option<SocketAddr> {
        self.server.http_address
    }

    /// Where Bolt is listened to.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use shejire::server::{Config, serve};
    ///
    /// let free = Some(([127, 0, 0, 1], 0).into());
    /// let running = serve(shejire::Engine::in_memory(), Config { http: None, bolt: free, ..Config::default() })?;
    /// assert!(running.bolt().unwrap().port() > 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn bolt(&self) -> Option<SocketAddr> {
        self.server.bolt_address
    }

    /// The address at which a browser that is started from here finds the explorer; where a token is needed, with a word that
    /// is good for one session in its place, because others may read the command lines of programs. Nothing without HTTP.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use shejire::server::{Config, serve};
    ///
    /// let free = Some(([127, 0, 0, 1], 0).into());
    /// let running = serve(shejire::Engine::in_memory(), Config { http: free, bolt: None, ..Config::default() })?;
    /// assert_eq!(running.invitation()?, Some(format!("http://{}/", running.http().unwrap())));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn invitation(&self) -> io::Result<Option<String>> {
        let Some(address) = self.http() else { return Ok(None) };
        let scheme = self.server.scheme();
        Ok(Some(match self.server.access.is_guarded() {
            true => format!("{scheme}://{address}/#token={}", self.server.access.invite()?),
            false => format!("{scheme}://{address}/"),
        }))
    }

    /// What could not be read of the folder of documents, each in words.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use shejire::server::{Config, serve};
    ///
    /// let free = Some(([127, 0, 0, 1], 0).into());
    /// let running = serve(shejire::Engine::in_memory(), Config { http: free, bolt: None, ..Config::default() })?;
    /// assert!(running.problems().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Waits until the process is told to stop (SIGINT, SIGTERM), and stops. `ready` is called once it listens to that: whoever
    /// is told there where the server is may stop it in order from then on.
    ///
    /// ```no_run
    /// use shejire::server::{Config, serve};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let running = serve(shejire::Engine::builtin()?, Config::default())?;
    /// running.wait(|running| {
    ///     println!("listening on {:?}", running.http());
    ///     Ok(())
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The system tells of no signals; what `ready` fails with.
    pub fn wait(mut self, ready: impl FnOnce(&Self) -> io::Result<()>) -> io::Result<()> {
        let Some(runtime) = &self.runtime else { return Ok(()) };
        let told = runtime.block_on(async {
            #[cfg(unix)]
            {
                use tokio::signal::unix::{SignalKind, signal};
                let (mut interrupt, mut terminate) =
                    (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
                ready(&self)?;
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                Ok(())
            }
            #[cfg(not(unix))]
            {
                let mut told = std::pin::pin!(tokio::signal::ctrl_c());
                // the first poll registers it
                let already = std::future::poll_fn(|context| std::task::Poll::Ready(told.as_mut().poll(context))).await;
                ready(&self)?;
                match already {
                    std::task::Poll::Ready(told) => told,
                    std::task::Poll::Pending => told.await,
                }
            }
        });
        self.end();
        told
    }

    /// Stops: nobody is let in, statements are stopped, open transactions rolled back.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use shejire::server::{Config, serve};
    ///
    /// let free = Some(([127, 0, 0, 1], 0).into());
    /// let running = serve(shejire::Engine::in_memory(), Config { http: free, bolt: None, ..Config::default() })?;
    /// running.stop();
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _ = self.stop.send(true); // nobody listens: everything has ended
        if let Some(runtime) = self.runtime.take() {
            runtime.block_on(async {
                for task in self.tasks.drain(..) {
                    let _ = tokio::time::timeout(Duration::from_secs(1), task).await; // ended or not, it ends now
                }
            });
            self.server.transactions.clear();
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
