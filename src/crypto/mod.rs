//! The only place that names Sequoia.
pub mod symmetric;

#[derive(Debug, thiserror::Error)]
pub enum CryptoError {
    #[error("cannot seal: {0}")]
    Sealing(String),
    #[error("malformed: {0}")]
    Malformed(String),
    #[error("cannot open: {0}")]
    Opening(String),
}
impl CryptoError {
    pub(crate) fn sealing(e: impl std::fmt::Display) -> Self {
        Self::Sealing(e.to_string())
    }
    pub(crate) fn malformed(e: impl std::fmt::Display) -> Self {
        Self::Malformed(e.to_string())
    }
    pub(crate) fn opening(e: impl std::fmt::Display) -> Self {
        Self::Opening(e.to_string())
    }
}
