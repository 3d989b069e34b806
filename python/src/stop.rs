//! Statements run without the interpreter's lock, and Ctrl-C stops the one that the main thread waits for.
//!
//! Python's own handler of SIGINT only notes that the signal came; what is to follow (`KeyboardInterrupt`) is done by the main
//! thread when it is back in the interpreter. So while a statement runs on the main thread a handler of ours stands before
//! Python's: it calls Python's, and raises the flag that every loop of the engine polls. Nothing is started, nothing polls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use pyo3::prelude::*;
use shejire::error::{Class, Code, Error, Phase, Result};

/// The statements that run, each by the flag that stops it.
#[derive(Debug, Default)]
pub struct Running(Mutex<Vec<Arc<AtomicBool>>>);

impl Running {
    fn flags(&self) -> MutexGuard<'_, Vec<Arc<AtomicBool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops all that run; how many there were.
    pub fn interrupt(&self) -> usize {
        // under the lock: a flag that is here belongs to a statement that has not ended
        let flags = self.flags();
        flags.iter().for_each(|flag| flag.store(true, Ordering::Relaxed));
        flags.len()
    }

    /// Runs `work`, which ends soon after the flag it is given is raised, without the interpreter's lock. When SIGINT came
    /// meanwhile, what Python's handler of it raises is raised here.
    pub fn run<T: Send>(&self, py: Python<'_>, work: impl FnOnce(&Arc<AtomicBool>) -> T + Send) -> PyResult<T> {
        let watch = signal::Watch::begin();
        // one that came before there was anything to stop
        py.check_signals()?;
        let flag = watch.as_ref().map_or_else(Arc::default, signal::Watch::flag);
        self.flags().push(Arc::clone(&flag));
        let done = py.detach(|| work(&flag));
        self.flags().retain(|running| !Arc::ptr_eq(running, &flag));
        drop(watch);
        if flag.load(Ordering::Relaxed) {
            py.check_signals()?;
        }
        Ok(done)
    }
}

/// Waits for what another thread uses, or until the flag is raised.
pub fn lock<'a, T>(mutex: &'a Mutex<T>, flag: &AtomicBool) -> Result<MutexGuard<'a, T>> {
    const LOOK: Duration = Duration::from_millis(1);
    loop {
        match mutex.try_lock() {
            Ok(guard) => return Ok(guard),
            // what a panic left is a statement that failed
            Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if flag.load(Ordering::Relaxed) => {
                return Err(Error::new(Class::Cancelled, Phase::Runtime, Code::Cancelled, "the statement was stopped"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK),
        }
    }
}

#[cfg(unix)]
mod signal {
    use std::mem::{MaybeUninit, transmute, zeroed};
    use std::ptr::{null, null_mut};
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock};

    use libc::{SA_ONSTACK, SA_SIGINFO, SIG_DFL, SIG_IGN, SIGINT, c_int, c_void, sigaction, siginfo_t};

    /// The flag of the statement that the main thread runs, and of those after it: the handler may be at work on any thread
    /// when a statement ends, so it is never freed.
    static FLAG: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
    /// The handler before ours, and whether it wants to know more than the signal.
    static BEFORE: AtomicUsize = AtomicUsize::new(0);
    static BEFORE_IS_TOLD_MORE: AtomicBool = AtomicBool::new(false);

    /// As long as it is there SIGINT raises the flag. Only on the main thread: nobody else may change handlers in a Python
    /// program, so there is one at most.
    pub struct Watch {
        before: sigaction,
    }

    impl Watch {
        pub fn begin() -> Option<Self> {
            if !is_main_thread() {
                return None;
            }
            // SAFETY: both pointers are to a whole `sigaction` or null, as the call demands
            let before = unsafe {
                let mut before = MaybeUninit::<sigaction>::zeroed();
                if sigaction(SIGINT, null(), before.as_mut_ptr()) != 0 {
                    return None;
                }
                before.assume_init()
            };
            // the signal does nothing, or ends the program as it is
            if matches!(before.sa_sigaction, SIG_DFL | SIG_IGN) || before.sa_sigaction == handler as *const () as usize
            {
                return None;
            }
            BEFORE.store(before.sa_sigaction, Ordering::SeqCst);
            BEFORE_IS_TOLD_MORE.store(before.sa_flags & SA_SIGINFO != 0, Ordering::SeqCst);
            FLAG.store(false, Ordering::SeqCst);
            // SAFETY: an all-zero `sigaction` is a valid one with an empty mask; the handler has the signature that SA_SIGINFO asks for
            let set = unsafe {
                let mut ours: sigaction = zeroed();
                ours.sa_sigaction = handler as *const () as usize;
                ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
                sigaction(SIGINT, &raw const ours, null_mut())
            };
            (set == 0).then_some(Self { before })
        }

        pub fn flag(&self) -> Arc<AtomicBool> {
            Arc::clone(&FLAG)
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            // SAFETY: as above; what stood there meanwhile, when it was not ours, is put back
            unsafe {
                let mut meanwhile = MaybeUninit::<sigaction>::zeroed();
                if sigaction(SIGINT, &raw const self.before, meanwhile.as_mut_ptr()) == 0 {
                    let meanwhile = meanwhile.assume_init();
                    if meanwhile.sa_sigaction != handler as *const () as usize {
                        sigaction(SIGINT, &raw const meanwhile, null_mut());
                    }
                }
            }
        }
    }

    /// Does only what a handler of a signal may: stores, and the handler before.
    extern "C" fn handler(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
        // made before this handler was set
        FLAG.store(true, Ordering::Relaxed);
        let before = BEFORE.load(Ordering::SeqCst);
        if before == 0 {
            return;
        }
        // SAFETY: the address is of a handler that the system would have called in the place of this, with this signature
        unsafe {
            if BEFORE_IS_TOLD_MORE.load(Ordering::SeqCst) {
                let before: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = transmute(before);
                before(signal, info, context);
            } else {
                let before: extern "C" fn(c_int) = transmute(before);
                before(signal);
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn is_main_thread() -> bool {
        // SAFETY: no arguments, no errors
        unsafe { libc::syscall(libc::SYS_gettid) == libc::c_long::from(libc::getpid()) }
    }

    #[cfg(not(target_os = "linux"))]
    fn is_main_thread() -> bool {
        // SAFETY: no arguments, no errors
        unsafe { libc::pthread_main_np() == 1 }
    }
}

#[cfg(not(unix))]
mod signal {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Elsewhere Ctrl-C is heard when the statement has ended.
    pub struct Watch;

    impl Watch {
        pub fn begin() -> Option<Self> {
            None
        }

        pub fn flag(&self) -> Arc<AtomicBool> {
            Arc::default()
        }
    }
}
