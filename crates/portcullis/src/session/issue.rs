//! Issuing and renewing.

use std::time::Duration;

use portcullis_compiler::plan::{Jwt, Session, SessionVerb};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::{SessionTokens, Sessioned, claims_of, good_until, revoked_until};
use crate::caller::CallerError;
use crate::credential::refresh::RefreshToken;
use crate::credential::{self, cookie, refresh};
use crate::proof::Accepted;
use crate::refusal::{Reason, Refusal};
use crate::store::{Answer, Family, Presentation, Presented, Successor, Unavailable};
use crate::value::Value;
use crate::{SigningKey, Timestamp};

/// Why no tokens were given.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    /// The attributes are not those of a caller of the session's credential: a fault of the service.
    #[error("no session could be given: {0}")]
    Attributes(#[from] CallerError),
    /// The refusal to answer with.
    #[error("{0}")]
    Refused(#[from] Refusal),
}

/// What a session is issued or renewed by.
struct Issuer<'a> {
    session: &'a Session,
    name: &'a str,
    jwt: &'a Jwt,
    key: &'a SigningKey,
    now: Timestamp,
}

impl Issuer<'_> {
    /// So many nanoseconds from now.
    fn later(&self, nanos: i64) -> Timestamp {
        Timestamp::from_nanos(self.now.as_nanos().saturating_add(nanos))
    }
}

/// A session that begins, and what is to be kept of it.
struct Begun {
    token: RefreshToken,
    family: Family,
    claims: Map<String, Json>,
}

impl Accepted<'_> {
    /// Begins a session, on a route that `issues session`: the caller has been signed in by whatever
    /// means, and has these attributes from now on, by their names in the policy. Pass the body to
    /// [`Answers::success`](crate::Answers::success), which sets the cookie too.
    ///
    /// `now` is the time of the call, and not that of the request: a body may have come long after its head, and the
    /// application may have taken its time.
    ///
    /// # Errors
    /// The attributes are not those of the session's credential, the route issues none, or the store
    /// cannot be reached.
    pub fn issue_session<'v>(
        &self,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        now: impl Into<Timestamp>,
    ) -> Result<SessionTokens, SessionError> {
        let now = now.into();
        let begun = self.begun(attributes, now)?;
        let kept = self.keep(&begun, now).wait();
        self.issued(begun, kept, now)
    }

    /// [`issue_session`](Accepted::issue_session), for a store that may have to be waited for.
    ///
    /// # Errors
    /// As [`issue_session`](Accepted::issue_session).
    // The attributes are read before the future is made: they need not be `Send`.
    pub fn issue_session_async<'v>(
        &self,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        now: impl Into<Timestamp>,
    ) -> impl Future<Output = Result<SessionTokens, SessionError>> + Send {
        let now = now.into();
        let begun = self.begun(attributes, now);
        async move {
            let begun = begun?;
            let kept = self.keep(&begun, now);
            let kept = kept.later().await;
            self.issued(begun, kept, now)
        }
    }

    /// Whose session is renewed, on a route that `renews session`: the attributes that it was begun with,
    /// as the application's own type. What has become of the caller since is for the application to know.
    ///
    /// # Errors
    /// The route renews none, or the type does not fit what the policy declares: a fault of the service.
    pub fn session<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let caller = self.session.as_deref().and_then(|session| session.caller.as_ref());
        let read = caller.and_then(|caller| caller.read_as(&self.rules.plan));
        read.ok_or_else(|| self.refused(Refusal::service_fault()))
    }

    /// Renews the session whose refresh token came, for its caller as they are now: with the attributes
    /// that the next access token is to have. The refresh token is taken, and the next one given; of two
    /// requests that come with one, both get the same.
    ///
    /// `now` is the time of the call, as for [`issue_session`](Accepted::issue_session).
    ///
    /// # Errors
    /// As [`issue_session`](Accepted::issue_session); the attributes are another caller's; or the session
    /// was ended a moment ago.
    pub fn renew_session<'v>(
        &self,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        now: impl Into<Timestamp>,
    ) -> Result<SessionTokens, SessionError> {
        let now = now.into();
        let (claims, next) = self.renewing(attributes, now)?;
        let taken = next.as_ref().map(|next| self.take(next, now).wait());
        self.renewed(claims, next, taken, now)
    }

    /// [`renew_session`](Accepted::renew_session), for a store that may have to be waited for.
    ///
    /// # Errors
    /// As [`renew_session`](Accepted::renew_session).
    pub fn renew_session_async<'v>(
        &self,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        now: impl Into<Timestamp>,
    ) -> impl Future<Output = Result<SessionTokens, SessionError>> + Send {
        let now = now.into();
        let renewing = self.renewing(attributes, now);
        async move {
            let (claims, next) = renewing?;
            let taken = match next.as_ref().map(|next| self.take(next, now)) {
                Some(answer) => Some(answer.later().await),
                None => None,
            };
            self.renewed(claims, next, taken, now)
        }
    }

    /// Whether the route answers with the tokens of a session that was not issued or renewed: its handler
    /// has nothing to answer a success with.
    #[must_use]
    pub fn owes_tokens(&self) -> bool {
        self.session.as_deref().is_some_and(Sessioned::owes_tokens)
    }

    fn begun<'v>(
        &self,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        now: Timestamp,
    ) -> Result<Begun, SessionError> {
        let issuer = self.issuer(SessionVerb::Issues, now)?;
        let claims = self.claims(&issuer, attributes)?;
        let token = RefreshToken::first().ok_or_else(Refusal::service_fault)?;
        let expires_at = issuer.later(issuer.session.refresh);
        let ends_at = issuer.session.at_most.map(|at_most| issuer.later(at_most));
        let family = Family::new(
            refresh::subject(subject(&claims)?),
            Json::Object(claims.clone()).to_string(),
            token.digest(),
            expires_at,
            ends_at,
        );
        Ok(Begun { token, family, claims })
    }

    fn keep(&self, begun: &Begun, now: Timestamp) -> Answer<Result<(), Unavailable>> {
        let session = refresh::session(&begun.token.sid());
        self.rules.store.begin(&session, &begun.family, now)
    }

    fn issued(
        &self,
        begun: Begun,
        kept: Result<(), Unavailable>,
        now: Timestamp,
    ) -> Result<SessionTokens, SessionError> {
        self.stored(kept)?;
        let issuer = self.issuer(SessionVerb::Issues, now)?;
        let until = begun.family.gone_at();
        let tokens = self.tokens(&issuer, begun.claims, &begun.token, until)?;
        Ok(self.given(&issuer, tokens, &begun.token, until))
    }

    fn renewing<'v>(
        &self,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        now: Timestamp,
    ) -> Result<(Map<String, Json>, Option<Next>), SessionError> {
        let issuer = self.issuer(SessionVerb::Renews, now)?;
        let claims = self.claims(&issuer, attributes)?;
        let (before, presented) = self.presented()?;
        // A session stays its caller's.
        let begun = self.session.as_deref().and_then(|session| session.caller.as_deref());
        let begun = begun.and_then(|caller| caller.text(issuer.session.subject));
        if begun != Some(subject(&claims)?) {
            return Err(self.refused(Refusal::service_fault()).into());
        }
        if issuer.session.rotation.is_none() {
            return Ok((claims, None));
        }
        let token = before.next().ok_or_else(Refusal::service_fault)?;
        let successor = Successor {
            token: token.digest(),
            sealed: before.seal(&token),
            expires_at: issuer.later(issuer.session.refresh),
        };
        let revoked_until = revoked_until(&self.rules.plan, issuer.session, now);
        let presented = Presented { revoked_until, ..presented };
        Ok((claims, Some(Next { token, presented, successor })))
    }

    fn take(&self, next: &Next, now: Timestamp) -> Answer<Result<Presentation, Unavailable>> {
        self.rules.store.take(&next.presented, &next.successor, now)
    }

    fn renewed(
        &self,
        claims: Map<String, Json>,
        next: Option<Next>,
        taken: Option<Result<Presentation, Unavailable>>,
        now: Timestamp,
    ) -> Result<SessionTokens, SessionError> {
        let issuer = self.issuer(SessionVerb::Renews, now)?;
        let (before, _) = self.presented()?;
        let (token, until) = match next.zip(taken) {
            // One that does not rotate stays.
            None => {
                let until = self.session.as_deref().map(|session| session.good_until);
                let until = until.ok_or_else(Refusal::service_fault)?;
                if until <= now {
                    let refusal = Refusal::new(Reason::ExpiredCredential);
                    let refusal = refusal.at(&self.rules.plan, issuer.session.span);
                    return Err(self.refused(refusal).into());
                }
                (before.clone(), until)
            }
            Some((next, taken)) => {
                let means = self.stored(taken)?;
                let until = good_until(&means).map_err(|reason| {
                    let refusal = Refusal::new(reason).at(&self.rules.plan, issuer.session.span);
                    let reused = means == Presentation::Reused;
                    self.refused(if reused { refusal.of_reuse() } else { refusal })
                })?;
                match means {
                    Presentation::Taken(_) => (next.token, until),
                    Presentation::Again(sealed, _) => (before.unseal(sealed), until),
                    // No store may leave a token as it was that it was told to take.
                    _ => return Err(self.refused(Refusal::service_fault()).into()),
                }
            }
        };
        let tokens = self.tokens(&issuer, claims, &token, until)?;
        Ok(self.given(&issuer, tokens, &token, until))
    }

    fn presented(&self) -> Result<(&RefreshToken, Presented), Refusal> {
        let token = self.session.as_deref().and_then(|session| session.token.as_ref());
        let (token, presented) = token.ok_or_else(|| self.refused(Refusal::service_fault()))?;
        Ok((token, *presented))
    }

    /// What the route issues by, if it does that.
    fn issuer(&self, verb: SessionVerb, now: Timestamp) -> Result<Issuer<'_>, Refusal> {
        let issuer = || {
            self.session.as_deref().filter(|session| session.verb == verb)?;
            let session = self.rules.plan.session.as_ref()?;
            let credential = self.rules.plan.credentials.get(session.access)?;
            Some(Issuer {
                session,
                name: &credential.name,
                jwt: credential.jwt()?,
                key: self.rules.signing_key.as_ref()?,
                now,
            })
        };
        issuer().ok_or_else(|| self.refused(Refusal::service_fault()))
    }

    fn claims<'v>(
        &self,
        issuer: &Issuer<'_>,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
    ) -> Result<Map<String, Json>, SessionError> {
        let attributes: Vec<(&str, Value<'_>)> = attributes.into_iter().collect();
        let (plan, generation) = (&self.rules.plan, self.rules.generation);
        Ok(claims_of(plan, generation, issuer.name, &attributes)?)
    }

    /// An access token (RFC 9068, 2.2), and the refresh token beside it, which is good until then: it ends its session, and
    /// no access token outlasts that.
    fn tokens(
        &self,
        issuer: &Issuer<'_>,
        mut claims: Map<String, Json>,
        token: &RefreshToken,
        until: Timestamp,
    ) -> Result<SessionTokens, Refusal> {
        let fault = || self.refused(Refusal::service_fault());
        // Whole seconds, and one at least: it is good now.
        let left = until.as_nanos().saturating_sub(issuer.now.as_nanos()) / 1_000_000_000;
        let lifetime = issuer.jwt.lifetime.min(left.max(1));
        for (name, value) in
            credential::issued(issuer.jwt, lifetime, issuer.now).ok_or_else(fault)?
        {
            claims.insert(name.to_owned(), value);
        }
        claims.insert("sid".to_owned(), token.sid().into());
        let claims = Json::Object(claims).to_string();
        let token_type = issuer.jwt.token_type.as_deref();
        let access_token = issuer.key.token(token_type, claims.as_bytes()).ok_or_else(fault)?;
        // What the engine would not take is not given: the caller would be signed in to nothing.
        let index = issuer.session.access;
        let wanted = self.rules.plan.credentials.get(index).map(|found| found.claims.as_slice());
        let (wanted, keys) = wanted.zip(self.rules.keys.get(index)).ok_or_else(fault)?;
        let (plan, now) = (&self.rules.plan, issuer.now);
        credential::accept(&access_token, (issuer.jwt, wanted), keys, plan, now)
            .map_err(|_| fault())?;
        let lifetime = u64::try_from(lifetime).unwrap_or(0);
        Ok(SessionTokens {
            access_token,
            expires_in: Duration::from_secs(lifetime),
            refresh_token: issuer.session.cookie.is_none().then(|| token.text()),
        })
    }

    /// Notes the cookie of the answer, and that there is one.
    fn given(
        &self,
        issuer: &Issuer<'_>,
        tokens: SessionTokens,
        token: &RefreshToken,
        until: Timestamp,
    ) -> SessionTokens {
        const SECOND: i64 = 1_000_000_000;
        if let Some(session) = self.session.as_deref() {
            if let Some(planned) = &issuer.session.cookie {
                let left = until.as_nanos().saturating_sub(issuer.now.as_nanos()).max(0) / SECOND;
                let _ = session.set_cookie.set(cookie::set(planned, &token.text(), left));
            }
            let _ = session.answered.set(());
        }
        tokens
    }

    /// What a store has done, or the refusal where it cannot be reached.
    pub(super) fn stored<T>(&self, answer: Result<T, Unavailable>) -> Result<T, Refusal> {
        answer.map_err(|Unavailable| {
            let place = self.route().ok().and_then(|route| route.session).map(|(_, span)| span);
            let refusal = Refusal::new(Reason::StoreUnavailable);
            self.refused(refusal.at_clause(&self.rules.plan, place))
        })
    }
}

/// The token that follows.
struct Next {
    token: RefreshToken,
    presented: Presented,
    successor: Successor,
}

/// Whose session it is. The compiler asks for a `sub` that is text.
fn subject(claims: &Map<String, Json>) -> Result<&str, Refusal> {
    claims.get("sub").and_then(Json::as_str).ok_or_else(Refusal::service_fault)
}
