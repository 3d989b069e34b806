//! The same query on a cluster: a graph that was exported as tables, an engine that speaks Spark Connect, and rows as the
//! local engine gives them.
//!
//! ```text
//!   text ─► syntax, bind, plan ─► lower ─► SQL, arguments ─► client ─► cells ─► answer ─► Rows
//!                                   ▲                          │                  │
//!                        graph.toml (io/layout)           Spark Connect     nodes and relationships
//!                                                                            looked up by id
//! ```
//!
//! Nothing of a statement runs before all of it is lowered: what cannot be is refused by name (`NotLowered`). This module
//! knows no terminal; it knows one file of the client's (`client.rs`) and one of the format's (`io/layout.rs`).

mod answer;
mod client;
mod expression;
mod frontier;
mod lower;
mod pattern;
mod scope;
mod types;

use std::path::Path;

use crate::engine::{Logical, Rows, Snapshot};
use crate::error::{Class, Code, Error, Phase, Result};
use crate::io::WriteError;
use crate::io::layout::{self, Layout};
use crate::value::Value;
use client::{Cell, Client};
use lower::Lowered;

/// A graph in tables, and the cluster that reads them.
///
/// ```no_run
/// # fn main() -> shejire::Result<()> {
/// let cluster = shejire::cluster::Cluster::connect("sc://127.0.0.1:15002", "library/graph.toml")?;
/// let rows = cluster.run("MATCH (b:Book) RETURN count(*) AS books", &[])?;
/// println!("{}", rows.get(0).unwrap().get::<i64>("books")?);
/// # Ok(())
/// # }
/// ```
pub struct Cluster {
    client: Client,
    layout: Layout,
    /// The folder of the tables, as the server knows it.
    folder: String,
}

/// Writes a graph as the tables that a cluster reads, with the `graph.toml` that describes them; the folder is there.
/// Errors: a value that no column can hold, by the name of its key; a file that cannot be written.
///
/// ```no_run
/// # fn main() -> shejire::Result<()> {
/// let engine = shejire::Engine::builtin()?;
/// shejire::cluster::write_tables(&engine.snapshot()?, "library".as_ref())?;
/// # Ok(())
/// # }
/// ```
pub fn write_tables(snapshot: &Snapshot, folder: &Path) -> Result<()> {
    layout::write(snapshot, folder).map_err(WriteError::into_error)
}

impl Cluster {
    /// Connects to a server of Spark Connect (`sc://HOST:PORT[;token=…][;use_ssl=true]`) and reads what a graph is made of:
    /// `graph` is the path of a `graph.toml`, which is read here, or its address (`s3a://…`), which the server reads.
    /// Errors: nobody answers; there is no such graph; the server's integers run over silently.
    ///
    /// ```no_run
    /// # fn main() -> shejire::Result<()> {
    /// let cluster = shejire::cluster::Cluster::connect("sc://127.0.0.1:15002", "s3a://bucket/library/graph.toml")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect(url: &str, graph: &str) -> Result<Self> {
        let at_server = graph.contains("://");
        // what is read here is looked at before anybody is asked
        let known = if at_server { None } else { Some(local(graph)?) };
        let client = Client::connect(url)?;
        refuses_overflow(&client)?;
        let (folder, layout) = match known {
            Some(known) => known,
            None => far(&client, graph)?,
        };
        Ok(Self { client, layout, folder })
    }

    /// Goes on with another graph over the same connection. Errors: there is no such graph.
    ///
    /// ```no_run
    /// # fn main() -> shejire::Result<()> {
    /// let mut cluster = shejire::cluster::Cluster::connect("sc://127.0.0.1:15002", "library/graph.toml")?;
    /// cluster.change_to("archive/graph.toml")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn change_to(&mut self, graph: &str) -> Result<()> {
        let at_server = graph.contains("://");
        (self.folder, self.layout) = if at_server { far(&self.client, graph)? } else { local(graph)? };
        Ok(())
    }

    /// Runs a query that reads. Errors: `NotLowered`, before anything is sent, with what cannot be run there; those of
    /// the local engine; `ClusterFailed` with what the server says.
    ///
    /// ```no_run
    /// # fn main() -> shejire::Result<()> {
    /// let cluster = shejire::cluster::Cluster::connect("sc://127.0.0.1:15002", "library/graph.toml")?;
    /// let rows = cluster.run("MATCH (b:Book {year: $year}) RETURN b.title AS title", &[("year".into(), 1843.into())])?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(&self, text: &str, params: &[(String, Value)]) -> Result<Rows> {
        let mut lowered = self.lowered(text, params)?;
        frontier::run(&mut lowered, &self.client, &self.layout, &self.folder)?;
        let cells = self.client.rows(&lowered.sql(), &lowered.arguments)?;
        answer::rows(self, &lowered, cells)
    }

    /// The same, if there are no more rows than these. Errors: those of [`Self::run`]; `LimitExceeded / Rows`.
    ///
    /// ```no_run
    /// # fn main() -> shejire::Result<()> {
    /// let cluster = shejire::cluster::Cluster::connect("sc://127.0.0.1:15002", "library/graph.toml")?;
    /// let some = cluster.run_at_most("MATCH (b:Book) RETURN b.title AS title", &[], 1_000)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn run_at_most(&self, text: &str, params: &[(String, Value)], most: u64) -> Result<Rows> {
        let mut lowered = self.lowered(text, params)?;
        frontier::run(&mut lowered, &self.client, &self.layout, &self.folder)?;
        // one more tells that there are too many
        let cut = format!("{} LIMIT {}", lowered.last, most.saturating_add(1));
        let whole = Lowered { last: cut, ..lowered };
        let cells = self.client.rows(&whole.sql(), &whole.arguments)?;
        if cells.len() as u64 > most {
            return Err(Error::limit(Code::Rows, "the answer has more rows than the limit allows"));
        }
        answer::rows(self, &whole, cells)
    }

    /// How many nodes and relationships stand in the tables that a query reads: each table as often as it is read.
    /// Errors: `NotLowered`; those of the local engine.
    ///
    /// ```no_run
    /// # fn main() -> shejire::Result<()> {
    /// let cluster = shejire::cluster::Cluster::connect("sc://127.0.0.1:15002", "library/graph.toml")?;
    /// assert!(cluster.scanned("MATCH (b:Book) RETURN count(*) AS n", &[])? < 1_000_000_000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn scanned(&self, text: &str, params: &[(String, Value)]) -> Result<u64> {
        let whole = self.lowered(text, params)?.sql();
        let read = |folder: &str, count: u64| whole.matches(&format!("/{folder}`")).count() as u64 * count;
        let nodes = self.layout.nodes.iter().map(|table| read(&table.folder, table.count));
        let rels = self.layout.relationships.iter().map(|table| read(&table.folder, table.count));
        Ok(nodes.chain(rels).sum())
    }

    /// What would be sent for a query: its steps with their SQL, the tables it reads and how large they are.
    /// Errors: `NotLowered`; those of the local engine.
    ///
    /// ```no_run
    /// # fn main() -> shejire::Result<()> {
    /// let cluster = shejire::cluster::Cluster::connect("sc://127.0.0.1:15002", "library/graph.toml")?;
    /// println!("{}", cluster.explain("MATCH (b:Book) RETURN count(*) AS books", &[])?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn explain(&self, text: &str, params: &[(String, Value)]) -> Result<String> {
        let lowered = self.lowered(text, params)?;
        Ok(explained(&lowered, &self.layout))
    }

    /// Ends what is running there.
    ///
    /// ```no_run
    /// # fn main() -> shejire::Result<()> {
    /// let cluster = shejire::cluster::Cluster::connect("sc://127.0.0.1:15002", "library/graph.toml")?;
    /// cluster.cancel()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel(&self) -> Result<()> {
        self.client.cancel()
    }

    fn lowered(&self, text: &str, params: &[(String, Value)]) -> Result<Lowered> {
        let is_date = |key: &str| self.layout.dates.iter().any(|date| date == key);
        let logical = Logical::of(text, false, &is_date, params)?;
        lower::lower(&logical, &self.layout, &self.folder)
    }
}

/// The folder and the content of a `graph.toml` here.
fn local(graph: &str) -> Result<(String, Layout)> {
    let unreadable = |e: std::io::Error| {
        Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, format!("{graph}: cannot read: {e}"))
    };
    let text = std::fs::read_to_string(graph).map_err(unreadable)?;
    let full = Path::new(graph).canonicalize().map_err(unreadable)?;
    let folder = full.parent().unwrap_or(Path::new("/"));
    let Some(folder) = folder.to_str().filter(|folder| !folder.contains('`')) else {
        return Err(Error::data(format!("{graph}: the name of its folder cannot stand in SQL")));
    };
    Ok((folder.to_owned(), layout::read(graph, &text)?))
}

/// The same at an address that the server reads.
fn far(client: &Client, graph: &str) -> Result<(String, Layout)> {
    if graph.contains('`') {
        return Err(Error::data(format!("{graph}: this address cannot stand in SQL")));
    }
    let rows = client.rows(&format!("SELECT value FROM text.`{graph}`"), &[])?;
    let lines: Vec<String> = rows
        .into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(Cell::Str(line)) => Some(line.to_string()),
            _ => None,
        })
        .collect();
    let folder = graph.rsplit_once('/').map_or(graph, |(folder, _)| folder);
    Ok((folder.to_owned(), layout::read(graph, &lines.join("\n"))?))
}

/// Errors: the server makes another number of one that is too large, where an error is wanted.
fn refuses_overflow(client: &Client) -> Result<()> {
    let sql = "SELECT CAST(CAST('9223372036854775808' AS DECIMAL(38,0)) AS BIGINT) AS n";
    match client.rows(sql, &[]) {
        Err(error) if error.code() == Code::IntegerOverflow => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Err(Error::new(
            Class::DataError,
            Phase::Runtime,
            Code::ClusterFailed,
            "this server takes integers beyond 64 bits for others without saying so",
        )
        .hint("set spark.sql.ansi.enabled to true there")),
    }
}

/// The steps of a query with their SQL.
fn explained(lowered: &Lowered, layout: &Layout) -> String {
    let mut text = String::new();
    for step in &lowered.steps {
        text.push_str(&format!("{} {}\n    {}\n", step.name, step.what, step.sql));
    }
    text.push_str(&format!("answer\n    {}\n", lowered.last));
    for argument in &lowered.arguments {
        let value = crate::value::text::scalar(&argument.value).unwrap_or_else(|| "a list".to_owned());
        text.push_str(&format!(":{} = {value} ({})\n", argument.name, argument.ty.name()));
    }
    let whole = lowered.sql();
    let read = |folder: &str| whole.contains(&format!("/{folder}`"));
    for table in layout.nodes.iter().filter(|table| read(&table.folder)) {
        text.push_str(&format!("reads {}: {} nodes\n", table.folder, table.count));
    }
    for table in layout.relationships.iter().filter(|table| read(&table.folder)) {
        text.push_str(&format!("reads {}: {} relationships\n", table.folder, table.count));
    }
    text
}
