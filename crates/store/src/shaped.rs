//! What is made of an answer, made where the answer is.

use forecourt_record::Result;

use crate::{Command, Tx};

/// A command whose output goes through `shape` on the thread that carried the command out. A page of documents that is
/// converted and written there crosses to the caller as one block of memory, not as some hundred small ones that one
/// thread takes and another gives back.
pub struct Shaped<C, F> {
    pub command: C,
    pub shape: F,
}

impl<C, F, T> Command for Shaped<C, F>
where
    C: Command,
    F: Fn(C::Output) -> T + Send + Sync + 'static,
    T: Send + 'static,
{
    type Output = T;

    async fn run(&self, tx: &mut Tx) -> Result<T> {
        self.command.run(tx).await.map(&self.shape)
    }
}
