//! Bolt, the protocol of Neo4j's drivers: versions 4.1 to 5.4, over TCP and over WebSockets on the same port.
//!
//! A connection is two tasks. One always reads, so that a RESET, or the end of the connection, stops the statement that
//! runs; the other answers in order. Statements run on threads of their own (`work.rs`).

mod chunks;
mod handshake;
mod packstream;
mod session;
mod transport;
mod values;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use crate::server::Server;
use crate::server::places::Seat;
use crate::server::wire::Wire;
use session::{Flow, Signals, Talk};
use transport::{Incoming, Outgoing};

/// From the connection to the client's having shown who it is.
const GREETING: Duration = Duration::from_secs(10);
/// Longest message before the client has shown who it is, and after.
const LONGEST_GREETING: usize = 64 << 10;
const LONGEST: usize = 64 << 20;
/// Longest head of a browser's request.
const LONGEST_HEAD: usize = 8 << 10;
/// A connection without a message for so long is closed.
const IDLE: Duration = Duration::from_secs(3600);
/// Messages, and bytes of them, that may wait; beyond it no more is read.
const MOST_WAITING: usize = 1024;

static NUMBER: AtomicUsize = AtomicUsize::new(1);

/// Accepts connections until the server stops.
pub(crate) async fn serve(server: Arc<Server>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(Duration::from_millis(20)).await; // out of descriptors: others must close first
            continue;
        };
        let seat = Arc::new(server.idle.seat());
        let server = Arc::clone(&server);
        let mut stop = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = connection(server, stream, peer, Arc::clone(&seat)) => {}
                _ = seat.closed() => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }
}

async fn connection(server: Arc<Server>, stream: TcpStream, peer: SocketAddr, seat: Arc<Seat>) -> std::io::Result<()> {
    let until = Instant::now() + GREETING;
    let local = stream.local_addr()?;
    let mut wire = Wire::accept(stream, server.tls.as_ref()).await?;
    let first = match timeout_at(until, wire.look(4, |seen| seen.len() == 4)).await {
        Ok(Ok(seen)) if seen.len() == 4 => seen,
        _ => return Ok(()),
    };
    let (mut incoming, mut outgoing) = if first == b"GET " {
        match web(&server, wire, local, until).await? {
            Some(halves) => halves,
            None => return Ok(()),
        }
    } else {
        let (read, write) = tokio::io::split(wire);
        (Incoming::plain(read), Outgoing::Plain(write))
    };
    // magic, then four proposals
    let mut hello = Vec::new();
    while hello.len() < 20 {
        let mut take = |bytes: &[u8]| hello.extend_from_slice(bytes);
        match timeout_at(until, incoming.receive(&mut take)).await {
            Ok(Ok(true)) => {}
            _ => return Ok(()),
        }
        if !hello.starts_with(&handshake::MAGIC[..hello.len().min(4)]) {
            return Ok(());
        }
    }
    let rest = hello.split_off(20);
    let proposals: [u8; 16] = hello[4..].try_into().unwrap_or_default();
    let Some(version) = handshake::choose(&proposals) else {
        outgoing.send(&[0; 4]).await?;
        outgoing.close().await;
        return Ok(());
    };
    outgoing.send(&version.bytes()).await?;

    let signals = Arc::new(Signals::default());
    let (to, mut messages) = mpsc::unbounded_channel();
    // ends with this connection, however that ends
    let mut reading = JoinSet::new();
    reading.spawn(read(incoming, rest, to, Arc::clone(&signals)));
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut talk =
        Talk::new(Arc::clone(&server), Arc::clone(&signals), &mut outgoing, (peer, local), version, number, seat);
    loop {
        let next = match (talk.is_ready(), talk.is_open()) {
            (false, _) => timeout_at(until, messages.recv()).await,
            (_, true) => timeout(server.config.idle_transaction, messages.recv()).await,
            (_, false) => timeout(IDLE, messages.recv()).await,
        };
        let message: Vec<u8> = match next {
            Ok(Some(message)) => message,
            Ok(None) => break,
            Err(_) if talk.is_ready() && talk.is_open() => {
                talk.idle();
                continue;
            }
            Err(_) => break,
        };
        signals.waiting.fetch_sub(1, Ordering::Relaxed);
        signals.waiting_bytes.fetch_sub(message.len(), Ordering::Relaxed);
        match talk.handle(message).await {
            Ok(Flow::On) => {}
            Ok(Flow::Close) | Err(_) => break,
        }
        if messages.is_empty() && talk.flush().await.is_err() {
            break;
        }
    }
    drop(talk);
    drop(reading);
    outgoing.close().await;
    Ok(())
}

/// Reads on whatever happens, so that a RESET is seen while a statement runs.
async fn read(mut from: Incoming, first: Vec<u8>, to: mpsc::UnboundedSender<Vec<u8>>, signals: Arc<Signals>) {
    let mut gathering = chunks::Gathering::new(LONGEST_GREETING);
    gathering.add(&first);
    loop {
        loop {
            if signals.authenticated.load(Ordering::Acquire) {
                gathering.allow(LONGEST);
            }
            let message = match gathering.next() {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(chunks::TooLong) => {
                    // LOGON may be answered a moment later than the next message is read
                    if !signals.authenticated.load(Ordering::Acquire) && signals.waiting.load(Ordering::Relaxed) > 0 {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                        continue;
                    }
                    signals.cancel.store(true, Ordering::Release);
                    return;
                }
            };
            match message.get(1) {
                Some(0x0F) => {
                    signals.resets.fetch_add(1, Ordering::AcqRel);
                    signals.cancel.store(true, Ordering::Release);
                }
                Some(0x02) => signals.cancel.store(true, Ordering::Release),
                _ => {}
            }
            signals.waiting.fetch_add(1, Ordering::Relaxed);
            signals.waiting_bytes.fetch_add(message.len(), Ordering::Relaxed);
            if to.send(message).is_err() {
                return;
            }
            while signals.waiting.load(Ordering::Relaxed) > MOST_WAITING
                || signals.waiting_bytes.load(Ordering::Relaxed) > LONGEST
            {
                if to.is_closed() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        match from.receive(&mut |bytes| gathering.add(bytes)).await {
            Ok(true) => {}
            _ => {
                signals.cancel.store(true, Ordering::Release);
                return;
            }
        }
    }
}

/// A browser's connection: upgraded to a WebSocket when it asks for one and its page may talk to us.
async fn web(
    server: &Arc<Server>,
    mut wire: Wire,
    local: SocketAddr,
    until: Instant,
) -> std::io::Result<Option<(Incoming, Outgoing)>> {
    use futures_util::StreamExt as _;
    use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
    use tokio_tungstenite::tungstenite::http::StatusCode;
    use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

    let whole = |seen: &[u8]| seen.windows(4).any(|four| four == b"\r\n\r\n");
    let Ok(head) = timeout_at(until, wire.look(LONGEST_HEAD, whole)).await else { return Ok(None) };
    let text = String::from_utf8_lossy(head?).to_ascii_lowercase();
    if !text.contains("upgrade: websocket") {
        let body = "this is the Bolt port: drivers come here, browsers and HTTP clients to the other one\n";
        let answer = format!(
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        wire.pass_over();
        wire.write_all(answer.as_bytes()).await?;
        wire.shutdown().await?;
        return Ok(None);
    }
    let access = &server.access;
    #[allow(clippy::result_large_err)] // the library's own signature
    let check = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
        let refused = |status: StatusCode, why: &str| {
            let mut response = ErrorResponse::new(Some(why.to_owned()));
            *response.status_mut() = status;
            Err(response)
        };
        if !header("host").is_some_and(|host| access.is_ours(host, local)) {
            return refused(
                StatusCode::MISDIRECTED_REQUEST,
                "this server is not called that; --host NAME allows a name\n",
            );
        }
        // a page of the machine itself may talk Bolt: the port of a page is never that of Bolt
        let local_page = |origin: &str| {
            let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            host.is_some_and(|host| access.is_ours(host, local))
        };
        match header("origin") {
            Some(origin) if !local_page(origin) && !access.is_named_origin(origin) => {
                refused(StatusCode::FORBIDDEN, "pages of this origin may not ask here; --cors ORIGIN allows one\n")
            }
            _ => Ok(response),
        }
    };
    let config = WebSocketConfig::default().max_message_size(Some(LONGEST + 4096)).max_frame_size(Some(LONGEST + 4096));
    let accepted = tokio_tungstenite::accept_hdr_async_with_config(wire, check, Some(config));
    match timeout_at(until, accepted).await {
        Ok(Ok(socket)) => {
            let (sink, stream) = socket.split();
            Ok(Some((Incoming::Web(stream), Outgoing::Web(sink))))
        }
        _ => Ok(None),
    }
}
