//! `serve` and `mcp`: one graph for drivers, scripts, language models and browsers.

use std::net::SocketAddr;
use std::path::Path;

use super::args::{McpArgs, ServeArgs};
use super::terminal::Desk;
use super::{Done, Failure, Outcome, open};
use crate::error::{Class, Code, Error, Phase};
use crate::server::{self, Config, Running, Tls};

/// Longest file that holds a token.
const LONGEST_TOKEN: u64 = 4096;

/// `shejire serve`: until it is told to stop.
pub(super) fn run(args: ServeArgs, desk: &mut Desk) -> Outcome {
    let token = token(args.token_file.as_deref())?;
    let beyond = [args.http.0, args.bolt.0].into_iter().flatten().find(|address| !address.ip().is_loopback());
    let tls = args.tls_cert.zip(args.tls_key).map(|(certificate, key)| Tls { certificate, key });
    if let Some(address) = beyond.filter(|_| !args.insecure && tls.is_none()) {
        return Err(Failure::Usage(format!(
            "{address} can be reached from other machines, and what is said there can be read on the way: give \
             --tls-cert and --tls-key, or put a proxy that speaks TLS before a loopback address, or say --insecure"
        )));
    }
    let made = match (&token, args.write || beyond.is_some()) {
        (None, true) => Some(server::new_token()?),
        _ => None,
    };
    let engine = match args.write {
        true => open::engine(&args.source)?,
        false => open::engine_for_reading(&args.source)?,
    };
    let name = args.source.db.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    let config = Config {
        http: args.http.0,
        bolt: args.bolt.0,
        write: args.write && !args.source.read_only,
        token: token.or_else(|| made.clone()),
        hosts: args.hosts,
        origins: args.cors,
        neo4j_compat: args.neo4j_compat,
        advertise: args.advertise,
        tls,
        title: title(&args.source),
        name,
        connections: args.max_connections,
        time: args.limits.timeout.unwrap_or(Config::default().time),
        memory: args.limits.memory.unwrap_or(Config::default().memory),
        rows: args.limits.max_rows.unwrap_or(Config::default().rows),
        csv_folder: args.limits.csv_folder.clone(),
        sources: args.sources,
        views: args.views,
        idle_transaction: args.tx_idle.unwrap_or(Config::default().idle_transaction),
        ..Config::default()
    };
    let (writes, by_tls) = (config.write, config.tls.is_some());
    let running = server::serve(engine, config).map_err(|error| cannot(&error))?;
    running.wait(|running| announce(running, writes, by_tls, made.as_deref(), args.open, desk))?;
    Ok(Done::Well)
}

/// Says where the server is found, as one line of JSON; to people, beside it, what is wrong and the token made for this run.
fn announce(
    running: &Running,
    writes: bool,
    by_tls: bool,
    made: Option<&str>,
    open: bool,
    desk: &mut Desk,
) -> std::io::Result<()> {
    let (http, bolt) = if by_tls { ("https", "bolt+s") } else { ("http", "bolt") };
    let said = serde_json::json!({
        "http": running.http().map(|address| format!("{http}://{address}/")),
        "bolt": running.bolt().map(|address| format!("{bolt}://{address}")),
        "mcp": running.http().map(|address| format!("{http}://{address}/mcp")),
        "read_only": !writes,
        "pid": std::process::id(),
    });
    writeln!(desk.out(), "{said}")?;
    desk.flush()?;
    running.problems().iter().for_each(|problem| desk.note(&format!("warning: {problem}")));
    if let Some(token) = made {
        desk.note(&format!("the token of this run: {token}"));
    }
    if open {
        match running.invitation()? {
            None => desk.note("warning: there are no pages to open without HTTP"),
            Some(address) => {
                if let Err(why) = browse(&address) {
                    desk.note(&format!("warning: no browser was opened ({why}); the address is {address}"));
                }
            }
        }
    }
    Ok(())
}

/// `shejire mcp`: over standard input and output, for the program that started it.
pub(super) fn mcp(args: McpArgs) -> Outcome {
    let engine = open::engine_for_reading(&args.source)?;
    server::mcp_on_standard_streams(engine)?;
    Ok(Done::Well)
}

/// What the dataset calls itself, where there is one; what is wrong with it is told by whoever loads it.
fn title(source: &super::args::Source) -> Option<String> {
    let title = match (&source.db, &source.data) {
        (Some(_), _) => return None,
        (None, folder) => crate::dataset::title(folder.as_deref()),
    };
    Some(title.to_string()).filter(|title| !title.is_empty())
}

/// Opens an address in the browser of this desk. Errors: there is no program that does.
fn browse(address: &str) -> std::io::Result<()> {
    use std::process::{Command, Stdio};
    let (program, before): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("rundll32", &["url.dll,FileProtocolHandler"]),
        _ => ("xdg-open", &[]),
    };
    let quiet = |command: &mut Command| {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(|_| ())
    };
    quiet(Command::new(program).args(before).arg(address))
}

/// The token that clients must show: of the file, else of the environment.
fn token(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let Some(file) = file else {
        return Ok(std::env::var("SHEJIRE_TOKEN").ok().filter(|token| !token.is_empty()));
    };
    let data = |message: String| Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, message);
    let about = std::fs::metadata(file).map_err(|e| open::unreadable(file, &e))?;
    if !about.is_file() || about.len() > LONGEST_TOKEN {
        return Err(data(format!("{} is no file of at most {LONGEST_TOKEN} bytes", file.display())).into());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if about.permissions().mode() & 0o077 != 0 {
            let error = data(format!("{} can be read by others", file.display()));
            return Err(error.hint(format!("chmod 600 {}", file.display())).into());
        }
    }
    let text = std::fs::read_to_string(file).map_err(|e| open::unreadable(file, &e))?;
    match text.trim() {
        "" => Err(data(format!("{} holds no token", file.display())).into()),
        token => Ok(Some(token.to_owned())),
    }
}

fn cannot(error: &std::io::Error) -> Error {
    Error::new(Class::DataError, Phase::Runtime, Code::FileAccess, error.to_string())
}

/// An address, or `off`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listen(pub(super) Option<SocketAddr>);

/// `127.0.0.1:7474`, a port alone for this machine's loopback address, or `off`.
pub(super) fn read_address(text: &str) -> Result<Listen, String> {
    if text == "off" {
        return Ok(Listen(None));
    }
    if let Ok(port) = text.parse::<u16>() {
        return Ok(Listen(Some(SocketAddr::from(([127, 0, 0, 1], port)))));
    }
    text.parse().map(|address| Listen(Some(address))).map_err(|_| {
        "an address is written like 127.0.0.1:7474 or [::1]:7474; a port alone is one of this machine only; off for none".to_owned()
    })
}
