//! What is asked of all machines at the same time.

use futures_util::{TryStreamExt as _, stream::FuturesOrdered};

/// Waits for each, in their order: of several that fail the first is told, the same each time, and those behind it are given up.
pub(super) async fn at_once<T, E>(
    asked: impl Iterator<Item = impl Future<Output = Result<T, E>>>,
) -> Result<Vec<T>, E> {
    asked.collect::<FuturesOrdered<_>>().try_collect().await
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn of_several_that_fail_the_first_is_told() {
        let late = async {
            tokio::task::yield_now().await;
            Err::<(), _>("first")
        };
        let asked: [std::pin::Pin<Box<dyn Future<Output = _>>>; 3] =
            [Box::pin(late), Box::pin(ready(Err("second"))), Box::pin(pending())];
        assert_eq!(at_once(asked.into_iter()).await, Err("first"));
    }
}
