//! A JSON Web Token (RFC 7519, RFC 7515): read strictly, verified, and its claims made attributes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use portcullis::Reason;
use portcullis_syntax::ast::{Claim, Credential, CredentialClause, TypeKind};
use portcullis_test::{Fact, Facts};

use crate::json::Json;
use crate::policy::{Policy, wire_name};
use crate::value::uuid;

/// The attributes that a valid token gives its caller, and its name where it is revocable.
pub(crate) fn verify(
    policy: &Policy,
    credential: &Credential,
    token: &str,
    now: i64,
) -> Result<(Facts, Option<String>), Reason> {
    let rules = Rules::of(policy, credential);
    let payload = signed_payload(policy, &rules, token).ok_or(Reason::InvalidCredential)?;
    let expires = rules.accept_claims(&payload, now).ok_or(Reason::InvalidCredential)?;
    let facts = rules.claims.iter().map(|claim| {
        let value = claim_fact(policy, claim, &payload)?;
        Some((claim.name.node.clone(), value))
    });
    let facts = facts.collect::<Option<Facts>>().ok_or(Reason::InvalidCredential)?;
    let jti = match rules.revocable {
        false => None,
        true => Some(name(&payload).ok_or(Reason::InvalidCredential)?),
    };
    if expires <= i128::from(now) - rules.leeway {
        return Err(Reason::ExpiredCredential);
    }
    Ok((facts, jti))
}

/// The `jti`; and `sid`, if it is there, is text.
fn name(payload: &Json) -> Option<String> {
    if let Some(sid) = payload.member("sid") {
        sid.text()?;
    }
    let jti = payload.member("jti")?.text()?;
    (!jti.is_empty()).then(|| jti.to_owned())
}

/// What a `credential` asks of its tokens; times in nanoseconds.
#[derive(Default)]
struct Rules<'a> {
    issuer: String,
    audience: String,
    algorithms: Vec<&'a str>,
    token_type: Option<String>,
    lifetime: i128,
    leeway: i128,
    revocable: bool,
    claims: &'a [Claim],
}

impl<'a> Rules<'a> {
    fn of(policy: &Policy, credential: &'a Credential) -> Rules<'a> {
        let mut rules = Rules::default();
        for clause in &credential.clauses {
            match clause {
                CredentialClause::Issuer(issuer, _) => rules.issuer = policy.text(issuer),
                CredentialClause::Audience(audience, _) => rules.audience = policy.text(audience),
                CredentialClause::Algorithms(names, _) => {
                    rules.algorithms = names.iter().map(|name| name.node.as_str()).collect();
                }
                CredentialClause::TokenType(kind, _) => rules.token_type = Some(policy.text(kind)),
                CredentialClause::Lifetime(time, _) => rules.lifetime = policy.duration(time),
                CredentialClause::Leeway(time, _) => rules.leeway = policy.duration(time),
                CredentialClause::Caller(claims, _) => rules.claims = claims,
                CredentialClause::Revocable(_) => rules.revocable = true,
                CredentialClause::Waive(_) | CredentialClause::Prefix(..) => {}
            }
        }
        rules
    }

    /// Whether the header's `typ` is the one asked for.
    fn accept_type(&self, header: &Json) -> bool {
        let Some(wanted) = &self.token_type else {
            return true;
        };
        let Some(given) = header.member("typ").and_then(Json::text) else {
            return false;
        };
        let lower = given.to_ascii_lowercase();
        let short = lower.strip_prefix("application/").unwrap_or(&lower);
        short == wanted.to_ascii_lowercase()
    }

    /// When the token expires, where its registered claims are all in order otherwise.
    fn accept_claims(&self, payload: &Json, now: i64) -> Option<i128> {
        let issuer = payload.member("iss").and_then(Json::text)?;
        let audience = match payload.member("aud")? {
            Json::Text(audience) => *audience == self.audience,
            Json::List(audiences) => {
                let texts: Option<Vec<&str>> = audiences.iter().map(Json::text).collect();
                texts?.contains(&self.audience.as_str())
            }
            _ => false,
        };
        let expires = numeric_date(payload.member("exp")?)?;
        let issued = numeric_date(payload.member("iat")?)?;
        let not_before = match payload.member("nbf") {
            Some(not_before) => numeric_date(not_before)?,
            None => i128::MIN,
        };
        let latest = i128::from(now) + self.leeway;
        let fits = issuer == self.issuer
            && audience
            && expires.saturating_sub(issued) <= self.lifetime
            && issued <= latest
            && not_before <= latest;
        fits.then_some(expires)
    }
}

/// The payload of a token that is well-formed and signed by one of the keys.
fn signed_payload(policy: &Policy, rules: &Rules<'_>, token: &str) -> Option<Json> {
    if token.len() > 8192 {
        return None;
    }
    let [header, payload, signature] = token.split('.').collect::<Vec<&str>>()[..] else {
        return None;
    };
    let message = format!("{header}.{payload}");
    URL_SAFE_NO_PAD.decode(signature).ok()?;
    let header = object(header)?;
    let payload = object(payload)?;

    let name = header.member("alg").and_then(Json::text)?;
    let kid = match header.member("kid") {
        Some(kid) => Some(kid.text()?),
        None => None,
    };
    let named = rules.algorithms.contains(&name);
    if !named
        || header.member("crit").is_some()
        || header.member("b64").is_some()
        || !rules.accept_type(&header)
    {
        return None;
    }
    let mut keys = policy.keys.iter().filter(|key| {
        key.algorithm == name && (kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid)
    });
    let algorithm: Algorithm = name.parse().expect("compiled");
    let is_signed = keys.any(|key| {
        let verified =
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.key, algorithm);
        verified.unwrap_or(false)
    });
    is_signed.then_some(payload)
}

/// A part of a token: an object in base64url without padding.
fn object(part: &str) -> Option<Json> {
    let json = Json::read(&URL_SAFE_NO_PAD.decode(part).ok()?)?;
    matches!(json, Json::Object(_)).then_some(json)
}

/// The attribute that a claim gives; nothing where the claim is missing or of another type.
fn claim_fact(policy: &Policy, claim: &Claim, payload: &Json) -> Option<Fact> {
    let path = match &claim.from {
        Some(path) => path.node.clone(),
        None => vec![claim.name.node.clone()],
    };
    let mut found = Some(payload);
    for name in &path {
        found = match found {
            Some(Json::Object(_)) => found.and_then(|json| json.member(name)),
            // What is not there has nothing in it; `null` is not there.
            None | Some(Json::Null) => None,
            // A value where the policy descends: the token is not of the shape that it speaks of.
            Some(_) => return None,
        };
    }
    match (&claim.kind.node, found) {
        (TypeKind::Optional(_), None | Some(Json::Null)) => Some(Fact::Absent),
        (TypeKind::Optional(inner), Some(json)) => typed(policy, &inner.node, json),
        (kind, Some(json)) => typed(policy, kind, json),
        (_, None) => None,
    }
}

fn typed(policy: &Policy, kind: &TypeKind, json: &Json) -> Option<Fact> {
    let kind = match kind {
        TypeKind::Named(kind) => kind,
        TypeKind::List(inner) => {
            let Json::List(items) = json else {
                return None;
            };
            let items = items.iter().map(|item| typed(policy, &inner.node, item));
            return items.collect::<Option<Vec<Fact>>>().map(Fact::List);
        }
        TypeKind::Optional(inner) => return typed(policy, &inner.node, json),
    };
    match kind.as_str() {
        "string" => json.text().map(|text| Fact::Text(text.to_owned())),
        "int" => json.int().map(Fact::Int),
        "url" => json.text().map(|text| Fact::Text(text.to_owned())),
        "number" => match json {
            Json::Number(text) => {
                text.parse().ok().filter(|n: &f64| n.is_finite()).map(Fact::Number)
            }
            _ => None,
        },
        // In seconds.
        "duration" => {
            let seconds = json.int().filter(|seconds| *seconds >= 0)?;
            seconds.checked_mul(1_000_000_000).map(Fact::Duration)
        }
        "ip" => json.text()?.parse().ok().map(Fact::Ip),
        "network" => {
            let network: ipnet::IpNet = json.text()?.parse().ok()?;
            Some(Fact::Network(network.addr(), network.prefix_len()))
        }
        "permissions" => words(json).map(|words| Fact::List(words.map(Fact::Text).collect())),
        "scopes" => {
            // A scope that is declared has its name; of the others those are kept that could be the
            // name of a permission.
            let named = |word: String| {
                let mut declared = policy.scopes.iter();
                match declared.find(|s| wire_name(&s.name, s.wire.as_ref()) == word) {
                    Some(scope) => Some(scope.name.node.clone()),
                    None => word.contains(':').then_some(word),
                }
            };
            let words = words(json)?;
            Some(Fact::List(words.filter_map(named).map(Fact::Text).collect()))
        }
        "bool" => {
            if let Json::Bool(bool) = json {
                Some(Fact::Bool(*bool))
            } else {
                None
            }
        }
        "uuid" => json.text().and_then(uuid).map(Fact::Uuid),
        "time" => {
            // A time that the clock will never show is no time.
            i64::try_from(numeric_date(json)?).ok().map(Fact::Time)
        }
        "role" => {
            let given = json.text()?;
            let roles = policy.roles.iter().filter(|role| role.name.node != "anonymous");
            let mut named = roles.filter(|role| wire_name(&role.name, role.wire.as_ref()) == given);
            // A role that the policy does not know is none.
            Some(named.next().map_or(Fact::Absent, |role| Fact::Text(role.name.node.clone())))
        }
        _ => {
            let given = json.text()?;
            let mut members = policy.enumeration(kind)?.members.iter();
            let member = members.find(|m| wire_name(&m.name, m.wire.as_ref()) == given)?;
            Some(Fact::Text(member.name.node.clone()))
        }
    }
}

/// Nanoseconds since the Unix epoch (RFC 7519, 2: seconds, a fraction allowed).
fn numeric_date(json: &Json) -> Option<i128> {
    let Json::Number(text) = json else {
        return None;
    };
    match json.int() {
        Some(seconds) => Some(i128::from(seconds) * 1_000_000_000),
        None => Some((text.parse::<f64>().ok()? * 1e9).round() as i128),
    }
}

/// A list of texts, or words with spaces between them.
fn words(json: &Json) -> Option<impl Iterator<Item = String>> {
    let words: Vec<String> = match json {
        Json::Text(text) => {
            text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        }
        Json::List(items) => {
            items.iter().map(|item| item.text().map(str::to_owned)).collect::<Option<_>>()?
        }
        _ => return None,
    };
    Some(words.into_iter())
}
