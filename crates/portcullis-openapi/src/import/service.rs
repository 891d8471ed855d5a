//! The service itself: the connection, credentials, scopes and roles.

use super::text::{is_sayable, one_line, quoted};
use super::{Importer, Todo};
use crate::name::{Names, snake};
use crate::node::Node;
use crate::operation::Operation;

impl<'n> Importer<'n> {
    /// The declarations before all others: the connection, credentials, scopes and roles.
    pub(super) fn access(&mut self, operations: &[Operation<'n>]) -> Vec<String> {
        let title = one_line(self.description.title());
        let mut blocks = vec![format!(
            "//! {title}: made of its OpenAPI description.\n//!\n\
             //! What the description does not say is refused until somebody has decided: look for TODO.\n"
        )];
        blocks.push(self.transport(operations));
        if self.schemes.is_empty() && self.report.closed > 0 {
            blocks.push(self.credential("access", None, 1));
        }
        let used = self.schemes.values().filter(|scheme| scheme.used);
        let used: Vec<(String, &'n Node, bool)> =
            used.map(|scheme| (scheme.credential.clone(), scheme.node, scheme.is_jwt())).collect();
        for (number, (name, node, is_jwt)) in used.into_iter().enumerate() {
            blocks.push(match is_jwt {
                true => self.credential(&name, Some(node), number + 1),
                false => self.opaque_credential(&name, node, number + 1),
            });
        }
        let mut scope_names = Names::default();
        for (scope, permission) in self.permissions.clone() {
            if permission == scope {
                continue;
            }
            if !is_sayable(scope) {
                blocks.push(format!(
                    "{}\n",
                    self.report.lost("scopes", "a scope with a name like this")
                ));
                continue;
            }
            let name = scope_names.unique(&snake(scope));
            let wire = if name == scope { String::new() } else { format!(" as {}", quoted(scope)) };
            blocks.push(format!("scope {name}{wire} {{ {permission} }}\n"));
        }
        if !self.permissions.is_empty() {
            let text = "which roles are there? This one may do all that any scope names";
            let todo = self.report.todo(Todo::Credential, text);
            let grants: Vec<&str> = self.permissions.values().map(String::as_str).collect();
            blocks.push(format!("{todo}\nrole member {{ {} }}\n", grants.join(" ")));
        }
        if self.fetches {
            let text = "name the hosts that the service fetches from: these are all public ones";
            let todo = self.report.todo(Todo::Fetch, text);
            blocks.push(format!(
                "{todo}\noutbound fetched {{ schemes [https] ports [443] redirects 0 }}\n"
            ));
        }
        let text = "no budget limits how often anybody calls: the description says nothing of it";
        blocks.push(format!("{}\n", self.report.todo(Todo::Service, text)));
        blocks
    }

    fn transport(&mut self, operations: &[Operation<'n>]) -> String {
        let mut hosts: Vec<String> = Vec::new();
        let mut plain = false;
        for server in operations.iter().flat_map(|operation| &operation.servers) {
            plain |= !server.https;
            if let Some(host) = server.host.as_ref().filter(|host| !hosts.contains(host)) {
                hosts.push(host.clone());
            }
        }
        let mut bases: Vec<&str> = Vec::new();
        for server in operations.iter().flat_map(|operation| &operation.servers) {
            if !bases.contains(&server.base.as_str()) {
                bases.push(&server.base);
            }
        }
        let mut text = "transport {\n".to_owned();
        if bases.len() > 1 && self.base.is_none() {
            let bases: Vec<String> = bases.into_iter().map(str::to_owned).collect();
            let what = format!(
                "the servers' paths begin with {}: the routes have the first of their own",
                super::text::listed(&bases)
            );
            text.push_str(&format!("{}\n", self.report.todo(Todo::Service, &what)));
        }
        if plain {
            let what = "the description names `http` servers: here HTTPS is required of all";
            text.push_str(&format!("{}\n", self.report.todo(Todo::Service, what)));
        }
        text.push_str("https required\n");
        if hosts.is_empty() {
            let what = "name the hosts: the description does not";
            text.push_str(&format!("hosts any {}\n", self.report.reason(Todo::Service, what)));
        } else {
            let hosts: Vec<String> = hosts.iter().map(|host| quoted(host)).collect();
            text.push_str(&format!("hosts [{}]\n", hosts.join(", ")));
        }
        text.push_str("}\n");
        text
    }

    fn credential(&mut self, name: &str, node: Option<&'n Node>, number: usize) -> String {
        let text =
            "say who issues the tokens, for whom, how they are signed, and for how long they live";
        let todo = self.report.todo(Todo::Credential, text);
        let issuer = node.and_then(issuer).filter(|issuer| is_sayable(issuer));
        let issuer = issuer.unwrap_or_else(|| format!("https://issuer-{number}.example"));
        let scopes = match node.and_then(|node| node.text_of("type")) {
            Some("oauth2" | "openIdConnect") => "scopes: scopes from \"scope\"\n",
            _ => "scopes: scopes? from \"scope\"\n",
        };
        let (role, scopes) = match self.permissions.is_empty() {
            true => ("", ""),
            false => ("role: role from \"role\"\n", scopes),
        };
        let about = node.and_then(|node| super::text::documented(node.text_of("description")));
        let about = about.map_or(String::new(), |about| format!("{about}\n"));
        format!(
            "{about}credential {name} jwt {{\n{todo}\nissuer {}\naudience \"this-api\"\n\
             algorithms [RS256]\nlifetime 15m\ncaller {{\nid: string from \"sub\"\n{role}{scopes}}}\n}}\n",
            quoted(&issuer)
        )
    }

    /// What is no bearer token in the description, and has to become one.
    fn opaque_credential(&mut self, name: &str, node: &'n Node, number: usize) -> String {
        let kind = match node.text_of("type") {
            Some("apiKey") => format!(
                "a key in {} `{}`",
                one_line(node.text_of("in").unwrap_or("a header")),
                one_line(node.text_of("name").unwrap_or(""))
            ),
            Some("http") => format!("HTTP `{}`", one_line(node.text_of("scheme").unwrap_or(""))),
            Some(other) => format!("`{}`", one_line(other)),
            None => "a scheme without type".to_owned(),
        };
        let lost = self.report.lost(name, &format!("{kind} as a credential"));
        let text = "here it is a token of the engine's, sent as `Authorization: Bearer`; nobody has one yet";
        let todo = self.report.todo(Todo::Credential, text);
        let more = match self.permissions.is_empty() {
            true => "",
            false => "role: role\nscopes: scopes?\n",
        };
        format!(
            "credential {name} opaque {{\n{lost}\n{todo}\nprefix \"token{number}_\"\n\
             caller {{\nid: string\n{more}}}\n}}\n"
        )
    }
}

/// Who issues the tokens, as far as a scheme says it.
fn issuer(node: &Node) -> Option<String> {
    if let Some(url) = node.text_of("openIdConnectUrl") {
        let url = url.strip_suffix("/.well-known/openid-configuration").unwrap_or(url);
        return Some(url.to_owned()).filter(|url| url.starts_with("https://"));
    }
    let flows = node.get("flows").into_iter().flat_map(Node::members);
    let urls = flows.filter_map(|(_, flow)| {
        flow.text_of("tokenUrl").or_else(|| flow.text_of("authorizationUrl"))
    });
    let origin = |url: &str| {
        let rest = url.strip_prefix("https://")?;
        Some(format!("https://{}", rest.split(['/', '?', '#']).next()?))
    };
    urls.filter_map(origin).find(|origin| origin.len() > "https://".len())
}
