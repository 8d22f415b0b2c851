//! A PostgreSQL server of the story's own, to be stopped and started under the feet of ours.

use std::{net::TcpListener, path::PathBuf, process::Stdio};

use forecourt_store::Location;
use tempfile::TempDir;
use tokio::process::Command;

/// A private server, stopped and gone with this value.
pub struct Cluster {
    programs: PathBuf,
    folder: TempDir,
    /// PostgreSQL refuses to run as root.
    owner: Option<&'static str>,
    port: u16,
}

impl Cluster {
    /// Sets a server up and starts it; none where `scripts/with-postgres` has found no programs.
    pub async fn start() -> Option<Self> {
        let programs = std::env::var_os("FORECOURT_TEST_PGBIN").map(PathBuf::from);
        if programs.is_none() {
            assert!(std::env::var_os("CI").is_none(), "FORECOURT_TEST_PGBIN is not set: run scripts/test");
            eprintln!("NOT TESTED ON POSTGRESQL: FORECOURT_TEST_PGBIN is not set; run scripts/test");
        }
        // Its owner has to be able to walk there, and TMPDIR may be private.
        let folder = tempfile::tempdir_in("/tmp").expect("a temporary folder");
        let id = output(Command::new("id").arg("-u")).await;
        let owner = (id.trim() == "0").then_some("postgres");
        if let Some(owner) = owner {
            output(Command::new("chown").arg(owner).arg(folder.path())).await;
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("it has an address").port();
        drop(listener);
        let cluster = Self { programs: programs?, folder, owner, port };
        let data = cluster.data();
        let words = ["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        output(&mut cluster.program("initdb", &words)).await;
        cluster.again().await;
        Some(cluster)
    }

    pub fn location(&self) -> Location {
        Location::Url(format!("postgres://postgres@127.0.0.1:{}/postgres", self.port))
    }

    /// Starts the server once more, in the same place.
    pub async fn again(&self) {
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -k {}", self.port, self.folder.path().display());
        let log = format!("{}/log", self.data());
        let words = ["start", "-w", "-D", &self.data(), "-l", &log, "-o", &options];
        output(&mut self.program("pg_ctl", &words)).await;
    }

    /// Stops it as a power cut would.
    pub async fn stop(&self) {
        output(&mut self.program("pg_ctl", &["stop", "-w", "-m", "immediate", "-D", &self.data()])).await;
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn program(&self, name: &str, words: &[&str]) -> Command {
        let program = self.programs.join(name);
        let mut command = match self.owner {
            Some(owner) => {
                let mut command = Command::new("runuser");
                command.args(["-u", owner, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(words).current_dir("/");
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl", &["stop", "-w", "-m", "immediate", "-D", &self.data()]);
        // Stopped already, it says so, and that is all right.
        let _ = stop.as_std_mut().stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// What a program says that has to succeed.
async fn output(command: &mut Command) -> String {
    // A server that is started keeps what it inherits, so a pipe would not end before it.
    let file = tempfile::tempfile().expect("a temporary file");
    let shared = || Stdio::from(file.try_clone().expect("a second handle"));
    let status = command.stdin(Stdio::null()).stdout(shared()).stderr(shared()).status().await;
    let text = read(file);
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{:?}: {status:?}\n{text}", command.as_std());
    text
}

fn read(mut file: std::fs::File) -> String {
    use std::io::{Read as _, Seek as _};
    let mut text = String::new();
    file.rewind().and_then(|()| file.read_to_string(&mut text)).expect("what it said can be read");
    text
}
