//! Opaque tokens: made, shown once, listed and taken back.

use std::fmt;

use portcullis_compiler::plan::CredentialKind;
use serde_json::Value as Json;

use super::claims_of;
use crate::caller::CallerError;
use crate::credential::{opaque, refresh};
use crate::engine::Engine;
use crate::store::{Answer, Digest, KeptToken, Unavailable};
use crate::value::Value;
use crate::{Refusal, SessionError, Timestamp};

/// An opaque token that was just made.
pub struct NewToken {
    id: Digest,
    text: String,
}

impl NewToken {
    /// What it is called from now on: see [`TokenRecord::id`].
    #[must_use]
    pub fn id(&self) -> String {
        self.id.to_hex()
    }

    /// The token. Nothing that is kept gives it back: show it to its caller now.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for NewToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewToken").finish_non_exhaustive()
    }
}

/// What is known of an opaque token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// What it is called: the hash of its text, in hexadecimal. It is no secret.
    pub id: String,
    /// What its caller calls it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ceases to be good, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<Timestamp>,
}

impl Engine {
    /// Makes a token of an `opaque` credential, for a caller with these attributes by their names in the
    /// policy, among them the scopes that narrow it. `owner` is whoever may list it and take it back, and
    /// `label` what they call it.
    ///
    /// # Errors
    /// The attributes are not those of the credential, or the store cannot be reached.
    pub fn create_token<'v>(
        &self,
        credential: &str,
        owner: &str,
        label: &str,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        expires_at: Option<Timestamp>,
        now: impl Into<Timestamp>,
    ) -> Result<NewToken, SessionError> {
        let now = now.into();
        let (token, kept) =
            self.creating((credential, owner, label), attributes, expires_at, now)?;
        stored(self.rules().store.keep(&token.id, &kept, now).wait())?;
        Ok(token)
    }

    /// [`create_token`](Engine::create_token), for a store that may have to be waited for.
    ///
    /// # Errors
    /// As [`create_token`](Engine::create_token).
    pub fn create_token_async<'v>(
        &self,
        credential: &str,
        owner: &str,
        label: &str,
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        expires_at: Option<Timestamp>,
        now: impl Into<Timestamp>,
    ) -> impl Future<Output = Result<NewToken, SessionError>> + Send {
        let now = now.into();
        let created = self.creating((credential, owner, label), attributes, expires_at, now);
        async move {
            let (token, kept) = created?;
            let answer = self.rules().store.keep(&token.id, &kept, now);
            stored(answer.later().await)?;
            Ok(token)
        }
    }

    /// The opaque tokens of an owner, the newest first.
    ///
    /// # Errors
    /// The store cannot be reached.
    pub fn tokens_of(&self, owner: &str) -> Result<Vec<TokenRecord>, Unavailable> {
        self.asking(owner).wait().map(records)
    }

    /// [`tokens_of`](Engine::tokens_of), for a store that may have to be waited for.
    ///
    /// # Errors
    /// As [`tokens_of`](Engine::tokens_of).
    pub async fn tokens_of_async(&self, owner: &str) -> Result<Vec<TokenRecord>, Unavailable> {
        let answer = self.asking(owner);
        answer.later().await.map(records)
    }

    /// Takes an opaque token back, by its id; whether there was one of this owner.
    ///
    /// # Errors
    /// The store cannot be reached: the token may still be good.
    pub fn discard_token(&self, owner: &str, id: &str) -> Result<bool, Unavailable> {
        let mine = self.asking(owner).wait()?;
        match mine.iter().find(|(known, _)| known.to_hex() == id) {
            Some((token, _)) => self.rules().store.discard(token).wait(),
            None => Ok(false),
        }
    }

    /// [`discard_token`](Engine::discard_token), for a store that may have to be waited for.
    ///
    /// # Errors
    /// As [`discard_token`](Engine::discard_token).
    pub async fn discard_token_async(&self, owner: &str, id: &str) -> Result<bool, Unavailable> {
        let mine = self.asking(owner);
        let mine = mine.later().await?;
        let Some((token, _)) = mine.iter().find(|(known, _)| known.to_hex() == id) else {
            return Ok(false);
        };
        let answer = self.rules().store.discard(token);
        answer.later().await
    }

    fn asking(&self, owner: &str) -> Answer<Result<Vec<(Digest, KeptToken)>, Unavailable>> {
        self.rules().store.kept(&refresh::subject(owner))
    }

    fn creating<'v>(
        &self,
        (credential, owner, label): (&str, &str, &str),
        attributes: impl IntoIterator<Item = (&'v str, Value<'v>)>,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(NewToken, KeptToken), SessionError> {
        let rules = self.rules();
        let found = rules.plan.credentials.iter().find(|found| found.name == credential);
        let prefix = found.and_then(|found| match &found.kind {
            CredentialKind::Opaque { prefix } => Some(prefix),
            CredentialKind::Jwt(_) => None,
        });
        let prefix = prefix.ok_or_else(|| CallerError::NoCredential(credential.to_owned()))?;
        let attributes: Vec<(&str, Value<'_>)> = attributes.into_iter().collect();
        let claims = claims_of(&rules.plan, rules.generation, credential, &attributes)?;
        let text = opaque::mint(prefix).ok_or_else(Refusal::service_fault)?;
        let id = opaque::read(&text, prefix).ok_or_else(Refusal::service_fault)?;
        let kept = KeptToken {
            credential: credential.to_owned(),
            subject: refresh::subject(owner),
            label: label.to_owned(),
            claims: Json::Object(claims).to_string(),
            created_at: now,
            expires_at,
            last_used_at: None,
        };
        Ok((NewToken { id, text }, kept))
    }
}

fn stored(answer: Result<(), Unavailable>) -> Result<(), Refusal> {
    answer.map_err(|Unavailable| Refusal::new(crate::Reason::StoreUnavailable))
}

fn records(mut kept: Vec<(Digest, KeptToken)>) -> Vec<TokenRecord> {
    kept.sort_by_key(|(_, token)| std::cmp::Reverse(token.created_at));
    kept.into_iter()
        .map(|(id, token)| TokenRecord {
            id: id.to_hex(),
            label: token.label,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        })
        .collect()
}
