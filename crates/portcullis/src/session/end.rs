//! Ending sessions, and taking tokens back.

use portcullis_compiler::plan::SessionVerb;

use super::{SLACK, revoked_until};
use crate::Timestamp;
use crate::caller::Token;
use crate::credential::{cookie, refresh};
use crate::engine::Engine;
use crate::proof::Accepted;
use crate::refusal::Refusal;
use crate::store::{Answer, Digest, Known, Presentation, Question, Unavailable};

impl Accepted<'_> {
    /// Ends the session of the request, on a route that `ends session` once the application has done its
    /// part, or on one that `renews session` where it finds that its caller is to come no more: the one
    /// that the access token is of, and the one that the cookie is of. The answer takes the cookie away. A
    /// token that is of no session is revoked by itself. A cookie of no session that there is ends nothing: whoever
    /// makes them up must not fill the store.
    ///
    /// `now` is the time of the call, as for [`issue_session`](Accepted::issue_session).
    ///
    /// # Errors
    /// The store cannot be reached: the session is still there.
    pub fn end_session(&self, now: impl Into<Timestamp>) -> Result<(), Refusal> {
        let now = now.into();
        let too = match self.asking(now) {
            Some((session, answer)) => is_there(&self.stored(answer.wait())?).then_some(session),
            None => None,
        };
        for answer in self.ending(too, now)? {
            self.stored(answer.wait())?;
        }
        self.ended();
        Ok(())
    }

    /// [`end_session`](Accepted::end_session), for a store that may have to be waited for.
    ///
    /// # Errors
    /// As [`end_session`](Accepted::end_session).
    pub async fn end_session_async(&self, now: impl Into<Timestamp> + Send) -> Result<(), Refusal> {
        let now = now.into();
        let too = match self.asking(now) {
            Some((session, answer)) => {
                is_there(&self.stored(answer.later().await)?).then_some(session)
            }
            None => None,
        };
        let answers = self.ending(too, now)?;
        for answer in answers {
            self.stored(answer.later().await)?;
        }
        self.ended();
        Ok(())
    }

    /// Whether the route says that a success ends the session.
    #[must_use]
    pub fn ends_session(&self) -> bool {
        self.session.as_deref().is_some_and(|session| session.verb == SessionVerb::Ends)
    }

    /// The session that the cookie is of, and whether there is one.
    fn asking(&self, now: Timestamp) -> Option<(Digest, Answer<Result<Known, Unavailable>>)> {
        let presented = self.session.as_deref()?.ended_too?;
        let asked = Question { refresh: Some(presented), ..Question::default() };
        Some((presented.session, self.rules.store.known(&asked, now)))
    }

    fn ending(
        &self,
        too: Option<Digest>,
        now: Timestamp,
    ) -> Result<Vec<Answer<Result<(), Unavailable>>>, Refusal> {
        let fault = || self.refused(Refusal::service_fault());
        let session = self.session.as_deref().ok_or_else(fault)?;
        let planned = self.rules.plan.session.as_ref().ok_or_else(fault)?;
        let store = &self.rules.store;
        let token = self.caller.caller().and_then(|caller| caller.token.as_deref());
        let named = [
            token.and_then(|token| token.session),
            too,
            session.presented().map(|presented| presented.session),
        ];
        let mut sessions: Vec<Digest> = named.into_iter().flatten().collect();
        sessions.dedup();
        let until = revoked_until(&self.rules.plan, planned, now);
        let mut answers: Vec<_> =
            sessions.iter().map(|session| store.end(session, until, now)).collect();
        // One of another issuer may outlast what is remembered of the session.
        let lasting = |token: &&Token| token.session.is_none() || token.until.after(SLACK) > until;
        if let Some(token) = token.filter(lasting) {
            answers.push(store.revoke(&token.id, token.until.after(SLACK), now));
        }
        Ok(answers)
    }

    fn ended(&self) {
        let planned = self.rules.plan.session.as_ref().and_then(|session| session.cookie.as_ref());
        if let Some((session, planned)) = self.session.as_deref().zip(planned) {
            let _ = session.set_cookie.set(cookie::clear(planned));
        }
    }
}

/// Whether there is, or was until a moment ago, a session of the refresh token that was asked about.
fn is_there(known: &Known) -> bool {
    !matches!(&known.refresh, None | Some((Presentation::Unknown, _)))
}

impl Engine {
    /// Ends every session of a caller, by what their tokens have as `sub`: after a new password, or for
    /// somebody who is to come no more. How many there were.
    ///
    /// # Errors
    /// The store cannot be reached: sessions may still be there. Or the policy has no `session`.
    pub fn end_sessions(
        &self,
        subject: &str,
        now: impl Into<Timestamp>,
    ) -> Result<u64, Unavailable> {
        self.ending_all(subject, now.into()).ok_or(Unavailable)?.wait()
    }

    /// [`end_sessions`](Engine::end_sessions), for a store that may have to be waited for.
    ///
    /// # Errors
    /// As [`end_sessions`](Engine::end_sessions).
    pub async fn end_sessions_async(
        &self,
        subject: &str,
        now: impl Into<Timestamp> + Send,
    ) -> Result<u64, Unavailable> {
        let answer = self.ending_all(subject, now.into()).ok_or(Unavailable)?;
        answer.later().await
    }

    /// Takes one access token back, by the `jti` of a revocable credential, until it would expire.
    ///
    /// # Errors
    /// The store cannot be reached. Or the policy has no such credential.
    pub fn revoke(
        &self,
        credential: &str,
        jti: &str,
        expires_at: impl Into<Timestamp>,
        now: impl Into<Timestamp>,
    ) -> Result<(), Unavailable> {
        let answer = self.revoking(credential, jti, expires_at.into(), now.into());
        answer.ok_or(Unavailable)?.wait()
    }

    /// [`revoke`](Engine::revoke), for a store that may have to be waited for.
    ///
    /// # Errors
    /// As [`revoke`](Engine::revoke).
    pub async fn revoke_async(
        &self,
        credential: &str,
        jti: &str,
        expires_at: impl Into<Timestamp> + Send,
        now: impl Into<Timestamp> + Send,
    ) -> Result<(), Unavailable> {
        let answer = self.revoking(credential, jti, expires_at.into(), now.into());
        answer.ok_or(Unavailable)?.later().await
    }

    fn ending_all(
        &self,
        subject: &str,
        now: Timestamp,
    ) -> Option<Answer<Result<u64, Unavailable>>> {
        let rules = self.rules();
        let until = revoked_until(&rules.plan, rules.plan.session.as_ref()?, now);
        Some(rules.store.end_all(&refresh::subject(subject), until, now))
    }

    fn revoking(
        &self,
        credential: &str,
        jti: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Option<Answer<Result<(), Unavailable>>> {
        let rules = self.rules();
        let found = rules.plan.credentials.iter().find(|found| found.name == credential);
        let jwt = found.and_then(|found| found.jwt()).filter(|jwt| jwt.revocable.is_some())?;
        let leeway = std::time::Duration::from_secs(u64::try_from(jwt.leeway).unwrap_or(0));
        let until = expires_at.after(leeway).after(SLACK);
        Some(rules.store.revoke(&refresh::token(&jwt.issuer, jti), until, now))
    }
}
