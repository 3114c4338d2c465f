//! `/config`: compatibility levels and what goes with them.
//!
//! Read as `compatibilityLevel`, written as `compatibility`, as in Confluent's registry. A field set
//! to `null` is inherited again.

use axum::extract::Request;
use axum::routing::get;
use axum::{RequestExt, Router};
use serde_json::{Map, Value, json};

use super::body::{self, Body};
use super::reply::{Answer, Reply};
use super::request::Call;
use crate::access::Action;
use crate::core;
use crate::error::Error;
use crate::handle::Handle;
use crate::model::{CompatibilityLevel, CompatibilityPolicy, SubjectConfig};

pub(super) fn routes() -> Router<Handle> {
    let config = || get(show).put(update).delete(delete);
    Router::new().route("/config", config()).route("/config/", config()).route("/config/{subject}", config())
}

/// Fields of Confluent's registry that are not built.
const NOT_BUILT: [&str; 9] = [
    "aliasForDeks",
    "validateFields",
    "validateNewSchemas",
    "validateRules",
    "compatibilityGroup",
    "defaultMetadata",
    "overrideMetadata",
    "defaultRuleSet",
    "overrideRuleSet",
];

type Change = Box<dyn FnOnce(&mut SubjectConfig) + Send>;

/// One field of a request as a change of the settings.
fn change(name: &str, value: &Value) -> Result<Option<Change>, Error> {
    let text = || value.as_str().ok_or_else(|| Error::invalid_field(name, "a string is expected"));
    let null = value.is_null();
    Ok(match name {
        "compatibility" | "compatibilityLevel" => {
            let level = if null { None } else { Some(CompatibilityLevel::parse(text()?)?) };
            Some(Box::new(move |config| config.compatibility_level = level))
        }
        "compatibilityPolicy" => {
            let policy = if null { None } else { Some(CompatibilityPolicy::parse(text()?)?) };
            Some(Box::new(move |config| config.compatibility_policy = policy))
        }
        "normalize" => {
            let flag = value.as_bool();
            if flag.is_none() && !null {
                return Err(Error::invalid_field(name, "true or false is expected"));
            }
            Some(Box::new(move |config| config.normalize = flag))
        }
        "alias" => {
            let alias = if null { None } else { Some(text()?.to_owned()).filter(|alias| !alias.is_empty()) };
            Some(Box::new(move |config| config.alias = alias))
        }
        // What clients send empty asks for nothing.
        known if NOT_BUILT.contains(&known) && (null || *value == json!(false)) => None,
        known if NOT_BUILT.contains(&known) => return Err(Error::NotBuilt(format!("'{known}' of a configuration"))),
        unknown => return Err(Error::UnknownField(unknown.to_owned())),
    })
}

fn shown(config: &SubjectConfig, level_name: &str) -> Map<String, Value> {
    let mut out = Map::new();
    if let Some(alias) = &config.alias {
        out.insert("alias".into(), json!(alias));
    }
    if let Some(normalize) = config.normalize {
        out.insert("normalize".into(), json!(normalize));
    }
    if let Some(level) = config.compatibility_level {
        out.insert(level_name.into(), json!(level.name()));
    }
    if let Some(policy) = config.compatibility_policy {
        out.insert("compatibilityPolicy".into(), json!(policy.name()));
    }
    out
}

async fn show(call: Call) -> Answer<Map<String, Value>> {
    let scope = call.scope(Action::Read)?;
    let inherit = call.flag("defaultToGlobal")?;
    let config = call.handle.read(|state| match state.configs_of(&scope) {
        Some(own) if !inherit && !scope.is_global() => Ok(own.clone()),
        None if !inherit && !scope.is_global() => Err(Error::ConfigNotFound(scope.to_string())),
        _ => Ok(state.config(&scope)),
    })?;
    Ok(Reply(shown(&config, "compatibilityLevel")))
}

async fn update(call: Call, request: Request) -> Answer<Map<String, Value>> {
    let scope = call.scope(Action::Config)?;
    let fields = body::object(request.extract().await as Body)?;
    let changes: Vec<_> = fields.iter().map(|(name, value)| change(name, value)).collect::<Result<_, _>>()?;
    let apply = move |config: &mut SubjectConfig| changes.into_iter().flatten().for_each(|change| change(config));
    let config = call.handle.inner.write(move |state, _| core::set_config(state, &scope, apply)).await?;
    Ok(Reply(shown(&config, "compatibility")))
}

async fn delete(call: Call) -> Answer<Map<String, Value>> {
    let scope = call.scope(Action::Config)?;
    let old = call.handle.inner.write(move |state, _| core::delete_config(state, &scope)).await?;
    Ok(Reply(shown(&old, "compatibilityLevel")))
}
