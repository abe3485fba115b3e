//! Where asynchronous work runs.

/// Runs a task to its end.
pub fn run_async<T>(task: impl Future<Output = T>) -> miette::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| miette::miette!("failed to start the runtime: {error}"))?;
    Ok(runtime.block_on(task))
}
