//! `nutkin kafka cluster`

use clap::{Args, Subcommand, ValueEnum};
use nutkin_api::cmk::Cluster;

use super::reply::Reply;
use super::{Common, EnvironmentFlag, Verb, verbs};
use crate::client::Client;
use crate::error::Result;
use crate::profile::Profile;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists the Kafka clusters of an environment
    #[command(
        after_help = "Examples:\n  nutkin kafka cluster list\n  nutkin kafka cluster list --environment env-abc123 -o json"
    )]
    List(List),
    /// Makes a Kafka cluster, which is a database to SQL
    #[command(after_help = "Examples:\n  nutkin kafka cluster create my-cluster\n  \
                            nutkin kafka cluster create my-cluster --cloud gcp --region us-central1 --type basic")]
    Create(Create),
}

verbs!(List, Create);

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct Create {
    /// Name, which is also that of its database
    name: String,
    /// aws, azure or gcp; a name only, everything runs here
    #[arg(long, default_value = "aws")]
    cloud: String,
    /// Region of that cloud; a name only
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Kind of cluster, kept for other tools to see
    #[arg(long = "type", value_enum, default_value = "basic")]
    kind: Kind,
    /// Zones, kept for other tools to see
    #[arg(long, value_enum, default_value = "single-zone")]
    availability: Availability,
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Basic,
    Standard,
    Enterprise,
    Dedicated,
    Freight,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Basic => "Basic",
            Kind::Standard => "Standard",
            Kind::Enterprise => "Enterprise",
            Kind::Dedicated => "Dedicated",
            Kind::Freight => "Freight",
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Availability {
    SingleZone,
    MultiZone,
}

fn phase(cluster: &Cluster) -> String {
    cluster.status.as_ref().map(|status| status.phase.clone()).unwrap_or_default()
}

impl Verb for List {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let clusters = client.clusters(&self.environment.id(client, profile).await?).await?;
        let headers = &["ID", "Name", "Type", "Cloud", "Region", "Availability", "Status", "Endpoint"];
        Ok(Reply::list(headers, &clusters, |one| {
            let spec = &one.spec;
            vec![
                one.id.clone(),
                spec.display_name.clone(),
                spec.config.kind.to_uppercase(),
                spec.cloud.to_lowercase(),
                spec.region.clone(),
                spec.availability.to_lowercase().replace('_', "-"),
                phase(one),
                spec.kafka_bootstrap_endpoint.clone().unwrap_or_default(),
            ]
        }))
    }
}

impl Verb for Create {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let environment = self.environment.id(client, profile).await?;
        let availability = match self.availability {
            Availability::SingleZone => "SINGLE_ZONE",
            Availability::MultiZone => "MULTI_ZONE",
        };
        let cloud = self.cloud.to_uppercase();
        let made = client
            .create_cluster(&environment, &self.name, &cloud, &self.region, self.kind.name(), availability)
            .await?;
        let fields = vec![
            ("ID", made.id.clone()),
            ("Name", made.spec.display_name.clone()),
            ("Type", made.spec.config.kind.to_uppercase()),
            ("Cloud", made.spec.cloud.to_lowercase()),
            ("Region", made.spec.region.clone()),
            ("Status", phase(&made)),
            ("Endpoint", made.spec.kafka_bootstrap_endpoint.clone().unwrap_or_default()),
        ];
        Ok(Reply::record(&made, fields))
    }
}
