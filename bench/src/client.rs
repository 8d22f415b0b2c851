//! One HTTP/1.1 connection at a time, no pool: the plain client under the load generator and the probes.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::Result;

/// A request as every server here is asked: a whole body in memory.
pub type Ask = Request<Full<Bytes>>;

/// A keep-alive connection; requests on it go one after another.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        // Its error also reaches whoever waits for the answer, where it is counted.
        tokio::spawn(async move { drop(driver.await) });
        Ok(Self { sender })
    }

    /// Sends and reads the answer to its last byte.
    pub async fn send(&mut self, ask: Ask) -> Result<(StatusCode, Bytes)> {
        self.sender.ready().await?;
        let answer = self.sender.send_request(ask).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// A GET of `path`, with a bearer key when there is one.
pub fn get(path: &str, key: Option<&str>) -> Ask {
    ask(Method::GET, path, key, Bytes::new())
}

/// A POST of JSON bytes to `path`, with a bearer key when there is one.
pub fn post(path: &str, key: Option<&str>, body: impl Into<Bytes>) -> Ask {
    ask(Method::POST, path, key, body.into())
}

fn ask(method: Method, path: &str, key: Option<&str>, body: Bytes) -> Ask {
    let mut builder = Request::builder().method(method).uri(path).header(HOST, "127.0.0.1");
    if !body.is_empty() {
        builder = builder.header(CONTENT_TYPE, "application/json");
    }
    if let Some(key) = key {
        builder = builder.header(AUTHORIZATION, format!("Bearer {key}"));
    }
    // Paths are written in this crate or made of ASCII words; a key that is no header value came from the
    // server under measurement, and there is nothing to measure without it.
    builder.body(Full::new(body)).unwrap_or_else(|error| panic!("{path} is not a request: {error}"))
}

/// One call on a fresh connection, answered as JSON whatever its status.
pub async fn call(address: SocketAddr, ask: Ask) -> Result<(StatusCode, Value)> {
    let (status, body) = Connection::open(address).await?.send(ask).await?;
    Ok((
        status,
        serde_json::from_slice(&body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned())),
    ))
}
