//! ^C in the middle of a run. libtest has no handler of its own: the first one ends the run's queue, and lets the scenario
//! at hand come to its end; the second one ends the process. The lab's keeper, in a session of its own, hears neither.

use std::{
    future,
    io::{self, Write as _},
    process,
    sync::LazyLock,
    thread,
};

use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// A shell's word for a process that SIGINT has ended.
const ENDED_BY_INTERRUPT: i32 = 130;

/// A process has one handler of a signal, whichever of its scenarios comes first. `None` where there can be none: then the
/// first ^C ends the process.
static INTERRUPTED: LazyLock<Option<watch::Receiver<bool>>> = LazyLock::new(|| listen().ok());

/// Completes at once when this process has been interrupted, or as soon as it is. The first call takes the signal over.
pub(super) async fn interrupted() {
    let Some(mut state) = INTERRUPTED.clone() else { return future::pending().await };
    if state.wait_for(|is_interrupted| *is_interrupted).await.is_err() {
        future::pending().await
    }
}

/// Starts to listen, on a thread that lives as long as the process: a scenario's own runtime ends with it.
fn listen() -> io::Result<watch::Receiver<bool>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut interrupts = {
        let _entered = runtime.enter();
        signal(SignalKind::interrupt())?
    };
    let (tell, state) = watch::channel(false);
    thread::Builder::new().name("interrupts".to_owned()).spawn(move || {
        runtime.block_on(async {
            interrupts.recv().await;
            tell.send_replace(true);
            // cargo has ended by now, and a terminal's next ^C goes to whatever the shell runs then.
            // `eprintln` would be heard by libtest alone, whose thread has started this one.
            let _ = writeln!(
                io::stderr(),
                "interrupted: the scenario at hand comes to its end, and no other begins; ^C once more, or `kill {}`, ends it \
                 at once",
                process::id()
            );
            interrupts.recv().await;
            process::exit(ENDED_BY_INTERRUPT);
        });
    })?;
    Ok(state)
}
