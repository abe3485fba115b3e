//! Whether anybody still reads what this command prints.

use std::{io, thread};

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::oneshot;

/// Completes when the reader of the standard output is gone, as Wireshark is when its window closes: without data nothing
/// would be written, and nobody would notice.
pub async fn until_reader_is_gone() {
    let (tell, told) = oneshot::channel();
    // Nothing waits for the thread when the command ends first.
    thread::spawn(move || {
        let output = io::stdout();
        // What is asked for is nothing: errors are always told (poll(2)).
        while poll(&mut [PollFd::new(&output, PollFlags::empty())], None).is_err() {}
        let _ = tell.send(());
    });
    let _ = told.await;
}
