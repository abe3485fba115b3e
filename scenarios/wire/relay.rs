//! Frames from one TAP to the other.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::Instant,
};

use miette::{IntoDiagnostic as _, WrapErr as _, miette};
use rustix::io::Errno;
use tappers::{Interface, Tap};

use crate::{
    behaviour::{Behaviour, Leaving},
    rule::Towards,
};

/// Longer than any frame.
const LONGEST: usize = 65_536;

/// What enters the wire: which end it goes to, and its bytes.
type Entering = (Towards, io::Result<Vec<u8>>);
/// What is to leave later, by when: the soonest first, and of several the one that came first.
type Delayed = BinaryHeap<Reverse<(Instant, u64, bool, Vec<u8>)>>;

/// Passes frames between two TAPs that it makes, until it is ended.
pub fn relay(node: &str, switch: &str, behaviour: Behaviour) -> miette::Result<()> {
    let ends = Ends { node: open(node)?, switch: open(switch)? };
    println!("ready");
    let (sender, entering) = channel();
    thread::scope(|scope| {
        let other = sender.clone();
        scope.spawn(|| read(&ends.node, Towards::Switch, other));
        scope.spawn(|| read(&ends.switch, Towards::Node, sender));
        pass(&ends, &entering, behaviour)
    })
}

fn open(name: &str) -> miette::Result<Tap> {
    let tap = Interface::new(name).and_then(Tap::new_named);
    tap.into_diagnostic().wrap_err_with(|| format!("failed to make the TAP {name}"))
}

fn read(end: &Tap, towards: Towards, sender: Sender<Entering>) {
    let mut bytes = vec![0; LONGEST];
    loop {
        let read = end.recv(&mut bytes).map(|length| bytes[..length].to_vec());
        let is_over = read.is_err();
        if sender.send((towards, read)).is_err() || is_over {
            return;
        }
    }
}

fn pass(ends: &Ends, entering: &Receiver<Entering>, mut behaviour: Behaviour) -> miette::Result<()> {
    let mut delayed = Delayed::new();
    let mut number = 0;
    loop {
        let Some((towards, bytes)) = next(entering, &delayed)? else {
            if let Some(Reverse((_, _, is_for_node, bytes))) = delayed.pop() {
                ends.send(if is_for_node { Towards::Node } else { Towards::Switch }, &bytes)?;
            }
            continue;
        };
        for Leaving { towards, after, bytes } in behaviour.pass(towards, bytes) {
            if after.is_zero() {
                ends.send(towards, &bytes)?;
            } else {
                number += 1;
                delayed.push(Reverse((Instant::now() + after, number, towards == Towards::Node, bytes)));
            }
        }
    }
}

/// The next frame that enters; `None` where the time of a delayed one has come before.
fn next(entering: &Receiver<Entering>, delayed: &Delayed) -> miette::Result<Option<(Towards, Vec<u8>)>> {
    let entered = match delayed.peek() {
        Some(Reverse((at, ..))) => entering.recv_timeout(at.saturating_duration_since(Instant::now())),
        None => entering.recv().map_err(RecvTimeoutError::from),
    };
    match entered {
        Ok((towards, bytes)) => {
            let bytes = bytes.into_diagnostic().wrap_err("failed to take a frame from the wire")?;
            Ok(Some((towards, bytes)))
        }
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => Err(miette!("both ends of the wire are gone")),
    }
}

struct Ends {
    node: Tap,
    switch: Tap,
}

impl Ends {
    fn send(&self, towards: Towards, bytes: &[u8]) -> miette::Result<()> {
        let end = if towards == Towards::Node { &self.node } else { &self.switch };
        match end.send(bytes) {
            // It is not up yet, or not any more: a wire that nothing hangs on loses what it carries.
            Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => Ok(()),
            sent => sent.map(drop).into_diagnostic().wrap_err("failed to put a frame on the wire"),
        }
    }
}
