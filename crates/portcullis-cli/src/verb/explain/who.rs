//! Who calls, and which roles grant what.

use portcullis_compiler::plan::{ClaimType, Plan};
use portcullis_test::{Exchange, Fact, Given};

pub(super) struct Who<'a> {
    plan: &'a Plan,
    caller: Option<&'a Given>,
}

impl<'a> Who<'a> {
    pub(super) fn of(plan: &'a Plan, exchange: &'a Exchange) -> Who<'a> {
        Who { plan, caller: exchange.caller.as_ref() }
    }

    pub(super) fn is_nobody(&self) -> bool {
        self.caller.is_none()
    }

    /// `is user`, `has no role` or `is nobody, without a credential`
    pub(super) fn roles_in_words(&self) -> String {
        if self.is_nobody() {
            return "is nobody: no credential came".to_owned();
        }
        match self.texts(&[ClaimType::Role, ClaimType::Roles]).as_slice() {
            [] => "has no role".to_owned(),
            roles => format!("is {}", quoted(roles.iter().map(String::as_str))),
        }
    }

    /// The same with the scopes, which narrow what the roles grant.
    pub(super) fn permissions_in_words(&self) -> String {
        let roles = self.roles_in_words();
        match self.scopes() {
            None => roles,
            Some(scopes) if scopes.is_empty() => format!("{roles}, and its scopes name nothing"),
            Some(scopes) => {
                format!("{roles}, with the scopes {}", quoted(scopes.iter().map(String::as_str)))
            }
        }
    }

    /// Whether a role of the caller grants a permission, scopes apart.
    pub(super) fn role_grants(&self, permission: &str) -> bool {
        let roles = self.texts(&[ClaimType::Role, ClaimType::Roles]);
        granting(self.plan, permission).iter().any(|role| roles.iter().any(|held| held == role))
    }

    /// The scopes, where the credential has them.
    pub(super) fn scopes(&self) -> Option<Vec<String>> {
        self.fact(&ClaimType::Scopes).filter(|fact| **fact != Fact::Absent)?;
        Some(self.texts(&[ClaimType::Scopes]))
    }

    fn texts(&self, kinds: &[ClaimType]) -> Vec<String> {
        let mut texts = Vec::new();
        for fact in kinds.iter().filter_map(|kind| self.fact(kind)) {
            match fact {
                Fact::Text(text) => texts.push(text.clone()),
                Fact::List(facts) => texts.extend(facts.iter().filter_map(|fact| match fact {
                    Fact::Text(text) => Some(text.clone()),
                    _ => None,
                })),
                _ => {}
            }
        }
        texts
    }

    fn fact(&self, kind: &ClaimType) -> Option<&'a Fact> {
        let caller = self.caller?;
        let credential =
            self.plan.credentials.iter().find(|known| known.name == caller.credential)?;
        credential.claims.iter().find_map(|claim| {
            let attribute = self.plan.caller.get(claim.attribute)?;
            if attribute.kind != *kind {
                return None;
            }
            caller.attributes.fact(&attribute.name)
        })
    }
}

/// The roles that grant a permission, those that inherit it included.
fn granting<'p>(plan: &'p Plan, permission: &str) -> Vec<&'p str> {
    let Some(index) = plan.permissions.iter().position(|known| known == permission) else {
        return Vec::new();
    };
    let roles = plan.roles.iter().filter(|role| role.permissions.has(index));
    roles.map(|role| role.name.as_str()).collect()
}

/// The same in words.
pub(super) fn granted(plan: &Plan, permission: &str) -> String {
    match granting(plan, permission).as_slice() {
        [] => format!("no role grants `{permission}`"),
        roles => format!("`{permission}` is granted by {}", quoted(roles.iter().copied())),
    }
}

/// `` `a`, `b` ``
pub(super) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names = names.into_iter().map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}
