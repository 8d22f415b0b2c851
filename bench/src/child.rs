//! Servers under measurement as child processes: started, waited for, weighed and stopped by their own handle.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::{Connection, get};
use crate::{Result, clock};

/// How long a server may take to be ready before it is taken for dead: a reference also fills its store.
const START_LIMIT: Duration = Duration::from_mins(30);
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// Resident memory in MB (10^6 bytes): now, and the most there ever was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Memory {
    pub resident_mb: f64,
    pub peak_mb: f64,
}

/// A running server. Dropping it kills the process.
pub struct Server {
    child: Child,
    /// The first line it printed.
    pub greeting: String,
    pub address: SocketAddr,
    /// From spawning the process until `/health/ready` answered 200.
    pub ready_in: Duration,
}

impl Server {
    /// Spawns `command` and waits until it is ready. Its complaints are appended to `log`, and quoted if it fails.
    pub async fn start(mut command: Command, log: &Path) -> Result<Self> {
        let what = format!("{:?}", command.as_std());
        let complaints = std::fs::File::options().create(true).append(true).open(log)?;
        let spawned = clock::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("cannot start {what}: {error}"))?;
        let started = tokio::time::timeout(START_LIMIT, async {
            let mut lines = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
            let greeting = lines.next_line().await?.ok_or("ended without a word")?;
            // Whatever else it prints must not fill the pipe, nor meet a closed one.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            let address = address(&greeting)?;
            wait_until_ready(address).await;
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>((greeting, address))
        });
        match started
            .await
            .unwrap_or_else(|_| Err(format!("not ready within {} min", START_LIMIT.as_secs() / 60).into()))
        {
            Ok((greeting, address)) => Ok(Self { child, greeting, address, ready_in: spawned.elapsed() }),
            Err(error) => Err(format!("{what}: {error}; its last words:\n{}", last_words(log)).into()),
        }
    }

    /// Its memory, as the kernel counts it.
    pub fn memory(&self) -> Result<Memory> {
        let id = self.child.id().ok_or("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        memory(&status).ok_or_else(|| "no VmRSS in /proc".into())
    }

    /// Ends it as a power cut would: by SIGKILL.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks it to finish, as an operator would, and kills it only if it does not.
    pub async fn stop(mut self) -> Result<()> {
        if let Some(id) = self.child.id() {
            let asked = Command::new("kill").args(["-TERM", &id.to_string()]).status().await;
            if asked.is_ok_and(|status| status.success())
                && tokio::time::timeout(STOP_LIMIT, self.child.wait()).await.is_ok()
            {
                return Ok(());
            }
            eprintln!("  a server did not end when asked and was killed");
        }
        Ok(self.child.kill().await?)
    }
}

/// Runs a command to its end; standard output is the answer, complaints are quoted when it fails.
pub async fn finish(mut command: Command) -> Result<String> {
    let what = format!("{:?}", command.as_std());
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| format!("cannot start {what}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{what}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into())
}

/// Asks again and again: another process tells its readiness by HTTP alone.
async fn wait_until_ready(address: SocketAddr) {
    loop {
        if let Ok(mut connection) = Connection::open(address).await
            && let Ok((StatusCode::OK, _)) = connection.send(get("/health/ready", None)).await
        {
            return;
        }
        clock::rest(Duration::from_millis(1)).await;
    }
}

/// The address in a greeting: a bare URL, or a JSON object with `url`.
fn address(greeting: &str) -> Result<SocketAddr> {
    let parsed: Option<Value> = serde_json::from_str(greeting).ok();
    let url = parsed.as_ref().and_then(|object| object["url"].as_str()).unwrap_or(greeting);
    let host = url.trim().strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    host.and_then(|host| host.parse().ok()).ok_or_else(|| format!("no URL in its first line: {greeting}").into())
}

fn memory(status: &str) -> Option<Memory> {
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: f64 = line.trim_start_matches(':').trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1_024.0 / 1e6)
    };
    Some(Memory { resident_mb: megabytes("VmRSS")?, peak_mb: megabytes("VmHWM")? })
}

fn last_words(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn greetings_of_both_kinds_are_read() {
        let expected: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        for greeting in [
            "http://127.0.0.1:4711",
            "http://127.0.0.1:4711/\n",
            r#"{"url":"http://127.0.0.1:4711","keys":{"altum":"k"}}"#,
        ] {
            assert_eq!(address(greeting).unwrap(), expected, "{greeting}");
        }
        assert!(address("listening").unwrap_err().to_string().contains("no URL"));
    }

    #[test]
    fn memory_is_read_in_kibibytes_and_told_in_megabytes() {
        let status = "Name:\tforecourt\nVmHWM:\t  200000 kB\nVmRSS:\t  100000 kB\n";
        assert_eq!(memory(status), Some(Memory { resident_mb: 102.4, peak_mb: 204.8 }));
        assert_eq!(memory("Name:\tzombie\n"), None);
    }

    #[tokio::test]
    async fn a_server_that_dies_is_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such store >&2; exit 3"]);
        let error = Server::start(command, &log).await.err().unwrap().to_string();
        assert!(error.contains("ended without a word") && error.contains("no such store"), "{error}");
    }
}
