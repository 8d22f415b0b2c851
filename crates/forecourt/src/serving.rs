//! A running server: its address, its store once that can be opened, its worker, and an orderly end.

use std::{future::Future, net::SocketAddr, time::Duration};

use axum::{Router, serve::ListenerExt as _};
use forecourt_api::{App, refusing, server};
use forecourt_crm::Crm;
use forecourt_outreach::{Outreach, Worker};
use forecourt_record::{Context, error::Kind};
use forecourt_store::{Location, Store};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};
use tracing::{error, info, warn};

use crate::{
    config::{Config, Role},
    failure::{Failure, Result},
    system,
};

/// Requests under way may take so long to finish once the server is told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(20);
/// What the worker has begun may take so long to finish.
const LAST_JOBS: Duration = Duration::from_secs(40);
/// A store that opens within this time is served without a word of waiting.
const AT_ONCE: Duration = Duration::from_millis(300);
/// How long to leave a database alone that could not be reached.
const PAUSE: Duration = Duration::from_secs(2);

const NOT_YET: &str = "the store is not open yet";
const REFUSED: &str = "the store is newer than this program, or could not be brought up to date";

/// Completes when the server is told to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Told by SIGTERM or SIGINT; a second one ends the process at once.
    pub fn on_signal() -> Result<Self> {
        let (tell, told) = watch::channel(false);
        let mut signals = Signals::listen()?;
        tokio::spawn(async move {
            signals.next().await;
            info!("the server was told to stop");
            let _ = tell.send(true);
            signals.next().await;
            std::process::exit(1);
        });
        Ok(Self(told))
    }

    pub async fn wait(mut self) {
        let _ = self.0.wait_for(|told| *told).await;
    }

    pub fn is_told(&self) -> bool {
        *self.0.borrow()
    }
}

#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn listen() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self(signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?))
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.0.recv() => {}
            _ = self.1.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "it is fallible elsewhere")]
    fn listen() -> Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// The address a server listens on, from before its store is open.
pub struct Door {
    listener: std::net::TcpListener,
    address: SocketAddr,
}

impl Door {
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let taken = |error: std::io::Error| Failure::new(format!("{address} cannot be listened on: {error}."));
        let listener = TcpListener::bind(address).await.and_then(TcpListener::into_std).map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Self { listener, address })
    }

    /// Where a program on this machine finds the server.
    pub fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(if address.is_ipv4() {
                [127, 0, 0, 1].into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        format!("http://{address}")
    }

    /// The same address, for another server on it.
    fn another(&self) -> Result<Self> {
        Ok(Self { listener: self.listener.try_clone()?, address: self.address })
    }

    /// Answers requests until `stop`, and then those under way, for at most `last`. From `stop` on nobody is let in.
    async fn serve(
        self,
        router: Router,
        stop: impl Future<Output = ()> + Send + 'static,
        last: Duration,
    ) -> Result<()> {
        let (tell, told) = watch::channel(false);
        let ended = async move {
            stop.await;
            let _ = tell.send(true);
        };
        // Small answers leave at once; whoever waits for more bytes to send along, waits in vain.
        let listener = TcpListener::from_std(self.listener)?.tap_io(|connection| {
            if let Err(error) = connection.set_nodelay(true) {
                warn!(%error, "a connection keeps Nagle's algorithm");
            }
        });
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let mut serving = tokio::spawn(axum::serve(listener, service).with_graceful_shutdown(ended).into_future());
        tokio::select! {
            () = Stop(told).wait() => {}
            result = &mut serving => return done(result),
        }
        let Ok(result) = timeout(last, &mut serving).await else {
            warn!(limit_ms = last.as_millis() as u64, "requests were cut off");
            serving.abort();
            return Ok(());
        };
        done(result)
    }
}

fn done(result: std::result::Result<std::io::Result<()>, tokio::task::JoinError>) -> Result<()> {
    result.map_err(|error| Failure::new(format!("The server ended: {error}.")))?.map_err(Failure::from)
}

/// Opens the store and serves it until told to stop.
///
/// A database that cannot be reached is asked again and again; a store that may not be served is not. Meanwhile the
/// server is alive and says why it is not ready.
pub async fn run(config: &Config, door: Door, stop: &Stop) -> Result<()> {
    let context = system::context();
    let options = config.store();
    let patient = matches!(options.location, Location::Url(_));
    let mut opening = tokio::spawn(async move { opened(&options, patient).await });
    let opened = match timeout(AT_ONCE, &mut opening).await {
        Ok(opened) => opened,
        Err(_) => match meanwhile(config, &door, stop, &context, &mut opening).await? {
            Some(opened) => opened,
            None => return Ok(()),
        },
    };
    match opened.map_err(|error| Failure::new(format!("The store was not opened: {error}.")))? {
        Ok(store) => open(config, door, stop, Crm::new(store, context)).await,
        Err(error) if error.code.kind() == Kind::Unavailable => Err(error.into()),
        Err(error) => {
            error!(%error, "the store may not be served");
            let router = refusing(REFUSED, &config.api()?.layers, &context);
            door.serve(router, stop.clone().wait(), LAST_REQUESTS).await?;
            Err(error.into())
        }
    }
}

type Opened = std::result::Result<forecourt_record::Result<Store>, tokio::task::JoinError>;

/// Says "not yet" until the store is open; nothing when told to stop before.
async fn meanwhile(
    config: &Config,
    door: &Door,
    stop: &Stop,
    context: &Context,
    opening: &mut JoinHandle<forecourt_record::Result<Store>>,
) -> Result<Option<Opened>> {
    let (tell, told) = watch::channel(false);
    let router = refusing(NOT_YET, &config.api()?.layers, context);
    let waiting = async {
        let opened = tokio::select! {
            opened = opening => Some(opened),
            () = stop.clone().wait() => None,
        };
        let _ = tell.send(true);
        opened
    };
    let (opened, served) =
        tokio::join!(waiting, door.another()?.serve(router, Stop(told).wait(), Duration::from_secs(1)));
    served?;
    Ok(opened)
}

async fn opened(options: &forecourt_store::Options, patient: bool) -> forecourt_record::Result<Store> {
    loop {
        match Store::open(options).await {
            Err(error) if patient && error.code.kind() == Kind::Unavailable => {
                warn!(%error, "the database cannot be reached; it is asked again shortly");
                pause().await;
            }
            result => return result,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a database that is away does not tell when it is back")]
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}

/// Serves an open store, and closes it in the end.
pub async fn open(config: &Config, door: Door, stop: &Stop, crm: Crm) -> Result<()> {
    let store = crm.store.clone();
    let result = serve(config, door, stop, crm).await;
    store.close().await;
    info!("the store is closed");
    result
}

async fn serve(config: &Config, door: Door, stop: &Stop, crm: Crm) -> Result<()> {
    forecourt_api::metrics::install();
    let backend = crm.store.backend();
    let outreach = Outreach::new(crm.clone(), system::chat(config, config.sandbox)?).with_hooks(system::hooks(config));
    // Without the role `api` the server still tells how it is.
    let dialects = if config.has(Role::Api) {
        vec![
            forecourt_dialect_altum::operations(),
            forecourt_dialect_walcu::operations(),
            forecourt_dialect_walcu::jobs(),
            forecourt_dialect_autengo::operations(),
            forecourt_dialect_dialler::operations(),
            forecourt_dialect_trackdrive::operations(),
            forecourt_dialect_native::operations(),
        ]
    } else {
        Vec::new()
    };
    let app = App::new(crm, outreach.clone(), config.api()?);
    let worker = config.has(Role::Worker).then(|| {
        let (worker, stop) = (Worker::new(outreach), stop.clone());
        tokio::spawn(async move { worker.run(stop.wait()).await })
    });
    info!(url = door.url(), backend, roles = ?config.roles, "the server is ready");
    let served = door.serve(server(&app, &dialects), stop.clone().wait(), LAST_REQUESTS).await;
    if let Some(worker) = worker {
        if !stop.is_told() {
            // The door failed by itself: nobody told the worker.
            worker.abort();
        } else if timeout(LAST_JOBS, worker).await.is_err() {
            warn!("jobs were cut off; they are taken up again by whoever serves the store next");
        }
    }
    served
}
