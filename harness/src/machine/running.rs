//! A command that is running on a machine.

use std::{io, os::unix::process::ExitStatusExt as _, process::ExitStatus, sync::Arc};

use openssh::Session;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::{Failure, Output, remedy::NOT_FOUND};

pub(crate) type Reader = Box<dyn AsyncRead + Send + Unpin>;
pub(crate) type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// A tethered command: dropping this, or the tether, ends it.
pub struct Running {
    tether: Option<Writer>,
    stdout: Option<Reader>,
    stderr: Option<Reader>,
    child: Child,
}

enum Child {
    Ssh(openssh::Child<Arc<Session>>),
    Local(Box<tokio::process::Child>),
}

impl Running {
    pub(super) fn ssh(mut child: openssh::Child<Arc<Session>>) -> Self {
        Self {
            tether: child.stdin().take().map(|pipe| Box::new(pipe) as Writer),
            stdout: child.stdout().take().map(|pipe| Box::new(pipe) as Reader),
            stderr: child.stderr().take().map(|pipe| Box::new(pipe) as Reader),
            child: Child::Ssh(child),
        }
    }

    pub(super) fn local(mut child: tokio::process::Child) -> Self {
        Self {
            tether: child.stdin.take().map(|pipe| Box::new(pipe) as Writer),
            stdout: child.stdout.take().map(|pipe| Box::new(pipe) as Reader),
            stderr: child.stderr.take().map(|pipe| Box::new(pipe) as Reader),
            child: Child::Local(Box::new(child)),
        }
    }

    /// The command's standard input. While somebody has it, it is no tether.
    pub(crate) fn take_stdin(&mut self) -> Option<Writer> {
        self.tether.take()
    }

    /// The command's standard output; there is one to take once.
    pub fn take_stdout(&mut self) -> Option<Reader> {
        self.stdout.take()
    }

    /// The command's standard error; there is one to take once.
    pub fn take_stderr(&mut self) -> Option<Reader> {
        self.stderr.take()
    }

    /// Asks the command to end (SIGTERM) by closing its tether.
    pub fn stop(&mut self) {
        self.tether = None;
    }

    /// Waits for the end of a command that ends by itself, and takes all that it prints.
    ///
    /// # Errors
    /// Where its output can't be read or it can't be waited for.
    pub async fn output(mut self) -> Result<Output, Failure> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        self.read_output(&mut stdout, &mut stderr).await?;
        let status = self.wait().await?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Output { status, stdout: text(stdout), stderr: text(stderr) })
    }

    /// Reads all that the command prints. What has been read by then is there also when this is
    /// given up.
    pub(super) async fn read_output(
        &mut self,
        stdout: &mut Vec<u8>,
        stderr: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        tokio::try_join!(read_all(self.stdout.take(), stdout), read_all(self.stderr.take(), stderr))?;
        Ok(())
    }

    /// Waits for the command's end. Read its output first, or it may never end.
    ///
    /// # Errors
    /// Where the session broke or the child can't be waited for.
    pub async fn wait(self) -> Result<ExitStatus, Failure> {
        let _held = self.tether;
        match self.child {
            Child::Ssh(child) => match child.wait().await {
                // openssh has an error of its own for a shell's status 127.
                Err(openssh::Error::Remote(error)) if error.kind() == io::ErrorKind::NotFound => {
                    Ok(ExitStatus::from_raw(NOT_FOUND << 8))
                }
                ended => ended.map_err(|source| Failure::Session { source }),
            },
            Child::Local(mut child) => Ok(child.wait().await?),
        }
    }
}

async fn read_all(reader: Option<Reader>, into: &mut Vec<u8>) -> Result<(), Failure> {
    if let Some(mut reader) = reader {
        reader.read_to_end(into).await?;
    }
    Ok(())
}
