//! The layer and its service.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portcullis::{Accepted, Answers, Engine, Outcome, Reason, Refusal};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Gate, Refused, Reply, answer, incoming, panic};

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
            let head = request.method() == Method::HEAD;
            let response = serve(&layer, &mut inner, request).await?;
            Ok(if head { without_body(response) } else { response })
        })
    }
}

async fn serve<S, B, R>(
    layer: &GuardLayer,
    inner: &mut S,
    request: Request<B>,
) -> Result<Response<R>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: Body + Default,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    R: From<Bytes> + Body,
{
    let (mut parts, body) = request.into_parts();
    let peer = incoming::peer(&parts);
    let nobody = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let mut asked = incoming::request(&parts, peer.unwrap_or(nobody), layer.tls);
    let answers = layer.engine.answers(&mut asked);
    let accepted = match peer {
        Some(_) => match layer.engine.preflight(&asked) {
            Some(Ok(preflight)) => return Ok(answer::response(answers.preflight(&preflight))),
            Some(Err(refusal)) => Err(refusal),
            None => accept(layer, asked, body).await,
        },
        None => {
            tracing::error!(
                "nobody says who is at the other end of the connection: serve with \
                 `into_make_service_with_connect_info::<SocketAddr>()`, or put a `Peer` into the \
                 request's extensions"
            );
            Err(Refusal::service_fault())
        }
    };
    let gate = match accepted {
        Ok((accepted, body)) => Gate::new(accepted, parts.method.clone(), body),
        Err(refusal) => {
            log(&answers, &parts.method, refusal.route().unwrap_or(""), &refusal);
            return Ok(answer::response(answers.refusal(&refusal)));
        }
    };
    let refused = |refusal| Ok(answer::response(gate.refused(refusal).rendered(&answers, &gate)));
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
            request_id = answers.request_id(),
            "the framework matched another route than the engine decided"
        );
        return refused(Refusal::service_fault());
    }
    parts.uri = decided;
    parts.extensions.insert(gate.clone());
    let request = Request::from_parts(parts, B::default());
    let response = match panic::caught(|| inner.call(request)).await {
        Ok(response) => {
            let response = response?;
            // Whoever was told that they are signed out is, or is told otherwise.
            let refused = response.extensions().get::<Refused>().is_some();
            // A redirection says so too: `303` to the page before.
            let done = response.status().is_success() || response.status().is_redirection();
            let ends = gate.ends_session() && done && !refused;
            match if ends { gate.end_session().await } else { Ok(()) } {
                Ok(()) => net(&answers, &gate, response),
                Err(refused) => answer::response(refused.rendered(&answers, &gate)),
            }
        }
        Err(why) => {
            tracing::error!(
                method = %gate.method(),
                route = gate.route(),
                request_id = answers.request_id(),
                panic = why,
                "the handler panicked"
            );
            gate.outcome(Outcome::Failure);
            answer::response(gate.refused(Refusal::service_fault()).rendered(&answers, &gate))
        }
    };
    gate.finish(response.status().is_success()).await;
    Ok(response)
}

/// An answer to HEAD: the header lines that GET would get, and no body (RFC 9110, 9.3.2). A length that
/// is sent is the one of the body that is not (8.6).
fn without_body<R: From<Bytes> + Body>(response: Response<R>) -> Response<R> {
    let (mut parts, body) = response.into_parts();
    let has_body = !matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if let Some(length) = body.size_hint().exact().filter(|_| has_body) {
        parts.headers.entry(header::CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    Response::from_parts(parts, R::from(Bytes::new()))
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

/// Transport, caller and input: all that is decided before the service is called.
async fn accept<B>(
    layer: &GuardLayer,
    request: portcullis::Request<'_>,
    body: B,
) -> Result<(Accepted<'static>, Bytes), Refusal>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let admitted = layer.engine.admit_async(request).await?;
    let limit = usize::try_from(admitted.body_limit()).unwrap_or(usize::MAX);
    // What is announced too large need not be waited for.
    if body.size_hint().lower() > admitted.body_limit() {
        return Err(admitted.refused(Refusal::body_too_large()));
    }
    let body = match Limited::new(body, limit).collect().await {
        Ok(body) => body.to_bytes(),
        Err(fault) if fault.is::<LengthLimitError>() => {
            return Err(admitted.refused(Refusal::body_too_large()));
        }
        Err(_) => return Err(admitted.refused(Refusal::malformed_request())),
    };
    Ok((admitted.input_async(Some(&body)).await?.into_owned(), body))
}

/// Lets only that leave which the route says may leave, under the header lines of the engine's.
fn net<R: From<Bytes> + Body>(
    answers: &Answers,
    gate: &Gate,
    mut response: Response<R>,
) -> Response<R> {
    let method = gate.method();
    if let Some(refused) = response.extensions_mut().remove::<Refused>() {
        if let Some(refusal) = refused.refusal() {
            log(answers, method, gate.route(), refusal);
        }
        return answer::response(refused.rendered(answers, gate));
    }
    let fault = |why: &str| {
        let request_id = answers.request_id();
        tracing::error!(%method, route = gate.route(), request_id, "{why}; not one byte of its answer was sent");
        answer::response(gate.refused(Refusal::service_fault()).rendered(answers, gate))
    };
    let status = response.status();
    // What an error says was written for whoever mends it.
    let own = status.is_client_error() && gate.returns_opaque() && !gate.owes_a_decision();
    if status.is_server_error() || (status.is_client_error() && !own) {
        return answer::response(answers.problem(Some(gate.accepted()), status.as_u16(), None));
    }
    if status.is_success() && gate.owes_tokens() {
        return fault("the handler neither gave the session's tokens nor refused");
    }
    if gate.owes_a_decision() {
        return fault("the handler never asked about its object, or did not heed the answer");
    }
    let mut response = if gate.returns_view() {
        match response.extensions_mut().remove::<Reply>() {
            Some(reply) if reply.is_of(gate) && status.is_success() => send(response, reply.json()),
            None if gate.returns_nothing()
                && status.is_success()
                && response.body().is_end_stream() =>
            {
                send(response, Bytes::new())
            }
            _ => return fault("the handler answered with a body that the engine did not make"),
        }
    } else {
        response
    };
    let own: Vec<HeaderName> =
        response.headers().keys().filter(|name| answers.removes(name.as_str())).cloned().collect();
    for name in own {
        response.headers_mut().remove(name);
    }
    for (name, value) in answers.headers(gate.accepted()) {
        let (name, value) = (HeaderName::from_static(name), HeaderValue::from_str(&value));
        match value {
            Ok(value) if matches!(name, header::VARY | header::SET_COOKIE) => {
                response.headers_mut().append(name, value)
            }
            Ok(value) => response.headers_mut().insert(name, value).is_some(),
            Err(_) => return fault("a header line of the engine cannot be sent"),
        };
    }
    response
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

/// The operator's half of a refusal. It holds no value of the request but its method and its id.
fn log(answers: &Answers, method: &Method, route: &str, refusal: &Refusal) {
    let clause = refusal.clause().map(portcullis::Clause::place).unwrap_or_default();
    let (reason, request_id) = (refusal.reason(), answers.request_id());
    match reason {
        Reason::ServiceFault | Reason::StoreUnavailable => {
            tracing::error!(%method, route, %reason, clause, request_id, "refused");
        }
        reason if refusal.is_reuse() => {
            tracing::warn!(
                %method, route, %reason, clause, request_id,
                "a refresh token came a second time: its session is ended"
            );
        }
        reason => tracing::info!(%method, route, %reason, clause, request_id, "refused"),
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
