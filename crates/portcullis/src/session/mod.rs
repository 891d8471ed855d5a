//! Sessions: how a caller who has signed in stays so, on the routes that issue, renew or end one.

mod attributes;
mod end;
mod issue;
mod opaque;
mod tokens;

use std::sync::OnceLock;
use std::time::Duration;

use portcullis_compiler::plan::{Plan, Session, SessionVerb};

pub(crate) use attributes::claims_of;
pub use issue::SessionError;
pub use opaque::{NewToken, TokenRecord};
pub use tokens::SessionTokens;

use crate::caller::Caller;
use crate::credential::refresh::RefreshToken;
use crate::credential::{self, cookie, refresh};
use crate::engine::Rules;
use crate::json;
use crate::request::Routed;
use crate::store::{Presentation, Presented};
use crate::{Reason, Timestamp};

/// How much longer than needed a revocation is remembered: for servers whose clocks differ, and for a
/// policy that is reloaded with more leeway.
const SLACK: Duration = Duration::from_secs(300);

/// What a request has to do with a session.
pub(crate) struct Sessioned {
    pub(crate) verb: SessionVerb,
    /// The refresh token that came, where one is needed.
    token: Option<(RefreshToken, Presented)>,
    /// Whose session it is, once the store has said so.
    caller: Option<Box<Caller>>,
    /// The refresh token of the cookie, on a route that ends a session.
    ended_too: Option<Presented>,
    /// When the refresh token that came ceases to be good.
    good_until: Timestamp,
    /// The cookie of the answer, once there is one.
    pub(crate) set_cookie: OnceLock<String>,
    /// Set once the session was issued or renewed.
    answered: OnceLock<()>,
}

impl Sessioned {
    /// What came: the refresh token of a route that renews, where the caller is not `known` without.
    pub(crate) fn begin(
        planned: &Session,
        plan: &Plan,
        verb: SessionVerb,
        routed: &Routed<'_>,
        known: bool,
    ) -> Result<Sessioned, Reason> {
        let mut begun = Sessioned {
            verb,
            token: None,
            caller: None,
            ended_too: None,
            good_until: routed.request.now,
            set_cookie: OnceLock::new(),
            answered: OnceLock::new(),
        };
        match verb {
            SessionVerb::Issues => {}
            SessionVerb::Renews if known => {}
            SessionVerb::Renews => {
                let text = match &planned.cookie {
                    Some(cookie) => cookie::read(&routed.request, &cookie.name)?,
                    None => routed
                        .request
                        .authorization
                        .as_deref()
                        .map(credential::bearer)
                        .transpose()?,
                };
                let text = text.ok_or(Reason::MissingCredential)?;
                let token = RefreshToken::read(text).ok_or(Reason::InvalidCredential)?;
                let presented = presented(&token, plan, planned, routed.request.now);
                begun.token = Some((token, presented));
            }
            // Whoever signs out says which session by the credential, and by the cookie if it came; what is
            // no refresh token ends nothing.
            SessionVerb::Ends => {
                let found = planned.cookie.as_ref().map(|cookie| {
                    let text = cookie::read(&routed.request, &cookie.name).ok().flatten();
                    text.and_then(RefreshToken::read)
                });
                let now = routed.request.now;
                begun.ended_too =
                    found.flatten().map(|token| presented(&token, plan, planned, now));
            }
        }
        Ok(begun)
    }

    /// The refresh token that the store is asked about.
    pub(crate) fn presented(&self) -> Option<Presented> {
        self.token.as_ref().map(|(_, presented)| *presented)
    }

    /// Takes in what presenting the refresh token means.
    pub(crate) fn learn(
        &mut self,
        rules: &Rules,
        means: &Presentation,
        claims: Option<&str>,
    ) -> Result<(), Reason> {
        self.good_until = good_until(means)?;
        let session = rules.plan.session.as_ref().ok_or(Reason::ServiceFault)?;
        let invalid = Reason::InvalidCredential;
        let claims = json::parse(claims.ok_or(invalid)?.as_bytes()).map_err(|_| invalid)?;
        let credential = rules.plan.credentials.get(session.access).ok_or(invalid)?;
        // A policy that was reloaded may ask for more than the session was begun with.
        let claims = credential::read_claims(&claims, &credential.claims, &rules.plan);
        let claims = claims.ok_or(invalid)?;
        let caller = Caller::new(&rules.plan, session.access, claims, rules.generation);
        self.caller = Some(Box::new(caller));
        Ok(())
    }

    /// Whether tokens are the answer that is still owed.
    pub(crate) fn owes_tokens(&self) -> bool {
        self.verb != SessionVerb::Ends && self.answered.get().is_none()
    }
}

/// A refresh token as the store is asked about it.
fn presented(token: &RefreshToken, plan: &Plan, planned: &Session, now: Timestamp) -> Presented {
    Presented {
        session: refresh::session(&token.sid()),
        token: token.digest(),
        grace: planned.rotation.map_or(0, |rotation| rotation.grace),
        revoked_until: revoked_until(plan, planned, now),
    }
}

/// Until when a refresh token, or its successor, is good; or why it is not.
fn good_until(means: &Presentation) -> Result<Timestamp, Reason> {
    means.good_until().ok_or(match means {
        Presentation::Expired => Reason::ExpiredCredential,
        Presentation::Revoked | Presentation::Reused => Reason::RevokedCredential,
        _ => Reason::InvalidCredential,
    })
}

/// Until when an access token that was issued by now may be good.
fn revoked_until(plan: &Plan, session: &Session, now: Timestamp) -> Timestamp {
    let jwt = plan.credentials.get(session.access).and_then(|credential| credential.jwt());
    let seconds = jwt.map_or(i64::MAX, |jwt| jwt.lifetime.saturating_add(jwt.leeway));
    now.after(Duration::from_secs(u64::try_from(seconds).unwrap_or(0))).after(SLACK)
}
