//! One HTTP/1.1 connection at a time, no pool: the plain client under the load generator and the probes.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::request::Builder;
use http::{Method, Request, Response, StatusCode};
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
        let answer = self.answer(ask).await?;
        Ok((answer.status(), answer.into_body()))
    }

    /// Sends, and hands the body on piece by piece as it comes.
    pub async fn pieces(&mut self, ask: Ask, mut take: impl FnMut(&[u8])) -> Result<StatusCode> {
        self.sender.ready().await?;
        let mut answer = self.sender.send_request(ask).await?;
        while let Some(frame) = answer.frame().await {
            if let Some(piece) = frame?.data_ref() {
                take(piece);
            }
        }
        Ok(answer.status())
    }

    /// Sends, and gives the whole answer, head and all.
    pub async fn answer(&mut self, ask: Ask) -> Result<Response<Bytes>> {
        self.sender.ready().await?;
        let (head, body) = self.sender.send_request(ask).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

/// A GET of `path`, with a bearer key when there is one.
pub fn get(path: &str, key: Option<&str>) -> Ask {
    ask(Method::GET, path, key, JSON, Bytes::new())
}

/// A GET of `path` as a partner asks, whose key has a header of its own.
pub fn get_with_key(path: &str, key: &str) -> Ask {
    let builder = Request::get(path).header(HOST, "127.0.0.1").header("x-api-key", key);
    built(builder, path, Bytes::new())
}

/// A POST of JSON bytes to `path`, with a bearer key when there is one.
pub fn post(path: &str, key: Option<&str>, body: impl Into<Bytes>) -> Ask {
    ask(Method::POST, path, key, JSON, body.into())
}

/// A merge patch (RFC 7396) of what is at `path`.
pub fn patch(path: &str, key: Option<&str>, body: impl Into<Bytes>) -> Ask {
    ask(Method::PATCH, path, key, "application/merge-patch+json", body.into())
}

/// A DELETE of what is at `path`.
pub fn delete(path: &str, key: Option<&str>) -> Ask {
    ask(Method::DELETE, path, key, JSON, Bytes::new())
}

const JSON: &str = "application/json";

fn ask(method: Method, path: &str, key: Option<&str>, media_type: &str, body: Bytes) -> Ask {
    let mut builder = Request::builder().method(method).uri(path).header(HOST, "127.0.0.1");
    if !body.is_empty() {
        builder = builder.header(CONTENT_TYPE, media_type);
    }
    if let Some(key) = key {
        builder = builder.header(AUTHORIZATION, format!("Bearer {key}"));
    }
    built(builder, path, body)
}

fn built(builder: Builder, path: &str, body: Bytes) -> Ask {
    // Paths are written in this crate or made of ASCII words; a key that is no header value came from the
    // server under measurement, and there is nothing to measure without it.
    builder.body(Full::new(body)).unwrap_or_else(|error| panic!("{path} is not a request: {error}"))
}

/// One call on a fresh connection, answered as JSON whatever its status.
pub async fn call(address: SocketAddr, ask: Ask) -> Result<(StatusCode, Value)> {
    let answer = whole(address, ask).await?;
    Ok((answer.status(), answer.into_body()))
}

/// The same with the head of the answer.
pub async fn whole(address: SocketAddr, ask: Ask) -> Result<Response<Value>> {
    Ok(Connection::open(address).await?.answer(ask).await?.map(|body| {
        serde_json::from_slice(&body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()))
    }))
}
