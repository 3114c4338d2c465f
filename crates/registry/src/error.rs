//! What can go wrong, with Confluent's error codes and texts.
//!
//! One enum for server, handle and client, so that a caller asks the same questions of each. The
//! texts of the wire errors are those of Confluent's registry because clients match on them; the
//! `NUTKIN-35xx` code of each kind ([`Error::code`]) leads to its page in `docs/errors`.

use crate::store::StoreError;

/// A failed request to the registry.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No such subject.
    #[error("Subject '{0}' not found.")]
    SubjectNotFound(String),
    /// The subject has no such version.
    #[error("Version {0} not found.")]
    VersionNotFound(i32),
    /// No schema with that id or GUID.
    #[error("Schema {0} not found")]
    SchemaIdNotFound(String),
    /// The subject has no such schema.
    #[error("Schema not found")]
    SchemaNotFound,
    /// A soft delete of a subject that is soft deleted already.
    #[error("Subject '{0}' was soft deleted.Set permanent=true to delete permanently")]
    SubjectSoftDeleted(String),
    /// A permanent delete of a subject that was not soft deleted first.
    #[error("Subject '{0}' was not deleted first before being permanently deleted")]
    SubjectNotSoftDeleted(String),
    /// A soft delete of a version that is soft deleted already.
    #[error("Subject '{0}' Version {1} was soft deleted.Set permanent=true to delete permanently")]
    VersionSoftDeleted(String, i32),
    /// A permanent delete of a version that was not soft deleted first.
    #[error("Subject '{0}' Version {1} was not deleted first before being permanently deleted")]
    VersionNotSoftDeleted(String, i32),
    /// The subject has no compatibility level of its own.
    #[error("Subject '{0}' does not have subject-level compatibility configured")]
    ConfigNotFound(String),
    /// The subject has no mode of its own.
    #[error("Subject '{0}' does not have subject-level mode configured")]
    ModeNotFound(String),
    /// The new schema breaks the subject's compatibility level.
    #[error("Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{}]", .messages.join(", "))]
    Incompatible {
        /// The subject.
        subject: String,
        /// One line a difference, then which version, which schema and which level.
        messages: Vec<String>,
    },
    /// The schema cannot be parsed, or its references cannot be resolved.
    #[error("{0}")]
    InvalidSchema(String),
    /// A version that is no number and not `latest`.
    #[error(
        "The specified version '{0}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
    )]
    InvalidVersion(String),
    /// No such level.
    #[error(
        "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive"
    )]
    InvalidCompatibility,
    /// No such mode.
    #[error("Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE and IMPORT.")]
    InvalidMode,
    /// The mode forbids it (S002-051).
    #[error("{0}")]
    NotPermitted(String),
    /// Other schemas refer to it.
    #[error("One or more references exist to the schema {{magic=1,keytype=SCHEMA,subject={0},version={1}}}.")]
    ReferenceExists(String, i32),
    /// A name that cannot be a subject.
    #[error("The specified subject '{0}' is not a valid.")]
    InvalidSubject(String),
    /// More than the limits of the registry allow.
    #[error("{0}")]
    TooLarge(String),
    /// A context with subjects cannot be deleted.
    #[error("The specified context '{0}' is not empty.")]
    ContextNotEmpty(String),
    /// A field of a request body that the registry does not know.
    #[error("Unrecognized field: {0}")]
    UnknownField(String),
    /// A request that is not well formed.
    #[error("{0}")]
    BadRequest(String),
    /// A part of Confluent's registry that this one does not have.
    #[error("{0} is not supported by this registry")]
    NotBuilt(String),
    /// No or wrong credentials.
    #[error("Unauthorized")]
    Unauthorized,
    /// The credentials do not allow it.
    #[error("User is denied operation {action} on Subject: {subject}")]
    Denied {
        /// What was asked for.
        action: &'static str,
        /// On which subject.
        subject: String,
    },
    /// No such path.
    #[error("HTTP 404 Not Found")]
    NoRoute,
    /// The path exists, the method does not.
    #[error("HTTP 405 Method Not Allowed")]
    MethodNotAllowed,
    /// The store failed; nothing was changed.
    #[error("Error in the backend data store: {0}")]
    Store(#[from] StoreError),
    /// A defect in the registry.
    #[error("Internal error: {0}")]
    Internal(String),
    /// Another registry answered with an error.
    #[error("{message}")]
    Remote {
        /// HTTP status.
        status: u16,
        /// Confluent's error code, or the status when the body held none.
        error_code: u32,
        /// The registry's message.
        message: String,
    },
    /// Another registry could not be reached or gave no usable answer.
    #[error(
        "NUTKIN-3508: the schema registry at {url} cannot be used: {reason}. Check the address, that it is running and that its certificate is trusted"
    )]
    Unreachable {
        /// The base URL.
        url: String,
        /// What happened.
        reason: String,
    },
}

/// How an error appears: HTTP status, Confluent's `error_code`, and the page in `docs/errors`.
struct Shape(u16, u32, &'static str);

impl Error {
    pub(crate) fn invalid_field(field: &str, reason: &str) -> Self {
        Self::BadRequest(format!("Invalid value of '{field}': {reason}"))
    }

    fn shape(&self) -> Shape {
        match self {
            Self::SubjectNotFound(_) => Shape(404, 40401, "NUTKIN-3500"),
            Self::VersionNotFound(_) => Shape(404, 40402, "NUTKIN-3500"),
            Self::SchemaIdNotFound(_) | Self::SchemaNotFound => Shape(404, 40403, "NUTKIN-3500"),
            Self::SubjectSoftDeleted(_) => Shape(404, 40404, "NUTKIN-3501"),
            Self::SubjectNotSoftDeleted(_) => Shape(404, 40405, "NUTKIN-3501"),
            Self::VersionSoftDeleted(..) => Shape(404, 40406, "NUTKIN-3501"),
            Self::VersionNotSoftDeleted(..) => Shape(404, 40407, "NUTKIN-3501"),
            Self::ConfigNotFound(_) => Shape(404, 40408, "NUTKIN-3500"),
            Self::ModeNotFound(_) => Shape(404, 40409, "NUTKIN-3500"),
            Self::Incompatible { .. } => Shape(409, 409, "NUTKIN-3502"),
            Self::InvalidSchema(_) => Shape(422, 42201, "NUTKIN-3503"),
            Self::InvalidVersion(_) => Shape(422, 42202, "NUTKIN-3504"),
            Self::InvalidCompatibility => Shape(422, 42203, "NUTKIN-3504"),
            Self::InvalidMode => Shape(422, 42204, "NUTKIN-3504"),
            Self::NotPermitted(_) => Shape(422, 42205, "NUTKIN-3505"),
            Self::ReferenceExists(..) => Shape(422, 42206, "NUTKIN-3501"),
            Self::InvalidSubject(_) => Shape(422, 42208, "NUTKIN-3504"),
            Self::TooLarge(_) => Shape(422, 42209, "NUTKIN-3506"),
            Self::ContextNotEmpty(_) => Shape(422, 42211, "NUTKIN-3501"),
            Self::UnknownField(_) => Shape(422, 422, "NUTKIN-3504"),
            Self::BadRequest(_) => Shape(400, 400, "NUTKIN-3504"),
            Self::NotBuilt(_) => Shape(422, 422, "NUTKIN-3507"),
            Self::Unauthorized => Shape(401, 401, "NUTKIN-3509"),
            Self::Denied { .. } => Shape(403, 40301, "NUTKIN-3509"),
            Self::NoRoute => Shape(404, 404, "NUTKIN-3500"),
            Self::MethodNotAllowed => Shape(405, 405, "NUTKIN-3504"),
            Self::Store(_) => Shape(500, 50001, "NUTKIN-3510"),
            Self::Internal(_) => Shape(500, 500, "NUTKIN-3510"),
            Self::Remote { status, error_code, .. } => Shape(*status, *error_code, "NUTKIN-3508"),
            Self::Unreachable { .. } => Shape(502, 502, "NUTKIN-3508"),
        }
    }

    /// The HTTP status of this error.
    pub fn status(&self) -> u16 {
        self.shape().0
    }

    /// Confluent's `error_code`, the same whether the registry is in this process or behind HTTP.
    pub fn error_code(&self) -> u32 {
        self.shape().1
    }

    /// The code of the page in `docs/errors`. A remote registry's error maps to the page of what it means.
    pub fn code(&self) -> &'static str {
        match self.error_code() {
            40401..=40403 | 40408 | 40409 => "NUTKIN-3500",
            40404..=40407 | 42206 | 42211 => "NUTKIN-3501",
            409 | 40901 => "NUTKIN-3502",
            42201 => "NUTKIN-3503",
            42202..=42204 | 42208 => "NUTKIN-3504",
            42205 => "NUTKIN-3505",
            42209 => "NUTKIN-3506",
            401 | 403 | 40301 => "NUTKIN-3509",
            _ => self.shape().2,
        }
    }

    /// True when the subject, version or schema asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self.error_code(), 40401..=40403)
    }

    /// True when a compatibility check refused the schema.
    pub fn is_incompatible(&self) -> bool {
        self.status() == 409
    }
}
