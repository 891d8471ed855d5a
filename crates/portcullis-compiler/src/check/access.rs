//! Roles and permissions.

use std::collections::HashMap;

use portcullis_syntax::{Code, Diagnostic, Span, ast};

use super::Report;
use super::names::{Names, resolve};
use crate::plan::{Bits, Role, Scope, covers};

/// The built-in role of a caller without credential.
pub(super) const ANONYMOUS: &str = "anonymous";

/// Roles and permissions by index.
pub(super) struct Access {
    pub(super) roles: Vec<Role>,
    pub(super) anonymous: usize,
    pub(super) permissions: Vec<String>,
    pub(super) scopes: Vec<Scope>,
    by_name: HashMap<String, usize>,
    /// Of each role: the roles that it inherits, and its grants as written.
    declared: Vec<(Vec<usize>, Vec<String>)>,
    /// The roles, each behind all that it inherits.
    order: Vec<usize>,
}

impl Access {
    /// The index of a permission, which need not have been granted.
    pub(super) fn permission(
        &mut self,
        permission: &ast::Permission,
        report: &mut Report,
    ) -> usize {
        if permission.node.contains('*') {
            report.add(
                Diagnostic::error(
                    Code::BadValue,
                    permission.span,
                    "`*` stands in what a role grants only",
                )
                .help("name the permission"),
            );
        }
        self.index(&permission.node)
    }

    fn index(&mut self, permission: &str) -> usize {
        if let Some(index) = self.by_name.get(permission) {
            return *index;
        }
        let index = self.permissions.len();
        self.permissions.push(permission.to_owned());
        self.by_name.insert(permission.to_owned(), index);
        index
    }

    /// Resolves what each role grants, once every permission that the policy names is known: a `*`
    /// stands for those alone.
    pub(super) fn settle(&mut self) {
        for index in std::mem::take(&mut self.order) {
            let Some((parents, grants)) = self.declared.get(index) else { continue };
            let mut includes = Bits::default();
            let mut permissions = Bits::default();
            includes.add(index);
            for grant in grants {
                self.granted(grant, &mut permissions);
            }
            for parent in parents.iter().filter_map(|parent| self.roles.get(*parent)) {
                includes.join(&parent.includes);
                permissions.join(&parent.permissions);
            }
            if let Some(role) = self.roles.get_mut(index) {
                role.includes = includes;
                role.permissions = permissions;
            }
        }
    }

    /// Adds every permission that one grant gives.
    fn granted(&self, grant: &str, permissions: &mut Bits) {
        if !grant.contains('*') {
            self.by_name.get(grant).into_iter().for_each(|index| permissions.add(*index));
            return;
        }
        for (index, known) in self.permissions.iter().enumerate() {
            if covers(grant, known) {
                permissions.add(index);
            }
        }
    }

    pub(super) fn role(&self, name: &ast::Name, report: &mut Report) -> Option<usize> {
        resolve("role", name, self.roles.iter().map(|role| role.name.as_str()), report)
    }
}

pub(super) fn check(names: &Names<'_>, report: &mut Report) -> Access {
    let mut access = Access {
        roles: Vec::new(),
        anonymous: 0,
        permissions: Vec::new(),
        scopes: Vec::new(),
        by_name: HashMap::new(),
        declared: Vec::new(),
        order: Vec::new(),
    };
    let known = names.roles.iter().map(|role| role.name.node.as_str());
    let places: HashMap<&str, usize> = known.clone().zip(0..).collect();
    for role in &names.roles {
        for grant in role.grants.iter().filter(|grant| !grant.node.contains('*')) {
            access.index(&grant.node);
        }
        let inherits = role
            .inherits
            .iter()
            .filter_map(|name| {
                if name.node == ANONYMOUS {
                    return None; // every caller holds what it grants
                }
                let place = places.get(name.node.as_str()).copied();
                place.or_else(|| resolve("role", name, known.clone(), report))
            })
            .collect();
        let grants = role.grants.iter().map(|grant| grant.node.clone()).collect();
        access.declared.push((inherits, grants));
        if let Some(wire) = role.wire.as_ref().filter(|_| role.name.node == ANONYMOUS) {
            let message = "no credential names `anonymous`";
            report.add(
                Diagnostic::error(Code::Conflict, wire.span, message).help("take the `as` away"),
            );
        }
        access.roles.push(bare_role(
            &role.name.node,
            role.wire.as_ref().map_or(&role.name.node, |wire| &wire.node),
        ));
    }
    let declared = access.roles.iter().position(|role| role.name == ANONYMOUS);
    access.anonymous = declared.unwrap_or(access.roles.len());
    if declared.is_none() {
        access.roles.push(bare_role(ANONYMOUS, ANONYMOUS));
        access.declared.push((Vec::new(), Vec::new()));
    }
    access.order = ancestors_first(names, &access.declared, report);
    let wires = names.roles.iter().map(|role| role.wire.as_ref().unwrap_or(&role.name));
    wire_names("roles", wires, report);
    access.scopes = scopes(names, &mut access, report);
    access
}

fn bare_role(name: &str, wire: &str) -> Role {
    Role {
        name: name.to_owned(),
        wire: wire.to_owned(),
        includes: Bits::default(),
        permissions: Bits::default(),
    }
}

fn scopes(names: &Names<'_>, access: &mut Access, report: &mut Report) -> Vec<Scope> {
    let wires = names.scopes.iter().map(|scope| scope.wire.as_ref().unwrap_or(&scope.name));
    wire_names("scopes", wires, report);
    let all = names.scopes.iter().map(|scope| {
        let mut permissions = Bits::default();
        for permission in &scope.permissions {
            permissions.add(access.permission(permission, report));
        }
        Scope {
            name: scope.name.node.clone(),
            wire: scope.wire.as_ref().unwrap_or(&scope.name).node.clone(),
            permissions,
        }
    });
    all.collect()
}

/// The roles, each behind all that it inherits. Reports each cycle of `inherits` once, at its first
/// role in the text.
fn ancestors_first(
    names: &Names<'_>,
    declared: &[(Vec<usize>, Vec<String>)],
    report: &mut Report,
) -> Vec<usize> {
    let mut order = Vec::with_capacity(declared.len());
    // 0: not seen, 1: on the way, 2: done
    let mut state = vec![0u8; declared.len()];
    for start in 0..declared.len() {
        let mut trail: Vec<(usize, usize)> = vec![(start, 0)];
        if state.get(start).copied() != Some(0) {
            continue;
        }
        mark(&mut state, start, 1);
        while let Some((node, next)) = trail.pop() {
            let Some(parent) =
                declared.get(node).and_then(|(parents, _)| parents.get(next)).copied()
            else {
                mark(&mut state, node, 2);
                order.push(node);
                continue;
            };
            trail.push((node, next + 1));
            match state.get(parent).copied() {
                Some(0) => {
                    mark(&mut state, parent, 1);
                    trail.push((parent, 0));
                }
                Some(1) => report_cycle(names, node, parent, report),
                _ => {}
            }
        }
    }
    order
}

fn mark(state: &mut [u8], index: usize, value: u8) {
    if let Some(state) = state.get_mut(index) {
        *state = value;
    }
}

fn report_cycle(names: &Names<'_>, from: usize, to: usize, report: &mut Report) {
    let (Some(from), Some(to)) = (names.roles.get(from), names.roles.get(to)) else {
        return;
    };
    let back = from.inherits.iter().find(|name| name.node == to.name.node);
    report.add(
        Diagnostic::error(
            Code::Cycle,
            back.map_or(from.name.span, |name| name.span),
            format!("role `{}` inherits itself", to.name.node),
        )
        .label(format!("leads back to `{}`", to.name.node))
        .and(to.name.span, "from here")
        .help("take one of the two `inherits` away"),
    );
}

pub(super) fn wire_names<'a>(
    kind: &str,
    names: impl Iterator<Item = &'a ast::Name>,
    report: &mut Report,
) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for name in names {
        if let Some(first) = seen.insert(&name.node, name.span) {
            report.add(
                Diagnostic::error(
                    Code::Duplicate,
                    name.span,
                    format!("two {kind} are called `{}` outside", name.node),
                )
                .label("again here")
                .and(first, "first here")
                .help("give one of them another name after `as`"),
            );
        }
    }
}
