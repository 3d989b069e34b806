//! How many connections there are, in all and from each address.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Places for connections.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most: usize,
    most_each: usize,
}

/// A place that is taken until this goes.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    of: IpAddr,
}

impl Places {
    pub(crate) fn new(most: usize, most_each: usize) -> Self {
        Self { taken: Arc::default(), most, most_each }
    }

    /// A place for a connection from there, when there is one.
    pub(crate) fn take(&self, of: IpAddr) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = taken.values().sum();
        let own = taken.get(&of).copied().unwrap_or(0);
        if all >= self.most || own >= self.most_each {
            return None;
        }
        taken.insert(of, own + 1);
        Some(Place { places: self.clone(), of })
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }
}

/// Connections that do nothing: nobody has said who it is, or no request is under way. They take no place from others: where
/// there are too many, the one that has waited longest is closed.
#[derive(Clone, Debug)]
pub(crate) struct Idle {
    seats: Arc<Mutex<Seats>>,
    most: usize,
}

#[derive(Debug, Default)]
struct Seats {
    next: u64,
    taken: BTreeMap<u64, Arc<Notify>>,
}

/// One connection among those that do nothing, or, between, among those that do.
#[derive(Debug)]
pub(crate) struct Seat {
    idle: Idle,
    number: Mutex<Option<u64>>,
    closing: Arc<Notify>,
}

impl Idle {
    pub(crate) fn new(most: usize) -> Self {
        Self { seats: Arc::default(), most }
    }

    /// A seat for a new connection.
    pub(crate) fn seat(&self) -> Seat {
        let seat = Seat { idle: self.clone(), number: Mutex::default(), closing: Arc::default() };
        seat.sit();
        seat
    }
}

impl Seat {
    /// Ends when this connection is to be closed for others.
    pub(crate) async fn closed(&self) {
        self.closing.notified().await;
    }

    /// It does nothing from here on.
    pub(crate) fn sit(&self) {
        let mut number = locked(&self.number);
        if number.is_some() {
            return;
        }
        let mut seats = locked(&self.idle.seats);
        let own = seats.next;
        seats.next += 1;
        seats.taken.insert(own, Arc::clone(&self.closing));
        *number = Some(own);
        if seats.taken.len() > self.idle.most
            && let Some((_, longest)) = seats.taken.pop_first()
        {
            longest.notify_one();
        }
    }

    /// It does something from here on, and is not closed for others.
    pub(crate) fn rise(&self) {
        if let Some(own) = locked(&self.number).take() {
            locked(&self.idle.seats).taken.remove(&own);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.rise();
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.of) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_own_limit_below_that_of_all() {
        let places = Places::new(3, 2);
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let (a, _b) = (places.take(one), places.take(one));
        assert!(places.take(one).is_none());
        let _c = places.take(other);
        assert!(places.take(other).is_none() && places.taken() == 3);
        drop(a);
        assert!(places.take(one).is_some());
    }

    #[tokio::test]
    async fn of_too_many_that_do_nothing_the_one_that_waited_longest_is_closed() {
        let idle = Idle::new(2);
        let (busy, first, second) = (idle.seat(), idle.seat(), idle.seat());
        busy.closed().await; // it was the oldest
        let third = idle.seat();
        first.closed().await;
        second.rise();
        let _fourth = idle.seat();
        let waiting = std::time::Duration::from_millis(20);
        for seat in [&second, &third] {
            assert!(tokio::time::timeout(waiting, seat.closed()).await.is_err(), "not closed");
        }
    }
}
