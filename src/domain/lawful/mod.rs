//! When a person may be contacted: legal bases (Art. 6(1) GDPR) and the rules of prospecting, as pure rules over
//! what a contact file says. "If it is not yes, it is no": every answer names its rule and its article.
//!
//! - `basis`: the six legal bases
//! - `prospecting`: what a firm may set (`[prospecting]` in carnet.toml)
//! - `audience`: consumer, professional or generic address
//! - `consent`: what holds of a person's consent at a moment
//! - `rule`: the rules by name, with article and sentence
//! - `decide`: the decision

pub mod audience;
mod basis;
pub mod consent;
pub mod decide;
pub mod prospecting;
pub mod rule;

pub use basis::{LegalBasis, PurposeBasis};
pub use decide::{Case, Decision, decide};
pub use prospecting::Prospecting;
pub use rule::Rule;
