//! Compatibility levels, modes and per-subject settings, with the names used on the wire.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Which earlier versions a new version must be compatible with, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CompatibilityLevel {
    /// Anything goes.
    None,
    /// Readers with the new schema read data of the latest one.
    Backward,
    /// Readers with the new schema read data of every earlier one.
    BackwardTransitive,
    /// Readers with the latest schema read data of the new one.
    Forward,
    /// Readers with every earlier schema read data of the new one.
    ForwardTransitive,
    /// Both directions against the latest version.
    Full,
    /// Both directions against every version.
    FullTransitive,
}

const LEVELS: [(&str, CompatibilityLevel); 7] = [
    ("NONE", CompatibilityLevel::None),
    ("BACKWARD", CompatibilityLevel::Backward),
    ("BACKWARD_TRANSITIVE", CompatibilityLevel::BackwardTransitive),
    ("FORWARD", CompatibilityLevel::Forward),
    ("FORWARD_TRANSITIVE", CompatibilityLevel::ForwardTransitive),
    ("FULL", CompatibilityLevel::Full),
    ("FULL_TRANSITIVE", CompatibilityLevel::FullTransitive),
];

impl CompatibilityLevel {
    /// Parses the wire name in any case; [`Error::InvalidCompatibility`] otherwise.
    pub fn parse(name: &str) -> Result<Self, Error> {
        LEVELS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, level)| *level)
            .ok_or(Error::InvalidCompatibility)
    }

    /// The wire name, such as `BACKWARD_TRANSITIVE`.
    pub fn name(self) -> &'static str {
        LEVELS.iter().find(|(_, level)| *level == self).map_or("NONE", |(name, _)| name)
    }

    /// True when the new schema must read old data.
    pub fn backward(self) -> bool {
        use CompatibilityLevel::{Backward, BackwardTransitive, Full, FullTransitive};
        matches!(self, Backward | BackwardTransitive | Full | FullTransitive)
    }

    /// True when old schemas must read new data.
    pub fn forward(self) -> bool {
        use CompatibilityLevel::{Forward, ForwardTransitive, Full, FullTransitive};
        matches!(self, Forward | ForwardTransitive | Full | FullTransitive)
    }

    /// True when every earlier version counts, not only the latest.
    pub fn transitive(self) -> bool {
        use CompatibilityLevel::{BackwardTransitive, ForwardTransitive, FullTransitive};
        matches!(self, BackwardTransitive | ForwardTransitive | FullTransitive)
    }
}

/// How JSON Schemas with open content models are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CompatibilityPolicy {
    /// A property added to an open content model is incompatible: old data may hold anything there.
    #[default]
    Strict,
    /// Such additions, and closing a content model, are let through.
    Lenient,
}

impl CompatibilityPolicy {
    /// Parses `STRICT` or `LENIENT` in any case.
    pub fn parse(name: &str) -> Result<Self, Error> {
        match name.to_ascii_uppercase().as_str() {
            "STRICT" => Ok(Self::Strict),
            "LENIENT" => Ok(Self::Lenient),
            _ => Err(Error::invalid_field("compatibilityPolicy", "valid values are STRICT and LENIENT")),
        }
    }

    /// The wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strict => "STRICT",
            Self::Lenient => "LENIENT",
        }
    }
}

/// What may be done to a subject (S002-051).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    /// Everything.
    #[default]
    #[serde(rename = "READWRITE")]
    ReadWrite,
    /// Reads only.
    #[serde(rename = "READONLY")]
    ReadOnly,
    /// Reads only, whatever the modes of single subjects say; meaningful as the global mode.
    #[serde(rename = "READONLY_OVERRIDE")]
    ReadOnlyOverride,
    /// Registrations bring their own id and version; no compatibility check.
    #[serde(rename = "IMPORT")]
    Import,
}

const MODES: [(&str, Mode); 4] = [
    ("READWRITE", Mode::ReadWrite),
    ("READONLY", Mode::ReadOnly),
    ("READONLY_OVERRIDE", Mode::ReadOnlyOverride),
    ("IMPORT", Mode::Import),
];

impl Mode {
    /// Parses the wire name in any case; `FORWARD` (schema exporters) is refused by name.
    pub fn parse(name: &str) -> Result<Self, Error> {
        if name.eq_ignore_ascii_case("FORWARD") {
            return Err(Error::NotBuilt("mode FORWARD (schema exporters)".into()));
        }
        MODES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, mode)| *mode)
            .ok_or(Error::InvalidMode)
    }

    /// The wire name.
    pub fn name(self) -> &'static str {
        MODES.iter().find(|(_, mode)| *mode == self).map_or("READWRITE", |(name, _)| name)
    }

    /// True for both read-only modes.
    pub fn read_only(self) -> bool {
        matches!(self, Self::ReadOnly | Self::ReadOnlyOverride)
    }
}

/// Settings of one subject, one context or the whole registry; an absent field is inherited.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectConfig {
    /// The name of the subject that stands behind this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Normalise every schema that is registered or looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalize: Option<bool>,
    /// The compatibility level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility_level: Option<CompatibilityLevel>,
    /// The policy for JSON Schemas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compatibility_policy: Option<CompatibilityPolicy>,
}

impl SubjectConfig {
    /// This configuration with absent fields taken from `parent`. Aliases are never inherited.
    pub fn or(&self, parent: &SubjectConfig) -> SubjectConfig {
        SubjectConfig {
            alias: self.alias.clone(),
            normalize: self.normalize.or(parent.normalize),
            compatibility_level: self.compatibility_level.or(parent.compatibility_level),
            compatibility_policy: self.compatibility_policy.or(parent.compatibility_policy),
        }
    }

    /// True when nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == SubjectConfig::default()
    }
}
