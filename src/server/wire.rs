//! A connection as bytes, in the clear or by TLS. What was looked at before it was known what is spoken is read once more.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, version};
use tokio_rustls::server::TlsStream;

/// From the connection to the end of the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Longest file of certificates or of a key.
const LONGEST_PEM: u64 = 1 << 20;

/// Where the certificate of a server and its key are: files of PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, and after it those that vouch for it.
    pub certificate: PathBuf,
    /// Its private key, which may be read by nobody else.
    pub key: PathBuf,
}

impl Tls {
    /// Reads the files: TLS 1.2 and 1.3. Errors: a file that cannot be read, holds no such thing, or whose key others may read; a
    /// key that is not that of the certificate. Each names the file.
    pub(crate) fn acceptor(&self) -> io::Result<Acceptor> {
        let of = |file: &Path, why: String| io::Error::other(format!("{}: {why}", file.display()));
        let (certificate, key) = (self.certificate.as_path(), self.key.as_path());
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
            .collect::<Result<_, pem::Error>>()
            .map_err(|error| of(certificate, error.to_string()))?;
        if chain.is_empty() {
            return Err(of(
                certificate,
                "holds no certificate; a file of PEM begins with -----BEGIN CERTIFICATE-----".into(),
            ));
        }
        only_own(key)?;
        let secret = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| match error {
            pem::Error::NoItemsFound => {
                of(key, "holds no private key; a file of PEM begins with -----BEGIN PRIVATE KEY-----".into())
            }
            error => of(key, error.to_string()),
        })?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain, secret)
            .map_err(|error| of(key, format!("is not the key of {} ({error})", certificate.display())))?;
        Ok(Acceptor(TlsAcceptor::from(Arc::new(config))))
    }
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let failed = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    let about = fs::metadata(file).map_err(failed)?;
    if !about.is_file() || about.len() > LONGEST_PEM {
        return Err(io::Error::other(format!("{} is no file of at most {LONGEST_PEM} bytes", file.display())));
    }
    fs::read(file).map_err(failed)
}

/// Errors: everybody on this machine may read the key.
fn only_own(key: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::metadata(key).is_ok_and(|about| about.permissions().mode() & 0o007 != 0) {
            return Err(io::Error::other(format!(
                "{0} can be read by everybody on this machine: chmod 600 {0}",
                key.display()
            )));
        }
    }
    Ok(())
}

/// What speaks TLS for a server.
#[derive(Clone)]
pub(crate) struct Acceptor(TlsAcceptor);

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acceptor") // nothing of the key
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: Stream,
    /// What was looked at, and how much of it has been read since.
    seen: Vec<u8>,
    taken: usize,
}

#[derive(Debug)]
enum Stream {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Takes a connection. Errors: the client does not speak TLS as it should, or takes too long about it.
    pub(crate) async fn accept(stream: TcpStream, tls: Option<&Acceptor>) -> io::Result<Self> {
        let _ = stream.set_nodelay(true); // slower without, and right all the same
        let stream = match tls {
            None => Stream::Clear(stream),
            Some(tls) => Stream::Tls(Box::new(tokio::time::timeout(HANDSHAKE, tls.0.accept(stream)).await??)),
        };
        Ok(Self { stream, seen: Vec::new(), taken: 0 })
    }

    /// Looks at the first bytes, at most `most`, until `enough` says so of them or there are no more. They are read later.
    pub(crate) async fn look(&mut self, most: usize, enough: impl Fn(&[u8]) -> bool) -> io::Result<&[u8]> {
        let mut buffer = [0; 1024];
        while !enough(&self.seen) && self.seen.len() < most {
            let room = buffer.len().min(most - self.seen.len());
            let read = match &mut self.stream {
                Stream::Clear(stream) => stream.read(&mut buffer[..room]).await?,
                Stream::Tls(stream) => stream.read(&mut buffer[..room]).await?,
            };
            if read == 0 {
                break;
            }
            self.seen.extend_from_slice(&buffer[..read]);
        }
        Ok(&self.seen)
    }

    /// Passes over what was looked at.
    pub(crate) fn pass_over(&mut self) {
        self.taken = self.seen.len();
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let left = &this.seen[this.taken..];
        if !left.is_empty() {
            let most = left.len().min(buffer.remaining());
            buffer.put_slice(&left[..most]);
            this.taken += most;
            if this.taken == this.seen.len() {
                (this.seen, this.taken) = (Vec::new(), 0);
            }
            return Poll::Ready(Ok(()));
        }
        match &mut this.stream {
            Stream::Clear(stream) => Pin::new(stream).poll_read(cx, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Clear(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Clear(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Clear(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
