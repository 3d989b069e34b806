//! The bytes of a connection: plain, or in the binary messages of a WebSocket.

use std::io;
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::server::wire::Wire;

/// How long a client may leave what was written to it unread.
const UNREAD: Duration = Duration::from_secs(60);

/// Bytes read at once.
const BUFFER: usize = 16 << 10;

/// Where bytes come from.
#[derive(Debug)]
pub(crate) enum Incoming {
    Plain(ReadHalf<Wire>, Vec<u8>),
    Web(SplitStream<WebSocketStream<Wire>>),
}

/// Where bytes go.
#[derive(Debug)]
pub(crate) enum Outgoing {
    Plain(WriteHalf<Wire>),
    Web(SplitSink<WebSocketStream<Wire>, Message>),
}

impl Incoming {
    pub(crate) fn plain(half: ReadHalf<Wire>) -> Self {
        Self::Plain(half, vec![0; BUFFER])
    }

    /// Calls `take` with the next bytes; false at the end.
    pub(crate) async fn receive(&mut self, take: &mut (dyn FnMut(&[u8]) + Send)) -> io::Result<bool> {
        match self {
            Self::Plain(half, buffer) => {
                let read = half.read(buffer).await?;
                take(&buffer[..read]);
                Ok(read > 0)
            }
            Self::Web(stream) => loop {
                match stream.next().await {
                    Some(Ok(Message::Binary(bytes))) => {
                        take(&bytes);
                        return Ok(true);
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Text(_))) => return Err(io::Error::other("Bolt is spoken in binary messages")),
                    Some(Ok(Message::Close(_))) | None => return Ok(false),
                    Some(Err(error)) => return Err(io::Error::other(error)),
                }
            },
        }
    }
}

impl Outgoing {
    /// Sends bytes. Errors: the client is gone, or does not read.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let sending = async {
            match self {
                Self::Plain(half) => {
                    half.write_all(bytes).await?;
                    half.flush().await
                }
                Self::Web(sink) => sink.send(Message::Binary(bytes.to_vec().into())).await.map_err(io::Error::other),
            }
        };
        match tokio::time::timeout(UNREAD, sending).await {
            Ok(sent) => sent,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "what was written has not been read")),
        }
    }

    /// Ends the connection in order.
    pub(crate) async fn close(&mut self) {
        let closing = async {
            match self {
                Self::Plain(half) => half.shutdown().await,
                Self::Web(sink) => sink.close().await.map_err(io::Error::other),
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), closing).await; // gone already is closed as well
    }
}
