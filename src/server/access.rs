//! Who may talk to the server, and from which pages.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Wrong tokens an address may show within [`WITHIN`] before each further one waits.
const FAILURES: u32 = 5;
const WITHIN: Duration = Duration::from_secs(60);
/// How long a further wrong token waits for its answer.
pub(crate) const WAIT: Duration = Duration::from_secs(1);
/// Addresses whose failures are remembered; beyond it the oldest are forgotten.
const REMEMBERED: usize = 10_000;

/// Browsers that are known at a time; one more, and the oldest shows the token again.
const SESSIONS: usize = 64;

/// What the server asks of those who come.
#[derive(Debug)]
pub(crate) struct Access {
    /// What the token hashes to, so that comparing takes the same time whatever is shown.
    token: Option<[u8; 32]>,
    /// Names beside the loopback ones and the address that is listened on.
    hosts: Vec<String>,
    /// Pages of other origins that may ask.
    origins: Vec<String>,
    failures: Mutex<HashMap<IpAddr, (u32, Instant)>>,
    /// What the browsers that have shown the token carry since, hashed; the newest last.
    sessions: Mutex<VecDeque<[u8; 32]>>,
    /// A word that begins one session in the place of the token, hashed.
    invitation: Mutex<Option<[u8; 32]>>,
}

impl Access {
    pub(crate) fn new(token: Option<&str>, hosts: Vec<String>, origins: Vec<String>) -> Self {
        let token = token.map(|token| Sha256::digest(token).into());
        Self {
            token,
            hosts: hosts.into_iter().map(|h| h.to_ascii_lowercase()).collect(),
            origins,
            failures: Mutex::default(),
            sessions: Mutex::default(),
            invitation: Mutex::default(),
        }
    }

    /// Whether a token must be shown at all.
    pub(crate) fn is_guarded(&self) -> bool {
        self.token.is_some()
    }

    /// Whether this is the token, in the same time for every text of a length.
    pub(crate) fn admits(&self, shown: &str) -> bool {
        match &self.token {
            None => true,
            Some(token) => bool::from(Sha256::digest(shown).as_slice().ct_eq(token)),
        }
    }

    /// A session for a browser that has shown the token: what its cookie is to carry, in the place of the token. Errors: as
    /// [`random`].
    pub(crate) fn begin_session(&self) -> std::io::Result<String> {
        let session = random()?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() == SESSIONS {
            sessions.pop_front();
        }
        sessions.push_back(Sha256::digest(&session).into());
        Ok(session)
    }

    /// A word that begins one session: for a browser that is started from here, whose command line others may read. The one
    /// before admits nobody any more. Errors: as [`random`].
    pub(crate) fn invite(&self) -> std::io::Result<String> {
        let word = random()?;
        *self.invitation.lock().unwrap_or_else(PoisonError::into_inner) = Some(Sha256::digest(&word).into());
        Ok(word)
    }

    /// Whether this is the word of an invitation, which is used up by it.
    pub(crate) fn takes_invitation(&self, shown: &str) -> bool {
        let mut invitation = self.invitation.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = invitation.is_some_and(|word| bool::from(Sha256::digest(shown).as_slice().ct_eq(&word)));
        if taken {
            *invitation = None;
        }
        taken
    }

    /// Whether this is a session that was begun here and is not forgotten.
    pub(crate) fn is_session(&self, shown: &str) -> bool {
        let shown = Sha256::digest(shown);
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.iter().any(|session| bool::from(shown.as_slice().ct_eq(session)))
    }

    /// Notes a wrong token; says whether the answer is to wait.
    pub(crate) fn note_failure(&self, from: IpAddr) -> bool {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if failures.len() >= REMEMBERED {
            failures.retain(|_, (_, since)| now.duration_since(*since) < WITHIN);
            if failures.len() >= REMEMBERED {
                failures.clear();
            }
        }
        let (count, since) = failures.entry(from).or_insert((0, now));
        if now.duration_since(*since) >= WITHIN {
            (*count, *since) = (0, now);
        }
        *count += 1;
        *count > FAILURES
    }

    /// Whether a `Host` header names this server: a loopback name, the address listened on, or a name it was given. Any
    /// other was resolved to this machine by somebody else's name server.
    pub(crate) fn is_ours(&self, host: &str, bound: SocketAddr) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        if name == "localhost"
            || name == bound.ip().to_string()
            || name.trim_matches(['[', ']']) == bound.ip().to_string()
        {
            return true;
        }
        if name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) {
            return true;
        }
        self.hosts.contains(&name)
    }

    /// Whether a page of this origin may ask: one of ours, or one that was allowed.
    pub(crate) fn allows_origin(&self, origin: &str, bound: SocketAddr) -> bool {
        if self.origins.iter().any(|allowed| allowed == origin) {
            return true;
        }
        let schemes = [("http://", 80), ("https://", 443)];
        let of = |(scheme, port): (&str, u16)| Some((origin.strip_prefix(scheme)?, port));
        let Some((host, usual)) = schemes.into_iter().find_map(of) else { return false };
        let port = match without_port(host) {
            name if name == host => Some(usual),
            name => host[name.len() + 1..].parse().ok(),
        };
        port == Some(bound.port()) && self.is_ours(host, bound)
    }

    /// Whether the origin is one that was allowed by name, so that its pages may read the answers.
    pub(crate) fn is_named_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == origin)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|b| b.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}

/// A new token: 128 random bits as text. Errors: the system has none to give.
pub(crate) fn random() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|e| std::io::Error::other(e.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_names_of_this_machine_are_ours() {
        let access = Access::new(None, vec!["Graph.example".into()], Vec::new());
        let here = bound("127.0.0.1:7474");
        for host in
            ["127.0.0.1", "127.0.0.1:7474", "localhost:1", "LOCALHOST", "[::1]:7474", "127.8.9.1", "graph.example:80"]
        {
            assert!(access.is_ours(host, here), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7474", "", "10.0.0.1", "[::2]"] {
            assert!(!access.is_ours(host, here), "{host}");
        }
    }

    #[test]
    fn pages_of_this_server_and_of_named_origins_may_ask() {
        let access = Access::new(None, Vec::new(), vec!["https://notebook.example".into()]);
        let here = bound("127.0.0.1:7474");
        for origin in ["http://localhost:7474", "http://127.0.0.1:7474", "https://notebook.example"] {
            assert!(access.allows_origin(origin, here), "{origin}");
        }
        for origin in [
            "null",
            "http://localhost:8080",
            "http://evil.example:7474",
            "http://localhost",
            "file://",
            "https://notebook.example.evil",
        ] {
            assert!(!access.allows_origin(origin, here), "{origin}");
        }
    }

    #[test]
    fn a_page_at_the_usual_port_names_none() {
        let access = Access::new(None, vec!["graph.example".into()], Vec::new());
        let (http, https) = (bound("10.0.0.1:80"), bound("10.0.0.1:443"));
        assert!(
            access.allows_origin("https://graph.example", https) && access.allows_origin("http://graph.example", http)
        );
        assert!(!access.allows_origin("http://graph.example", https) && !access.allows_origin("https://[::2]", https));
    }

    #[test]
    fn the_sixth_wrong_token_of_a_minute_waits() {
        let access = Access::new(Some("secret"), Vec::new(), Vec::new());
        let from = IpAddr::from([127, 0, 0, 1]);
        assert!(access.admits("secret") && !access.admits("Secret") && !access.admits("") && !access.admits("secret "));
        assert_eq!([0; 7].map(|_| access.note_failure(from)), [false, false, false, false, false, true, true]);
        assert!(!access.note_failure(IpAddr::from([127, 0, 0, 2])));
    }

    #[test]
    fn sessions_are_known_until_too_many_are_newer() {
        let access = Access::new(Some("secret"), Vec::new(), Vec::new());
        let first = access.begin_session().expect("random");
        assert!(access.is_session(&first) && !access.is_session("secret") && !access.is_session(""));
        assert!(!access.admits(&first), "a session is no token");
        let last = (0..SESSIONS).map(|_| access.begin_session().expect("random")).last();
        assert!(!access.is_session(&first) && access.is_session(&last.expect("one")));
        let word = access.invite().expect("random");
        assert!(!access.admits(&word) && !access.takes_invitation("secret"), "an invitation is no token");
        assert!(access.takes_invitation(&word) && !access.takes_invitation(&word), "it is taken once");
    }

    #[test]
    fn tokens_are_long_and_differ() {
        let (one, other) = (random().expect("random"), random().expect("random"));
        assert!(one.len() == 32 && one != other);
    }
}
