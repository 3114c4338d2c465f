//! Where statements go: organization, environment, compute pool, database.
//!
//! What the flags leave out comes from the profile, and what that leaves out is looked up: the only environment, pool or
//! cluster is the one that is meant, of several none is guessed.

use nutkin_api::org::Environment;

use crate::client::{Client, StatementPath};
use crate::error::{Error, Result};
use crate::profile::Profile;

/// Flags of commands that submit statements.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Where statements run")]
pub struct ContextArguments {
    /// Environment, by id or name; the current catalog at the beginning [default: the only one]
    #[arg(long, value_name = "ENVIRONMENT", env = "NUTKIN_ENVIRONMENT")]
    pub environment: Option<String>,
    /// Kafka cluster, by id or name; the current database at the beginning [default: the only one]
    #[arg(long, value_name = "CLUSTER", env = "NUTKIN_DATABASE")]
    pub database: Option<String>,
    /// Compute pool, by id or name [default: the only one]
    #[arg(long, value_name = "POOL", env = "NUTKIN_COMPUTE_POOL")]
    pub compute_pool: Option<String>,
    /// Organization [default: the only one]
    #[arg(long, value_name = "ID", env = "NUTKIN_ORGANIZATION")]
    pub organization: Option<String>,
    /// Service account that statements run as [default: the owner of the API key]
    #[arg(long, value_name = "ID")]
    pub service_account: Option<String>,
    /// Property of every statement, such as sql.snapshot.mode=now; may be given several times
    #[arg(long = "property", value_name = "KEY=VALUE", value_parser = property)]
    pub properties: Vec<(String, String)>,
}

/// Where statements go, looked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    pub at: StatementPath,
    /// Name of the environment, or its id when the key may not see it.
    pub catalog: String,
    /// Name or id of a Kafka cluster.
    pub database: Option<String>,
    /// `None` leaves the choice to the service.
    pub compute_pool: Option<String>,
}

fn property(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as key=value")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

impl ContextArguments {
    /// Looks up what the flags and the profile leave open.
    pub async fn resolve(&self, client: &Client, profile: &Profile) -> Result<Target> {
        let given = self.organization.clone().or_else(|| profile.organization.clone());
        let organization = match given {
            Some(id) => id,
            None => organization(client).await?,
        };
        let given = self.environment.as_deref().or(profile.environment.as_deref());
        let (environment, catalog) = environment(client, given).await?;
        // Pool and database of the profile are those of its environment.
        let same = profile.environment.as_deref() == Some(environment.as_str());
        let from_profile = |value: &Option<String>| value.clone().filter(|_| same);
        let given = self.compute_pool.clone().or_else(|| from_profile(&profile.compute_pool));
        let compute_pool = compute_pool(client, &environment, given).await?;
        let given = self.database.clone().or_else(|| from_profile(&profile.database));
        let database = match given {
            Some(name) => Some(name),
            None => only_cluster(client, &environment).await?,
        };
        Ok(Target { at: StatementPath { organization, environment }, catalog, database, compute_pool })
    }
}

/// `None` when the key is not allowed to look.
fn allowed<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Error::Refused { status: 403, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The only organization that the key sees.
pub async fn organization(client: &Client) -> Result<String> {
    let mut organizations = client.organizations().await?;
    match organizations.len() {
        1 => Ok(organizations.remove(0).id),
        0 => Err(Error::Configuration("the key sees no organization. Name one with --organization.".to_owned())),
        _ => {
            let ids: Vec<_> = organizations.into_iter().map(|one| one.id).collect();
            Err(Error::Configuration(format!(
                "there are several organizations ({}). Choose with --organization.",
                ids.join(", ")
            )))
        }
    }
}

/// Id and name of the environment that is meant.
pub async fn environment(client: &Client, given: Option<&str>) -> Result<(String, String)> {
    let Some(environments) = allowed(client.environments().await)? else {
        let unknown = || {
            let text = "this key may not list environments. Name one by its id with --environment.";
            Error::Configuration(text.to_owned())
        };
        let id = given.ok_or_else(unknown)?;
        return Ok((id.to_owned(), id.to_owned()));
    };
    let describe = |one: &Environment| format!("{} ({})", one.id, one.display_name);
    let known = || environments.iter().map(describe).collect::<Vec<_>>().join(", ");
    let found = match given {
        Some(given) => environments
            .iter()
            .find(|one| one.id == given)
            .or_else(|| environments.iter().find(|one| one.display_name == given))
            .ok_or_else(|| Error::Usage(format!("there is no environment '{given}'. There are: {}.", known())))?,
        None => match environments.as_slice() {
            [only] => only,
            [] => {
                let text = "there is no environment yet. Make one with 'nutkin flink environment create'.";
                return Err(Error::Configuration(text.to_owned()));
            }
            _ => {
                let text = format!("there are several environments: {}. Choose with --environment.", known());
                return Err(Error::Configuration(text));
            }
        },
    };
    Ok((found.id.clone(), found.display_name.clone()))
}

async fn compute_pool(client: &Client, environment: &str, given: Option<String>) -> Result<Option<String>> {
    if given.as_ref().is_some_and(|given| given.starts_with("lfcp-")) {
        return Ok(given);
    }
    let Some(pools) = allowed(client.pools(environment).await)? else { return Ok(given) };
    let describe = |id: &str, name: Option<&str>| format!("{id} ({})", name.unwrap_or_default());
    let known = || {
        let names: Vec<_> = pools.iter().map(|pool| describe(&pool.id, pool.spec.display_name.as_deref())).collect();
        names.join(", ")
    };
    match (given, pools.as_slice()) {
        (Some(given), _) => {
            let found = pools.iter().find(|pool| pool.spec.display_name.as_ref() == Some(&given));
            let missing = || Error::Usage(format!("there is no compute pool '{given}'. There are: {}.", known()));
            Ok(Some(found.ok_or_else(missing)?.id.clone()))
        }
        (None, [only]) => Ok(Some(only.id.clone())),
        (None, []) => Ok(None),
        (None, _) => Err(Error::Configuration(format!(
            "there are several compute pools: {}. Choose with --compute-pool.",
            known()
        ))),
    }
}

async fn only_cluster(client: &Client, environment: &str) -> Result<Option<String>> {
    let Some(mut clusters) = allowed(client.clusters(environment).await)? else { return Ok(None) };
    Ok(if clusters.len() == 1 { Some(clusters.remove(0).spec.display_name) } else { None })
}
