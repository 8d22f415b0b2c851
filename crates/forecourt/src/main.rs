//! The `forecourt` program: reads its command line and does as told.

mod cli;
mod commands;
mod config;
mod demo;
mod failure;
mod logs;
mod output;
mod serving;
mod system;
mod units;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
