//! One HTTP/1.1 connection at a time, no pool: the plain client that partners' programs are.

use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::{
    HeaderMap, Method,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::within;

/// Why no answer came.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;

/// A request that can be sent more than once.
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

pub fn get(path: &str) -> Request {
    Request::new(Method::GET, path)
}

/// Posts JSON.
pub fn post(path: &str, body: &Value) -> Request {
    Request::new(Method::POST, path).body(body.to_string())
}

/// Patches with JSON.
pub fn patch(path: &str, body: &Value) -> Request {
    Request::new(Method::PATCH, path).body(body.to_string())
}

impl Request {
    pub fn new(method: Method, path: &str) -> Self {
        Self { method, path: path.to_owned(), headers: Vec::new(), body: Bytes::new() }
    }

    /// With a body of JSON.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(CONTENT_TYPE.as_str(), "application/json")
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// As whoever holds this key or session token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// With the key by which a repetition is recognised.
    #[must_use]
    pub fn idempotent(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    fn built(&self) -> hyper::Request<Full<Bytes>> {
        let mut builder = hyper::Request::builder().method(&self.method).uri(&self.path).header(HOST, "forecourt.test");
        for (name, value) in &self.headers {
            builder = builder.header(*name, value);
        }
        builder.body(Full::new(self.body.clone())).expect("a request that can be built")
    }
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, the status being as expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

/// A keep-alive connection; requests on it go one after another.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self, Broken> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        // Its error also reaches whoever waits for the answer.
        tokio::spawn(async move { drop(driver.await) });
        Ok(Self { sender })
    }

    /// Sends, and reads the answer to its last byte.
    ///
    /// # Panics
    /// When neither an answer nor an error comes: a server that lets its callers hang.
    pub async fn send(&mut self, request: &Request) -> Result<Answer, Broken> {
        let answered = async {
            self.sender.ready().await?;
            let (parts, body) = self.sender.send_request(request.built()).await?.into_parts();
            let bytes = body.collect().await?.to_bytes();
            let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
            let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
            Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
        };
        within(&format!("an answer to {} {}", request.method, request.path), answered).await
    }
}
