//! The layer and its service.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portcullis::{Engine, Reason, Refusal};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Gate, Refused, Reply, answer, cors, incoming};

/// Puts an engine before a service.
#[derive(Clone, Debug)]
pub struct GuardLayer {
    engine: Engine,
    tls: bool,
}

impl GuardLayer {
    /// A layer for connections that are not encrypted; see [`over_tls`](GuardLayer::over_tls).
    #[must_use]
    pub fn new(engine: Engine) -> GuardLayer {
        GuardLayer { engine, tls: false }
    }

    /// Says that the connections are encrypted. What a request says of itself is not believed.
    #[must_use]
    pub fn over_tls(mut self) -> GuardLayer {
        self.tls = true;
        self
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { layer: self.clone(), inner }
    }
}

/// A service behind an engine.
#[derive(Clone, Debug)]
pub struct Guard<S> {
    layer: GuardLayer,
    inner: S,
}

/// The future of [`Guard`].
pub type GuardFuture<R, E> = Pin<Box<dyn Future<Output = Result<R, E>> + Send>>;

impl<S, B, R> Service<Request<B>> for Guard<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: Body + Default + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    R: From<Bytes> + Body + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = GuardFuture<Response<R>, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled ready is the one to call; its clone waits for the next.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let asked = match asked(&layer, &parts) {
                Ok(asked) => asked,
                Err(refusal) => return Ok(refuse(&parts, &refusal)),
            };
            let sharing = layer.engine.sharing(&asked);
            if let Some(decided) = layer.engine.preflight(&asked) {
                let granted = decided.map(|preflight| cors::granted(&preflight));
                return Ok(granted
                    .unwrap_or_else(|refusal| cors::shared(&sharing, refuse(&parts, &refusal))));
            }
            let gate = match accept(&layer, &parts, asked, body).await {
                Ok(gate) => gate,
                Err(refusal) => return Ok(cors::shared(&sharing, refuse(&parts, &refusal))),
            };
            let refused =
                |refusal| Ok(cors::shared(&sharing, answer::refusal(&gate.refused(refusal).0)));
            for name in REWRITES.into_iter().chain(FORWARDING) {
                parts.headers.remove(name);
            }
            // Nothing may be routed by another path than the one that was decided.
            let Ok(decided) = as_decided(&parts.uri, &gate) else {
                return refused(Refusal::malformed_request());
            };
            if !matched_as_decided(&parts, &gate) {
                // The framework has routed by the bytes that came: the client wrote them so.
                if decided.path() != parts.uri.path() {
                    return refused(Refusal::malformed_request());
                }
                tracing::error!(
                    method = %parts.method,
                    route = gate.route(),
                    "the framework matched another route than the engine decided"
                );
                return refused(Refusal::service_fault());
            }
            parts.uri = decided;
            parts.extensions.insert(gate.clone());
            let response = inner.call(Request::from_parts(parts, B::default())).await?;
            let response = cors::shared(&sharing, net(&gate, response));
            gate.finish(response.status().is_success()).await;
            Ok(response)
        })
    }
}

/// Headers by which a client asks for another method or path than those of its request. What was
/// decided is the request as it stands, so no framework or middleware behind the layer may see them.
const REWRITES: [&str; 12] = [
    "x-http-method-override",
    "x-http-method",
    "x-method-override",
    "x-original-url",
    "x-original-uri",
    "x-rewrite-url",
    "x-original-method",
    "x-original-host",
    // As Envoy, Kong, Traefik and Caddy write them for what stands behind.
    "x-envoy-original-path",
    "x-forwarded-method",
    "x-forwarded-path",
    "x-forwarded-uri",
];

/// Headers that say who the client is. The engine has read those of a trusted proxy; a handler or an
/// extractor that reads them would believe anybody. [`Gate::client`] has what is left of them.
const FORWARDING: [&str; 8] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
];

/// What a path holds as it is (RFC 3986, 3.3): a `pchar`, and the slashes between segments.
const PATH: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

/// The target as it was decided. A framework that routes by the bytes that came would take `/%61dmin`
/// for another path than the `/admin` that was decided; and of a query string a handler sees what is
/// declared and normalised, as it does of a body.
fn as_decided(uri: &Uri, gate: &Gate) -> Result<Uri, http::Error> {
    let path = utf8_percent_encode(gate.path(), &PATH);
    let query = gate.query_string();
    let between = if query.is_empty() { "" } else { "?" };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query =
        Some(PathAndQuery::from_maybe_shared(format!("{path}{between}{query}"))?);
    Ok(Uri::from_parts(parts)?)
}

/// The request as the engine asks for it.
fn asked<'a>(
    layer: &GuardLayer,
    parts: &'a http::request::Parts,
) -> Result<portcullis::Request<'a>, Refusal> {
    let Some(peer) = incoming::peer(parts) else {
        tracing::error!(
            "nobody says who is at the other end of the connection: serve with \
             `into_make_service_with_connect_info::<SocketAddr>()`, or put a `Peer` into the \
             request's extensions"
        );
        return Err(Refusal::service_fault());
    };
    Ok(incoming::request(parts, peer, layer.tls))
}

/// Transport, caller and input: all that is decided before the service is called.
async fn accept<B>(
    layer: &GuardLayer,
    parts: &http::request::Parts,
    asked: portcullis::Request<'_>,
    body: B,
) -> Result<Gate, Refusal>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let admitted = layer.engine.admit_async(asked).await?;
    let limit = usize::try_from(admitted.body_limit()).unwrap_or(usize::MAX);
    let body = match Limited::new(body, limit).collect().await {
        Ok(body) => body.to_bytes(),
        Err(fault) if fault.is::<LengthLimitError>() => {
            return Err(admitted.refused(Refusal::body_too_large()));
        }
        Err(_) => return Err(admitted.refused(Refusal::malformed_request())),
    };
    let accepted = admitted.input_async(Some(&body)).await?.into_owned();
    Ok(Gate::new(accepted, parts.method.clone(), body))
}

/// Lets only that leave which the route says may leave.
fn net<R: From<Bytes> + Body>(gate: &Gate, mut response: Response<R>) -> Response<R> {
    let method = gate.method();
    if let Some(Refused(refusal)) = response.extensions_mut().remove::<Refused>() {
        log(method, gate.route(), &refusal);
        return answer::refusal(&refusal);
    }
    let fault = |why: &str| {
        tracing::error!(%method, route = gate.route(), "{why}; not one byte of its answer was sent");
        answer::refusal(&gate.refused(Refusal::service_fault()).0)
    };
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed && (gate.returns_view() || gate.owes_a_decision()) {
        return answer::generic(response.status());
    }
    if gate.owes_a_decision() {
        return fault("the handler never asked about its object, or did not heed the answer");
    }
    if !gate.returns_view() {
        return response;
    }
    let succeeded = response.status().is_success();
    match response.extensions_mut().remove::<Reply>() {
        Some(reply) if reply.is_of(gate) && succeeded => send(response, reply.json()),
        None if gate.returns_nothing() && succeeded && response.body().is_end_stream() => {
            send(response, Bytes::new())
        }
        _ => fault("the handler answered with a body that the engine did not make"),
    }
}

/// The engine's own bytes, with the headers of the handler. Where there are none, the route returns
/// nothing: 204.
fn send<R: From<Bytes>>(response: Response<R>, json: Bytes) -> Response<R> {
    let (mut parts, _) = response.into_parts();
    // These speak of a body that is not sent.
    for name in [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONTENT_ENCODING,
        header::CONTENT_TYPE,
    ] {
        parts.headers.remove(name);
    }
    if json.is_empty() {
        parts.status = StatusCode::NO_CONTENT;
    } else {
        let kind = HeaderValue::from_static("application/json");
        parts.headers.insert(header::CONTENT_TYPE, kind);
    }
    Response::from_parts(parts, R::from(json))
}

fn refuse<R: From<Bytes>>(parts: &http::request::Parts, refusal: &Refusal) -> Response<R> {
    log(&parts.method, "", refusal);
    answer::refusal(refusal)
}

/// The operator's half of a refusal. It holds no value of the request but its method.
fn log(method: &http::Method, route: &str, refusal: &Refusal) {
    let clause = refusal.clause().map(portcullis::Clause::place).unwrap_or_default();
    match refusal.reason() {
        Reason::ServiceFault | Reason::StoreUnavailable => {
            tracing::error!(%method, route, reason = %refusal.reason(), clause, "refused");
        }
        reason => tracing::info!(%method, route, %reason, clause, "refused"),
    }
}

/// Whether the framework's route is the engine's: a policy that speaks of another path than the one
/// that is served would guard nothing.
#[cfg(feature = "axum")]
pub(crate) fn matched_as_decided(parts: &http::request::Parts, gate: &Gate) -> bool {
    let Some(matched) = parts.extensions.get::<axum::extract::MatchedPath>() else {
        return true;
    };
    let plain = |path: &str| path.replace("{*", "{").replace("...}", "}");
    plain(matched.as_str()) == plain(gate.route())
}

#[cfg(not(feature = "axum"))]
fn matched_as_decided(_: &http::request::Parts, _: &Gate) -> bool {
    true
}
