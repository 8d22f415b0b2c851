//! Exports of the subject over the Walcu dialect: begun, waited for, weighed, fetched, and thrown away.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::child::{Memory, Server};
use crate::client::{Connection, call, delete, get};
use crate::subject::Access;
use crate::{Result, clock};

/// A finished export takes as long as this at most.
const PATIENCE: Duration = Duration::from_mins(10);

/// A job under way or done.
pub struct Export<'a> {
    address: SocketAddr,
    access: &'a Access,
    /// Its path on the server.
    job: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Exported {
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
    /// From asking for it until it was seen to be done.
    pub took: Duration,
    /// The most resident memory seen meanwhile, in MB; 0 where nobody looked.
    pub most_mb: f64,
}

impl<'a> Export<'a> {
    /// Asks for all sale leads as lines; `also` is further query, such as `&project=_id`.
    pub async fn begin(address: SocketAddr, access: &'a Access, also: &str) -> Result<Self> {
        let path = format!("/dealers/{}/saleleads/all?format=ndjson{also}", access.dealer);
        let (status, body) = call(address, get(&path, Some(&access.walcu))).await?;
        let id = body[0]["_id"].as_str().filter(|_| status == StatusCode::OK);
        let id = id.ok_or_else(|| format!("GET {path} answers {status}: {body}"))?;
        Ok(Self { address, access, job: format!("/dealers/{}/jobs/{id}", access.dealer) })
    }

    /// The same job on a server that was started since.
    pub fn at(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// How far it is: the job as it is answered.
    pub async fn view(&self) -> Result<Value> {
        match call(self.address, get(&self.job, Some(&self.access.walcu))).await? {
            (StatusCode::OK, job) => Ok(job),
            (status, body) => Err(format!("GET {} answers {status}: {body}", self.job).into()),
        }
    }

    /// Waits for its end, looking at the memory of `server` meanwhile.
    pub async fn done(&self, server: Option<&Server>) -> Result<Exported> {
        let begun = clock::now();
        let mut most_mb = 0.0_f64;
        while begun.elapsed() < PATIENCE {
            if let Some(server) = server {
                let Memory { resident_mb, .. } = server.memory()?;
                most_mb = most_mb.max(resident_mb);
            }
            let job = self.view().await?;
            match job["status"].as_str() {
                Some("success") => {
                    let result = &job["result"];
                    let number = |name: &str| result[name].as_u64().ok_or_else(|| format!("no {name}: {job}"));
                    let sha256 = result["sha256"].as_str().ok_or_else(|| format!("no digest: {job}"))?.to_owned();
                    let (rows, bytes) = (number("rows")?, number("bytes")?);
                    return Ok(Exported { rows, bytes, sha256, took: begun.elapsed(), most_mb });
                }
                Some("error") => return Err(format!("the export failed: {job}").into()),
                _ => clock::rest(Duration::from_millis(20)).await,
            }
        }
        Err(format!("an export is not done after {} min", PATIENCE.as_secs() / 60).into())
    }

    /// The whole result, in memory: for small ones.
    pub async fn fetch(&self) -> Result<bytes::Bytes> {
        let path = format!("{}/result", self.job);
        match Connection::open(self.address).await?.send(get(&path, Some(&self.access.walcu))).await? {
            (StatusCode::OK, body) => Ok(body),
            (status, _) => Err(format!("GET {path} answers {status}").into()),
        }
    }

    /// The digest of the result as it comes over the wire, piece by piece, in lowercase hex.
    pub async fn digest(&self) -> Result<String> {
        let path = format!("{}/result", self.job);
        let mut digest = Digest::default();
        let get = get(&path, Some(&self.access.walcu));
        match Connection::open(self.address).await?.pieces(get, |piece| digest.add(piece)).await? {
            StatusCode::OK => Ok(digest.hex()),
            status => Err(format!("GET {path} answers {status}").into()),
        }
    }

    /// Says that nobody needs it any more.
    pub async fn forget(self) -> Result<()> {
        call(self.address, delete(&self.job, Some(&self.access.walcu))).await.map(drop)
    }
}

/// The `_id` of every sale lead.
pub async fn ids(address: SocketAddr, access: &Access) -> Result<Vec<String>> {
    let export = Export::begin(address, access, "&project=_id").await?;
    export.done(None).await?;
    let lines = export.fetch().await?;
    export.forget().await?;
    let id = |line: &[u8]| {
        let lead: Value = serde_json::from_slice(line)?;
        Ok(lead["_id"].as_str().ok_or_else(|| format!("no _id: {lead}"))?.to_owned())
    };
    lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(id).collect()
}

/// SHA-256 of bytes as they come.
#[derive(Default)]
pub struct Digest(Sha256);

impl Digest {
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Lowercase.
    pub fn hex(self) -> String {
        self.0.finalize().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}
