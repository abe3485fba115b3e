//! One request to a keeper, and its answer.

use std::{io, os::unix::net as unix};

use rustix::process::getuid;
use serde::Serialize;
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
    asked: &Request,
    tell: impl Fn(&Event),
) -> io::Result<Option<(FromKeeper, Connection)>> {
    let mut connection = request(stream, asked).await?;
    loop {
        match next(&mut connection).await? {
            Some(FromKeeper::Event(event)) => tell(&event),
            Some(answer) => return Ok(Some((answer, connection))),
            None => return Ok(None),
        }
    }
}

/// Sends a request.
pub(super) async fn request(stream: unix::UnixStream, asked: &Request) -> io::Result<Connection> {
    let mut connection = connection(stream)?;
    send(&mut connection, asked).await?;
    Ok(connection)
}

/// Says something. A keeper that is gone is none to complain about here: [`next`] tells.
pub(super) async fn send(connection: &mut Connection, message: &impl Serialize) -> io::Result<()> {
    match write_message(connection, message).await {
        Err(error) if is_gone(&error) => Ok(()),
        sent => sent,
    }
}

/// The keeper's next word; `None` where it is gone.
pub(super) async fn next(connection: &mut Connection) -> io::Result<Option<FromKeeper>> {
    match read_message(connection).await {
        Err(error) if is_gone(&error) => Ok(None),
        word => word,
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
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
