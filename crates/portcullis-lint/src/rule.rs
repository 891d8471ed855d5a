//! What a rule is: what it says of itself, and how it looks.

use std::fmt;

use portcullis_compiler::Compilation;
use portcullis_syntax::{Code, Diagnostic, Severity, Span};

/// A rule. What `portcullis rule` prints and the pages of `docs/rules` say is made of this.
#[derive(Debug)]
pub struct Rule {
    /// What its findings are called, and what `waive` calls it.
    pub name: &'static str,
    /// How much a finding weighs.
    pub level: Severity,
    /// Which items of the OWASP API Security Top 10 it is about, the nearest first.
    pub owasp: &'static [Owasp],
    /// What it finds, in Markdown.
    pub finds: &'static str,
    /// Why that is bad, in Markdown.
    pub why: &'static str,
    /// A whole policy in which it finds something, and no other rule does.
    pub(crate) example: &'static str,
    /// How to mend it, in Markdown.
    pub mend: &'static str,
    /// The example, mended: no rule finds anything.
    pub(crate) mended: &'static str,
    /// How it looks. Nothing, where only the findings of all others tell.
    pub(crate) check: Option<fn(&Compilation) -> Vec<Diagnostic>>,
}

impl Rule {
    /// A whole policy in which it finds something, and no other rule does.
    #[must_use]
    pub fn example(&self) -> &'static str {
        self.example.trim_ascii_start()
    }

    /// The example, mended: no rule finds anything.
    #[must_use]
    pub fn mended(&self) -> &'static str {
        self.mended.trim_ascii_start()
    }

    /// A finding at a place.
    pub(crate) fn finding(&self, place: Span, message: impl Into<String>) -> Diagnostic {
        let code = Code::Rule(self.name);
        match self.level {
            Severity::Error => Diagnostic::error(code, place, message),
            Severity::Warning => Diagnostic::warning(code, place, message),
            Severity::Note => Diagnostic::note(code, place, message),
        }
    }
}

/// The items of the OWASP API Security Top 10 of 2023.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owasp {
    /// API1: Broken Object Level Authorization.
    ObjectAuthorization,
    /// API2: Broken Authentication.
    Authentication,
    /// API3: Broken Object Property Level Authorization.
    PropertyAuthorization,
    /// API4: Unrestricted Resource Consumption.
    ResourceConsumption,
    /// API5: Broken Function Level Authorization.
    FunctionAuthorization,
    /// API6: Unrestricted Access to Sensitive Business Flows.
    BusinessFlows,
    /// API7: Server Side Request Forgery.
    ServerSideRequestForgery,
    /// API8: Security Misconfiguration.
    Misconfiguration,
    /// API9: Improper Inventory Management.
    InventoryManagement,
    /// API10: Unsafe Consumption of APIs.
    UnsafeConsumption,
}

impl Owasp {
    /// All ten, in their order.
    pub const ALL: [Owasp; 10] = [
        Owasp::ObjectAuthorization,
        Owasp::Authentication,
        Owasp::PropertyAuthorization,
        Owasp::ResourceConsumption,
        Owasp::FunctionAuthorization,
        Owasp::BusinessFlows,
        Owasp::ServerSideRequestForgery,
        Owasp::Misconfiguration,
        Owasp::InventoryManagement,
        Owasp::UnsafeConsumption,
    ];

    /// `API1:2023`
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Owasp::ObjectAuthorization => "API1:2023",
            Owasp::Authentication => "API2:2023",
            Owasp::PropertyAuthorization => "API3:2023",
            Owasp::ResourceConsumption => "API4:2023",
            Owasp::FunctionAuthorization => "API5:2023",
            Owasp::BusinessFlows => "API6:2023",
            Owasp::ServerSideRequestForgery => "API7:2023",
            Owasp::Misconfiguration => "API8:2023",
            Owasp::InventoryManagement => "API9:2023",
            Owasp::UnsafeConsumption => "API10:2023",
        }
    }

    /// What OWASP calls it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Owasp::ObjectAuthorization => "Broken Object Level Authorization",
            Owasp::Authentication => "Broken Authentication",
            Owasp::PropertyAuthorization => "Broken Object Property Level Authorization",
            Owasp::ResourceConsumption => "Unrestricted Resource Consumption",
            Owasp::FunctionAuthorization => "Broken Function Level Authorization",
            Owasp::BusinessFlows => "Unrestricted Access to Sensitive Business Flows",
            Owasp::ServerSideRequestForgery => "Server Side Request Forgery",
            Owasp::Misconfiguration => "Security Misconfiguration",
            Owasp::InventoryManagement => "Improper Inventory Management",
            Owasp::UnsafeConsumption => "Unsafe Consumption of APIs",
        }
    }

    /// Its page at OWASP.
    #[must_use]
    pub fn url(self) -> &'static str {
        match self {
            Owasp::ObjectAuthorization => {
                "https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/"
            }
            Owasp::Authentication => {
                "https://owasp.org/API-Security/editions/2023/en/0xa2-broken-authentication/"
            }
            Owasp::PropertyAuthorization => {
                "https://owasp.org/API-Security/editions/2023/en/0xa3-broken-object-property-level-authorization/"
            }
            Owasp::ResourceConsumption => {
                "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/"
            }
            Owasp::FunctionAuthorization => {
                "https://owasp.org/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/"
            }
            Owasp::BusinessFlows => {
                "https://owasp.org/API-Security/editions/2023/en/0xa6-unrestricted-access-to-sensitive-business-flows/"
            }
            Owasp::ServerSideRequestForgery => {
                "https://owasp.org/API-Security/editions/2023/en/0xa7-server-side-request-forgery/"
            }
            Owasp::Misconfiguration => {
                "https://owasp.org/API-Security/editions/2023/en/0xa8-security-misconfiguration/"
            }
            Owasp::InventoryManagement => {
                "https://owasp.org/API-Security/editions/2023/en/0xa9-improper-inventory-management/"
            }
            Owasp::UnsafeConsumption => {
                "https://owasp.org/API-Security/editions/2023/en/0xaa-unsafe-consumption-of-apis/"
            }
        }
    }
}

impl fmt::Display for Owasp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id(), self.title())
    }
}
