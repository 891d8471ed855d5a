//! Roles and permissions.

use std::collections::HashMap;

use portcullis_syntax::{Code, Diagnostic, Span, ast};

use super::Report;
use super::names::{Names, resolve};
use crate::plan::{Bits, Role};

/// The built-in role of a caller without credential.
pub(super) const ANONYMOUS: &str = "anonymous";

/// Roles and permissions by index.
pub(super) struct Access {
    pub(super) roles: Vec<Role>,
    pub(super) anonymous: usize,
    pub(super) permissions: Vec<String>,
    by_name: HashMap<String, usize>,
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

    pub(super) fn role(&self, name: &ast::Name, report: &mut Report) -> Option<usize> {
        resolve("role", name, self.roles.iter().map(|role| role.name.as_str()), report)
    }
}

pub(super) fn check(names: &Names<'_>, report: &mut Report) -> Access {
    let mut access = Access {
        roles: Vec::new(),
        anonymous: 0,
        permissions: Vec::new(),
        by_name: HashMap::new(),
    };
    let mut parents = Vec::new();
    for role in &names.roles {
        role.unsupported.iter().for_each(|found| report.unsupported(found));
        let mut permissions = Bits::default();
        for grant in role.grants.iter().filter(|grant| !grant.node.contains('*')) {
            permissions.add(access.index(&grant.node));
        }
        let inherits = role
            .inherits
            .iter()
            .filter_map(|name| {
                if name.node == ANONYMOUS {
                    return None; // every caller holds what it grants
                }
                let known = names.roles.iter().map(|role| role.name.node.as_str());
                resolve("role", name, known, report)
            })
            .collect::<Vec<_>>();
        parents.push(inherits);
        access.roles.push(Role {
            name: role.name.node.clone(),
            wire: role.wire.as_ref().map_or(&role.name.node, |wire| &wire.node).clone(),
            includes: Bits::default(),
            permissions,
        });
    }
    cycles(names, &parents, report);
    wire_names(names, report);
    inherit(&mut access, &parents);
    access
}

/// Gives each role what its ancestors are and grant, and all of them what `anonymous` grants.
fn inherit(access: &mut Access, parents: &[Vec<usize>]) {
    let own = access.roles.iter().map(|role| role.permissions.clone()).collect::<Vec<_>>();
    for (index, role) in access.roles.iter_mut().enumerate() {
        let mut waiting = vec![index];
        while let Some(next) = waiting.pop() {
            if role.includes.has(next) {
                continue;
            }
            role.includes.add(next);
            own.get(next).into_iter().for_each(|grants| role.permissions.join(grants));
            parents.get(next).into_iter().for_each(|more| waiting.extend(more));
        }
    }
    let declared = access.roles.iter().position(|role| role.name == ANONYMOUS);
    access.anonymous = declared.unwrap_or_else(|| {
        let mut includes = Bits::default();
        includes.add(access.roles.len());
        access.roles.push(Role {
            name: ANONYMOUS.to_owned(),
            wire: ANONYMOUS.to_owned(),
            includes,
            permissions: Bits::default(),
        });
        access.roles.len() - 1
    });
    let everyone = access.roles.get(access.anonymous).map(|role| role.permissions.clone());
    for (role, everyone) in access.roles.iter_mut().zip(everyone.iter().cycle()) {
        role.permissions.join(everyone);
    }
}

/// Reports each cycle of `inherits` once, at its first role in the text.
fn cycles(names: &Names<'_>, parents: &[Vec<usize>], report: &mut Report) {
    // 0: not seen, 1: on the way, 2: done
    let mut state = vec![0u8; parents.len()];
    for start in 0..parents.len() {
        let mut trail: Vec<(usize, usize)> = vec![(start, 0)];
        if state.get(start).copied() != Some(0) {
            continue;
        }
        mark(&mut state, start, 1);
        while let Some((node, next)) = trail.pop() {
            let Some(parent) = parents.get(node).and_then(|parents| parents.get(next)).copied()
            else {
                mark(&mut state, node, 2);
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

fn wire_names(names: &Names<'_>, report: &mut Report) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for role in &names.roles {
        let (wire, span) =
            role.wire.as_ref().map_or((role.name.node.as_str(), role.name.span), |wire| {
                (wire.node.as_str(), wire.span)
            });
        if let Some(first) = seen.insert(wire, span) {
            report.add(
                Diagnostic::error(
                    Code::Duplicate,
                    span,
                    format!("two roles are called `{wire}` outside"),
                )
                .label("again here")
                .and(first, "first here")
                .help("give one of them another name after `as`"),
            );
        }
    }
}
