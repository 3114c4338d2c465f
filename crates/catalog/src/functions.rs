//! [`UserFunctions`]: the functions that users registered in a database, as the metastore keeps them (spec D-11).
//!
//! They are one document per database, so that a list costs one read. What the artifact holds is not known: artifacts are not
//! read in this release. Names are compared without case, as Flink does for functions, and shown as they were written.

use std::collections::BTreeMap;

use nutkin_plan::TablePath;
use serde::{Deserialize, Serialize};

use crate::catalog::Inner;
use crate::error::CatalogError;

/// Format of the stored document; a reader refuses a newer one.
const VERSION: u32 = 1;
/// A name that no topic can have.
const DOCUMENT: &str = "$functions";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserFunctions {
    version: u32,
    /// By name in lower case.
    #[serde(default)]
    functions: BTreeMap<String, UserFunction>,
    /// Names in lower case that are free again, and the statement that dropped them: its second try has nothing to do.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    dropped: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserFunction {
    /// As it was written.
    pub name: String,
    /// Uid of the statement that created it.
    pub statement: String,
    pub class: String,
    /// As it was written: `JAVA` or `PYTHON`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    pub artifact: String,
    /// None: the newest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_version: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<String>,
}

impl Default for UserFunctions {
    fn default() -> UserFunctions {
        UserFunctions { version: VERSION, functions: BTreeMap::new(), dropped: BTreeMap::new() }
    }
}

impl UserFunctions {
    /// The functions of a database.
    pub async fn load(catalog: &Inner, cluster_id: &str) -> Result<UserFunctions, CatalogError> {
        let Some(stored) = catalog.metastore.get(cluster_id, DOCUMENT).await? else {
            return Ok(UserFunctions::default());
        };
        let unusable = |problem: String| CatalogError::FunctionsUnusable { cluster_id: cluster_id.to_owned(), problem };
        let found: UserFunctions = serde_json::from_value(stored).map_err(|error| unusable(error.to_string()))?;
        if found.version > VERSION {
            return Err(unusable(format!("it was stored by a later release (format {})", found.version)));
        }
        Ok(found)
    }

    /// The caller holds the cluster's lock.
    pub async fn store(&self, catalog: &Inner, cluster_id: &str) -> Result<(), CatalogError> {
        let document = serde_json::to_value(self).map_err(|error| CatalogError::FunctionsUnusable {
            cluster_id: cluster_id.to_owned(),
            problem: error.to_string(),
        })?;
        Ok(catalog.metastore.put(cluster_id, DOCUMENT, document).await?)
    }

    pub fn get(&self, name: &str) -> Option<&UserFunction> {
        self.functions.get(&name.to_lowercase())
    }

    pub fn iter(&self) -> impl Iterator<Item = &UserFunction> {
        self.functions.values()
    }

    pub fn insert(&mut self, function: UserFunction) {
        let key = function.name.to_lowercase();
        self.dropped.remove(&key);
        self.functions.insert(key, function);
    }

    /// True when there was such a function, or this very statement has dropped it before.
    pub fn remove(&mut self, name: &str, statement: &str) -> bool {
        let key = name.to_lowercase();
        if self.functions.remove(&key).is_some() {
            self.dropped.insert(key, statement.to_owned());
            return true;
        }
        self.dropped.get(&key).is_some_and(|by| by == statement)
    }
}

/// The function at `path` with its name as written, for texts.
pub(crate) fn full_name(path: &TablePath, function: &UserFunction) -> String {
    format!("{}.{}.{}", path.catalog, path.database, function.name)
}
