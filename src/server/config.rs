//! What a server is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::wire::Tls;

/// Addresses, rights and limits of a server; [`Config::default`] is what `shejire serve` starts with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where HTTP is listened to; nothing for no HTTP.
    pub http: Option<SocketAddr>,
    /// Where Bolt is listened to; nothing for no Bolt.
    pub bolt: Option<SocketAddr>,
    /// Statements may write. Without it the engine refuses every one that does.
    pub write: bool,
    /// What clients must show: the password of Bolt, the bearer of HTTP.
    pub token: Option<String>,
    /// Names by which clients may call this machine, beside the loopback ones and the addresses listened on.
    pub hosts: Vec<String>,
    /// Origins of pages that may ask, beside the server's own.
    pub origins: Vec<String>,
    /// Calls itself Neo4j, for drivers that talk to nothing else.
    pub neo4j_compat: bool,
    /// The address routing drivers are sent to, when a client names none.
    pub advertise: Option<String>,
    /// The name of the graph beside `neo4j`: the stem of the file.
    pub name: Option<String>,
    /// Most connections of each protocol, and from one address.
    pub connections: usize,
    /// Most connections from one address.
    pub connections_each: usize,
    /// Statements that run at once; so many again as `waiting` wait.
    pub statements: usize,
    /// Statements that wait for a turn.
    pub waiting: usize,
    /// Longest running time of a statement.
    pub time: Duration,
    /// Most memory of a statement, in bytes.
    pub memory: usize,
    /// Most memory of all statements that run, in bytes.
    pub memory_of_all: usize,
    /// Most rows a statement answers.
    pub rows: u64,
    /// Longest text of a statement, in bytes.
    pub text: usize,
    /// A transaction without a message for so long is rolled back.
    pub idle_transaction: Duration,
    /// The folder LOAD CSV reads from; nothing refuses it.
    pub csv_folder: Option<PathBuf>,
    /// Certificate and key: TLS, and nothing else, is spoken. Nothing for connections in the clear.
    pub tls: Option<Tls>,
    /// What the explorer calls the graph; nothing for its name.
    pub title: Option<String>,
    /// The folder with the documents themselves, a file each; nothing shows places without sentences.
    pub sources: Option<PathBuf>,
    /// The folder that views of the explorer are kept in, a file each; nothing keeps none.
    pub views: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        let loopback = |port| Some(SocketAddr::from(([127, 0, 0, 1], port)));
        Self {
            http: loopback(7474),
            bolt: loopback(7687),
            write: false,
            token: None,
            hosts: Vec::new(),
            origins: Vec::new(),
            neo4j_compat: false,
            advertise: None,
            name: None,
            connections: 256,
            connections_each: 64,
            statements: 32,
            waiting: 64,
            time: Duration::from_secs(30),
            memory: 512 << 20,
            memory_of_all: 2 << 30,
            rows: 1_000_000,
            text: 1 << 20,
            idle_transaction: Duration::from_secs(60),
            csv_folder: None,
            tls: None,
            title: None,
            sources: None,
            views: None,
        }
    }
}

impl Config {
    /// Whether the name is that of the graph: none, `neo4j`, `system`, or the stem of its file.
    pub(crate) fn is_graph(&self, name: &str) -> bool {
        matches!(name, "" | "neo4j" | "system" | "memgraph") || self.name.as_deref() == Some(name)
    }
}
