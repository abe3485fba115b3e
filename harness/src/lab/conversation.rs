//! One request to a keeper, and its answer.

use std::{io, os::unix::net as unix};

use rustix::process::getuid;
use tokio::{io::BufReader, net::UnixStream};

use super::{
    Event, FromKeeper,
    protocol::{Request, read_message, write_message},
};

/// A connection to a keeper.
pub(super) type Connection = BufReader<UnixStream>;

/// Sends a request and returns the keeper's last word, `None` where it died first; `tell` hears how
/// a lab comes up meanwhile. What a connection means lasts as long as it is open.
pub(super) async fn ask(
    stream: unix::UnixStream,
    request: &Request,
    tell: impl Fn(&Event),
) -> io::Result<Option<(FromKeeper, Connection)>> {
    let mut stream = connection(stream)?;
    if write_message(&mut stream, request).await.is_err() {
        return Ok(None);
    }
    loop {
        match read_message(&mut stream).await {
            Ok(Some(FromKeeper::Event(event))) => tell(&event),
            Ok(Some(answer)) => return Ok(Some((answer, stream))),
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

/// Anybody may bind an abstract name. Whom we believe must be ourselves.
fn connection(stream: unix::UnixStream) -> io::Result<Connection> {
    stream.set_nonblocking(true)?;
    let stream = UnixStream::from_std(stream)?;
    if stream.peer_cred()?.uid() != getuid().as_raw() {
        return Err(io::Error::other("another user's process has the name of this lab's keeper"));
    }
    Ok(BufReader::new(stream))
}
